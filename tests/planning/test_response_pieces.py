"""How long help takes along pieces of street, against dense sampling."""

from dataclasses import replace

import numpy as np
import pytest

from planning._response_pieces import Pieces, together


def random_pieces(count=40, ways=3, *, seed=0, missing=0.3):
    rng = np.random.default_rng(seed)
    size = (count, ways)
    start, end = rng.uniform(0, 300, size), rng.uniform(0, 300, size)
    start[rng.random(size) < missing] = np.inf
    end[rng.random(size) < missing] = np.inf
    return Pieces(
        street=np.arange(count),
        start_m=rng.uniform(0, 50, count),
        length_m=rng.uniform(1, 200, count),
        from_start_s=start,
        from_end_s=end,
        pace_s=rng.uniform(0.1, 1.0, size),
    )


def sampled(pieces, points=20_001):
    """Return the times at evenly spaced points of each piece: the oracle."""
    share = np.linspace(0, 1, points)
    in_m = pieces.length_m[:, None] * share
    left_m = pieces.length_m[:, None] - in_m
    best = np.full(in_m.shape, np.inf)
    for way in range(pieces.pace_s.shape[1]):
        pace = pieces.pace_s[:, way, None]
        np.minimum(best, pieces.from_start_s[:, way, None] + pace * in_m, out=best)
        np.minimum(best, pieces.from_end_s[:, way, None] + pace * left_m, out=best)
    return in_m, best


@pytest.mark.parametrize("seed", range(5))
def test_the_longest_time_is_that_of_dense_samples(seed):
    pieces = random_pieces(seed=seed)
    in_m, times = sampled(pieces)
    longest, at_m = pieces.longest()
    finite = np.isfinite(longest)
    assert finite.sum() > 0
    assert (np.isinf(times).all(axis=1) == ~finite).all()
    # A sample lies within half a step of the highest point.
    step_s = (pieces.length_m / 20_000) * pieces.pace_s.max(axis=1)
    assert (longest[finite] >= times.max(axis=1)[finite] - 1e-9).all()
    assert (longest[finite] <= (times.max(axis=1) + step_s)[finite]).all()
    there = np.abs(in_m + pieces.start_m[:, None] - at_m[:, None]).argmin(axis=1)
    reached = times[np.arange(len(there)), there]
    assert reached[finite] == pytest.approx(longest[finite], abs=step_s.max())


@pytest.mark.parametrize("limit_s", [0.0, 30.0, 100.0, 250.0])
def test_the_length_beyond_a_limit_is_that_of_dense_samples(limit_s):
    pieces = random_pieces()
    _, times = sampled(pieces)
    expected = pieces.length_m * (times > limit_s).mean(axis=1)
    assert pieces.longer_than(np.full(40, limit_s)) == pytest.approx(expected, abs=0.03)


def beyond(pieces, limit_s):
    """Return how much of all pieces takes longer than one limit."""
    return pieces.longer_than(np.full(len(pieces.street), limit_s)).sum()


@pytest.mark.parametrize("share", [0.5, 0.95, 1.0])
def test_a_share_is_reached_in_time_and_no_sooner(share):
    pieces = random_pieces(missing=0.05)
    (time_s,) = pieces.within(share, np.zeros(40, dtype=np.intp), 1)
    total = pieces.length_m.sum()
    assert beyond(pieces, time_s) <= (1 - share) * total + 1e-6
    assert beyond(pieces, time_s - 1e-6) > (1 - share) * total
    if share == 1.0:
        assert time_s == pytest.approx(pieces.longest()[0].max())


def test_every_group_has_a_time_of_its_own():
    one, other = random_pieces(seed=1, missing=0.0), random_pieces(seed=2, missing=0.0)
    alone = [part.within(0.95, np.zeros(40, dtype=np.intp), 1)[0] for part in (one, other)]
    both = together([one, other]).within(0.95, np.repeat([0, 2], 40), 3)
    assert both[[0, 2]] == pytest.approx(alone, abs=1e-8)
    assert np.isnan(both[1])


def test_where_nobody_comes_no_time_is_enough():
    lost = replace(
        random_pieces(2, missing=0.0),
        from_start_s=np.array([[np.inf] * 3, [0.0] * 3]),
        from_end_s=np.full((2, 3), np.inf),
        length_m=np.array([10.0, 90.0]),
    )
    alone = np.zeros(2, dtype=np.intp)
    assert lost.longest()[0][0] == np.inf
    assert lost.within(0.95, alone, 1)[0] == np.inf
    assert np.isfinite(lost.within(0.9, alone, 1)[0])


def test_a_sum_of_lots_is_all_of_them():
    one, other = random_pieces(seed=1), random_pieces(seed=2)
    both = together([one, other])
    assert both.longest()[0].tolist() == [*one.longest()[0], *other.longest()[0]]
    assert beyond(both, 50.0) == pytest.approx(beyond(one, 50.0) + beyond(other, 50.0))


def test_a_lost_crossing_is_caught(monkeypatch):
    """The planted fault: with the ends alone, the highest point between them is missed."""

    def ends_only(pieces, ahead, back):
        start, end = pieces.from_start_s[:, ahead], pieces.from_end_s[:, back]
        time_s = np.minimum(start, end + pieces.pace_s[:, back] * pieces.length_m)
        return time_s, np.zeros(len(time_s))

    honest = random_pieces().longest()[0]
    monkeypatch.setattr(Pieces, "_crossing", ends_only)
    assert (random_pieces().longest()[0] < honest - 1.0).any()
