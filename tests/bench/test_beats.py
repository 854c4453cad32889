"""How even and compact beats are, and in what time, beside clusters of k-means.

`extra_info` (in the file of --benchmark-json) holds imbalance, spread and, for beats, the bound.
K-means, weighted by load, is compact, but neither even nor contiguous. The benchmarks run on 4,900
streets and 40 beats; as plain tests they are small.
"""

import time

import numpy as np
import pandas as pd
import pytest
import shapely
from sklearn.cluster import KMeans

from planning import _beat_bound, _beat_search
from planning.beats import make_beats
from tests.planning.beat_cases import grid, is_contiguous, loads, unevenness

pytestmark = pytest.mark.benchmark(timer=time.process_time, group="beats")


def town(benchmark):
    """Return streets, a risk that crowds in places, and a number of beats."""
    streets = grid(50, 50) if benchmark.enabled else grid(8, 8)
    rng = np.random.default_rng(0)
    xy = middles(streets)
    centre = xy[rng.choice(len(xy), 5)]
    near = np.hypot(*(xy[:, None] - centre[None]).transpose(2, 0, 1)).min(axis=1)
    risk = pd.Series(rng.gamma(1.0, np.exp(-near / 500.0)), index=streets.index)
    return streets, risk, 40 if benchmark.enabled else 6


def middles(streets):
    middle = shapely.line_interpolate_point(streets.geometry.array, 0.5, normalized=True)
    return shapely.get_coordinates(middle)


@pytest.fixture(scope="module", autouse=True)
def warm():
    """Compile, so that no benchmark counts it."""
    _beat_search.compile_search()


def spread_m(streets, beat):
    """Return the root mean square distance of streets from the middle of their beat, by pandas."""
    length = streets.length
    xy = pd.DataFrame(middles(streets), index=streets.index)
    middle = xy.mul(length, axis=0).groupby(beat).sum().div(length.groupby(beat).sum(), axis=0)
    apart = (xy - middle.loc[beat].to_numpy()) ** 2
    return float(np.sqrt((apart.sum(axis=1) * length).sum() / length.sum()))


def test_beats(benchmark, monkeypatch):
    if not benchmark.enabled:
        monkeypatch.setattr(_beat_bound, "_LOOKS", 3)
    streets, risk, beats = town(benchmark)
    options = {"beats": beats, "seed": 0, "time_limit_s": 60.0}
    result = benchmark.pedantic(make_beats, (streets, risk), options, rounds=1)
    benchmark.extra_info |= {
        "imbalance": result.imbalance,
        "bound": result.bound,
        "spread_m": result.spread_m,
    }
    assert is_contiguous(streets, result.beat)
    assert result.spread_m == pytest.approx(spread_m(streets, result.beat))
    assert result.imbalance <= 0.05


def test_k_means(benchmark):
    streets, risk, beats = town(benchmark)
    load = loads(streets, risk)
    model = KMeans(beats, n_init=4, random_state=0)
    benchmark.pedantic(model.fit, (middles(streets),), {"sample_weight": load}, rounds=1)
    beat = pd.Series(model.labels_, index=streets.index)
    benchmark.extra_info |= {
        "imbalance": unevenness(load, beat, beats),
        "spread_m": spread_m(streets, beat),
    }
    assert unevenness(load, beat, beats) > 0.05
