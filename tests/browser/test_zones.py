"""The switch between the zones of a service, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.api.sample import ZONE
from tests.browser import legible, pixels
from tests.browser.console_service import SMALL

pytestmark = pytest.mark.slow


def switch(page, name):
    """Choose a zone from the list."""
    page.locator(".zones summary").click()
    page.get_by_role("navigation").get_by_role("link", name=name).click()
    page.wait_for_selector("html[data-ready=true]")


def test_another_zone_is_chosen_and_everything_stays_in_it(service, visit_of):
    seen = service.visit(visit_of, "commander-2")
    page = seen.page
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    switch(page, "Small Town")
    assert page.url == f"{service.address}/zones/{SMALL}/console"
    expect(page.locator("h1")).to_have_text("Small Town")
    expect(page.locator("#who")).to_have_text("commander-2 · Commander")
    expect(page.locator("#outside-notice")).to_be_hidden()
    expect(page.locator("#tab-jobs")).to_be_visible()
    layers = [url for url in asked if "/ogc/" in url]
    assert layers
    assert all(f"/zones/{SMALL}/ogc/" in url for url in layers)
    pixels.assert_map_is_seen(page, {})
    page.get_by_role("button", name="ไทย").click()
    expect(page.locator("h1")).to_have_text("เมืองเล็ก")
    pixels.assert_speaks_thai(page)
    switch(page, "ย่านตัวอย่าง")
    assert page.url == f"{service.address}/zones/{ZONE}/console"
    expect(page.locator("html[lang=th]")).to_have_count(1)
    seen.assert_quiet()


def test_an_account_without_rights_in_the_other_zone_is_told_so(service, visit_of):
    page = service.visit(visit_of, "commander-1").page
    expect(page.locator("#tab-jobs")).to_be_visible()
    page.locator(".zones summary").click()
    expect(page.locator(".zones li").filter(has_text="Small Town")).to_contain_text(
        "Public data only"
    )
    expect(page.locator(".zones [aria-current=page]")).to_have_text("Sample Quarter")
    page.get_by_role("link", name="Small Town").click()
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#outside-notice")).to_contain_text("no rights in this zone")
    expect(page.locator("#who")).to_have_text("commander-1 · Public")
    expect(page.locator("#tab-jobs")).to_be_hidden()
    legible.assert_legible(page)
    switch(page, "Sample Quarter")
    expect(page.locator("#who")).to_have_text("commander-1 · Commander")
    expect(page.locator("#outside-notice")).to_be_hidden()


def test_the_sign_in_leads_back_to_the_zone_it_was_asked_from(service, visit_of):
    page = service.visit(visit_of, zone=SMALL).page
    expect(page.locator("#outside-notice")).to_be_hidden()
    page.get_by_role("link", name="Sign in").click()
    assert f"next=%2Fzones%2F{SMALL}%2Fconsole" in page.url


def test_the_list_of_zones_folds_by_key_and_by_a_click_elsewhere(service, visit_of):
    page = service.visit(visit_of).page
    summary, entries = page.locator(".zones summary"), page.locator(".zones ul")
    summary.focus()
    page.keyboard.press("Enter")
    expect(entries).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(entries).to_be_hidden()
    expect(summary).to_be_focused()
    summary.click()
    page.locator("#panel").click()
    expect(entries).to_be_hidden()
