from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.feedback import ESTIMATORS, recorded_shares, simulate_feedback
from analytics.patrol_shares import exposure_corrected_shares, reported_shares
from geo.errors import ParameterError
from tests.analytics.feedback_cases import final_shares, judged

ARGUMENTS = {
    "true_rates": (0.6, 0.4),
    "start_counts": (60, 20),
    "days": 50,
    "discovery_rate": 0.8,
    "report_rate": 0.3,
    "seed": 1,
}


class Recorder:
    """Share the patrols in one way for ever and keep what was known."""

    def __init__(self, *shares):
        self.shares = shares
        self.histories = []

    def __call__(self, history):
        self.histories.append(history)
        return self.shares


def record(*shares, **changed):
    recorder = Recorder(*shares)
    simulate_feedback(recorder, **ARGUMENTS | changed)
    return recorder.histories


@pytest.mark.slow
def test_the_shipped_rule_does_not_run_away():
    verdict = judged("shipped")
    assert verdict.runaway == 0
    assert verdict.distance <= 0.05


@pytest.mark.slow
def test_the_naive_rule_fails_the_same_test():
    verdict = judged("naive", runs=12)
    assert verdict.distance > 0.1
    assert not verdict.passed
    alone = judged("naive", cases=[(0.6, (1, 1))], runs=25, report_rate=0.0)
    assert alone.runaway > 0.3


@pytest.mark.slow
def test_a_shipped_rule_that_lets_discovered_incidents_in_is_caught():
    def leaking(history):
        return reported_shares(replace(history, reported=history.reported + history.discovered))

    assert not judged(leaking, runs=10).passed


def test_where_nothing_is_reported_the_shipped_rule_ends_with_equal_shares():
    for start in ((1, 1), (60, 20), (0, 0), (0, 7)):
        last = final_shares("shipped", 0.6, start, runs=2, discovery_rate=1.0, report_rate=0.0)
        np.testing.assert_allclose(last, 0.5, atol=1e-6)


@pytest.mark.slow
def test_where_nothing_is_reported_the_corrected_rule_finds_the_truth():
    assert judged("exposure_corrected", runs=10, report_rate=0.0).passed


def test_the_naive_share_is_a_martingale_where_regions_are_alike():
    # As in an urn of Polya; so its mean stays at 60 / 80, and single runs drift.
    last = final_shares(
        "naive", 0.5, (6, 2), runs=200, days=100, discovery_rate=1.0, report_rate=0.0
    )
    assert abs(last.mean() - 0.75) < 4 * last.std() / np.sqrt(len(last))
    assert last.std() > 0.1


def test_two_rules_with_one_seed_meet_the_same_days():
    here, there = record(1, 0), record(0, 1)
    np.testing.assert_array_equal(here[-1].reported, there[-1].reported)
    assert not here[-1].discovered[:, 1].any()
    assert not there[-1].discovered[:, 0].any()


def test_a_rule_sees_the_days_before_and_nothing_later():
    histories = record(3, 1)
    assert [history.days for history in histories] == list(range(50))
    last = histories[-1]
    for history in histories:
        for name in ("reported", "discovered", "patrolled", "shares"):
            past = getattr(last, name)[: history.days]
            np.testing.assert_array_equal(getattr(history, name), past)
    assert list(last.start_counts) == [60, 20]


