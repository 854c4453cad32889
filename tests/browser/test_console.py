"""The console as a person sees it, in a real browser, in both languages and at both widths."""

import json

import pytest
from playwright.sync_api import expect
from shapely.geometry import Point

from api.main import create_app
from api.store import Store
from api.styles import Styles
from tests.api.sample import PROVENANCE, ZONE, fill, frame, products, zone_layers
from tests.api.serving import serving, settings_for
from tests.browser import pixels

pytestmark = pytest.mark.slow
COLOUR = {style.name: style.colour for style in Styles.load().layers}
SEEN = {
    COLOUR["streets"]: 150,
    COLOUR["cameras"]: 20,
    COLOUR["sos_points"]: 100,
    COLOUR["camera_sites"]: 150,
    Styles.load().tours[0]: 200,
}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Return a function that serves what another puts into a store, and gives the address."""
    servers = []

    def serve(change=fill):
        path = tmp_path_factory.mktemp("console") / "store.sqlite"
        store = Store(path)
        change(store)
        store.close()
        server = serving(create_app(settings_for(path)))
        servers.append(server)
        return server.__enter__()

    yield serve
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def address(served):
    return served()


def settle(page):
    page.wait_for_selector("html[data-ready]")


def visit(visit_of, address, query="", **options):
    seen = visit_of(**options)
    seen.page.goto(f"{address}/console{query}")
    settle(seen.page)
    return seen


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["th", "en"])
def test_the_map_is_seen_in_both_languages_and_widths(visit_of, address, language, width):
    seen = visit(visit_of, address, f"?lang={language}", width=width, height=844)
    pixels.assert_map_is_seen(seen.page, SEEN if width > 400 else dict.fromkeys(SEEN, 4))
    speaks = {"th": pixels.assert_speaks_thai, "en": pixels.assert_speaks_english}
    speaks[language](seen.page)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    seen.assert_quiet()


def squeeze(page):
    page.evaluate("document.querySelector('.leaflet-container').style.height = '0px'")


def test_the_assertion_fails_on_a_map_squeezed_to_nothing(visit_of, address):
    page = visit(visit_of, address).page
    pixels.assert_map_is_seen(page, SEEN)
    squeeze(page)
    with pytest.raises(AssertionError, match="0 px high"):
        pixels.assert_map_is_seen(page, SEEN)


def test_the_assertion_fails_on_a_map_without_its_layers(visit_of, address):
    page = visit(visit_of, address).page
    page.evaluate("document.querySelector('.leaflet-map-pane').style.opacity = '0'")
    with pytest.raises(AssertionError, match="pixels of"):
        pixels.assert_map_is_seen(page, SEEN)


def test_the_assertion_fails_on_letters_no_font_has(visit_of, address):
    page = visit(visit_of, address).page
    pixels.assert_glyphs_are_drawn(page, ["ก", "ข"])
    with pytest.raises(AssertionError, match="missing glyph"):
        pixels.assert_glyphs_are_drawn(page, ["ก", "\U0010fffd"])


def test_the_switch_changes_every_word_and_is_remembered(visit_of, address):
    seen = visit(visit_of, address, locale="en-GB")
    page = seen.page
    pixels.assert_speaks_english(page)
    page.get_by_role("button", name="ไทย").click()
    pixels.assert_speaks_thai(page)
    assert page.title() == "ย่านตัวอย่าง · ศูนย์ควบคุมพื้นที่ปลอดภัย"
    page.get_by_role("tab", name="ชั้นข้อมูล").click()
    switches = page.locator("#layers").inner_text()
    for word in ("แผนคืนนี้", "จุดอับกล้อง", "กล้องวงจรปิด", "เทศบาล", "สายตรวจเดินเท้า 1"):
        assert word in switches
    assert page.get_by_role("button", name="ขยาย", exact=True).is_visible()
    page.reload()
    settle(page)
    pixels.assert_speaks_thai(page)
    page.goto(f"{address}/console?lang=en")
    settle(page)
    pixels.assert_speaks_english(page)
    seen.assert_quiet()


def test_the_browsers_own_language_is_the_first_choice(visit_of, address):
    assert visit(visit_of, address, locale="th-TH").page.locator("html[lang=th]").count() == 1
    assert visit(visit_of, address, locale="en-US").page.locator("html[lang=en]").count() == 1
    assert visit(visit_of, address, locale="fr-FR").page.locator("html[lang=th]").count() == 1


def test_a_popup_tells_its_fields_and_follows_the_language(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    page.locator(".icon-camera[aria-label]").first.click()
    popup = page.locator(".leaflet-popup-content")
    assert popup.inner_text().split("\n")[0] == "Thalang Road"
    for text in ("Safety Zone programme", "east (90°)", "60°", "40 m", "Synthetic data"):
        assert text in popup.inner_text()
    page.get_by_role("button", name="ไทย").click()
    for text in ("ถนนถลาง", "ตะวันออก (90°)", "40 ม.", "ข้อมูลจำลอง"):
        assert text in popup.inner_text()


def test_the_list_tells_tonight_and_leads_to_the_map(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    tonight = page.locator("#tonight")
    assert "Foot patrol 1\n20:00–22:30 · 0.4 km · stops: 1" in tonight.inner_text()
    assert "Thalang Road, near Soi Romanee\n12 incidents · 40% of all" in tonight.inner_text()
    tonight.get_by_role("button", name="Soi Romanee").first.click()
    expect(page.locator(".leaflet-popup h3")).to_have_text(
        ["Hotspot 1: Thalang Road, near Soi Romanee"]
    )


def test_a_tour_can_be_seen_alone_with_its_stops(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    tonight = page.locator("#tonight")
    tours = page.locator(".leaflet-patrol_tours-pane path")
    expect(tours).to_have_count(2)
    tonight.get_by_role("button", name="Foot patrol 2").click()
    expect(tours).to_have_count(1)
    assert tonight.get_by_role("button", name="Foot patrol 2", expanded=True).count() == 1
    tonight.get_by_role("button", name="20:40").click()
    popup = page.locator(".leaflet-popup-content")
    expect(popup.locator("h3")).to_have_text(["Thalang Road"])
    assert popup.locator("li").all_inner_texts() == ["20:40–20:55 Foot patrol 2"]
    tonight.get_by_role("button", name="Foot patrol 2").click()
    expect(tours).to_have_count(2)
    page.locator(".icon-stop").click()
    visits = ["20:10–20:25 Foot patrol 1", "20:40–20:55 Foot patrol 2"]
    expect(popup.locator("li")).to_have_text(visits)
    assert "Hotspot 1" in popup.inner_text()


def test_tours_on_one_street_lie_side_by_side(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    for colour in Styles.load().tours[:2]:
        pixels.assert_map_is_seen(page, {colour: 200})
    boxes = [
        page.locator(".leaflet-patrol_tours-pane path").nth(number).bounding_box()
        for number in (0, 1)
    ]
    assert boxes[0]["y"] + boxes[0]["height"] != boxes[1]["y"] + boxes[1]["height"]


def test_layers_switch_on_and_off(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    page.get_by_role("tab", name="Layers").click()
    cameras = page.get_by_role("checkbox", name="Cameras")
    assert cameras.is_checked()
    cameras.uncheck()
    with pytest.raises(AssertionError, match=COLOUR["cameras"]):
        pixels.assert_map_is_seen(page, SEEN)
    page.get_by_role("checkbox", name="Cameras").check()
    pixels.assert_map_is_seen(page, SEEN)
    assert page.locator(".leaflet-fields_of_view-pane path").count() == 0
    page.get_by_role("checkbox", name="Fields of view").check()
    expect(page.locator(".leaflet-fields_of_view-pane path")).to_have_count(1)
    page.get_by_role("checkbox", name="Streets").uncheck()
    assert page.locator(".street-name").count() == 0


FOCUSED = """
() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText
"""


def test_the_keyboard_reaches_language_tabs_lists_and_markers(visit_of, address):
    page = visit(visit_of, address, "?lang=en").page
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached[:5] == ["Sign in", "ไทย", "English", "Tonight", "Close panel"]
    assert any(text.startswith("Foot patrol 1") for text in reached)
    assert "Map of the zone" in reached
    page.locator("#tab-tonight").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#tab-layers").get_attribute("aria-selected") == "true"
    assert page.locator("#layers").is_visible()
    page.locator(".icon-sos").focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup-content h3").inner_text() == "Thalang Road"


@pytest.mark.parametrize(("motion", "moving"), [("reduce", 0), ("no-preference", 1)])
def test_nothing_glides_for_whoever_asked_for_less_motion(visit_of, address, motion, moving):
    seen = visit_of()
    seen.page.emulate_media(reduced_motion=motion)
    seen.page.goto(f"{address}/console?lang=en")
    settle(seen.page)
    assert seen.page.locator("#map.leaflet-fade-anim").count() == moving


def test_with_one_zone_there_is_no_switch_between_zones(visit_of, address):
    page = visit(visit_of, address).page
    expect(page.locator("#zones")).to_be_hidden()


def test_the_panel_folds_and_gives_its_room_to_the_map(visit_of, address):
    page = visit(visit_of, address, "?lang=en", width=390, height=844).page
    before = page.locator("#map").bounding_box()["height"]
    page.get_by_role("button", name="Close panel").click()
    assert page.locator("#map").bounding_box()["height"] > before + 200
    assert not page.locator("#tonight").is_visible()
    page.get_by_role("button", name="Open panel").click()
    assert page.locator("#tonight").is_visible()


def test_street_names_stand_at_their_streets_in_the_language(visit_of, address):
    page = visit(visit_of, address, "?lang=th").page
    names = page.locator(".street-name").all_inner_texts()
    assert {"ถนนถลาง", "ซอยรมณีย์"} == set(names)
    page.get_by_role("button", name="English").click()
    assert {"Thalang Road", "Soi Romanee"} == set(page.locator(".street-name").all_inner_texts())


def test_a_layer_that_fails_is_named_and_can_be_tried_again(visit_of, address):
    seen = visit_of()
    broken = {"times": 1}

    def fail_once(route):
        if broken["times"]:
            broken["times"] -= 1
            route.fulfill(status=503, body="{}")
        else:
            route.fallback()

    seen.page.route("**/collections/cameras/items*", fail_once)
    seen.page.goto(f"{address}/console?lang=en")
    settle(seen.page)
    alert = seen.page.get_by_role("alert")
    assert "The layer “Cameras” could not be loaded." in alert.inner_text()
    assert seen.page.locator(".icon-camera").count() == 0
    alert.get_by_role("button", name="Try again").click()
    seen.page.wait_for_selector(".icon-camera")
    assert alert.inner_text() == ""


def test_a_service_that_does_not_answer_is_said_so(visit_of, address):
    seen = visit_of()
    seen.page.route("**/ogc/collections", lambda route: route.fulfill(status=503, body="{}"))
    seen.page.goto(f"{address}/console?lang=th")
    seen.page.wait_for_selector("html[data-ready=false]")
    assert "ติดต่อระบบไม่ได้" in seen.page.get_by_role("alert").inner_text()


def test_without_a_plan_the_page_says_what_to_run(visit_of, served):
    def zone_only(store):
        store.put_layers(ZONE, zone_layers(), kind="layer", provenance=PROVENANCE)

    seen = visit(visit_of, served(zone_only), "?lang=en")
    text = seen.page.locator("#tonight").inner_text()
    assert "There is no plan for tonight yet." in text
    assert f"smartzone plan --zone {ZONE}" in text
    pixels.assert_map_is_seen(seen.page, {COLOUR["streets"]: 150, COLOUR["cameras"]: 20})
    seen.assert_quiet()


def test_names_in_the_data_never_become_markup(visit_of, served):
    hostile = "<img src=x onerror=document.title='taken'>"

    def plant(store):
        fill(store)
        layers = {name: layer.copy() for name, layer in products().items()}
        for name in ("hotspots", "patrol_tours", "patrol_stops", "camera_sites"):
            layers[name]["name_en"] = hostile
        store.put_layers(ZONE, layers, kind="product", provenance=PROVENANCE)
        streets = zone_layers()["streets"].assign(name_en=hostile)
        store.put_layer(ZONE, "streets", streets, kind="layer", provenance=PROVENANCE)

    seen = visit(visit_of, served(plant), "?lang=en")
    assert seen.page.locator("#tonight").inner_text().count(hostile) >= 3
    seen.page.locator("#tonight .entry:visible").nth(2).click()
    name = f"Hotspot 1: {hostile}, near Soi Romanee"
    expect(seen.page.locator(".leaflet-popup h3")).to_have_text([name])
    assert seen.page.locator("img[src=x]").count() == 0
    assert "taken" not in seen.page.title()
    seen.assert_quiet()


def test_large_layers_are_read_page_by_page(visit_of, served):
    count = 5_200

    def many(store):
        fill(store)
        lamps = frame(
            [
                {
                    "id": f"l{n}",
                    "geometry": Point(n % 100 * 3, n // 100 * 3),
                    "lit": True,
                    "synthetic": True,
                }
                for n in range(count)
            ]
        )
        store.put_layer(ZONE, "lamps", lamps, kind="layer", provenance=PROVENANCE)

    seen = visit(visit_of, served(many), "?lang=en")
    seen.page.get_by_role("tab", name="Layers").click()
    seen.page.get_by_role("checkbox", name="Street lamps").check()
    row = seen.page.locator(".switch", has_text="Street lamps")
    row.get_by_text("5,200").wait_for()
    assert json.loads(row.locator(".count").inner_text().replace(",", "")) == count


def test_notices_follow_the_data(visit_of, address, served):
    notices = ("#synthetic-notice", "#approximate-notice")
    generated = visit(visit_of, address, "?lang=en")
    for notice in notices:
        expect(generated.page.locator(notice)).to_be_visible()

    def real(store):
        layers = {
            name: layer.drop(columns=["synthetic", "approximate"], errors="ignore")
            for name, layer in zone_layers().items()
        }
        store.put_layers(ZONE, layers, kind="layer", provenance=PROVENANCE)

    surveyed = visit(visit_of, served(real), "?lang=en")
    for notice in notices:
        expect(surveyed.page.locator(notice)).to_be_hidden()
