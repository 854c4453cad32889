"""The incident surface of the overlay: what counts in it, and what surfaces are refused."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics._overlay_surface import unit_sums
from analytics._overlay_units import StreetUnits
from analytics.network_density import network_density
from analytics.overlays import incident_surface, safe_areas
from geo.errors import LayerError
from geo.zone import Zone
from tests.analytics.overlay_cases import FIRST_DAY, STATE, at_addresses, mass


@pytest.fixture(scope="module")
def zone(root):
    return Zone.load(root / "data" / "old_town")


@pytest.fixture(scope="module")
def surface(zone):
    return incident_surface(zone, zone.incidents, state=STATE)


@pytest.fixture(scope="module")
def units(zone):
    return StreetUnits.gathered(zone.streets, zone.buildings, min_addresses=40)


def test_each_address_counts_once_a_window_and_patrols_find_nothing(zone):
    day = FIRST_DAY - timedelta(days=3)
    once = incident_surface(zone, at_addresses(zone, [7], day), state=STATE)
    again = incident_surface(zone, at_addresses(zone, [7, 7, 7], day), state=STATE)
    found = at_addresses(zone, [9], day, reporting="discovered")
    assert mass(once) == pytest.approx(1.0, abs=1e-9)
    assert again.equals(once)
    assert mass(incident_surface(zone, found, state=STATE)) == 0.0
    with_found = pd.concat([at_addresses(zone, [7], day), found])  # labels repeat
    assert incident_surface(zone, with_found, state=STATE).equals(once)


def test_a_window_begins_and_ends_at_midnight_of_the_zone(zone):
    one = at_addresses(zone, [7], FIRST_DAY)
    for moment, counted in (
        ("2025-08-31T16:59:59Z", 1.0),  # 23:59:59 in Phuket, the last second of the window
        ("2025-08-31T17:00:00Z", 0.0),
        ("2025-06-01T17:00:00Z", 1.0),
        ("2025-06-01T16:59:59Z", 0.0),
    ):
        at = one.assign(occurred_at=pd.Timestamp(moment))
        assert mass(incident_surface(zone, at, state=STATE)) == pytest.approx(counted, abs=1e-9)


def test_a_zone_without_incidents_has_its_overlay(zone, units):
    surface = incident_surface(zone, zone.incidents.iloc[:0], state=STATE)
    assert mass(surface) == 0.0
    assert len(safe_areas(zone, surface, state=STATE)) == len(units.lines)


def test_every_fault_of_a_surface_is_told_at_once(zone, surface):
    wrong = surface.assign(since="2024-01-01")
    wrong.loc[3, "density"] = -0.5
    wrong.loc[5, "street"] = "nowhere"
    with pytest.raises(LayerError) as error:
        safe_areas(zone, wrong, state=STATE)
    told = str(error.value)
    assert "`since`: expected the closed window, since 2025-06-02, got 2024-01-01" in told
    assert "row 4, `density`: expected a number >= 0, got -0.5" in told
    assert "row 6, `street`: expected a street of the zone, got 'nowhere'" in told


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda surface: surface.drop(columns=["since"]), "`since`: expected the column"),
        (lambda surface: surface.iloc[1:], "lixels that make up every street"),
        (lambda surface: surface.assign(density=surface["density"] * 2.5), "whole number"),
        (lambda surface: surface.assign(density=np.nan), "a number >= 0"),
        (lambda surface: surface.assign(until="2025-09-02"), "the closed window, until 2025-09-01"),
    ],
)
def test_a_surface_that_noise_is_not_made_for_is_refused(zone, surface, spoil, told):
    odd = incident_surface(
        zone, at_addresses(zone, [1, 5, 900], FIRST_DAY - timedelta(days=2)), state=STATE
    )
    with pytest.raises(LayerError, match=told):
        safe_areas(zone, spoil(odd), state=STATE)


def test_a_density_that_says_nothing_of_its_window_is_refused(zone):
    plain = network_density(zone.streets, zone.incidents, bandwidth_m=60.0, lixel_m=50.0)
    with pytest.raises(LayerError, match="as incident_surface makes it"):
        safe_areas(zone, plain, state=STATE)


def test_every_fault_of_the_incidents_is_told_at_once(zone):
    wrong = at_addresses(zone, [1, 2, 3], FIRST_DAY)
    wrong["category"] = ["theft", "arrest", "theft"]
    wrong["occurred_at"] = [wrong["occurred_at"][0], wrong["occurred_at"][0], "soon"]
    wrong.loc[0, "geometry"] = None
    with pytest.raises(LayerError) as error:
        incident_surface(replace(zone, buildings=zone.buildings.iloc[:0]), wrong, state=STATE)
    assert {fault.field for fault in error.value.faults} == {
        "geometry",
        "category",
        "occurred_at",
        None,
    }


def test_sums_are_those_of_each_units_own_lixels(zone, surface, units):
    window = [STATE.since, STATE.until]
    sums = unit_sums(surface, zone.streets, units, window=window)
    for unit, line in enumerate(units.lines):
        own = surface[surface.within(line.buffer(0.01))]
        assert sums[unit] == pytest.approx(mass(own), abs=1e-9)
