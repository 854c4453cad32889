import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from analytics import impact
from analytics.impact import AREAS, displacement_difference
from geo.errors import ParameterError


def test_the_worked_example_of_the_paper():
    # Wheeler and Ratcliffe (2018), as the authors' R package ptools tests it too.
    found = displacement_difference(
        (207, 110), (308, 318), treated_buffer=(178, 157), control_buffer=(150, 140)
    )
    assert found.total.estimate == -118
    assert found.total.standard_error == pytest.approx(np.sqrt(1568))
    assert round(found.total.z, 2) == -2.98
    assert (round(found.total.low), round(found.total.high)) == (-196, -40)
    assert found.total.p_value == pytest.approx(2 * norm.cdf(-118 / np.sqrt(1568)))
    assert (found.local.estimate, found.displacement.estimate) == (-107, -11)
    assert found.local.standard_error == pytest.approx(np.sqrt(943))
    assert found.displacement.standard_error == pytest.approx(np.sqrt(625))
    assert list(found.counts.index) == list(AREAS)
    assert found.counts.loc["treated_buffer"].tolist() == [178, 157]


def test_a_period_before_of_twice_the_length_counts_half():
    # Wheeler's example of two years before and one after: 80 to 20 against 100 to 50.
    found = displacement_difference((80, 20), (100, 50), period_days=(730, 365))
    assert found.total.estimate == pytest.approx(-20)
    assert found.total.standard_error == pytest.approx(np.sqrt(115))


def test_without_buffers_there_is_no_displacement():
    found = displacement_difference((20, 10), (20, 20))
    assert found.total == found.local
    assert (found.displacement.estimate, found.displacement.standard_error) == (0, 0)
    assert np.isnan(found.displacement.z)


def simulated(estimate, runs, *, scale=1.0, effect=0.0):
    """Return the estimates of many worlds in which counts are Poisson."""
    rng = np.random.default_rng(4)
    before = np.array([60, 40, 30, 15])
    after = scale * before + np.array([effect, 0, 0, 0])
    worlds = zip(rng.poisson(before, (runs, 4)), rng.poisson(after, (runs, 4)), strict=True)
    return [estimate(*np.stack(world, axis=1).tolist()) for world in worlds]


def compared(treated, control, treated_buffer, control_buffer, **options):
    return displacement_difference(
        treated, control, treated_buffer=treated_buffer, control_buffer=control_buffer, **options
    ).total


@pytest.mark.parametrize(("days", "scale"), [((1, 1), 1.0), ((365, 91.25), 0.25), ((1, 3), 3.0)])
@pytest.mark.parametrize("effect", [0.0, 12.0])
def test_intervals_hold_the_truth_as_often_as_they_say(days, scale, effect):
    runs = 800
    found = simulated(
        lambda *counts: compared(*counts, period_days=days), runs, scale=scale, effect=effect
    )
    held = np.mean([one.low <= effect <= one.high for one in found])
    assert abs(held - 0.95) < 4 * np.sqrt(0.95 * 0.05 / runs)
    estimates = np.array([one.estimate for one in found])
    assert abs(estimates.mean() - effect) < 4 * estimates.std() / np.sqrt(runs)


def test_a_scale_left_out_is_caught(monkeypatch):
    right = impact._difference
    monkeypatch.setattr(
        impact,
        "_difference",
        lambda numbers, sign, _, confidence: right(numbers, sign, 1.0, confidence),
    )
    found = simulated(lambda *counts: compared(*counts, period_days=(4, 1)), 300, scale=0.25)
    assert np.mean([one.low <= 0 <= one.high for one in found]) < 0.9


def test_a_wider_confidence_makes_a_wider_interval():
    narrow, wide = (
        displacement_difference((20, 10), (20, 20), confidence=confidence).total
        for confidence in (0.5, 0.99)
    )
    assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"treated": (1.5, 2)}, "Expected `treated` as two whole counts >= 0"),
        ({"treated": (1, -2)}, "Expected `treated` as two whole counts >= 0"),
        ({"treated": (10**30, 1)}, "two whole counts >= 0 and <= 1e"),
        ({"control": (1,)}, "Expected `control` as two whole counts >= 0"),
        ({"control": 5}, "Expected `control` as two whole counts >= 0"),
        ({"treated_buffer": (np.nan, 2)}, "Expected `treated_buffer` as two"),
        ({"control_buffer": ("1", 2)}, "Expected `control_buffer` as two"),
        ({"treated": (0, 0), "control": (0, 0)}, "Expected at least one incident"),
        ({"period_days": (0, 1)}, "Expected two `period_days` > 0"),
        ({"period_days": (1, np.inf)}, "Expected two `period_days` > 0"),
        ({"confidence": 1.0}, "Expected 0 < `confidence` < 1, got 1.0"),
        ({"confidence": None}, "Expected 0 < `confidence` < 1, got None"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        displacement_difference(**{"treated": (3, 2), "control": (4, 4)} | changed)


def test_all_bad_arguments_are_named_at_once():
    with pytest.raises(ParameterError) as error:
        displacement_difference((1, -1), (1, 1), period_days=(1, -1), confidence=2)
    assert len(str(error.value).splitlines()) == 3


def test_counts_may_be_numpy_numbers():
    counts = pd.Series([3, 4])
    found = displacement_difference(tuple(counts), list(counts))
    assert found.total.estimate == 0
