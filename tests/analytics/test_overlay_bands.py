"""Noise of the overlay and the bands that are made from noisy sums."""

import numpy as np
import pytest
from scipy import stats

from analytics._overlay_bands import NoisySums, calm, levels, scores
from analytics._overlay_noise import SENSITIVITY, keyed_normals, noisy_sums
from tests.analytics.overlay_attack import best_accuracy
from tests.analytics.overlay_cases import KEY

# Noise that is drawn otherwise one day would be a second noise on the same sums.
PINNED = [-1.4364574554326053, -1.855829554220353, -2.1470079759969254]


def test_noise_is_normal_independent_and_different_for_every_context():
    rows = np.array([keyed_normals(KEY, f"context {number}", 13) for number in range(4000)])
    assert stats.kstest(rows.ravel(), "norm").pvalue > 1e-3
    off = np.corrcoef(rows.T) - np.eye(13)
    assert np.abs(off).max() < 5 / len(rows) ** 0.5
    assert len(np.unique(rows)) == rows.size


def test_noise_stays_the_same_in_every_version_and_hangs_on_the_key():
    assert keyed_normals(KEY, "a", 5)[:3] == pytest.approx(keyed_normals(KEY, "a", 3), abs=0)
    assert not np.isclose(keyed_normals(KEY, "a", 3), keyed_normals(KEY[::-1], "a", 3)).any()
    assert keyed_normals(KEY, "a", 3) == pytest.approx(PINNED, abs=1e-12)


def test_the_bound_is_what_the_budget_promises():
    assert best_accuracy(0.25) == pytest.approx(stats.norm.cdf(0.125), abs=1e-12)
    assert best_accuracy(0.25) <= 0.55
    noisy = [noisy_sums(np.zeros(13), key=KEY, context=str(n), budget=0.25) for n in range(2000)]
    assert np.std(noisy) == pytest.approx(SENSITIVITY / 0.25, rel=0.02)


def test_calm_is_the_rate_against_the_mean_and_noise_alone_says_little():
    length = np.array([100.0, 100.0, 200.0])
    exact = calm(NoisySums(np.array([0.0, 10.0, 30.0]), 0.0), length)
    assert exact == pytest.approx([1.0, 0.5, 0.4], abs=1e-12)
    rng = np.random.default_rng(3)
    alike = np.array(
        [calm(NoisySums(20 + rng.normal(0, 5, 12), 5.0), np.ones(12)) for _ in range(300)]
    )
    far = np.array(
        [calm(NoisySums(20 + rng.normal(0, 5, 12), 0.0), np.ones(12)) for _ in range(300)]
    )
    assert alike.std() < far.std() / 2


def test_a_band_leaves_its_place_only_when_its_score_is_well_beyond_the_step():
    score = np.array([0.44, 0.46, 0.46, 0.44, 0.7, 0.2])
    assert list(levels(score, None)) == [0, 1, 1, 0, 2, 0]
    assert list(levels(score, [1, 0, 1, 0, 0, 2])) == [1, 0, 1, 0, 2, 0]


def test_merits_that_are_unknown_are_left_out_of_the_score():
    one = {"lit": np.array([1.0]), "watched": np.array([0.0])}
    assert scores(one) == pytest.approx([0.5])
    assert scores(one | {"calm": np.array([0.5])}) == pytest.approx([0.5])
