"""The zones as pages: those that are served lead to their layers and console."""

import pytest

from api.words import LANGUAGES, Words
from api.zone_pages import ZonePages
from tests.api.page_reading import ACCEPT, HOSTILE, ReadPage, read_page
from tests.api.sample import ZONE

WORDS = Words.load()


def opened(client, path, language="en"):
    return read_page(client.get(path, headers=ACCEPT | {"Accept-Language": language}), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_zones_that_are_served_come_first_and_lead_on(client, language):
    page = opened(client, "/zones", language)
    listed = client.get("/zones").json()["zones"]
    names = [zone[f"station_{language}"] for zone in listed if not zone["served"]]
    assert set(names) <= set(page.words)
    own = next(link for link in page.links if f"/zones/{ZONE}?" in link)
    state = page.words.index(WORDS.text("page.loaded", language))
    assert state < page.words.index(names[0])
    # The zone is none of the programme's: no station is known for it, nor an area.
    name = {"th": "ย่านตัวอย่าง", "en": "Sample Quarter"}[language]
    assert page.words[state - 3 : state] == ["–", name, "–"]
    zone = read_page(client.get(own, headers=ACCEPT), language)
    assert name in zone.words
    assert [link for link in zone.links if f"/zones/{ZONE}/console" in link]
    assert [link for link in zone.links if f"/zones/{ZONE}/ogc?" in link]


def test_below_a_zone_every_page_stays_in_it(client):
    for path in ("/ogc", "/ogc/collections", "/ogc/jobs", "/nowhere", "/ogc/conformance"):
        answer = client.get(f"/zones/{ZONE}{path}?f=html&lang=en")
        page = read_page(answer, "en", answer.status_code)
        assert page.links
        inside = ("?", "#", f"/zones/{ZONE}/")
        assert [link for link in page.links if not link.startswith(inside)] == []
        assert all(
            link["href"].startswith((f"/zones/{ZONE}/", "data:,")) for link in page.of("link")
        )


def test_names_in_thai_say_so_on_an_english_page(client):
    page = opened(client, "/zones")
    thai = [cell for cell in page.of("td") if cell.get("lang") == "th"]
    assert len(thai) == sum(
        any("\u0e01" <= letter <= "\u0e5b" for letter in zone.get("zone", ""))
        for zone in client.get("/zones").json()["zones"]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_zones_are_told_in_words(language):
    page = ReadPage()
    page.feed(ZonePages("/", WORDS, language, "").zones([]))
    page.assert_sound(language)
    assert WORDS.text("page.no_zones", language) in page.text


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_list_of_stations_names_is_no_markup(text):
    zone = {"id": "a", "zone": text, "station_en": text, "source": text, "area_km2": 1.5}
    zone |= {"served": False, "loaded": False, "links": []}
    for written in (
        ZonePages("/", WORDS, "en", "").zones([zone]),
        ZonePages("/", WORDS, "en", "").zone(zone),
    ):
        page = ReadPage()
        page.feed(written)
        page.assert_sound("en")
        assert text in page.text
        assert not any(tag in {"script", "img", "svg", "b"} for tag, _ in page.shape)
