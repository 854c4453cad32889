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
    "sites.survey": 1,
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
        "97 cameras work (31 of them see only near a lit lamp), 9 are down. 3 more do not count",
        "not count tonight: the consent of their owners is missing or has run out.",
        "camera that is down or has no consent",
        "Together 115 m 2 120 m²",
        "newly show 115 m of street",
        "at most 2.2% short of the best",  # 3 / 138, rounded up
        "People are judged at 1.6 m above the ground. Of 4 standing cameras lens, height or",
        "Standing cameras that hang no higher than 1.6 m count in the first row alone: 2.",
        "check where they are: cam-077",
        "seed 7",
        "zone.toml 000000000000",
    ):
        assert part in text, part


def test_sites_are_listed_in_order_with_what_they_are(page):
    text = text_of(page)
    assert (
        "1 Thalang Road, near Yaowarat Road 75 m corner of a junction Fixed camera east (88°) 1 "
        "120 m² 2 Unnamed street * 40 m pole Fixed camera north (359°) 1 0 m²" in text
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
    assert page.count('<svg class="small"') == 1
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
    layers = {**result.layers, "camera_sites": priced}
    figures = replace(result.figures, by_number=False)
    page = render(replace(result, layers=layers, figures=figures))
    assert "Number of new cameras" not in text_of(page)
    assert "12000" in text_of(page)


def without_sites(**figures):
    result = sample_result()
    layers = {
        name: layer.iloc[:0] if "site" in name else layer for name, layer in result.layers.items()
    }
    tables = replace(result.tables, tasks=result.tables.tasks.iloc[:0])
    nothing = {"blind_after_m": 430.2, "covered_m": 0.0, "upper_bound_m": 0.0, "spent": 0.0}
    figures = replace(result.figures, **nothing, **figures)
    return replace(result, layers=layers, tables=tables, figures=figures)


@pytest.mark.parametrize(
    ("cheapest", "reason"),
    [
        (500.0, "the cheapest option that would show more street costs 500, and the budget is 2."),
        (float("inf"), "none of the options that the rules allow would show more street."),
        (1.0, "the search found none within this budget and these rules"),
    ],
)
def test_no_site_is_said_plainly_and_why(cheapest, reason):
    text = text_of(render(without_sites(cheapest=cheapest)))
    assert text.count(f"No camera is proposed: {reason}") == 2  # beside the figures and below
    for part in ("What each new camera will see", "Together", "proven: no", "It is proven"):
        assert part not in text, part


def test_a_budget_that_buys_nothing_is_still_a_cost_where_cameras_have_costs():
    text = text_of(render(without_sites(cheapest=500.0, by_number=False)))
    assert "in the unit of the cameras" in text
    assert "Number of new cameras" not in text


def with_params(**params):
    result = sample_result()
    return replace(result, params=replace(result.params, **params))


def with_survey(**survey):
    result = sample_result()
    return replace(result, survey=replace(result.survey, **survey))


def test_by_day_no_lamp_is_spoken_of():
    text = text_of(render(with_params(night=False)))
    assert "As things stand by day: 97 cameras work, 9 are down. 3 more do not count today" in text
    assert "Only the 97 cameras that work are drawn, as they see by day." in text
    assert "lit lamp" not in text


def test_where_every_owner_consents_consent_is_not_spoken_of():
    text = text_of(render(with_figures(cameras_without_consent=0)))
    assert "consent of their owners" not in text
    assert "camera that is down" in text
    assert "or has no consent" not in text


def test_the_height_at_which_people_are_judged_is_said_in_both_languages():
    page = render(with_params(target_height_m=0.0))
    assert text_of(page).count("People are judged at 0 m above the ground.") == 2
    assert text_of(page, "th").count("พิจารณาคนที่ความสูง 0 ม. จากพื้น") == 2
    assert "hang no higher" not in text_of(render(with_figures(cameras_too_low=0)))


def test_how_sure_the_survey_makes_it_is_told(page):
    text = text_of(page)
    for part in (
        "in each of 200 draws every camera is moved and turned",
        (
            "Only the 97 cameras that work tonight are drawn; one without night vision counts only "
            "within 15 m of a lit lamp."
        ),
        "standard deviations of 1 m in either coordinate of the place and 3° in the direction.",
        "that counts instead: of the place for 6 cameras, of the direction for 5.",
        "in nearly every draw (≥ 95%) 170 m 29.8%",
        "in doubt (5–95%) 120 m 21.1%",
        "in nearly none (< 5%) 280 m 49.1%",
        "Expected to be seen (mean of all draws) 222 m",
        "If the survey is exact 231 m",
        (
            "a probability from sampling, not a measurement. Its standard error is at most 3.5 "
            "percentage points at any place."
        ),
        "no more than 2 m apart",
    ):
        assert part in text, part
    assert "No error was assumed" not in text


def test_how_sure_the_survey_makes_it_is_told_in_thai(page):
    text = text_of(page, "th")
    for part in (
        "ได้จากการสุ่ม 200 ครั้ง",
        "สมมติค่าเบี่ยงเบนมาตรฐาน 1 ม. ในแต่ละแกนของตำแหน่ง และ 3° ของทิศ",
        "ตำแหน่ง 6 ตัว ทิศ 5 ตัว",
        "แทบทุกครั้ง (≥ 95%) 170 ม. 29.8%",
        "ไม่แน่นอน (5–95%) 120 ม. 21.1%",
        "แทบไม่มีเลย (< 5%) 280 ม. 49.1%",
        "ความน่าจะเป็นจากการสุ่ม ไม่ใช่สิ่งที่วัดได้ ความคลาดเคลื่อนมาตรฐานจากการสุ่มสูงสุด 3.5 จุดเปอร์เซ็นต์",
    ):
        assert part in text, part


def test_no_error_is_said_to_be_none():
    none = with_params(position_error_m=0.0, azimuth_error_deg=0.0)
    for language, told in (("en", "No error was assumed."), ("th", "ไม่ได้สมมติความคลาดเคลื่อนใด")):
        text = text_of(render(none), language)
        assert told in text
        assert phrases().say("sites.survey_own", position=6, azimuth=5).read(language) in text
    assert "standard deviations of" not in text_of(render(none))
    one = text_of(render(with_params(azimuth_error_deg=0.0)))
    assert "1 m in either coordinate of the place and 0° in the direction" in one


def test_no_error_of_their_own_is_said_too():
    text = text_of(render(with_survey(own_position=0, own_azimuth=0)))
    assert "The survey of no camera states an error of its own." in text
    assert "counts instead" not in text


def test_a_site_that_cannot_be_judged_says_why():
    result = sample_result()
    tasks = result.tables.tasks
    page = render(with_tables(tasks=tasks[tasks["site"] == "site-01"]))
    assert text_of(page).count("No task is told: lens, height or resolution") == 1
    assert "or it hangs no higher than 1.6 m." in text_of(page)
    assert "No task is told" not in text_of(render(result))


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
    unjudged = replace(
        with_tables(tasks=none), figures=with_figures(sites_unjudged=2, cameras_too_low=0).figures
    )
    text = text_of(render(unjudged))
    assert "in view at all – 140 → 255 10 → 22 140 – 30 118" in text
    assert "detect 25 120 → 235 10 → 22 120 – 30 –" in text
    assert "Of 2 new cameras lens, height or resolution is not known, or they hang no" in text
    assert "Of 2 new cameras" not in text_of(render(sample_result()))


def test_places_away_from_their_junction_say_how_far():
    result = sample_result()
    sites = result.layers["camera_sites"].assign(kind=["facade", "corner"], junction_m=[94.6, 8.0])
    page = render(replace(result, layers={**result.layers, "camera_sites": sites}))
    assert text_of(page).count("Thalang Road, near Yaowarat Road, 95 m from the junction") == 2
    assert "ใกล้ถนนเยาวราช ห่างทางแยก 95 ม." in text_of(page, "th")
    assert "8 m from the junction" not in text_of(page)


def test_metres_are_said_to_be_of_carriageway_and_private_cameras_not_beyond_guessing(page):
    for language, parts in {
        "en": (
            "570 m in all Metres of carriageway: a divided road",
            "a kilometre of it counts as",
        ),
        "th": (
            "ถนนที่มีเกาะกลางนับทั้งสองฝั่ง",
            "ความยาวถนนที่ไม่มีกล้องมองเห็น (เดิม → ใหม่)",
            "เทียบเท่าถนน 135 ม.",
        ),
    }.items():
        for part in parts:
            assert part in text_of(page, language), part
    assert "No private camera is drawn or listed, but" in text_of(page)
    assert "is in none of the files" not in text_of(page)
