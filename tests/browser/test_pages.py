"""Every page for people as they use it: by eye, by keyboard, on a phone, enlarged, without script.

Contrast, room and names by `legible`; what is asked for is WCAG 2.2, level AA.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.legible import assert_contrast, assert_legible
from tests.browser.page_cases import PAGES, PROBLEMS, at, enter, service_of

pytestmark = pytest.mark.slow
ALL = PAGES | {name: (role, path) for name, (role, path, _) in PROBLEMS.items()}
PHONE, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
TWICE = {"width": 640, "height": 400}
"""What a window of 1280 by 800 shows at a zoom of 200 %."""

# Thai where the page says that it speaks English.
_MISPLACED = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), told = [];
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const thai = /[\\u0e01-\\u0e5b]/.test(walker.currentNode.textContent);
    if (thai && !node.closest("noscript") && node.closest("[lang]").lang === "en")
      told.push(walker.currentNode.textContent);
  }
  return told;
}
"""
# What has the focus: its name, and how its outline stands out from the page.
_FOCUSED = """
() => {
  const node = document.activeElement, style = getComputedStyle(node);
  const light = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(Number)
      .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const box = node.getBoundingClientRect();
  return {
    name: node === document.body ? "" : node.outerHTML.slice(0, 100),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    contrast: 1.05 / (light(style.outlineColor) + 0.05),
    seen: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight,
  };
}
"""
_REACHABLE = """
() => [...document.querySelectorAll("a[href], button, input, [tabindex='0']")]
  .filter((node) => node.checkVisibility() && !node.closest("#map")).length
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with service_of(tmp_path_factory.mktemp("pages") / "store.sqlite") as service:
        yield service


@pytest.fixture(scope="module")
def cookies(browser, service):
    """Return the cookies of each role that signed in."""
    found = {}
    for role in {role for role, _ in ALL.values()}:
        context = browser.new_context()
        enter(context.new_page(), service[0], role)
        found[role] = context.cookies()
        context.close()
    return found


@pytest.fixture
def visit(visit_of, service, cookies):
    """Return what opens a page by its name, as who may see it."""

    def open_page(name, language="en", **options):
        role, path = ALL[name]
        seen = visit_of(**options)
        seen.page.context.add_cookies(cookies[role])
        answer = seen.page.goto(service[0] + at(path, service[1], language))
        assert answer.status == (PROBLEMS[name][2] if name in PROBLEMS else 200)
        return seen

    return open_page


def assert_sound(page, language):
    """Assert that a page has its frame and speaks one language."""
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("h1").count() == page.get_by_role("main").count() == 1
    assert page.get_by_role("banner").count() == 1
    assert page.title() == f"{page.locator('h1').inner_text()} · smartzone"
    assert page.locator("th:not([scope])").count() == 0
    assert page.evaluate(_MISPLACED) == []


@pytest.mark.parametrize("name", ALL)
def test_a_page_is_read_on_a_phone_and_enlarged(visit, service, name):
    seen = visit(name, "th", **PHONE)
    page = seen.page
    assert_sound(page, "th")
    assert_legible(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_legible(page)
    page.set_viewport_size(TWICE)
    page.goto(service[0] + at(ALL[name][1], service[1], "en"))
    assert_sound(page, "en")
    assert_legible(page)
    page.set_viewport_size(DESKTOP)
    assert_legible(page)
    faults = [text for text in seen.troubles if "status of 40" not in text]
    assert (faults, seen.strangers) == ([], [])


@pytest.mark.parametrize("name", ["features", "jobs", "zones", "401", "400"])
def test_everything_is_reached_by_keyboard_and_shows_the_focus(visit, name):
    page = visit(name, **DESKTOP).page
    if page.locator("#map").count():
        page.wait_for_selector("#map[data-drawn]")
    page.keyboard.press("Tab")
    assert_focus(page)
    assert "#content" in page.evaluate(_FOCUSED)["name"]
    names = set()
    for _ in range(page.evaluate(_REACHABLE) + 40):  # the map has stops of its own
        focused = page.evaluate(_FOCUSED)
        if not focused["name"]:
            break
        names.add(focused["name"])
        assert_focus(page)
        page.keyboard.press("Tab")
    else:
        pytest.fail("the keyboard does not leave the page again")
    links = page.locator("main a:visible, header a").evaluate_all(
        "nodes => nodes.filter((node) => !node.closest('#map'))"
        ".map((node) => node.outerHTML.slice(0, 100))"
    )
    assert set(links) <= names


def assert_focus(page):
    """Assert that what has the focus is in sight and shows it."""
    focused = page.evaluate(_FOCUSED)
    assert focused["seen"], focused
    assert focused["outline"] >= 2, focused
    assert focused["contrast"] >= 3, focused


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit):
    page = visit("zones", **DESKTOP).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.parametrize("name", ["features", "jobs", "job that runs", "zones", "404"])
def test_a_page_says_the_same_without_script(browser, visit, service, cookies, name):
    whole = visit(name, **DESKTOP).page.locator("main")
    role, path = ALL[name]
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    context.add_cookies(cookies[role])
    page = context.new_page()
    page.goto(service[0] + at(path, service[1], "en"))
    for selector in ("h1", "p", "table"):
        assert set(whole.locator(selector).all_inner_texts()) <= set(
            page.locator(f"main {selector}").all_inner_texts()
        ) | {""}
    if name == "features":
        expect(page.locator("#map p")).to_be_visible()  # by its place: texts leave `noscript` out
        assert page.locator("#map").bounding_box()["height"] < 150
    context.close()


def test_a_person_signs_in_where_a_page_asks_for_it_and_comes_back(visit_of, service):
    address, _ = service
    page = visit_of(locale="en-GB").page
    page.goto(f"{address}/ogc/jobs?limit=3&status=failed")
    expect(page.locator("h1")).to_have_text("Please sign in first")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="commander").click()
    page.wait_for_url(f"{address}/ogc/jobs?limit=3&status=failed")
    expect(page.locator("h1")).to_have_text("Jobs")
    assert page.locator("tbody tr").count() == 1
    page.get_by_role("link", name="UTC").click()
    expect(page.get_by_text("Expected a plan, got <b>none</b>.")).to_be_visible()
    page.get_by_role("link", name="ไทย").click()
    assert page.locator("html").get_attribute("lang") == "th"


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("document.querySelector('h1').style.color = '#aaaaaa'", assert_contrast),
        ("document.querySelector('main').style.width = '90rem'", assert_legible),
        ("n = document.querySelector('.tools a'); n.style.outline = 0; n.focus()", assert_focus),
    ],
)
def test_the_checks_find_a_page_that_is_spoilt(visit, fault, check):
    page = visit("zones", **DESKTOP).page
    page.evaluate(fault)
    with pytest.raises(AssertionError):
        check(page)


def test_the_search_for_misplaced_thai_finds_it(visit):
    page = visit("zones", **DESKTOP).page
    page.evaluate("document.querySelector('h1').textContent = 'พื้นที่'")
    assert page.evaluate(_MISPLACED) == ["พื้นที่"]
