"""What is said at each size, and the least number against incidents thrown at a network."""

import numpy as np
import pytest
from scipy.stats import poisson

from analytics import hotspot_claims as module
from analytics.hotspot_claims import FEWEST_RANKED, FEWEST_TESTED, hotspot_claims
from geo.errors import ParameterError

OLD_TOWN_M = 14_818.0
STATEMENTS = ["no_incidents", "counts_only", "tested", "ranked"]


@pytest.mark.parametrize(
    ("incidents", "statement", "reason"),
    [
        (0, "no_incidents", "no_incidents"),
        (1, "counts_only", "few_incidents"),
        (FEWEST_TESTED - 1, "counts_only", "few_incidents"),
        (FEWEST_TESTED, "tested", "few_incidents"),
        (FEWEST_RANKED - 1, "tested", "few_incidents"),
        (FEWEST_RANKED, "ranked", "enough"),
        (1777, "ranked", "enough"),
    ],
)
def test_statements_grow_with_the_incidents(incidents, statement, reason):
    claims = hotspot_claims(incidents, network_m=OLD_TOWN_M)
    assert (claims.statement, claims.reason) == (statement, reason)
    assert claims.incidents == incidents


def test_a_long_network_is_not_ranked_by_single_incidents():
    assert hotspot_claims(500, network_m=100_000.0).statement == "ranked"
    claims = hotspot_claims(500, network_m=200_000.0)
    assert (claims.statement, claims.reason) == ("tested", "long_network")
    assert hotspot_claims(500, network_m=200_000.0, bandwidth_m=200.0).statement == "ranked"


@pytest.mark.parametrize(
    ("incidents", "times"),
    [
        (0, "none"),
        (19, "none"),
        (20, "day_parts"),
        (119, "day_parts"),
        (120, "hours"),
        (839, "hours"),
        (840, "weekday_hours"),
    ],
)
def test_times_are_told_as_finely_as_five_to_a_cell_allow(incidents, times):
    assert hotspot_claims(incidents, network_m=OLD_TOWN_M).times == times


def most_within(rng, incidents, *, width_m):
    """Throw incidents at a street as long as the Old Town's; return the most within a width."""
    at_m = np.sort(rng.uniform(0, OLD_TOWN_M, incidents))
    reached = np.searchsorted(at_m, at_m + width_m, side="right")
    return (reached - np.arange(incidents)).max()


@pytest.mark.parametrize("incidents", [30, 50, 200, 1777])
def test_the_least_number_is_reached_by_chance_as_seldom_as_said_wherever_a_stretch_begins(
    incidents,
):
    rng = np.random.default_rng(0)
    width_m = 2 * np.sqrt(np.pi) * 60
    most = np.array([most_within(rng, incidents, width_m=width_m) for _ in range(3000)])
    least = hotspot_claims(incidents, network_m=OLD_TOWN_M).least
    assert (most >= least).mean() <= 0.06
    # One fewer is reached too often.
    assert (most >= least - 1).mean() > 0.04


def test_looking_at_stretches_side_by_side_alone_is_caught(monkeypatch):
    def side_by_side(number, mean, places):
        return 1 - poisson.cdf(number - 1, mean) ** places

    rng = np.random.default_rng(0)
    monkeypatch.setattr(module, "_chance_anywhere", side_by_side)
    least = hotspot_claims(1777, network_m=OLD_TOWN_M).least
    most = [most_within(rng, 1777, width_m=2 * np.sqrt(np.pi) * 60) for _ in range(500)]
    assert (np.array(most) >= least).mean() > 0.15


def test_more_incidents_never_say_less():
    claims = [hotspot_claims(count, network_m=OLD_TOWN_M) for count in range(0, 2000, 7)]
    order = [STATEMENTS.index(claim.statement) for claim in claims]
    assert order == sorted(order)
    least = [claim.least for claim in claims]
    assert least == sorted(least)
    parts = [claim.least / claim.incidents for claim in claims[1:]]
    assert parts[-1] < 0.03 < parts[0]


def test_a_network_shorter_than_the_kernel_holds_one_place():
    claims = hotspot_claims(300, network_m=50.0)
    assert claims.statement == "ranked"
    assert claims.least > 300


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"incidents": -1}, "Expected whole `incidents` >= 0 and <= 1000000000, got -1"),
        ({"incidents": 2.5}, "Expected whole `incidents` >= 0 and <= 1000000000, got 2.5"),
        ({"incidents": np.nan}, "Expected whole `incidents` >= 0 and <= 1000000000, got nan"),
        ({"incidents": 1e300}, "Expected whole `incidents` >= 0 and <= 1000000000, got 1e"),
        ({"network_m": 0.0}, "Expected `network_m` > 0, got 0.0"),
        ({"network_m": np.inf}, "Expected `network_m` > 0, got inf"),
        ({"bandwidth_m": -1.0}, "Expected `bandwidth_m` > 0, got -1.0"),
    ],
)
def test_bad_parameters_are_named(changed, message):
    options = {"incidents": 5, "network_m": 100.0} | changed
    with pytest.raises(ParameterError, match=message):
        hotspot_claims(options.pop("incidents"), **options)
