"""The report of the dosage as a person sees it: on screen, phone and paper, with no network."""

import re

import numpy as np
import pytest

from analytics.planned_passages import planned_passages
from api.bilingual import Phrases
from api.dosage.job import run_dosage
from api.dosage.plan import read_plan
from api.dosage.report import render_report
from api.dosage.tracks import read_tracks
from api.words import Words
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.api.dosage.sample import degrees, followed, gpx, write_plan
from tests.api.plan.sample import BANGKOK
from tests.api.small_zone import write_zone
from tests.browser import pixels
from tests.browser.printed import SHEET_HIGH_PX, assert_speaks_and_fits, on_paper, speak

pytestmark = pytest.mark.slow
AS_PLANNED, MISSED, BUILDING = "#1f7a4d", "#b3261e", "#dcd6ca"
PHRASES = Phrases(Words.load(), BANGKOK)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Return the report of a unit that went home after half its time."""
    base = tmp_path_factory.mktemp("dosage")
    zone = Zone.load(write_zone(base / "small"))
    plan = read_plan(write_plan(base / "plan"), zone="small", crs=zone.crs)
    graph = StreetGraph.from_streets(zone.streets)
    own = planned_passages(graph, plan.tours, plan.stops).iloc[:10]
    own = own[own["unit"] == "foot-1"].reset_index(drop=True)
    xy, at = followed(graph, own, rng=np.random.default_rng(5), until=0.5)
    track = base / "foot-1.gpx"
    track.write_text(gpx(degrees(xy), at), encoding="utf-8")
    tracks = read_tracks([track], units=list(plan.units), crs=zone.crs)
    path = base / "dosage.html"
    result = run_dosage(zone, plan, tracks)
    path.write_text(render_report(result, phrases=PHRASES, language="en"), "utf-8")
    return path


@pytest.fixture
def visit(visit_of, report):
    def open_report(**options):
        seen = visit_of(**options)
        seen.page.goto(report.as_uri())
        return seen

    return open_report


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_speaks_both_languages_and_fits_the_screen(visit, width):
    seen = visit(width=width, height=844)
    assert_speaks_and_fits(seen.page, width)
    seen.assert_quiet()


def test_streets_have_the_colours_of_the_legend(visit):
    page = visit().page
    png = page.locator("svg.map").screenshot()
    for colour in (AS_PLANNED, MISSED, BUILDING):
        assert pixels.count_pixels(png, colour) > 100, colour
    assert pixels.count_pixels(png, "#000000") < 200  # nothing is filled for want of a style
    drawn = {
        name
        for name in ("missed", "less", "as_planned", "more", "unplanned")
        if page.locator(f"svg.map path.{name}").count()
    }
    listed = page.locator("figcaption.legend path.dose").evaluate_all(
        "paths => paths.map(path => path.classList[1])"
    )
    assert set(listed) == drawn


@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_is_cut_off_on_paper(visit, language, tmp_path):
    page = visit().page
    speak(page, language)
    path = tmp_path / "dosage.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert 2 <= len(re.findall(rb"/Type\s*/Page\b", path.read_bytes())) <= 4
    width = on_paper(page)
    too_wide = page.evaluate(
        """width => [...document.querySelectorAll("main *")]
             .filter(node => node.getBoundingClientRect().right > width + 1)
             .map(node => node.outerHTML.slice(0, 80))""",
        width,
    )
    assert too_wide == []
    whole = page.locator("figure, section.keep").all()  # what is not parted must fit on a sheet
    assert max(part.bounding_box()["height"] for part in whole) < SHEET_HIGH_PX
