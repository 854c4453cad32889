"""Beats of a plan: shared out alike on every computer, told by name, and owned by who is there."""

from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from geopandas import GeoDataFrame
from shapely import Point

import api.plan.beats
from api.plan.beats import (
    beat_of_places,
    beats_drawn,
    beats_layer,
    number_of_beats,
    own_beats,
    share_streets,
)
from api.styles import Styles
from planning.units import Unit
from tests.api.plan.sample import UTM, duty_layer, instant, phrases
from tests.api.small_zone import X, Y, grid_streets, layers

STREETS = grid_streets()
INCIDENTS = layers()["incidents.csv"]
WALKERS = ["a", "b", "c"]


def share(beats=3, incidents=INCIDENTS):
    return share_streets(STREETS, incidents, beats=beats, bandwidth_m=60.0)


def unit(name, mode):
    return Unit(
        name,
        name,
        name,
        "police",
        1.2,
        Point(X, Y),
        instant("20:00").to_pydatetime(),
        instant("22:00").to_pydatetime(),
        synthetic=True,
        mode=mode,
    )


def stops_of(seconds):
    """Give a stop in each beat for each unit, as long as told."""
    rows = [
        {"unit": name, "beat": beat + 1, "kind": "visit", "s": spent}
        for name, row in zip(WALKERS, seconds, strict=True)
        for beat, spent in enumerate(row)
    ]
    stops = pd.DataFrame(rows).assign(arrives_at=instant("20:00"))
    stops["leaves_at"] = stops["arrives_at"] + pd.to_timedelta(stops.pop("s"), unit="s")
    return GeoDataFrame(stops, geometry=[Point(X, Y)] * len(stops), crs=UTM)


def test_every_street_is_in_one_beat_and_loads_add_up():
    beats = share()
    assert beats.beat.index.equals(STREETS.index)
    assert sorted(beats.beat.unique()) == [1, 2, 3]
    assert beats.frame["load_share"].sum() == pytest.approx(1)
    worst = (beats.frame["load_share"] * 3 - 1).abs().max()
    assert beats.imbalance == pytest.approx(worst)
    assert 0 <= beats.bound <= beats.imbalance


def test_what_police_discovered_moves_no_beat():
    reported = INCIDENTS[INCIDENTS["reporting"] == "reported"]
    assert len(reported) < len(INCIDENTS)
    pd.testing.assert_series_equal(share(incidents=reported).beat, share().beat)


def test_without_a_report_length_alone_is_shared_out():
    beats = share(incidents=INCIDENTS.iloc[:0])
    assert np.allclose(beats.frame["load_share"], beats.frame["length_share"])


def test_the_search_ends_by_stages_and_not_by_the_clock(monkeypatch):
    asked = []

    def noted(*_, keep_going, **options):
        asked.append(sum(keep_going() for _ in range(1000)))
        return options["seed"]

    monkeypatch.setattr(api.plan.beats, "make_beats", noted)
    assert share() == share()
    assert asked == [400, 400]


def test_as_many_beats_as_units_on_foot_within_what_streets_allow():
    walkers = [unit(f"w{number}", "foot") for number in range(3)]
    assert number_of_beats([*walkers, unit("car", "car")], STREETS) == 3
    assert number_of_beats([unit("car", "car")], STREETS) == 1
    assert number_of_beats(walkers * 10, STREETS) == len(STREETS)
    apart = pd.concat([STREETS, STREETS.set_geometry(STREETS.translate(xoff=5000))])
    assert number_of_beats([], apart.reset_index(drop=True)) == 2


def test_places_lie_in_the_beat_of_the_nearest_street():
    beats = share()
    rng = np.random.default_rng(2)
    points = GeoDataFrame(
        geometry=[Point(X + a, Y + b) for a, b in rng.uniform(0, 200, (40, 2))], crs=UTM
    )
    found = beat_of_places(points, STREETS, beats)
    for point, beat in zip(points.geometry, found, strict=True):
        distance = STREETS.distance(point)
        assert beat in set(beats.beat[distance <= distance.min() + 1e-9])


def check_best(seconds):
    own = own_beats(stops_of(seconds), WALKERS, share())
    spent = sum(seconds[WALKERS.index(name)][beat - 1] for name, beat in own.items())
    best = max(sum(seconds[i][j] for i, j in enumerate(order)) for order in permutations(range(3)))
    assert sorted(own.values()) == [1, 2, 3]
    assert spent == best


@pytest.mark.parametrize("seed", range(5))
def test_together_units_spend_the_most_time_in_their_own_beats(seed):
    check_best(np.random.default_rng(seed).integers(0, 1000, (3, 3)).tolist())


def test_a_choice_of_the_worst_would_be_seen(monkeypatch):
    right = api.plan.beats.linear_sum_assignment

    def worst(spent, **_):
        return right(spent)

    monkeypatch.setattr(api.plan.beats, "linear_sum_assignment", worst)
    with pytest.raises(AssertionError):
        check_best([[100, 0, 0], [0, 100, 0], [0, 0, 100]])


def test_breaks_make_nobody_at_home():
    stops = stops_of([[900, 10, 0], [0, 900, 0], [0, 0, 900]])
    stops.loc[0, "kind"] = "break"
    stops.loc[4, "kind"] = "break"
    assert own_beats(stops, WALKERS[:2], share())["a"] == 2


def test_a_unit_goes_without_where_beats_are_fewer():
    own = own_beats(stops_of([[5, 1, 0], [1, 6, 0], [2, 3, 0]]), WALKERS, share(beats=2))
    assert own == {"a": 1, "b": 2}
    assert own_beats(stops_of(np.zeros((3, 3)).tolist()), [], share()) == {}


def test_the_layer_says_where_a_beat_is_and_whose():
    beats = share()
    layer = beats_layer(beats, {"a": 2, "b": 2}, phrases())
    assert layer["name_en"].tolist() == ["Beat 1", "Beat 2", "Beat 3"]
    assert layer["units"].tolist() == ["", "a, b", ""]
    assert layer["between_en"].str.match("between |beside ").all()
    assert layer.length.to_numpy() == pytest.approx(beats.frame["length_m"].to_numpy())


def check_colours(colours):
    layer = beats_layer(share(beats=6), {"foot": 1}, phrases())
    drawn = beats_drawn(layer, duty_layer(), colours=colours)
    for one, other in combinations(range(len(layer)), 2):
        if layer.geometry.iloc[one].intersects(layer.geometry.iloc[other]):
            assert drawn["colour"].iloc[one] != drawn["colour"].iloc[other]
    return drawn


def test_neighbours_differ_in_colour_and_numbers_stand_on_their_streets():
    drawn = check_colours(Styles.load().beats)
    assert drawn["walker_en"].tolist()[:2] == ["Foot patrol", ""]
    for shape in drawn.geometry:
        streets, number = shape.geoms
        assert streets.distance(number) < 1e-6


def test_neighbours_of_one_colour_would_be_seen():
    with pytest.raises(AssertionError):
        check_colours(["#4477aa", "#ccbb44"])
