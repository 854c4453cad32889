"""The overlay released: due once a window, kept, and the same whatever is known later."""

import datetime as dt
import json

import geopandas as gpd
import pandas as pd
import pytest

from analytics import overlays
from analytics.overlays import incident_surface, next_state
from api import releasing
from api.releasing import FIRST_DAY, WINDOW_DAYS, release_due, release_now
from api.store import Store, import_zone
from api.store.releases import Calendar
from geo.errors import LayerError
from geo.zone import Zone
from tests.analytics.overlay_cases import at_addresses
from tests.api.small_zone import write_zone

NOON = dt.time(12, tzinfo=dt.UTC)
START = FIRST_DAY + dt.timedelta(days=10 * WINDOW_DAYS)


def on(day):
    return dt.datetime.combine(day, NOON)


def later(days):
    return on(START + dt.timedelta(days=days))


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture
def store(store_place):
    store = Store(store_place)
    yield store
    store.close()


def test_a_release_is_made_once_a_window_and_kept(store, zone):
    first = release_due(store, zone, now=later(0))
    assert (first.number, first.until, first.shown_until) == (
        1,
        START,
        START + dt.timedelta(days=WINDOW_DAYS),
    )
    assert release_due(store, zone, now=later(WINDOW_DAYS - 1)) == first
    second = release_due(store, zone, now=later(WINDOW_DAYS))
    assert (second.number, second.since) == (2, first.until)
    assert store.releases.all(zone.name) == [first, second]


def test_the_day_is_that_of_the_zone(store, zone):
    last_hour = dt.datetime.combine(START - dt.timedelta(days=1), dt.time(23), tzinfo=dt.UTC)
    assert release_due(store, zone, now=last_hour).until == START  # six in the morning in Phuket


def test_what_is_kept_is_what_the_overlay_says(store, zone):
    kept = [release_due(store, zone, now=later(days)) for days in (0, WINDOW_DAYS)]
    state = releasing._state(store, zone.name, day=START)
    state = overlays.replace(state, releases=())
    for release, day in zip(kept, (START, START + dt.timedelta(days=WINDOW_DAYS)), strict=True):
        state = state.on(day)
        surface = incident_surface(zone, zone.incidents, state=state)
        state = next_state(zone, surface, state=state)
        shown = gpd.GeoDataFrame.from_features(json.loads(release.areas), crs="EPSG:4326")
        expected = state.releases[-1].areas
        assert release.sums == state.releases[-1].sums
        told = [name for name in expected.columns if name != "geometry"]
        assert shown[told].to_dict("list") == expected[told].to_dict("list")
        assert shown.geometry.geom_equals_exact(expected.geometry, 1e-6, align=False).all()


def test_later_incidents_change_nothing_that_was_released(store, zone):
    first = release_due(store, zone, now=later(0))
    many = at_addresses(zone, range(200), START - dt.timedelta(days=5))
    more = overlays.replace(zone, incidents=pd.concat([zone.incidents, many]))
    assert release_due(store, more, now=later(1)) == first


def test_the_layer_is_that_of_the_release_shown(store, zone):
    release = release_due(store, zone, now=later(0))
    layer = store.frame(zone.name, "safe_areas")
    assert list(layer["band"]) == [
        one["properties"]["band"] for one in json.loads(release.areas)["features"]
    ]
    page = store.items(zone.name, "safe_areas", view="public", limit=100)
    assert page.number_matched == len(layer)
    version = page.layer.version
    release_due(store, zone, now=later(1))
    assert store.layer(zone.name, "safe_areas").version == version


def test_secrets_differ_from_store_to_store(tmp_path, zone):
    sums = []
    for name in ("a", "b"):
        store = Store(tmp_path / name)
        sums.append(release_due(store, zone, now=later(0)).sums)
        store.close()
    assert sums[0] != sums[1]


def test_a_zone_of_too_few_addresses_has_no_overlay(store, tmp_path):
    with pytest.raises(LayerError, match="expected at least 40, got 4"):
        release_due(store, Zone.load(write_zone(tmp_path / "small")), now=later(0))
    assert store.releases.all("small") == []


def test_what_was_edited_in_the_store_counts(tmp_path, zone, root):
    """With incidents that only the store knows, the sums are those of a zone that has them."""
    folder = root / "data" / "old_town"
    many = at_addresses(zone, range(60), START - dt.timedelta(days=5), reporting="reported")
    more = pd.concat([zone.incidents, many.set_axis([f"new-{n}" for n in range(len(many))])])
    edited = {"created_at": later(0).isoformat(), "inputs": {"incidents": "a file"}}
    exact = []
    for name, incidents in (("folder", None), ("edited", more), ("known", more)):
        store = Store(tmp_path / name)
        store.releases.calendar(
            zone.name, Calendar(bytes(32), FIRST_DAY, WINDOW_DAYS, releasing.BUDGET, 40)
        )
        import_zone(store, zone, created_at=later(0))
        if name == "edited":
            store.put_layer(zone.name, "incidents", incidents, kind="layer", provenance=edited)
        if name == "known":
            known = overlays.replace(zone, incidents=incidents)
            exact.append(release_due(store, known, now=later(0)).sums)
        else:
            exact.append(release_now(store, folder, now=later(0)).sums)
        store.close()
    assert exact[1] == pytest.approx(exact[2], abs=0.01)  # the store rounds places to a millimetre
    assert sum(exact[1]) - sum(exact[0]) > 30  # some share an address, which counts once
