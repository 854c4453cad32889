"""How long a siting of the size of a town takes."""

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from planning.siting import maximal_coverage


def test_thousand_candidates(benchmark):
    rng = np.random.default_rng(0)
    points, sites = rng.random((4000, 2)), rng.random((1000, 2))
    near = cKDTree(sites).sparse_distance_matrix(cKDTree(points), 0.04)
    cover = csr_array(near.tocsr() > 0)
    result = benchmark.pedantic(
        maximal_coverage,
        args=(cover, np.ones(4000)),
        kwargs={"budget": 25, "time_limit_s": 20.0, "seed": 0},
        rounds=1,
    )
    assert result.gap < 0.05
