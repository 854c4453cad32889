"""Units of the overlay and what is public of them."""

from dataclasses import replace
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from analytics import _overlay_merits, _overlay_units
from analytics._overlay_merits import public_merits
from analytics._overlay_units import StreetUnits
from analytics.overlays import incident_surface, safe_areas
from geo.errors import LayerError
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.analytics.overlay_cases import FIRST_DAY, STATE


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture(scope="module")
def surface(zone):
    return incident_surface(zone, zone.incidents, state=STATE)


@pytest.fixture(scope="module")
def units(zone):
    return StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=40)


def test_each_unit_has_enough_addresses_counted_one_by_one(zone, units):
    own = StreetGraph.from_streets(zone.streets)
    counted = np.zeros(len(units.lines), dtype=int)
    for footprint in zone.buildings.geometry:
        place = footprint.representative_point()
        nearest = min(
            own.lines.index, key=lambda label, place=place: own.lines[label].distance(place)
        )
        counted[units.of_street[nearest]] += 1
    assert list(units.addresses) == list(counted)
    assert counted.sum() == len(zone.buildings)
    assert counted.min() >= 40


def test_tiny_units_planted_are_caught(zone, monkeypatch):
    monkeypatch.setattr(
        _overlay_units, "merge_small", lambda shapes, _addresses, **_least: np.arange(len(shapes))
    )
    planted = StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=40)
    assert planted.addresses.min() < 40


def test_a_zone_with_too_few_addresses_is_refused(zone, surface):
    few = replace(zone, buildings=zone.buildings.iloc[:30])
    with pytest.raises(LayerError, match="buildings: expected at least 40, got 30"):
        safe_areas(few, surface, state=STATE)


def test_streets_that_share_a_label_are_named(zone, surface):
    streets = zone.streets.set_axis([0, *range(len(zone.streets) - 1)])
    with pytest.raises(
        LayerError, match="streets, row 2: expected a label of its own, got 0 again"
    ):
        safe_areas(replace(zone, streets=streets), surface, state=STATE)


def test_posts_without_columns_count_as_those_with(zone, units):
    posts = zone.places[["geometry"]].iloc[:3]
    merits = [
        public_merits(zone, units, on=FIRST_DAY, posts=one) for one in (posts, posts.geometry)
    ]
    assert merits[0]["posted"].any()
    np.testing.assert_array_equal(merits[0]["posted"], merits[1]["posted"])


def test_private_cameras_and_tonights_state_change_nothing(zone, units):
    def merits(cameras):
        return public_merits(replace(zone, cameras=cameras), units, on=FIRST_DAY, posts=None)

    whole = merits(zone.cameras)
    public = zone.cameras[zone.cameras["owner_kind"] != "private"]
    for cameras in (public, zone.cameras.assign(status="down")):
        changed = merits(cameras)
        assert all((changed[name] == whole[name]).all() for name in whole)
    without = merits(zone.cameras[zone.cameras["owner_kind"] == "private"])
    assert whole["watched"].max() == 1.0
    assert without["watched"].max() == 0.0


def test_public_cameras_without_consent_do_not_count(zone, units):
    register = pd.DataFrame(
        {"consent": "given", "consented_on": "2025-01-01", "consent_until": "2025-08-31"},
        index=zone.cameras.index,
    )
    registered = replace(zone, register=register)
    last = public_merits(registered, units, on=FIRST_DAY - timedelta(days=1), posts=None)
    after = public_merits(registered, units, on=FIRST_DAY, posts=None)
    assert last["watched"].max() == 1.0
    assert after["watched"].max() == 0.0


def test_private_cameras_planted_would_show(zone, units, monkeypatch):
    dense = zone.cameras.assign(owner_kind="private", range_m=200.0, fov_deg=360.0)
    there = replace(zone, cameras=dense)
    assert public_merits(there, units, on=FIRST_DAY, posts=None)["watched"].max() == 0.0
    monkeypatch.setattr(_overlay_merits, "PUBLIC_OWNERS", ("programme", "municipal", "private"))
    assert public_merits(there, units, on=FIRST_DAY, posts=None)["watched"].max() == 1.0


def test_merits_are_shares_of_length_in_coarse_classes(zone, units):
    merits = public_merits(zone, units, on=FIRST_DAY, posts=None)
    lit = zone.lamps[zone.lamps["lit"]].buffer(20.0, quad_segs=64).union_all()
    near = zone.places.buffer(60.0, quad_segs=64).union_all()
    for name, ground in (("lit", lit), ("lively", near)):
        exact = [line.intersection(ground).length / line.length for line in units.lines]
        assert merits[name] == pytest.approx(np.array(exact), abs=0.125 + 0.02)
        assert set(merits[name] * 4) <= {0.0, 1.0, 2.0, 3.0, 4.0}


def test_standing_posts_count_and_stops_of_a_plan_are_refused(zone, surface, units):
    posts = gpd.GeoDataFrame(geometry=list(zone.sos_points.geometry), crs=zone.crs)
    merits = public_merits(zone, units, on=FIRST_DAY, posts=posts)
    assert merits["posted"].max() == 1.0
    shown = safe_areas(zone, surface, state=STATE, posts=posts)
    assert shown["reason_en"].str.contains("a post nearby").any()
    stops = posts.assign(arrives_at="21:00", order=1)
    with pytest.raises(LayerError, match="follow incidents") as error:
        safe_areas(zone, surface, state=STATE, posts=stops)
    assert [fault.field for fault in error.value.faults] == ["order", "arrives_at"]
