"""report.html: one page in both languages, with the notices, loading nothing."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Error, sync_playwright

from api.plan.report import render_report
from tests.api.plan.sample import HOSTILE, changed, phrases, sample_plan
from tests.conftest import missing

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@pytest.fixture(scope="module")
def page():
    return render_report(sample_plan(), phrases=phrases(), language="en")


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        missing("chromium")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        except Error as error:
            missing(f"a chromium that starts ({error})")
        yield browser
        browser.close()


def test_the_page_loads_nothing(page):
    assert not re.findall(r"(?:src|href|url\(|@import)\s*=?", page)


def test_figures_are_told(page):
    for text in ("430 m", "75%", "570 m", "115 m", "118 m", "20:00", "21:30", "31.0"):
        assert text in page, text
    assert "at most 2.6% short of the best" in page  # 3 / 118, rounded to the safe side


def test_how_even_beats_are_is_told_with_what_none_could_beat():
    plan = sample_plan()
    figures = replace(plan.figures, beat_imbalance=0.0142, beat_bound=0.00199)
    page = render_report(replace(plan, figures=figures), phrases=phrases(), language="en")
    assert "among 2 beats" in page
    assert "1.4% off the mean" in page
    assert "less than 0.1% off" in page  # a bound is rounded to the safe side


def test_a_place_of_breaks_alone_is_called_so():
    stops = changed(sample_plan(), "patrol_stops", kind=["visit", "break"], name_en=["A", "Break"])
    page = re.sub(r"<[^>]+>", " ", render_report(stops, phrases=phrases(), language="en"))
    assert "Breaks and meetings" in page


def test_what_weights_are_made_of_is_told_and_what_no_shift_covers(page):
    text = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"hotspots 93% \(1\)\s+;\s+.*blind spots 7% \(1\)", text)
    assert "events 0%" not in text
    assert "At hours that no shift of tonight covers:" in text
    assert "Way home" in text
    assert HOSTILE not in page


def test_a_proven_best_choice_is_said_plainly():
    plan = sample_plan()
    proven = replace(plan.figures, sites_bound_m=115.0)
    page = render_report(replace(plan, figures=proven), phrases=phrases(), language="en")
    assert "It is proven" in page


def test_a_small_gap_is_not_called_proven():
    plan = sample_plan()
    close = replace(plan.figures, sites_bound_m=115.03)
    page = render_report(replace(plan, figures=close), phrases=phrases(), language="en")
    assert "It is proven" not in page
    assert "at most 0.1% short of the best" in page


def test_notices_stand_in_both_languages(page):
    for text in ("Synthetic data", "ข้อมูลจำลอง", "Internal use only", "ใช้ภายในเท่านั้น", "approximate"):
        assert text in page, text
    assert "zone.toml <code>000000000000</code>" in page


def test_real_data_is_not_called_synthetic():
    plan = sample_plan()
    layers = {
        name: frame.drop(columns="synthetic", errors="ignore")
        for name, frame in plan.layers.items()
    }
    page = render_report(replace(plan, layers=layers), phrases=phrases())
    assert "Synthetic data" not in page


def test_hostile_names_stay_text():
    plan = sample_plan()
    hotspots = plan.layers["hotspots"].assign(name_en=HOSTILE)
    page = render_report(
        replace(plan, layers={**plan.layers, "hotspots": hotspots}),
        phrases=phrases(),
    )
    assert HOSTILE not in page
    assert "{{7*7}}" in page


def sheets(tab):
    return len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True)))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["th", "en"])
def test_print_is_one_page_of_the_language_chosen(browser, page, language):
    tab = browser.new_page()
    tab.set_content(page)
    tab.click(f"nav button[value={language}]")
    text = tab.inner_text("main")
    assert ("Blind" in text or "blind" in text) == (language == "en")
    assert ("จุดอับกล้อง" in text) == (language == "th")
    assert sheets(tab) == 1
    tab.close()


@pytest.mark.slow
def test_a_long_night_shrinks_to_one_page_and_the_screen_stays_as_it_was(browser):
    plan = sample_plan()
    stops = pd.concat([plan.layers["patrol_stops"]] * 300)
    layers = {**plan.layers, "patrol_stops": stops}
    tab = browser.new_page()
    tab.set_content(render_report(replace(plan, layers=layers), phrases=phrases()))
    before = tab.locator("main").bounding_box()
    assert sheets(tab) == 1
    assert tab.locator("main").bounding_box() == before
    tab.add_style_tag(content="main { zoom: 1 !important; width: 190mm !important; }")
    assert sheets(tab) > 1  # without shrinking it would not fit: the count can fail
    tab.close()
