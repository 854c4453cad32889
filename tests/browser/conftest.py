"""A headless Chromium, and pages that record what they ask for and what goes wrong in them."""

from dataclasses import dataclass, field
from shutil import which
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import launch
from tests.browser.console_service import serving_console
from tests.conftest import missing

LOCAL = {"127.0.0.1", ""}  # a file has no host


@dataclass
class Visit:
    """A page with what happened on it."""

    page: Page
    strangers: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def assert_quiet(self):
        """Assert that no request left this computer and nothing went wrong."""
        assert self.strangers == []
        assert self.troubles == []


@pytest.fixture(scope="module")
def browser():
    if which("chromium") is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit_of(browser):
    """Return a function that opens a fresh page of a given size and language."""
    contexts = []

    def visit(*, width=1280, height=800, locale="en-GB"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, timezone_id="UTC"
        )
        contexts.append(context)
        seen = Visit(context.new_page())

        def watch(route):
            if urlsplit(route.request.url).hostname in LOCAL | {None}:
                route.continue_()
            else:
                seen.strangers.append(route.request.url)
                route.abort()

        context.route("**/*", watch)
        seen.page.on("pageerror", lambda error: seen.troubles.append(str(error)))
        seen.page.on(
            "console",
            lambda message: (
                message.type in {"error", "warning"} and seen.troubles.append(message.text)
            ),
        )
        return seen

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def console(tmp_path_factory):
    """Return a service with accounts and two zones, whose jobs a test runs."""
    with serving_console(tmp_path_factory.mktemp("console")) as service:
        yield service


@pytest.fixture
def service(console):
    """Return that service without any job."""
    yield console
    console.forget()
