"""sites.html: every figure as the result has it, both languages, nothing loaded, nothing sent."""

import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from api.sites.report import render_report
from tests.api.plan.sample import HOSTILE
from tests.api.sites.sample import phrases, sample_result

SECTIONS = {
    "sites.ranked": 1,
    "sites.curve": 1,
    "sites.before": 1,
    "sites.after": 1,
    "sites.coverage": 1,
    "sites.closely": 1,
    "sites.rules": 1,
    "evidence.title": 1,
    "sites.method": 1,
    "privacy.title": 1,
}


def render(result, language="en"):
    return render_report(result, phrases=phrases(), language=language)


@pytest.fixture(scope="module")
def page():
    return render(sample_result())


def text_of(page, language="en"):
    """Give what a reader of one language sees, without tags."""
    other = {"en": "th", "th": "en"}[language]
    body = page[page.index("<main>") : page.index("<script>")]
    body = re.sub(rf'<(span|text) lang="{other}".*?</\1>', "", body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def with_figures(**figures):
    result = sample_result()
    return replace(result, figures=replace(result.figures, **figures))


def with_tables(**tables):
    result = sample_result()
    return replace(result, tables=replace(result.tables, **tables))


def test_the_page_loads_nothing_and_may_not(page):
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#base"}
    assert not re.findall(r"(?:src\s*=|url\(|@import|<form|fetch\(|XMLHttp|sendBeacon)", page)
    assert "default-src 'none'" in page
    assert "form-action 'none'" in page


def test_figures_are_told(page):
    text = text_of(page)
    for part in (
        "430 m → 315 m",
        "75.4% → 55.3% of 570 m in all",
        "2 new cameras proposed cost 2 of a budget of 2; chosen among 1,234 options",
        "≥ 97.8%",  # 135 / 138, rounded down
        "proven to be at most 138 m",
        "120 m² of private ground masked",
        "forbidden ground: 5",
        "97 cameras work (31 of them see only near a lit lamp), 9 are down",
        "Together 2 115 m 120 m²",
        "newly show 115 m of street",
        "at most 2.2% short of the best",  # 3 / 138, rounded up
        "Of 4 standing cameras lens, height or resolution is not known",
        "check where they are: cam-077",
        "seed 7",
        "zone.toml 000000000000",
    ):
        assert part in text, part


def test_sites_are_listed_in_order_with_what_they_are(page):
    text = text_of(page)
    assert (
        "1 Thalang Road, near Yaowarat Road corner of a junction Fixed camera east (88°) 1 75 m "
        "120 m² 2 Unnamed street * pole Fixed camera north (359°) 1 40 m 0 m²" in text
    )
    assert "* Chosen beforehand, in any case: pole-7." in text


def test_tables_hold_the_tables(page):
    text = text_of(page)
    for part in (
        "detect 25 61 m 58 m",
        "identify 250 6 m 4 m",
        "in view at all – 140 → 255 10 → 22 140 – 30 118",
        "recognise 125 40 → 155 10 → 22 40 – 30 118",
        "Yard masked in the picture 12 120 m²",
        "Living quarters must not be in view 1 –",
        "Point two 1 → 1 2 not met ✗",
        "Sample community 570 m 24.6% → 44.7% met ✓",
        "of each community at least 25% of the street is seen",
        "Budget 1 2 3 4 Cameras 1 2 3 4 found 95 m 135 m 160 m 170 m",
        "proven limit 95 m 138 m 171 m 180 m Gap 0.0% 2.2% 6.4% 5.6%",
    ):
        assert part in text, part


def test_a_proven_best_choice_is_said_plainly():
    text = text_of(render(with_figures(upper_bound_m=135.0)))
    assert "proven: no other choice does better" in text
    assert "It is proven that no other choice" in text
    assert "short of the best" not in text


def test_a_small_gap_is_not_called_proven():
    text = text_of(render(with_figures(upper_bound_m=135.001)))
    assert "It is proven that no other choice" not in text
    assert "≥ 99.9%" in text
    assert "at most 0.1% short of the best" in text


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_section_stands_in_both_languages(page, language):
    text = text_of(page, language)
    for key, count in SECTIONS.items():
        assert text.count(phrases().say(key).read(language)) >= count, key
    thai = re.findall("[ก-๛]+", text_of(page, "en"))
    assert set(thai) <= {"ไทย"}


def test_notices_stand_in_both_languages(page):
    for part in ("Synthetic data", "ข้อมูลจำลอง", "Internal use only", "ใช้ภายในเท่านั้น", "approximate"):
        assert part in page, part


def test_real_data_is_not_called_synthetic():
    assert "Synthetic data" not in render(replace(sample_result(), synthetic=False))


def test_evidence_is_modest_and_cited(page):
    text = text_of(page)
    for part in (
        "significant but modest",
        "10.1111/1745-9133.12419",
        "10.1007/s11292-014-9211-x",
        "10.1007/s11292-016-9267-x",
        "promises no fall in crime",
    ):
        assert part in text, part


def test_the_privacy_form_has_a_named_box_a_question(page):
    boxes = re.findall(r'<div class="answer"[^>]*aria-labelledby="(\w+)"[^>]*></div>', page)
    assert len(boxes) == len(set(boxes)) == 10
    for box in boxes:
        assert f'id="{box}"' in page
        assert f'id="{box}-hint"' in page
    text = text_of(page)
    assert "Personal Data Protection Act B.E. 2562 (2019)" in text
    assert "When were Sample community heard" in text


def test_without_communities_the_consultation_is_asked_for_all_the_same():
    empty = sample_result().tables.communities.iloc[:0]
    text = text_of(render(with_tables(communities=empty)))
    assert "Which communities were heard" in text
    assert "no communities on record" in text


def test_hostile_names_stay_text(page):
    assert HOSTILE not in page
    assert "{{7*7}}" in page
    result = sample_result()
    sites = result.layers["camera_sites"].assign(name_en=HOSTILE, camera_type=HOSTILE)
    hostile = replace(
        result,
        name_en=HOSTILE,
        inputs={HOSTILE: "0" * 64},
        layers={**result.layers, "camera_sites": sites},
    )
    assert HOSTILE not in render(hostile)


def test_the_maps_carry_the_sites(page):
    assert page.count('class="wedge"') == 2 + 1  # and one in the legend
    assert page.count('<svg class="map"') == 2
    assert page.count('<svg class="close"') == 2
    assert page.count('<svg class="curve"') == 1
    titles = re.findall(r'aria-labelledby="([\w-]+)"', page)
    assert all(f'id="{title}"' in page for title in titles)


def test_ids_are_unique(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_costs_of_their_own_are_told_as_costs():
    result = sample_result()
    priced = result.layers["camera_sites"].assign(cost=[12000.0, 8500.0])
    page = render(replace(result, layers={**result.layers, "camera_sites": priced}))
    assert "Number of new cameras" not in text_of(page)
    assert "12000" in text_of(page)


def test_no_site_is_said_plainly():
    result = sample_result()
    layers = {
        name: layer.iloc[:0] if "site" in name else layer for name, layer in result.layers.items()
    }
    tables = replace(result.tables, tasks=result.tables.tasks.iloc[:0])
    figures = replace(result.figures, covered_m=0.0, upper_bound_m=0.0, spent=0.0)
    text = text_of(render(replace(result, layers=layers, tables=tables, figures=figures)))
    assert "No camera is proposed" in text
    assert "What each new camera will see" not in text


def test_by_day_no_lamp_is_spoken_of():
    result = sample_result()
    text = text_of(render(replace(result, params=replace(result.params, night=False))))
    assert "As things stand by day: 97 cameras work, 9 are down" in text


def test_a_zone_without_ground_or_sos_points_says_so():
    tables = sample_result().tables
    text = text_of(
        render(with_tables(grounds=tables.grounds.iloc[:0], wanted=tables.wanted.iloc[:0]))
    )
    assert "no private ground on record" in text
    assert "no SOS point on record" in text


def test_a_task_that_no_new_camera_has_keeps_its_row():
    tables = sample_result().tables
    none = pd.DataFrame(tables.tasks.iloc[:0])
    assert "detect – 120 → 235" in text_of(render(with_tables(tasks=none)))
