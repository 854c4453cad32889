"""Signing in and out as a person does it, in a real browser, in both languages."""

import pytest
from playwright.sync_api import expect

from api.main import create_app
from api.store import Store
from tests.api.sample import ZONE, fill
from tests.api.serving import serving, settings_for
from tests.api.signing import PASSWORD, account_settings, filled
from tests.browser import pixels

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "store.sqlite"
    store = Store(path)
    fill(store)
    store.close()
    with serving(create_app(settings_for(path))) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    place = filled(tmp_path_factory.mktemp("accounts") / "store.sqlite")
    with serving(create_app(account_settings(place, jobs=0))) as address:
        yield address


def opened(visit_of, address, path, **options):
    seen = visit_of(**options)
    seen.page.goto(f"{address}{path}")
    return seen


def settle(page):
    page.wait_for_selector("html[data-ready]")


def cameras(page):
    return page.locator(".icon-camera[aria-label]")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["th", "en"])
def test_the_page_speaks_both_languages_and_fits(visit_of, demo, language, width):
    seen = opened(visit_of, demo, f"/sign-in?lang={language}", width=width, height=844)
    speaks = {"th": pixels.assert_speaks_thai, "en": pixels.assert_speaks_english}
    speaks[language](seen.page)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert "demo" in seen.page.get_by_role("note").inner_text()
    seen.assert_quiet()


def test_a_demo_account_signs_in_sees_more_and_signs_out(visit_of, demo):
    page = opened(visit_of, demo, "/console?lang=en").page
    settle(page)
    expect(page.locator("#demo-notice")).to_be_visible()
    expect(page.locator("#private-notice")).to_be_visible()
    expect(cameras(page)).to_have_count(2)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="commander").click()
    page.wait_for_url("**/console")
    settle(page)
    expect(page.locator("#who")).to_have_text("commander · Commander")
    expect(cameras(page)).to_have_count(3)
    expect(page.locator("#private-notice")).to_be_hidden()
    page.get_by_role("button", name="ไทย").click()
    expect(page.locator("#who")).to_have_text("commander · ผู้บังคับบัญชา")
    page.get_by_role("button", name="ออกจากระบบ").click()
    expect(page.locator("#sign-in")).to_be_visible()
    expect(cameras(page)).to_have_count(2)


@pytest.mark.parametrize(("chosen", "spoken"), [(None, "th"), ("English", "en")])
def test_the_language_goes_along_through_the_sign_in(visit_of, demo, chosen, spoken):
    page = opened(visit_of, demo, "/console?lang=th").page
    settle(page)
    page.get_by_role("link", name="ลงชื่อเข้าใช้").click()
    if chosen is not None:
        page.get_by_role("link", name=chosen).click()
    page.get_by_role("button", name="commander").click()
    page.wait_for_url("**/console")
    settle(page)
    assert page.locator("html").get_attribute("lang") == spoken


def test_no_figure_is_told_of_a_layer_that_a_role_may_not_see(visit_of, demo):
    page = opened(visit_of, demo, "/sign-in?lang=en").page
    page.get_by_role("button", name="officer").click()
    page.wait_for_url("**/console")
    settle(page)
    figures = page.locator(".figures dt")
    expect(figures).to_have_text(["Patrol tours", "Hotspots"])


def test_a_wrong_password_is_told_and_waiting_too(visit_of, demo):
    page = opened(visit_of, demo, "/sign-in?lang=en").page
    page.get_by_role("textbox", name="Account").fill("nobody-9")
    for _ in range(5):
        page.get_by_label("Password", exact=True).fill("wrong")
        with page.expect_response("**/auth/session"):
            page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Account and password do not match.")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Too many attempts. Please wait 1 min.")
    assert page.url.endswith("/sign-in?lang=en")


def test_a_session_that_ended_leads_to_the_sign_in_and_back(visit_of, demo):
    seen = visit_of()
    seen.page.context.add_cookies([{"name": "smartzone", "value": "ended", "url": demo}])
    seen.page.goto(f"{demo}/zones/{ZONE}/console?lang=en")
    assert "/sign-in?" in seen.page.url
    assert "ended=1" in seen.page.url
    assert seen.page.get_by_role("status").is_visible()
    seen.page.get_by_role("button", name="officer").click()
    seen.page.wait_for_url(f"**/zones/{ZONE}/console?lang=en")
    settle(seen.page)
    expect(seen.page.locator("#who")).to_contain_text("officer")


def test_without_an_account_the_console_shows_what_is_public_and_asks_to_sign_in(visit_of, guarded):
    seen = opened(visit_of, guarded, "/console?lang=en")
    settle(seen.page)
    expect(seen.page.locator("#demo-notice")).to_be_hidden()
    expect(cameras(seen.page)).to_have_count(2)
    told = seen.page.locator("#tonight").inner_text()
    assert "Please sign in first." in told
    assert "smartzone plan" not in told
    seen.page.get_by_role("link", name="Sign in").click()
    assert seen.page.get_by_role("button", name="commander").count() == 0
    assert "demo" not in seen.page.inner_text("body").lower()
    seen.assert_quiet()


def test_an_account_signs_in_with_its_own_password(visit_of, guarded):
    page = opened(visit_of, guarded, "/sign-in?lang=en").page
    page.get_by_role("textbox", name="Account").fill("commander-1")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console")
    settle(page)
    expect(page.locator("#who")).to_have_text("commander-1 · Commander")
    expect(cameras(page)).to_have_count(3)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    assert page.evaluate("document.cookie") == ""
