"""Pages: a demo says so on every one, none other does, and none leads elsewhere."""

import pytest

from api.words import LANGUAGES, Words
from tests.api.sample import ZONE

PAGES = (
    "/sign-in",
    "/ogc?f=html",
    "/ogc/collections?f=html",
    "/ogc/collections/streets?f=html",
    "/ogc/collections/streets/items?f=html",
    "/ogc/collections/streets/items/thalang-01?f=html",
    "/ogc/jobs?f=html",
    "/zones?f=html",
    "/nowhere?f=html",
    "/public/v1",
)


def page_of(client, path, language):
    answer = client.get(path + ("&" if "?" in path else "?") + f"lang={language}")
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_demo_says_so_on_every_page_and_no_other_service_does(client, stranger, path, language):
    told = Words.load().text("notice.demo", language)
    assert told in page_of(client, path, language)
    assert told not in page_of(stranger, path, language)


def test_the_landing_and_the_console_say_so_too(client, stranger):
    told = Words.load().text("notice.demo", "en")
    assert told in client.get("/ogc").json()["description"]
    assert told not in stranger.get("/ogc").json()["description"]
    assert client.get("/console/setup.json").json()["mode"] == "demo"
    assert stranger.get("/console/setup.json").json()["mode"] == "accounts"


def test_the_setup_of_the_console_is_nobodys_but_the_askers(stranger):
    answer = stranger.get(f"/zones/{ZONE}/console/setup.json")
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["account"], told["role"], told["sees_plan"]) == (None, "public", False)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("en-GB,en;q=0.9", "en"), ("th", "th"), ("fr-FR, th;q=0.5", "th"), ("fr", "th"), ("", "th")],
)
def test_the_page_speaks_the_browsers_language(stranger, accepted, language):
    text = stranger.get("/sign-in", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{language}">' in text


def test_what_a_page_is_asked_for_never_becomes_markup(stranger):
    hostile = '/"><script>alert(1)</script>'
    assert "<script>alert" not in stranger.get("/sign-in", params={"next": hostile}).text
    assert stranger.get("/sign-in", params={"refused": "<b>"}).status_code == 400
    assert stranger.get("/sign-in/pages.py").status_code == 404
    assert stranger.get("/sign-in/..%2faccess.py").status_code == 404
