"""Print how near tours come to reference values, and whether each keeps every rule.

`python -m tests.planning.tour_figures [--set top_p4 pcvrptw windows] [--seconds 10]
[--seeds 0 1 2]` runs every instance of the sets with every seed; `--only p4.2.f` takes some of
them. Made-up sets have no published values: they are measured by a run of `--long 60` seconds with
another seed, and those of 1,000 clients by plain PyVRP, at equal time and at the rate between prize
and time that serves it best. Limits are CPU seconds of this process, without what compiling takes.
"""

import argparse
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from planning import _tour_search, tours
from tests.planning.tour_cases import (
    chao_problem,
    faults_of,
    faults_of_schedules,
    prized_problem,
    windowed_problem,
)
from tests.planning.tour_peers import plain_pyvrp

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = ("top_p4", "pcvrptw", "windows")
# What a prize counts in PyVRP, in the longest legs: the rate that serves it best is its own.
RATES = (0.1, 1.0, 10.0)


def cases_of(name):
    """Return the instances of a set: name, problem, and the reference value if there is one."""
    if name == "top_p4":
        files = sorted((DATA / "routing" / name).glob("p4.*.txt"))
        return [(file.stem, *chao_problem(DATA, file.stem)) for file in files]
    if name == "pcvrptw":
        files = sorted((DATA / "routing" / name).glob("*.vrp"))
        return [(file.stem, prized_problem(DATA, file.stem), None) for file in files]
    return [
        (
            f"{'c' if clustered else 'r'}{1 if narrow else 2}-{customers}.{vehicles}",
            windowed_problem(
                customers + vehicles,
                customers=customers,
                vehicles=vehicles,
                clustered=clustered,
                narrow=narrow,
            ),
            None,
        )
        for clustered in (False, True)
        for narrow in (False, True)
        for customers, vehicles in ((100, 1), (100, 2), (100, 4), (288, 3))
    ]


def on_cpu_time():
    """Let limits count the CPU time of this process, so that a busy machine costs nothing."""
    clock = SimpleNamespace(perf_counter=time.process_time)
    tours.time = _tour_search.time = clock


def solved(problem, seconds, seed):
    """Return a solution, the CPU time it took, and what the checker finds."""
    begin_s = time.process_time()
    solution = tours.solve_tours(problem, time_limit_s=seconds, seed=seed)
    used_s = time.process_time() - begin_s
    faults = faults_of(problem, solution) + faults_of_schedules(problem, solution)
    return solution, used_s, faults if solution.feasible else ["not feasible", *faults]


def reference_of(kind, problem, options):
    """Return what a made-up or 1,000-client instance is measured by, and what that is."""
    if kind == "pcvrptw":
        prizes = {
            rate: plain_pyvrp(problem, seconds=options.seconds, seed=0, rate=rate) for rate in RATES
        }
        best = max(prizes, key=prizes.get)
        return prizes[best], f"plain PyVRP, a prize worth {best:g} of the longest legs"
    return solved(problem, options.long, 1000)[0].prize, f"{options.long:g} CPU s"


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_set(kind, options):
    """Write a row for every run of a set, and mean and worst gap at the end."""
    tell(f"{kind:<12} seed   prize  reference      gap  CPU s  checker")
    gaps, wrong = [], 0
    for name, problem, value in cases_of(kind):
        if options.only and name not in options.only:
            continue
        best, source = (value, "") if value is not None else reference_of(kind, problem, options)
        for seed in options.seeds:
            solution, used_s, faults = solved(problem, options.seconds, seed)
            gap = 1 - solution.prize / best if best else 0.0
            gaps.append(gap)
            wrong += bool(faults)
            tell(
                f"{name:<12} {seed:4d} {solution.prize:7.0f} {best:10.0f} {gap:8.2%} {used_s:6.1f}"
                f"  {'; '.join(faults) or 'no fault'}  {source}".rstrip()
            )
    if gaps:
        tell(
            f"{kind}: {len(gaps)} runs, gap {np.mean(gaps):.3%} in the mean and {max(gaps):.2%} "
            f"at worst; {wrong} with a fault"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", dest="sets", nargs="+", default=["top_p4"], choices=SETS)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--long", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+")
    chosen = parser.parse_args()
    _tour_search.compile_search()
    on_cpu_time()
    for each in chosen.sets:
        tell_set(each, chosen)
