"""How long a mixture takes beside the one plan that it is there to replace.

`extra_info` (in the file of --benchmark-json) holds what it is worth beside the best plan, and what
can be foreseen. The benchmarks run on six units and thirty places; as plain tests they are small.
"""

import time

import numpy as np
import pytest

from planning.mixture_params import MixtureParams
from planning.patrol import PatrolParams, plan_patrol
from planning.patrol_mixture import plan_mixture
from tests.planning.grid_town import demand, grid_streets, grid_zone, unit

pytestmark = pytest.mark.benchmark(timer=time.process_time, group="mixture")


def town(benchmark):
    """Return zone, units and points of a night of eight hours, or of a small one."""
    blocks, count, hours = (8, 30, 8.0) if benchmark.enabled else (2, 4, 1.5)
    rng = np.random.default_rng(0)
    corners = np.stack(np.meshgrid(*[100 * np.arange(blocks + 1)] * 2), axis=-1).reshape(-1, 2)
    places = rng.permutation(corners)[:count].tolist()
    units = [
        unit(f"u{number}", *rng.permutation(corners)[0].tolist(), hours=hours)
        for number in range(count // 5 + 1)
    ]
    points = demand(*map(tuple, places), weight=rng.gamma(2.0, 1.0, count))
    return grid_zone(grid_streets(blocks)), units, points


def test_plan(benchmark):
    zone, units, points = town(benchmark)
    options = {"params": PatrolParams(time_limit_s=1e6), "seed": 0}
    plan = benchmark.pedantic(plan_patrol, (zone, units, points), options, rounds=1)
    benchmark.extra_info |= {"value": plan.value}
    assert plan.value > 0


def test_mixture(benchmark):
    zone, units, points = town(benchmark)
    rules = MixtureParams(time_limit_s=1e6) if benchmark.enabled else MixtureParams(rounds=1)
    options = {"params": PatrolParams(time_limit_s=1e6), "mixture": rules, "seed": 0}
    mixture = benchmark.pedantic(plan_mixture, (zone, units, points), options, rounds=1)
    benchmark.extra_info |= {
        "value_share": mixture.value_share,
        "predictability": mixture.predictability,
        "uncovered": mixture.uncovered,
        "plans": len(mixture.plans),
    }
    assert sum(mixture.probabilities) == pytest.approx(1.0)
