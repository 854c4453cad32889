"""The overlay over HTTP: releases, wording, colours, tiles, and keeping."""

import json

import mapbox_vector_tile
import pytest
from shapely.geometry import shape

from analytics._overlay_areas import BANDS, LABELS_EN, LABELS_TH
from api.public.areas import DARK_MAP, LIGHT_MAP, LOOKS
from api.store import Store
from geo.tile_grid import tile_at


def luminance(colour):
    """Return the relative luminance of WCAG 2.2 of a colour such as "#1f5fa8"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("band", BANDS)
def test_colours_are_seen_on_light_and_on_dark_maps(band):
    look = LOOKS[band]
    assert contrast(look.on_light, LIGHT_MAP) >= 4.5
    assert contrast(look.on_dark, DARK_MAP) >= 4.5


def test_bands_differ_without_colours():
    widths = [LOOKS[band].width_px for band in BANDS]
    assert widths == sorted(set(widths))


def test_the_document_is_the_release_kept(public, old_town_store):
    store = Store(old_town_store)
    kept = store.releases.read("old_town")
    store.close()
    answer = public.get("/safe-areas")
    assert answer.headers["content-type"] == "application/geo+json"
    told = answer.json()
    assert told["features"] == json.loads(kept.areas)["features"]
    assert told["release"] == {
        "number": 2,
        "valid_from": kept.until.isoformat(),
        "valid_until": kept.shown_until.isoformat(),
        "latest": True,
    }
    assert "sums" not in answer.text


def test_every_band_is_told_in_both_languages_as_the_features_are(public):
    told = public.get("/safe-areas").json()
    bands = {band["band"]: band for band in told["bands"]}
    assert set(bands) == set(BANDS)
    for name, thai, english in zip(BANDS, LABELS_TH, LABELS_EN, strict=True):
        assert (bands[name]["label_th"], bands[name]["label_en"]) == (thai, english)
        assert bands[name]["meaning_th"] != bands[name]["meaning_en"]
    for feature in told["features"]:
        properties = feature["properties"]
        assert properties["label_en"] == bands[properties["band"]]["label_en"]
        assert properties["synthetic"] is True
    assert told["synthetic"] is True
    assert any("OpenStreetMap" in notice["en"] for notice in told["notices"])


def test_old_releases_stay_and_never_change(public):
    listed = public.get("/releases").json()["releases"]
    assert [one["number"] for one in listed] == [1, 2]
    old = public.get(listed[0]["href"])
    assert old.json()["release"]["latest"] is False
    assert "immutable" in old.headers["cache-control"]
    assert public.get(listed[0]["href"]).content == old.content
    latest = public.get("/safe-areas")
    assert "immutable" not in latest.headers["cache-control"]
    assert latest.json()["release"]["number"] == 2
    links = {link["rel"]: link["href"] for link in latest.json()["links"]}
    assert public.get(links["canonical"]).json()["features"] == latest.json()["features"]


@pytest.mark.parametrize("path", ["/safe-areas", "/releases", "/places", "/safe-areas?release=1"])
def test_who_has_it_is_told_so(public, path):
    first = public.get(path)
    assert first.headers["cache-control"].startswith("public, ")
    for tag in (first.headers["etag"], "*", f'"other", {first.headers["etag"]}'):
        again = public.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert public.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_tiles_show_the_same_streets(public):
    told = public.get("/safe-areas").json()
    tilejson = public.get("/safe-areas/tilejson.json").json()
    bounds = [shape(feature["geometry"]).bounds for feature in told["features"]]
    west, south = min(b[0] for b in bounds), min(b[1] for b in bounds)
    east, north = max(b[2] for b in bounds), max(b[3] for b in bounds)
    zoom, seen = 15, {}
    corners = tile_at(west, north, zoom), tile_at(east, south, zoom)
    for row in range(corners[0].row, corners[1].row + 1):
        for column in range(corners[0].column, corners[1].column + 1):
            url = tilejson["tiles"][0].format(z=zoom, y=row, x=column)
            answer = public.get(url)
            if answer.status_code == 204:
                continue
            assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
            assert "immutable" in answer.headers["cache-control"]
            for one in mapbox_vector_tile.decode(answer.content)["safe_areas"]["features"]:
                seen[one["properties"].pop("id")] = one["properties"]
    assert seen == {feature["id"]: feature["properties"] for feature in told["features"]}
    fields = set(tilejson["vector_layers"][0]["fields"])
    assert fields == {"id", *told["features"][0]["properties"]}


def test_a_tile_that_there_is_not_is_told(public):
    assert public.get("/safe-areas/tiles/3/8/0").status_code == 404
    assert public.get("/safe-areas/tiles/3/0/0").status_code == 204
    assert public.get("/safe-areas/tiles/30/0/0").status_code == 422


@pytest.mark.parametrize(("number", "status"), [("3", 404), ("0", 400), ("x", 400), ("1e9", 400)])
def test_a_release_that_there_is_not_is_told(public, number, status):
    for path in ("/safe-areas", "/safe-areas/tilejson.json", "/safe-areas/tiles/3/0/0"):
        answer = public.get(path, params={"release": number})
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
