"""The commander's report as a person sees it: on screen, phone and paper, with no network."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from api.bilingual import Phrases
from api.hotspots.job import HotspotsInputs, run_hotspots
from api.hotspots.report import render_report
from api.words import Words
from geo.zone import Zone
from tests.api.hotspots.town import DAY, PARAMS, incidents, write_plan, write_town
from tests.api.plan.sample import BANGKOK
from tests.browser import pixels
from tests.browser.printed import SHEET_HIGH_PX, assert_speaks_and_fits, on_paper, speak

pytestmark = pytest.mark.slow
STRETCH, DENSEST, AREA_EDGE, BUILDING = "#f0b43c", "#08264f", "#8a5a00", "#dcd6ca"
PHRASES = Phrases(Words.load(), BANGKOK)


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = write_town(tmp_path_factory.mktemp("zones") / "small")
    planned = write_plan(tmp_path_factory.mktemp("planned"))
    inputs = HotspotsInputs.gather(Zone.load(folder), folder, day=DAY, planned=planned)
    return run_hotspots(inputs, seed=1, params=PARAMS)


@pytest.fixture(scope="module")
def report(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("hotspots") / "hotspots.html"
    path.write_text(render_report(result, phrases=PHRASES, language="en"), "utf-8")
    return path


@pytest.fixture
def visit(visit_of, report):
    def open_report(path=report, **options):
        seen = visit_of(**options)
        seen.page.goto(path.as_uri())
        return seen

    return open_report


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_speaks_both_languages_and_fits_the_screen(visit, width):
    seen = visit(width=width, height=844)
    assert_speaks_and_fits(seen.page, width)
    seen.assert_quiet()


def test_the_maps_are_drawn_in_their_colours(visit):
    page = visit().page
    stretches, forecast = page.locator("svg.map").all()
    small = page.locator("svg.small")
    for drawing, colours in (
        (stretches, [STRETCH, DENSEST]),
        (small, [AREA_EDGE]),
        (forecast, []),
    ):
        png = drawing.screenshot()
        for colour in colours:
            assert pixels.count_pixels(png, colour) > 100, colour
        assert pixels.count_pixels(png, BUILDING) > 1000
        assert pixels.count_pixels(png, "#000000") < 200  # nothing is filled for want of a style
    assert forecast.locator("path.cell").count() == 4
    fills = forecast.locator("path.cell").evaluate_all(
        "cells => cells.map(cell => getComputedStyle(cell).fill)"
    )
    assert len(set(fills)) == 4


def test_what_is_drawn_once_is_needed_by_every_map(visit):
    page = visit().page
    page.evaluate("document.getElementById('base').remove()")
    for drawing in page.locator("svg.map, svg.small").all():
        assert pixels.count_pixels(drawing.screenshot(), BUILDING) < 150


def test_hours_are_told_by_shades_and_numbers_that_can_be_read(visit):
    page = visit().page
    week = page.locator("svg.week")
    assert week.locator("text.count:visible").count() == 7 * 24
    contrast = week.evaluate(
        """week => [...week.querySelectorAll("text.count")].map(text => {
          const bright = colour => colour.match(/[0-9]+/g).slice(0, 3)
            .map(part => part / 255)
            .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
            .reduce((sum, part, i) => sum + part * [.2126, .7152, .0722][i], 0);
          const pair = [text, text.previousElementSibling]
            .map(node => bright(getComputedStyle(node).fill)).sort((a, b) => b - a);
          return (pair[0] + .05) / (pair[1] + .05);
        })"""
    )
    assert min(contrast) > 4.5  # WCAG 2.2, level AA


def test_a_phone_shows_every_drawing_whole(visit):
    page = visit(width=390, height=844).page
    drawings = page.locator("svg.map, svg.small, svg.week").all()
    assert len(drawings) == 4
    for drawing in drawings:
        box = drawing.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    letters_px = page.locator("svg.week text:visible").evaluate_all(
        """texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize)
             * text.ownerSVGElement.clientWidth / text.ownerSVGElement.viewBox.baseVal.width)"""
    )
    assert min(letters_px) > 7.5
    for head in page.locator(".stretches th").all()[:4]:
        box = head.bounding_box()
        assert box["x"] + box["width"] <= 390 - 16


def test_the_page_could_not_load_if_it_wanted_to(visit):
    seen = visit()
    seen.page.evaluate(
        "document.body.append(Object.assign(new Image(), { src: 'https://example.org/x.png' }))"
    )
    seen.page.wait_for_timeout(300)
    assert seen.strangers == []
    assert any("Content Security Policy" in trouble for trouble in seen.troubles)


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_section_is_on_paper_and_nothing_is_cut_off(visit, language):
    page = visit().page
    speak(page, language)
    width = on_paper(page)
    heads = [
        PHRASES.say(key, days=7).read(language)
        for key in (
            *("hotspots.record", "hotspots.stretches", "hotspots.map_stretches"),
            *("hotspots.areas", "hotspots.when", "hotspots.repeats", "hotspots.forecast"),
            *("hotspots.audit", "hotspots.method"),
        )
    ]
    assert page.locator("h2:visible").all_inner_texts() == heads
    assert not page.locator("nav").is_visible()
    too_wide = page.evaluate(
        """width => [...document.querySelectorAll("main *")]
             .filter(node => node.getBoundingClientRect().right > width + 1)
             .map(node => node.outerHTML.slice(0, 80))""",
        width,
    )
    assert too_wide == []
    whole = page.locator("figure, section.keep").all()  # what is not parted must fit on a sheet
    assert max(part.bounding_box()["height"] for part in whole) < SHEET_HIGH_PX


def test_too_much_for_the_sheet_would_be_found(visit):
    page = visit().page
    width = on_paper(page)
    page.add_style_tag(content=".stretches { width: 300mm !important }")
    right = "document.querySelector('.stretches').getBoundingClientRect().right"
    assert page.evaluate(right) > width


@pytest.mark.parametrize("language", ["th", "en"])
def test_it_prints_on_a_few_sheets(visit, language, tmp_path):
    page = visit().page
    speak(page, language)
    path = tmp_path / "hotspots.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert 4 <= sheets(path) <= 6


def sheets(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))


def test_a_zone_without_incidents_is_a_page_too(visit, result, tmp_path):
    folder = write_town(tmp_path / "small", incidents(3).iloc[:0])
    inputs = HotspotsInputs.gather(Zone.load(folder), folder, day=DAY, planned=tmp_path)
    empty = run_hotspots(inputs, seed=0, params=replace(PARAMS, origins=1))
    path = tmp_path / "empty.html"
    path.write_text(render_report(empty, phrases=PHRASES, language="th"), "utf-8")
    seen = visit(path=path, width=390)
    pixels.assert_speaks_thai(seen.page)
    speak(seen.page, "en")
    pixels.assert_speaks_english(seen.page)
    assert "There is no reported incident" in pixels.visible_text(seen.page)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    seen.assert_quiet()
