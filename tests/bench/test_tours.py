"""What tours collect in a given time, beside plain PyVRP, VROOM and OR-Tools, as ratios.

`extra_info` (in the file of --benchmark-json) holds the prize of each peer divided by ours. VROOM
has no time limit: it explores as far as it can, and takes what it takes. The benchmarks run for ten
CPU seconds each; as plain tests they are small.
"""

import time
from types import SimpleNamespace

import pytest

from planning import _tour_search, tours
from planning._tour_search import compile_search
from planning.tours import solve_tours
from tests.planning.tour_cases import faults_of, windowed_problem
from tests.planning.tour_peers import or_tools, plain_pyvrp, vroom_prize

pytestmark = pytest.mark.benchmark(timer=time.process_time, group="tours")
KINDS = {
    "narrow windows": {"customers": 100, "vehicles": 4, "narrow": True},
    "wide windows": {"customers": 100, "vehicles": 2, "narrow": False},
    "many stops": {"customers": 600, "vehicles": 12, "narrow": True},
}


@pytest.fixture(scope="module", autouse=True)
def warm():
    """Compile, so that no benchmark counts it."""
    compile_search()


@pytest.fixture(autouse=True)
def on_cpu_time(monkeypatch):
    """Let the limit of ours count CPU time, as those of the peers do."""
    clock = SimpleNamespace(perf_counter=time.process_time)
    monkeypatch.setattr(tours, "time", clock)
    monkeypatch.setattr(_tour_search, "time", clock)


@pytest.mark.parametrize("kind", KINDS)
def test_tours(benchmark, kind):
    seconds = 10.0 if benchmark.enabled else 0.3
    changed = {} if benchmark.enabled else {"customers": 20, "vehicles": 2}
    problem = windowed_problem(1, **KINDS[kind] | changed)
    limits = {"time_limit_s": seconds, "seed": 0}
    solution = benchmark.pedantic(solve_tours, (problem,), limits, rounds=1)
    assert faults_of(problem, solution) == []
    peers = {
        "plain PyVRP": plain_pyvrp(problem, seconds=seconds, seed=0),
        "VROOM": vroom_prize(problem),
        "OR-Tools": or_tools(problem, seconds=seconds),
    }
    benchmark.extra_info |= {"prize": solution.prize}
    benchmark.extra_info |= {
        f"{peer} / ours": round(prize / solution.prize, 4) for peer, prize in peers.items()
    }
