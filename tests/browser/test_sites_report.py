"""The planner's report as a person sees it: on screen, on a phone and on paper, with no network."""

import re
from pathlib import Path

import pytest

from api.sites.report import render_report
from tests.api.sites.sample import phrases, sample_result
from tests.browser import pixels
from tests.browser.printed import SHEET_HIGH_PX, assert_speaks_and_fits, on_paper, speak

pytestmark = pytest.mark.slow
SEEN, BLIND, NEWLY, BUILDING = "#0072b2", "#882255", "#007a59", "#dcd6ca"
DOUBT = "#c04a00"
ANSWER = "เพื่อความปลอดภัย <b>ตอนกลางคืน</b>"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("sites") / "sites.html"
    path.write_text(render_report(sample_result(), phrases=phrases(), language="en"), "utf-8")
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
    before, after = page.locator("svg.map").all()
    for drawing, colours in ((before, [SEEN, BLIND]), (after, [SEEN, BLIND, NEWLY])):
        png = drawing.screenshot()
        for colour in colours:
            assert pixels.count_pixels(png, colour) > 100, colour
        assert pixels.count_pixels(png, BUILDING) > 1000
        assert pixels.count_pixels(png, "#000000") < 200  # nothing is filled for want of a style
    assert pixels.count_pixels(before.screenshot(), NEWLY) < 20


def test_a_phone_shows_maps_and_curve_whole_and_what_each_camera_adds(visit):
    page = visit(width=390, height=844).page
    drawings = page.locator("svg.map, svg.curve, svg.small, svg.close").all()
    assert len(drawings) == 6
    for drawing in drawings:
        box = drawing.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    letters_px = page.locator("svg.curve text:visible").evaluate_all(
        """texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize)
                                      * text.ownerSVGElement.clientWidth / 720)"""
    )
    assert min(letters_px) > 8.5
    for head in page.locator(".sites th").all()[:3]:
        box = head.bounding_box()
        assert box["x"] + box["width"] <= 390 - 16
    assert page.locator(".sites th").nth(2).inner_text() == "Adds"


def test_the_small_map_tells_its_bands_by_colour_and_by_dash(visit):
    small = visit().page.locator("svg.small")
    png = small.screenshot()
    for colour in (SEEN, BLIND, DOUBT):
        assert pixels.count_pixels(png, colour) > 40, colour
    assert pixels.count_pixels(png, "#000000") < 200
    dashes = {
        small.locator(f"path.{band}").evaluate("path => getComputedStyle(path).strokeDasharray")
        for band in ("nearly_always", "in_doubt", "nearly_never")
    }
    assert len(dashes) == 3


def test_what_is_drawn_once_is_needed_by_every_map(visit):
    page = visit().page
    page.evaluate("document.getElementById('base').remove()")
    for drawing in page.locator("svg.map, svg.small").all():
        assert pixels.count_pixels(drawing.screenshot(), BUILDING) < 150


def test_an_answer_is_kept_as_the_language_changes_and_stays_text(visit):
    seen = visit()
    box = seen.page.get_by_role("textbox").first
    box.click()
    seen.page.keyboard.type(ANSWER)
    speak(seen.page, "th")
    assert box.inner_text() == ANSWER
    assert box.locator("b").count() == 0
    on_paper(seen.page)
    assert ANSWER in pixels.visible_text(seen.page)
    seen.assert_quiet()


def test_pasted_pages_leave_only_their_text(visit):
    seen = visit()
    box = seen.page.get_by_role("textbox").first
    box.click()
    box.evaluate(
        """box => {
          const carried = new DataTransfer();
          carried.setData("text/plain", "plain");
          carried.setData("text/html", "<img src='https://example.org/x.png'>plain");
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true,
                                                          cancelable: true }));
        }"""
    )
    assert box.inner_html() == "plain"
    seen.assert_quiet()


def test_the_page_could_not_load_if_it_wanted_to(visit):
    seen = visit()
    seen.page.evaluate(
        "document.body.append(Object.assign(new Image(), { src: 'https://example.org/x.png' }))"
    )
    seen.page.wait_for_timeout(300)
    assert seen.strangers == []
    assert any("Content Security Policy" in trouble for trouble in seen.troubles)


def test_the_filled_page_is_saved_with_its_answers(visit, tmp_path):
    page = visit().page
    page.get_by_role("textbox").nth(3).click()
    page.keyboard.type(ANSWER)
    speak(page, "th")
    with page.expect_download() as downloading:
        page.click("#save")
    saved = tmp_path / "saved.html"
    downloading.value.save_as(saved)
    assert downloading.value.suggested_filename == "sites.html"
    again = visit(path=saved)
    assert again.page.get_by_role("textbox").nth(3).inner_text() == ANSWER
    pixels.assert_speaks_thai(again.page)
    speak(again.page, "en")
    assert again.page.locator("nav button[aria-pressed=true]").inner_text() == "English"
    again.assert_quiet()


def test_empty_boxes_print_as_lines_and_cleared_ones_again(visit):
    page = visit().page
    box = page.get_by_role("textbox").first
    box.click()
    page.keyboard.type("a")
    assert not box.evaluate("box => box.matches(':empty')")
    page.keyboard.press("Backspace")
    assert box.evaluate("box => box.matches(':empty')")
    on_paper(page)
    line = "box => getComputedStyle(box, '::before').borderBottomStyle"
    assert box.evaluate(line) == "solid"


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_section_is_on_paper_and_nothing_is_cut_off(visit, language):
    page = visit().page
    speak(page, language)
    page.get_by_role("textbox").first.fill("long answer " * 200)
    width = on_paper(page)
    heads = [
        phrases().say(key).read(language)
        for key in (
            *("sites.ranked", "sites.curve", "sites.before", "sites.after", "sites.coverage"),
            *("sites.closely", "sites.rules", "sites.survey", "evidence.title"),
            *("privacy.title", "sites.method"),
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
    cut = page.evaluate(
        """() => [...document.querySelectorAll("main *:not(svg *)")]
             .filter(node => getComputedStyle(node).overflow !== "visible"
               && node.tagName !== "svg"
               && (node.scrollWidth > node.clientWidth + 1
                 || node.scrollHeight > node.clientHeight + 1))
             .map(node => node.outerHTML.slice(0, 80))"""
    )
    assert cut == []
    whole = page.locator("figure, section.keep").all()  # what is not parted must fit on a sheet
    assert max(part.bounding_box()["height"] for part in whole) < SHEET_HIGH_PX


def test_too_much_for_the_sheet_would_be_found(visit):
    page = visit().page
    width = on_paper(page)
    page.add_style_tag(content=".sites { width: 300mm !important }")
    assert page.evaluate("document.querySelector('.sites').getBoundingClientRect().right") > width


@pytest.mark.parametrize("language", ["th", "en"])
def test_it_prints_on_a_few_sheets(visit, language, tmp_path):
    page = visit().page
    speak(page, language)
    path = tmp_path / "sites.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    assert 5 <= sheets(path) <= 8


def sheets(path: Path) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
