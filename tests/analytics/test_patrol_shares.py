import numpy as np
import pytest

from analytics.patrol_shares import PatrolHistory, exposure_corrected_shares, reported_shares

RULES = [reported_shares, exposure_corrected_shares]


def history(*, start=(0, 0), reported=(), discovered=(), shares=()):
    """Return days on which the patrol always went to the first region."""
    shape = (len(reported), len(start))
    return PatrolHistory(
        np.array(start, dtype=float),
        np.array(reported, dtype=np.int64).reshape(shape),
        np.array(discovered, dtype=np.int64).reshape(shape),
        np.tile([True, *[False] * (len(start) - 1)], (len(reported), 1)),
        np.array(shares or np.full(shape, 0.5)).reshape(shape),
    )


def days(count, **columns):
    return history(
        reported=[columns.pop("reported", (0, 0))] * count,
        discovered=[columns.pop("discovered", (0, 0))] * count,
        **columns,
    )


@pytest.mark.parametrize("rule", RULES)
def test_without_knowledge_patrols_go_everywhere_alike(rule):
    np.testing.assert_allclose(rule(days(0, start=(0, 0))), 0.5)
    np.testing.assert_allclose(rule(days(9, start=(0, 0))), 0.5)


def test_the_shipped_rule_follows_reports_and_nothing_else():
    many = days(1000, start=(60, 20), reported=(2, 6))
    np.testing.assert_allclose(reported_shares(many), (0.25, 0.75), atol=0.001)
    found = days(1000, start=(60, 20), reported=(2, 6), discovered=(50, 0))
    np.testing.assert_array_equal(reported_shares(found), reported_shares(many))


def test_the_corrected_rule_follows_discoveries_by_the_chance_of_a_patrol():
    chances = [(0.8, 0.2)] * 1000
    seen = days(1000, discovered=(4, 1), shares=chances)
    np.testing.assert_allclose(exposure_corrected_shares(seen), 0.5, atol=0.001)
    np.testing.assert_array_equal(
        exposure_corrected_shares(
            days(1000, reported=(0, 9), discovered=(4, 1), shares=[(0.8, 0.2)] * 1000)
        ),
        exposure_corrected_shares(seen),
    )


@pytest.mark.parametrize("rule", RULES)
def test_start_counts_are_a_hint_that_fades_and_never_dominates(rule):
    first, month, year = (rule(days(count, start=(6000, 2000)))[0] for count in (0, 30, 365))
    assert 0.5 < month < first < 0.55
    assert abs(year - 0.5) < 1e-4
    assert (
        rule(days(0, start=(1, 0)))[0]
        < rule(days(0, start=(2, 0)))[0]
        == rule(days(0, start=(9, 0)))[0]
    )


def test_a_chance_of_nothing_without_discovery_weighs_nothing():
    never = days(3, discovered=(5, 0), shares=[(1.0, 0.0)] * 3)
    assert np.isfinite(exposure_corrected_shares(never)).all()
