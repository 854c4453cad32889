"""What each mode may do, on streets of every class."""

import numpy as np
import pandas as pd
import pytest

from geo.street_graph import StreetGraph
from geo.zone import Zone
from planning.travel_modes import TRAVEL_MODES, WALKING_MPS
from planning.units import FASTEST_MPS
from tests.planning.grid_town import grid_streets

SPEED_MPS = {"foot": 1.2, "bicycle": 4.0, "motorcycle": 5.0, "car": 5.0}
CLASSES = ("residential", "pedestrian", "footway", "steps", "path", "motorway", "", "alley")
USABLE = {
    "foot": {*CLASSES} - {"motorway"},
    "bicycle": {*CLASSES} - {"motorway", "steps"},
    "motorcycle": {"residential", "", "alley"},
    "car": {"residential", "motorway", "", "alley"},
}


def seconds(network, origin, goal):
    at = pd.DataFrame([origin, goal], columns=["street", "offset_m"])
    return float(network.travel_times(at.iloc[[0]], at.iloc[[1]])[0, 0])


def test_there_is_a_mode_for_every_unit():
    assert set(TRAVEL_MODES) == set(FASTEST_MPS)
    assert all(mode.name == name for name, mode in TRAVEL_MODES.items())


@pytest.mark.parametrize("name", TRAVEL_MODES)
def test_classes_of_street_bar_modes(name):
    streets = grid_streets().iloc[: len(CLASSES)].assign(street_class=list(CLASSES))
    mode = TRAVEL_MODES[name]
    assert set(streets["street_class"][mode.usable(streets)]) == USABLE[name]
    assert mode.usable(streets[["geometry"]]).all()


def test_narrow_streets_bar_cars_and_unknown_widths_bar_nobody():
    streets = grid_streets().iloc[:3].assign(width_m=[2.0, 0.9, np.nan])
    usable = {name: mode.usable(streets).tolist() for name, mode in TRAVEL_MODES.items()}
    assert usable == {
        "foot": [True, True, True],
        "bicycle": [True, True, True],
        "motorcycle": [True, False, True],
        "car": [False, False, True],
    }


def test_a_bicycle_is_pushed_where_people_walk():
    streets = grid_streets().iloc[[0]].assign(street_class="pedestrian")
    network = TRAVEL_MODES["bicycle"].network(streets, speed_mps=4.0)
    assert seconds(network, ("row-0-0", 0.0), ("row-0-0", 60.0)) == pytest.approx(60 / WALKING_MPS)


def test_who_drives_on_the_left_waits_to_turn_right():
    """Heading east on the middle row: right is the column to the south, left that to the north."""
    for name in ("bicycle", "motorcycle", "car"):
        mode = TRAVEL_MODES[name]
        network = mode.network(grid_streets(), speed_mps=5.0)
        right = seconds(network, ("row-2-1", 50.0), ("col-2-1", 50.0))
        left = seconds(network, ("row-2-1", 50.0), ("col-2-2", 50.0))
        assert right == pytest.approx(20 + mode.turns.right_s)
        assert left == pytest.approx(20 + mode.turns.left_s)
        assert mode.turns.right_s > mode.turns.left_s > 0


def test_forbidden_turns_bind_vehicles_that_are_not_exempt():
    streets = grid_streets()
    streets["start_junction"] = [str(line.coords[0]) for line in streets.geometry]
    streets["end_junction"] = [str(line.coords[-1]) for line in streets.geometry]
    via = streets.loc["row-2-1", "end_junction"]
    turns = pd.DataFrame(
        {
            "from_street": ["row-2-1"],
            "junction": [via],
            "to_street": ["col-2-1"],
            "exempt": ["bicycle;motorcycle"],
        }
    )
    for name, bound in {"foot": False, "bicycle": False, "motorcycle": False, "car": True}.items():
        mode, speed = TRAVEL_MODES[name], SPEED_MPS[name]
        ends = ("row-2-1", 50.0), ("col-2-1", 50.0)
        free = seconds(mode.network(streets, speed_mps=speed), *ends)
        signed = seconds(mode.network(streets, speed_mps=speed, forbidden=turns), *ends)
        assert (signed > free) == bound
        everyone = turns.drop(columns="exempt")
        signed = seconds(mode.network(streets, speed_mps=speed, forbidden=everyone), *ends)
        assert (signed > free) == (name != "foot")


def test_on_foot_the_old_town_is_as_far_as_without_turns(root):
    streets = Zone.load(root / "data" / "old_town").streets
    network = TRAVEL_MODES["foot"].network(streets, speed_mps=1.2)
    plain = StreetGraph.from_streets(streets)
    rng = np.random.default_rng(0)
    at = pd.DataFrame({"street": streets.index, "offset_m": rng.uniform(0, streets.length)})
    expected = plain.travel_times(at, at, speed_mps=1.2)
    np.testing.assert_allclose(network.travel_times(at, at), expected)


@pytest.mark.parametrize("name", TRAVEL_MODES)
def test_every_mode_reaches_all_of_its_old_town(root, name):
    streets = Zone.load(root / "data" / "old_town").streets
    network = TRAVEL_MODES[name].network(streets, speed_mps=SPEED_MPS[name])
    own = network.graph.lines
    at = pd.DataFrame({"street": own.index, "offset_m": own.length.to_numpy() / 2})
    assert np.isfinite(network.travel_times(at, at)).all()
