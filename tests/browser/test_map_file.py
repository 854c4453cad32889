"""The file map.html as a person sees it, opened from a disk with no network."""

import re

import pytest

from api.styles import Styles
from tests.browser import pixels
from tests.browser.planned import run_plan

pytestmark = pytest.mark.slow
COLOUR = {style.name: style.colour for style in Styles.load().layers}
SEEN = {
    COLOUR["streets"]: 1_000,
    COLOUR["cameras"]: 100,
    COLOUR["sos_points"]: 100,
    COLOUR["camera_sites"]: 200,
    Styles.load().tours[0]: 500,
}


@pytest.fixture(scope="module")
def map_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    run_plan(folder / "out", folder / "store.sqlite")
    return (folder / "out" / "map.html").as_uri()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_file_is_seen_and_speaks_both_languages(visit_of, map_file, width):
    seen = visit_of(width=width, height=844)
    page = seen.page
    page.goto(map_file)
    least = SEEN if width > 400 else {colour: count // 10 for colour, count in SEEN.items()}
    pixels.assert_map_is_seen(page, least)
    pixels.assert_speaks_english(page)
    page.get_by_role("button", name="ไทย").click()
    pixels.assert_speaks_thai(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    seen.assert_quiet()


def test_the_assertion_fails_on_a_file_squeezed_to_nothing(visit_of, map_file):
    page = visit_of().page
    page.goto(map_file)
    pixels.assert_map_is_seen(page, SEEN)
    page.evaluate(
        "const map = document.querySelector('.leaflet-container').style;"
        "map.height = '0px'; map.flex = 'none'"
    )
    with pytest.raises(AssertionError, match="0 px high"):
        pixels.assert_map_is_seen(page, SEEN)


def test_the_file_names_no_address_to_load_from(map_file, visit_of):
    page = visit_of().page
    page.goto(map_file)
    loaded = page.evaluate(
        "[...document.querySelectorAll('[src], link[href]')].map(n => n.src || n.href)"
    )
    assert [url for url in loaded if re.match(r"https?:|//", url)] == []
