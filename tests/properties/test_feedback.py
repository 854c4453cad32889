from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.feedback import ESTIMATORS, simulate_feedback
from analytics.patrol_shares import (
    PatrolHistory,
    exposure_corrected_shares,
    reported_shares,
)


@st.composite
def histories(draw):
    regions, days = draw(st.integers(2, 4)), draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shares = rng.dirichlet(np.ones(regions), days)
    patrolled = np.zeros((days, regions), dtype=bool)
    patrolled[np.arange(days), rng.integers(0, regions, days)] = True
    return PatrolHistory(
        rng.integers(0, 100, regions).astype(float),
        rng.poisson(1, (days, regions)),
        rng.poisson(1, (days, regions)) * patrolled,
        patrolled,
        shares,
    )


def by_region(history, order):
    return PatrolHistory(
        history.start_counts[order],
        history.reported[:, order],
        history.discovered[:, order],
        history.patrolled[:, order],
        history.shares[:, order],
    )


@given(histories(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("rule", list(ESTIMATORS.values()))
def test_shares_are_shares_and_regions_have_no_order(rule, history, random):
    shares = rule(history)
    assert (shares >= 0).all()
    assert shares.sum() == pytest.approx(1)
    order = list(range(history.regions))
    random.shuffle(order)
    np.testing.assert_allclose(rule(by_region(history, order)), shares[order])


@given(histories(), st.integers(0, 2**32 - 1))
def test_nothing_that_a_patrol_does_moves_the_shipped_rule(history, seed):
    rng = np.random.default_rng(seed)
    other = replace(
        history,
        discovered=rng.poisson(9, history.discovered.shape),
        patrolled=~history.patrolled,
        shares=rng.random(history.shares.shape),
    )
    np.testing.assert_array_equal(reported_shares(history), reported_shares(other))


@given(histories())
def test_a_report_more_draws_patrols_and_none_away_from_others_in_between(history):
    if not history.days:
        return
    more = history.reported.copy()
    more[0, 0] += 1
    before, after = reported_shares(history), reported_shares(replace(history, reported=more))
    assert after[0] > before[0]
    np.testing.assert_allclose(after[1:] / after[1:].sum(), before[1:] / before[1:].sum())


@given(histories())
def test_reports_do_not_move_the_corrected_rule(history):
    silent = replace(history, reported=np.zeros_like(history.reported))
    np.testing.assert_array_equal(
        exposure_corrected_shares(history), exposure_corrected_shares(silent)
    )


@given(
    st.sampled_from(list(ESTIMATORS)),
    st.lists(st.floats(0, 20), min_size=2, max_size=4).filter(any),
    st.integers(1, 20),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.integers(0, 2**32 - 1),
)
def test_every_day_of_a_simulation_shares_out_one_patrol(rule, true_rates, days, chances, seed):
    shares = simulate_feedback(
        rule,
        true_rates=true_rates,
        start_counts=[1] * len(true_rates),
        days=days,
        discovery_rate=chances[0],
        report_rate=chances[1],
        seed=seed,
    )
    assert shares.shape == (days, len(true_rates))
    assert ((shares >= 0) & (shares <= 1)).all().all()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
