"""Changing one's own password as a person does it, in a real browser."""

import secrets

import pytest
from playwright.sync_api import expect

from api.main import create_app
from tests.api.serving import serving
from tests.api.signing import PASSWORD, account_settings, filled
from tests.browser import pixels

pytestmark = pytest.mark.slow
NEW = secrets.token_urlsafe(18)


@pytest.fixture
def service(tmp_path):
    place = filled(tmp_path / "store.sqlite")
    with serving(create_app(account_settings(place, jobs=0))) as address:
        yield address


def sign_in(page, address, password):
    page.goto(f"{address}/sign-in?lang=en&next=/account")
    page.get_by_role("textbox", name="Account").fill("officer-1")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def change(page, present, new, again):
    for label, text in (("Present password", present), ("New password", new)):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("New password once more").fill(again)
    page.get_by_role("button", name="Change the password").click()


def test_a_password_is_changed_and_the_browser_stays_signed_in(visit_of, service):
    seen = visit_of(locale="en-GB")
    page = seen.page
    sign_in(page, service, PASSWORD)
    page.wait_for_url(f"{service}/account")
    change(page, PASSWORD, NEW, NEW[::-1])
    expect(page.get_by_role("alert")).to_have_text("The two new passwords differ.")
    change(page, PASSWORD, "officer-1 is my name", "officer-1 is my name")
    expect(page.get_by_role("alert")).to_contain_text("easily guessed")
    change(page, NEW, PASSWORD, PASSWORD)
    expect(page.get_by_role("alert")).to_have_text("The present password is not right.")
    change(page, PASSWORD, NEW, NEW)
    expect(page.get_by_role("status")).to_contain_text("The password is changed.")
    expect(page.get_by_role("alert")).to_be_hidden()
    page.get_by_role("link", name="Back to the console").click()
    expect(page.locator("#who")).to_have_text("officer-1 · Officer")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#sign-in")).to_be_visible()
    sign_in(page, service, PASSWORD)
    expect(page.get_by_role("alert")).to_have_text("Account and password do not match.")
    sign_in(page, service, NEW)
    page.wait_for_url(f"{service}/account")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_speaks_both_languages_and_fits(visit_of, service, width):
    seen = visit_of(width=width, height=844)
    page = seen.page
    sign_in(page, service, PASSWORD)
    page.wait_for_url(f"{service}/account")
    speaks = {"th": pixels.assert_speaks_thai, "en": pixels.assert_speaks_english}
    for language, assert_speaks in speaks.items():
        page.goto(f"{service}/account?lang={language}")
        assert_speaks(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    seen.assert_quiet()
