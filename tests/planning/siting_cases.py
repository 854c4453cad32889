"""Small and reference instances of maximal covering, and the exhaustive oracle."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, random_array


@dataclass(frozen=True)
class Case:
    cover: csr_array
    demand: np.ndarray
    cost: np.ndarray | None
    fixed: np.ndarray
    budget: float

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


def exhaustive_optimum(case):
    """Try every subset; the oracle shares no code with what it checks."""
    seen = case.cover.toarray()
    best = -np.inf
    for mask in range(2 ** len(case.costs)):
        chosen = np.array([mask >> i & 1 for i in range(len(case.costs))], dtype=bool)
        if chosen[case.fixed].all() and case.costs[chosen].sum() <= case.budget * (1 + 1e-12):
            best = max(best, case.demand[seen[chosen].any(axis=0)].sum())
    return best


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
