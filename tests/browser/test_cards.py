"""The beat cards as a person holds them: on screen, on a phone and on paper, with no network."""

import re
from dataclasses import replace

import pytest

from api.plan.cards import render_cards
from tests.api.plan.sample import phrases, sample_plan
from tests.browser import pixels
from tests.browser.printed import assert_speaks_and_fits, on_paper, speak

pytestmark = pytest.mark.slow
WAY, BEAT, SOS, BUILDING = "#332288", "#e8c400", "#b2182b", "#dcd6ca"
UNITS = 2


def with_stops(count):
    plan = sample_plan()
    stops = plan.layers["patrol_stops"]
    many = stops.iloc[[number % 2 for number in range(count)]]
    many = many.set_axis([f"stop-{number}" for number in range(count)])
    return replace(plan, layers={**plan.layers, "patrol_stops": many})


@pytest.fixture
def visit(visit_of, tmp_path):
    def open_cards(plan=None, **options):
        path = tmp_path / "cards.html"
        page = render_cards(plan or sample_plan(), phrases=phrases(), language="en")
        path.write_text(page, encoding="utf-8")
        seen = visit_of(**options)
        seen.page.goto(path.as_uri())
        return seen

    return open_cards


def sheets(page, path):
    page.pdf(path=path, prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_speaks_both_languages_and_fits_the_screen(visit, width):
    seen = visit(width=width, height=844)
    assert_speaks_and_fits(seen.page, width)
    seen.assert_quiet()


def test_the_map_is_drawn_in_its_colours(visit):
    png = visit().page.locator("svg.small").first.screenshot()
    for colour in (WAY, SOS, BUILDING):
        assert pixels.count_pixels(png, colour) > 50, colour
    assert pixels.count_pixels(png, "#000000") < 200  # nothing is filled for want of a style


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(("stops", "each"), [(2, 1), (30, 1), (60, 2)])
def test_a_card_is_a_sheet_and_a_long_one_is_two(visit, language, stops, each, tmp_path):
    page = visit(with_stops(stops)).page
    speak(page, language)
    assert sheets(page, tmp_path / "cards.pdf") == each + UNITS - 1


def test_a_card_too_long_for_its_sheet_would_be_counted(visit, tmp_path):
    page = visit(with_stops(30)).page
    page.add_style_tag(content="@media print { .card td { padding: 9pt 0 !important } }")
    assert sheets(page, tmp_path / "cards.pdf") > UNITS


@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_is_cut_off_on_paper(visit, language):
    page = visit(with_stops(60)).page
    speak(page, language)
    width = on_paper(page)
    too_wide = page.evaluate(
        """width => [...document.querySelectorAll("main *")]
             .filter(node => node.getBoundingClientRect().right > width + 1)
             .map(node => node.outerHTML.slice(0, 80))""",
        width,
    )
    assert too_wide == []
    assert not page.locator("nav").is_visible()
    assert page.locator("section.card .warning:visible").count() == UNITS
