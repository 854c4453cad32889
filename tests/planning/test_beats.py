"""Beats: contiguous, even, proven where that is claimed, and sayable."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from analytics.network_density import network_density
from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from geo.zone import Zone
from planning import _beat_bound, _beat_search
from planning._beat_input import town_of
from planning._beat_names import names_of_beats
from planning.beats import BeatWeights, make_beats
from tests.planning.beat_cases import (
    LIMITS,
    grid,
    is_contiguous,
    least_imbalance,
    loads,
    random_case,
    streets_of,
    unevenness,
)


@pytest.fixture(autouse=True)
def briefly(monkeypatch):
    """Search and prove with less patience: what is tested needs no more."""
    monkeypatch.setattr(_beat_search, "_MOVES", 6_000)
    monkeypatch.setattr(_beat_bound, "_LOOKS", 3)


@pytest.fixture(scope="module")
def old_town(root):
    zone = Zone.load(root / "data" / "old_town")
    reported = zone.incidents[zone.incidents["reporting"] == "reported"]
    return zone.streets, network_density(zone.streets, reported, bandwidth_m=100.0)


def even(streets):
    return pd.Series(1.0, index=streets.index)


def chain(*lengths):
    x = np.concatenate([[0.0], np.cumsum(lengths)])
    return streets_of([((a, 0.0), (b, 0.0)) for a, b in pairwise(x)])


def pieces(*chains):
    """Return chains that do not touch each other."""
    moved = [part.set_geometry(part.translate(0, 100.0 * y)) for y, part in enumerate(chains)]
    frame = pd.concat(moved)
    return frame.set_axis([f"s{number}" for number in range(len(frame))])


def check(streets, risk, result, beats):
    """Count again what a result says of itself."""
    load = loads(streets, risk)
    assert sorted(result.beat.unique()) == list(range(1, beats + 1)) == list(result.frame.index)
    assert result.beat.index.equals(streets.index)
    assert is_contiguous(streets, result.beat)
    assert result.imbalance == pytest.approx(unevenness(load, result.beat, beats))
    assert result.frame["load_share"].to_numpy() == pytest.approx(load.groupby(result.beat).sum())
    assert result.frame.length.to_numpy() == pytest.approx(result.frame["length_m"])
    assert result.frame["length_m"].sum() == pytest.approx(streets.length.sum())
    assert result.frame["risk_share"].sum() == pytest.approx(1.0)
    assert 0.0 <= result.bound <= result.imbalance


@pytest.mark.parametrize("seed", range(8))
def test_exhaustive_search_finds_nothing_evener(seed):
    rng = np.random.default_rng(seed)
    streets, risk = random_case(rng)
    beats = int(rng.integers(1, min(len(streets), 4) + 1))
    least = least_imbalance(streets, loads(streets, risk), beats)
    if not np.isfinite(least):
        with pytest.raises(InfeasiblePlanError, match="piece"):
            make_beats(streets, risk, beats=beats, **LIMITS)
        return
    result = make_beats(streets, risk, beats=beats, tolerance=0.0, **LIMITS)
    check(streets, risk, result, beats)
    assert result.imbalance == pytest.approx(least, abs=1e-8)
    assert result.gap == 0.0


@pytest.mark.parametrize("seed", range(6))
def test_without_proof_the_search_alone_is_near(seed, monkeypatch):
    """The oracle is exhaustive search; the proof, which would mend it, is switched off."""
    monkeypatch.setattr(_beat_bound, "_PROVABLE_STREETS", 0)
    streets, risk = random_case(np.random.default_rng(seed))
    least = least_imbalance(streets, loads(streets, risk), 2)
    if np.isfinite(least):
        result = make_beats(streets, risk, beats=2, tolerance=0.0, **LIMITS)
        assert result.imbalance <= least + 1e-9
        assert result.bound <= least


def test_a_cut_that_tears_a_beat_apart_is_caught(monkeypatch):
    """A planted fault: what hangs below a cut no longer goes along with it."""
    streets = grid(4, 4)
    result = make_beats(streets, even(streets), beats=3, **LIMITS)
    assert is_contiguous(streets, result.beat)

    def torn(owner, order, above, cut, beat):
        owner[order[cut::2]] = beat

    monkeypatch.setattr(_beat_search, "_hand_over", torn)
    result = make_beats(streets, even(streets), beats=3, **{**LIMITS, "time_limit_s": 1e-9})
    assert not is_contiguous(streets, result.beat)


def test_a_bound_that_is_too_high_is_caught(monkeypatch):
    """A planted fault: the search says that it is through before it is."""
    streets = chain(100, 100, 100, 100)
    load = loads(streets, even(streets))
    assert make_beats(streets, even(streets), beats=2, **LIMITS).bound == 0.0
    uneven = pd.Series([1, 1, 0, 0], index=streets.index)
    town = _beat_town(streets)
    right = _beat_bound.settle(town, 2, reached=0.5, bound=0.0, keep_going=lambda: True)
    assert right.bound <= unevenness(load, uneven, 2) + 1e-9
    monkeypatch.setattr(_beat_bound, "go_on", lambda *_: _beat_bound.NONE)
    wrong = _beat_bound.settle(town, 2, reached=0.5, bound=0.0, keep_going=lambda: True)
    assert wrong.bound > least_imbalance(streets, load, 2) + 0.1


def _beat_town(streets):
    return town_of(streets, even(streets), BeatWeights())


def test_an_indivisible_street_bounds_the_imbalance():
    streets = chain(10, 10, 70, 10)
    result = make_beats(streets, even(streets), beats=4, weights=BeatWeights(0, 1), **LIMITS)
    assert result.imbalance == pytest.approx(4 * 0.7 - 1)
    assert result.gap == 0.0


def test_loose_pieces_bound_the_imbalance():
    streets = pieces(chain(100, 100, 100), chain(50))
    result = make_beats(streets, even(streets), beats=2, weights=BeatWeights(0, 1), **LIMITS)
    assert result.imbalance == pytest.approx(2 * 300 / 350 - 1)
    assert result.gap == 0.0
    assert result.beat.tolist() in ([1, 1, 1, 2], [2, 2, 2, 1])


def test_the_tolerance_buys_compactness(old_town):
    streets, risk = old_town
    strict = make_beats(streets, risk, beats=7, tolerance=0.0, **LIMITS)
    eased = make_beats(streets, risk, beats=7, tolerance=0.1, **LIMITS)
    assert strict.imbalance < 0.02
    assert eased.imbalance <= 0.1
    assert eased.spread_m < strict.spread_m


def test_old_town(old_town):
    streets, lixels = old_town
    risk = (lixels["density"] * lixels["length_m"]).groupby(lixels["street"]).sum()
    risk = risk.reindex(streets.index)
    result = make_beats(streets, lixels, beats=12, **LIMITS)
    check(streets, risk, result, 12)
    assert result.imbalance <= 0.06
    again = make_beats(streets, risk, beats=12, **LIMITS)
    pd.testing.assert_frame_equal(result.frame, again.frame)
    assert isinstance(result.frame, gpd.GeoDataFrame)
    assert set(result.frame.geom_type) == {"MultiLineString"}
    # Four quarters of the compass, so that a person can say it.
    assert (result.frame["between_en"].str.count(",| and ") <= 3).all()
    assert result.frame["between_th"].str.match("ระหว่าง|ติดกับ").all()


def test_names_of_a_cross():
    """West of Middle Lane the one beat, east of it, and with it, the other."""
    ends = [((-100, 0), (0, 0)), ((0, 0), (101, 0)), ((0, -90), (0, 0)), ((0, 0), (0, 90))]
    names = ["Long Road", "Long Road", "Middle Lane", "Middle Lane"]
    streets = streets_of(ends, names=names)
    risk = pd.Series([280.0, 0.0, 0.0, 1.0], index=streets.index)
    result = make_beats(streets, risk, beats=2, **LIMITS)
    assert result.beat.tolist() == [1, 2, 2, 2]
    assert result.frame["names_en"].tolist() == [("Long Road",), ("Middle Lane", "Long Road")]
    assert result.frame["bounds_en"].tolist() == [("Middle Lane",), ("Middle Lane",)]
    assert result.frame["between_en"].tolist() == ["beside Middle Lane"] * 2
    assert result.frame["between_th"].tolist() == ["ติดกับถนน Middle Lane"] * 2


def test_names_of_a_block():
    """The streets that a beat ends at are said clockwise from north."""
    ends = [((-100, 0), (0, 0)), ((0, 0), (100, 0))]
    ends += [((0, 0), (0, 100)), ((-50, 100), (0, 100)), ((0, 100), (50, 100))]
    ends += [((100, 0), (100, 80)), ((-100, 0), (-100, -80))]
    names = ["Middle", "Middle", "Up", "North", "North", "East", ""]
    streets = streets_of(ends, names=names)
    streets.loc["s6", "name_th"] = ""
    frame = names_of(streets, [0, 0, 0, 1, 1, 2, 3])
    assert frame.loc[0, "bounds_en"] == ("North", "East", "unnamed street")
    assert frame.loc[0, "between_en"] == "between North, East and unnamed street"
    assert frame.loc[0, "between_th"] == "ระหว่างถนน North ถนน East และถนนไม่มีชื่อ"
    assert frame.loc[0, "names_en"] == ("Middle", "Up")


def test_both_languages_say_the_same_street_where_two_bound_a_beat():
    """Two streets cross where the beat ends, and either comes first in one alphabet."""
    ends = [((0, 0), (100, 0)), ((0, 0), (0, 100)), ((0, 0), (0, -100))]
    streets = streets_of(ends, names=["Middle", "Alpha", "Zulu"])
    streets["name_th"] = ["กลาง", "ฮ", "ก"]
    frame = names_of(streets, [0, 1, 1])
    assert (frame.loc[0, "between_th"], frame.loc[0, "between_en"]) in {
        ("ติดกับฮ", "beside Alpha"),
        ("ติดกับก", "beside Zulu"),
    }
    assert frame.loc[0, "bounds_th"] == ("ก", "ฮ")
    assert frame.loc[0, "bounds_en"] == ("Zulu", "Alpha")


def names_of(streets, owner):
    return names_of_beats(streets, _beat_town(streets), np.array(owner), max(owner) + 1)


def test_one_beat_ends_nowhere():
    streets = grid(3, 3)
    result = make_beats(streets, even(streets), beats=1, **LIMITS)
    assert result.imbalance == pytest.approx(0.0)
    assert result.frame["bounds_en"].tolist() == [()]
    assert result.frame["between_en"].tolist() == ["beside no other beat"]


def test_as_many_beats_as_streets():
    streets = grid(3, 3)
    result = make_beats(streets, even(streets), beats=len(streets), **LIMITS)
    assert result.imbalance == pytest.approx(0.0)


def test_length_alone_needs_no_risk():
    streets = grid(3, 3)
    nothing = even(streets) * 0.0
    result = make_beats(streets, nothing, beats=2, weights=BeatWeights(0, 1), **LIMITS)
    assert result.imbalance == pytest.approx(0.0)
    assert np.isnan(result.risk_imbalance)
    with pytest.raises(LayerError, match="0 on every street"):
        make_beats(streets, nothing, beats=2, **LIMITS)


def test_stopping_at_once_still_gives_beats():
    streets = grid(5, 5)
    result = make_beats(streets, even(streets), beats=6, keep_going=lambda: False, **LIMITS)
    check(streets, even(streets), result, 6)


def test_every_number_out_of_range_is_named():
    streets = grid(3, 3)
    with pytest.raises(ParameterError) as error:
        make_beats(
            streets,
            even(streets),
            beats=0,
            seed=-1,
            time_limit_s=np.nan,
            tolerance=-0.1,
            weights=BeatWeights(np.nan, 1),
        )
    for name in ("`beats`", "`seed`", "`time_limit_s`", "`tolerance`", "`weights.risk`"):
        assert name in str(error.value)
    with pytest.raises(ParameterError, match="0 for both"):
        make_beats(streets, even(streets), beats=1, weights=BeatWeights(0, 0), **LIMITS)


def test_every_fault_of_the_risk_is_named():
    streets = grid(3, 3)
    risk = even(streets)
    risk.iloc[:2] = [np.nan, -1.0]
    with pytest.raises(LayerError, match=r"nan of street 's0'\n.*-1.0 of street 's1'"):
        make_beats(streets, risk, beats=2, **LIMITS)
    with pytest.raises(LayerError, match="'elsewhere'"):
        make_beats(streets, risk.rename({"s0": "elsewhere"}), beats=2, **LIMITS)
    with pytest.raises(LayerError, match="'s1' again"):
        make_beats(streets, risk.rename({"s0": "s1"}), beats=2, **LIMITS)
    with pytest.raises(LayerError, match="column `density`"):
        make_beats(streets, pd.DataFrame({"street": [], "length_m": []}), beats=2, **LIMITS)


def test_a_lixel_without_density_is_no_zero(old_town):
    streets, lixels = old_town
    holed = lixels.assign(density=lixels["density"].mask(lixels.index == 3))
    with pytest.raises(LayerError, match=f"nan of street '{lixels['street'].iloc[3]}'"):
        make_beats(streets, holed, beats=2, **LIMITS)


def test_every_fault_of_the_streets_is_named():
    streets = grid(3, 3)
    broken = streets.set_geometry(streets.geometry.where(streets.index != "s2"))
    broken = broken.rename({"s1": "s0"})
    with pytest.raises(LayerError) as error:
        make_beats(broken, even(streets), beats=2, **LIMITS)
    assert "row 3: expected a LineString" in str(error.value)
    assert "row 2: expected an index label of its own" in str(error.value)
    with pytest.raises(LayerError, match="at least one street"):
        make_beats(streets.iloc[:0], even(streets), beats=1, **LIMITS)
    with pytest.raises(LayerError, match="longitude and latitude"):
        make_beats(streets.to_crs(4326), even(streets), beats=1, **LIMITS)


def test_too_many_and_too_few_beats():
    streets = pieces(chain(100), chain(50), chain(20))
    with pytest.raises(InfeasiblePlanError, match="as many beats as streets, 3, got 4"):
        make_beats(streets, even(streets), beats=4, **LIMITS)
    with pytest.raises(InfeasiblePlanError, match=r"3 at least, got 2; .*streets s0, s1, s2"):
        make_beats(streets, even(streets), beats=2, **LIMITS)
