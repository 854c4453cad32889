"""Small and reference instances of maximal covering, and the exhaustive oracle."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, random_array

from planning._coverage_bound import Covering
from planning._swap_state import instance_of
from planning.siting import Share, maximal_coverage


@dataclass(frozen=True)
class Case:
    cover: csr_array
    demand: np.ndarray
    cost: np.ndarray | None
    fixed: np.ndarray
    budget: float
    forbidden: tuple[int, ...] = ()
    folds: np.ndarray | None = None
    shares: tuple[Share, ...] = ()

    @property
    def costs(self):
        return np.ones(self.cover.shape[0]) if self.cost is None else self.cost


def random_case(seed, *, most=10):
    rng = np.random.default_rng(seed)
    candidates, points = rng.integers(2, most), rng.integers(1, 16)
    cover = csr_array(
        random_array((candidates, points), density=rng.uniform(0.1, 0.6), rng=rng) > 0
    )
    whole = rng.random() < 0.5
    demand = rng.integers(0, 20, points) if whole else 10 * rng.random(points)
    cost = None if rng.random() < 0.3 else rng.uniform(0.5, 4.0, candidates)
    fixed = rng.choice(candidates, rng.integers(0, min(3, candidates)), replace=False)
    spent = len(fixed) if cost is None else cost[fixed].sum()
    budget = spent + (rng.integers(0, 4) if cost is None else rng.uniform(0.0, 6.0))
    return Case(cover, demand.astype(float), cost, fixed, float(budget))


def tangled_case(seed):
    """Return an instance of equal sites that see each other's points, where greed often errs."""
    rng = np.random.default_rng(seed)
    cover = csr_array(rng.random((11, 40)) < 0.25)
    return Case(cover, rng.integers(1, 20, 40).astype(float), None, np.empty(0, dtype=int), 4.0)


def solve(case, **options):
    options = {"budget": case.budget, "time_limit_s": 20.0, "seed": 0} | options
    return maximal_coverage(
        case.cover,
        case.demand,
        cost=case.cost,
        fixed=case.fixed,
        forbidden=case.forbidden,
        folds=case.folds,
        shares=case.shares,
        **options,
    )


def ruled_case(seed, *, most=10):
    """Return a small instance with any of: forbidden sites, masked views, folds, shares."""
    rng = np.random.default_rng(seed)
    case = random_case(seed, most=most)
    candidates, points = case.cover.shape
    free = np.setdiff1d(np.arange(candidates), case.fixed)
    forbidden = tuple(free[rng.random(len(free)) < rng.choice([0.0, 0.2])].tolist())
    masked = rng.random(case.cover.shape) < rng.choice([0.0, 0.2])
    folds = rng.choice([1, 1, 2, 3], points) if rng.random() < 0.7 else None
    shares = tuple(
        Share(
            np.flatnonzero(rng.random(points) < rng.uniform(0.1, 0.8)).tolist(),
            float(rng.choice([0.2, 0.5, 1.0, rng.random()])),
        )
        for _ in range(rng.choice([0, 0, 1, 2, 3]))
    )
    cover = csr_array(case.cover.toarray() & ~masked)
    budget = case.budget + rng.choice([0.0, 2.0])
    return replace(
        case, cover=cover, forbidden=forbidden, folds=folds, shares=shares, budget=float(budget)
    )


def instance_of_case(case):
    """Lay a case out for the compiled search as it is, its shares left out."""
    points = len(case.demand)
    folds = np.ones(points) if case.folds is None else case.folds
    groups = csr_array((0, points))
    cover = case.cover.astype(float)
    return instance_of(
        Covering(
            cover, case.demand, case.costs, case.budget, folds.astype(int), groups, np.empty(0)
        )
    )


def exhaustive_optimum(case):
    """Try every subset; the oracle shares no code with what it checks. None where none will do."""
    count = len(case.costs)
    subsets = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)
    subsets = subsets[subsets[:, case.fixed].all(axis=1)]
    subsets = subsets[~subsets[:, list(case.forbidden)].any(axis=1)]
    subsets = subsets[subsets @ case.costs <= case.budget * (1 + 1e-12)]
    folds = np.ones(len(case.demand)) if case.folds is None else case.folds
    counts = subsets.astype(int) @ case.cover.toarray().astype(int) >= folds
    for share in case.shares:
        part = case.demand[share.points]
        counts = counts[counts[:, share.points] @ part >= (share.least - 1e-12) * part.sum()]
    if not len(counts):
        return None
    return case.demand[counts[np.argmax(counts @ case.demand)]].sum()


def reference_case(folder: Path, name, *, radius_m, sites):
    """Read an instance of AILS-MCLP; distances as it computes them, in single precision."""
    lines = (folder / "siting" / f"{name}.txt").read_text().splitlines()
    coordinates, demand = (i for i, line in enumerate(lines) if "SECTION" in line)
    count = next(int(line.split(":")[1]) for line in lines if "DIMENSION" in line)
    lat, lon = np.radians(np.loadtxt(lines[coordinates + 1 :][:count])).astype(np.float32).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    distance_m = np.float32(2 * 6378100) * np.arcsin(np.sqrt(half))
    weights = np.loadtxt(lines[demand + 1 :][:count])
    fixed = np.empty(0, dtype=int)
    return Case(csr_array(distance_m <= radius_m), weights, None, fixed, float(sites))