def test_a_rule_cannot_change_what_is_known():
    last = record(1, 1)[-1]
    for name in ("start_counts", "reported", "discovered", "patrolled", "shares"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(last, name)[:] = 0


def test_days_follow_the_rates():
    last = record(7, 2, 1, true_rates=(3, 2, 0), start_counts=(0, 0, 0), days=20_001)[-1]
    exposure = last.patrolled.mean(axis=0)
    np.testing.assert_allclose(exposure, (0.7, 0.2, 0.1), atol=0.02)
    assert (last.patrolled.sum(axis=1) == 1).all()
    np.testing.assert_allclose(last.reported.mean(axis=0), (3 * 0.3, 2 * 0.3, 0), atol=0.04)
    assert not last.discovered[~last.patrolled].any()
    expected = np.array((3, 2, 0)) * 0.8 * exposure
    np.testing.assert_allclose(last.discovered.mean(axis=0), expected, atol=0.04)


def test_the_correction_undoes_the_exposure():
    last = record(9, 1, true_rates=(0.5, 0.5), start_counts=(1, 1), days=4001, report_rate=0.0)[-1]
    assert recorded_shares(last)[0] > 0.85
    assert abs(exposure_corrected_shares(last)[0] - 0.5) < 0.05


def test_the_table_has_a_row_a_day_and_a_column_a_region():
    shares = simulate_feedback(Recorder(2, 1, 1), **ARGUMENTS | three_regions())
    assert list(shares.columns) == [0, 1, 2]
    assert list(shares.index) == list(range(1, 51))
    assert (shares.index.name, shares.columns.name) == ("day", "region")
    expected = np.tile((0.5, 0.25, 0.25), (50, 1))
    np.testing.assert_array_equal(shares.to_numpy(), expected)


def three_regions():
    return {"true_rates": (1, 2, 3), "start_counts": (0, 0, 0)}


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_named_rules_are_their_functions_and_seeds_repeat(name):
    by_name = simulate_feedback(name, **ARGUMENTS)
    pd.testing.assert_frame_equal(by_name, simulate_feedback(ESTIMATORS[name], **ARGUMENTS))
    assert not by_name.equals(simulate_feedback(name, **ARGUMENTS | {"seed": 2}))


@pytest.mark.parametrize("risk", [(0, 0), pd.Series([4.0, 4.0]), (1e308, 1e308), (5e-324, 5e-324)])
def test_any_risk_becomes_shares_and_none_means_everywhere_alike(risk):
    shares = simulate_feedback(lambda _: risk, **ARGUMENTS)
    np.testing.assert_allclose(shares, 0.5)


@pytest.mark.parametrize(
    "risk", [(1,), (1, 2, 3), (1, -1), (np.nan, 1), (np.inf, 1), None, "two", [["a"], []]]
)
def test_a_rule_that_returns_no_risk_is_told(risk):
    with pytest.raises(ParameterError, match="Expected 2 finite numbers >= 0 from the `estimator`"):
        simulate_feedback(lambda _: risk, **ARGUMENTS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"true_rates": (1,)}, "Expected `true_rates` from 0 to 1e\\+06 of at least 2 regions"),
        ({"true_rates": (1, -1)}, "Expected `true_rates` from 0"),
        ({"true_rates": (1, np.nan)}, "Expected `true_rates` from 0"),
        ({"true_rates": (1, 1e7)}, "Expected `true_rates` from 0"),
        ({"true_rates": "ab"}, "Expected `true_rates` from 0"),
        ({"true_rates": (0, 0)}, "Expected one of `true_rates` > 0"),
        ({"start_counts": (1, 2, 3)}, "Expected finite `start_counts` >= 0, one for each"),
        ({"start_counts": (1, -2)}, "Expected finite `start_counts` >= 0"),
        ({"start_counts": (1, np.inf)}, "Expected finite `start_counts` >= 0"),
        ({"days": 0}, "Expected whole `days` from 1 to 36525, got 0"),
        ({"days": 1.5}, "Expected whole `days` from 1 to 36525, got 1.5"),
        ({"days": 10**12}, "Expected whole `days` from 1 to 36525, got 1000000000000"),
        ({"discovery_rate": 1.1}, "Expected `discovery_rate` from 0 to 1, got 1.1"),
        ({"report_rate": np.nan}, "Expected `report_rate` from 0 to 1, got nan"),
        ({"report_rate": None}, "Expected `report_rate` from 0 to 1, got None"),
        ({"seed": -1}, "Expected `seed` from 0 to 2\\*\\*32 - 1, got -1"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        simulate_feedback("shipped", **ARGUMENTS | changed)


@pytest.mark.parametrize("estimator", [None, 5, ["shipped"]])
def test_a_rule_that_cannot_be_asked_is_refused(estimator):
    with pytest.raises(ParameterError, match="Expected an `estimator` among shipped"):
        simulate_feedback(estimator, **ARGUMENTS)


def test_all_bad_arguments_are_named_at_once():
    with pytest.raises(ParameterError) as error:
        simulate_feedback(
            "best",
            true_rates=(),
            start_counts=(1,),
            days=0,
            discovery_rate=2,
            report_rate=-1,
            seed=0.5,
        )
    lines = str(error.value).splitlines()
    assert len(lines) == 7
    assert lines[-1] == (
        "Expected an `estimator` among shipped, exposure_corrected, naive, got 'best'."
    )
