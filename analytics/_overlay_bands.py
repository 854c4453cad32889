"""From what is public of a unit, and noisy sums of incidents, to its band.

Units are the last axis of every array; those before it are releases computed at once.
"""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A score is the mean of the merits of a unit, each from 0 to 1, with these weights; merits that
# are not known for a zone are left out.
WEIGHTS: Final = {"lit": 0.25, "watched": 0.25, "lively": 0.2, "posted": 0.05, "calm": 0.25}
# Score from which a unit is in the second and in the third band.
STEPS: Final = (0.45, 0.6)
# A unit leaves the band it was in only when its score is so far beyond the step.
MARGIN: Final = 0.02
# Merits other than calm are told in classes of this width.
CLASS_WIDTH: Final = 0.25
# So many windows are averaged; older ones tell of another town.
WINDOWS_KEPT: Final = 8


class NoisySums(NamedTuple):
    """Noisy sums of incidents in each unit.

    Attributes
    ----------
    mean
        Mean of the sums over the windows that are kept, shape (..., units).
    sd
        Standard deviation of the noise of that mean, >= 0.
    """

    mean: Floats
    sd: float


def released_bands(
    sums: Floats,
    merits: dict[str, Floats],
    length_m: Floats,
    *,
    noise_sd: float,
    previous: ArrayLike | None,
) -> Ints:
    """Return the bands of a release; of incidents they know the noisy sums alone.

    Parameters
    ----------
    sums
        Noisy sums of the windows released so far, the newest last, shape (..., windows, units).
    merits
        What is public of each unit, from 0 to 1.
    length_m
        Length of street in each unit, in metres.
    noise_sd
        Standard deviation of the noise on each sum.
    previous
        Bands of the release before, if there was one.

    Returns
    -------
    bands
        From 0 to the number of steps, shape (..., units).
    """
    kept = sums[..., -WINDOWS_KEPT:, :]
    mean = NoisySums(kept.mean(axis=-2), noise_sd / sqrt(kept.shape[-2]))
    return levels(scores(merits | {"calm": calm(mean, length_m)}), previous)


def coarse(share: Floats) -> Floats:
    """Round shares to the nearest class."""
    return np.asarray(np.round(share / CLASS_WIDTH) * CLASS_WIDTH)


def calm(sums: NoisySums, length_m: Floats) -> Floats:
    """Estimate how calm each unit is, from noisy sums.

    The rate of a unit, incidents a metre of street, is drawn towards the mean of all as far as its
    differences from them are noise: the variance between units is that of DerSimonian, R. and
    Laird, N. (1986), "Meta-analysis in clinical trials", Controlled Clinical Trials 7, 177-188.

    Parameters
    ----------
    sums
        Noisy sums.
    length_m
        Length of street in each unit, in metres, > 0.

    Returns
    -------
    calm
        From 0 to 1: a half at the mean rate, 1 without incidents, a third at twice the mean.
    """
    rate = sums.mean / length_m
    centre = sums.mean.sum(axis=-1, keepdims=True) / length_m.sum()
    noise = sums.sd / length_m
    kept = _kept(rate, noise**2) if sums.sd > 0.0 else np.ones_like(rate)
    # Where incidents are so few that the mean itself is noise, noise must not be told as a rate.
    level = np.maximum(centre, max(float(np.median(noise)), np.finfo(np.float64).tiny))
    estimated = np.maximum(centre + kept * (rate - centre), 0.0)
    return np.asarray(1.0 / (1.0 + estimated / level))


def _kept(rate: Floats, variance: Floats) -> Floats:
    """Return the part of each unit's difference from the mean that is no noise, from 0 to 1."""
    weight = 1.0 / variance
    total = weight.sum()
    centre = (weight * rate).sum(axis=-1, keepdims=True) / total
    excess = (weight * (rate - centre) ** 2).sum(axis=-1, keepdims=True) - (len(weight) - 1)
    scale = total - (weight**2).sum() / total
    between = np.maximum(excess, 0.0) / scale if len(weight) > 1 else np.zeros_like(excess)
    return np.asarray(between / (between + variance))


def scores(merits: dict[str, Floats]) -> Floats:
    """Return the weighted mean of the merits that are known."""
    total = sum(WEIGHTS[name] for name in merits)
    return np.asarray(sum(WEIGHTS[name] * merit for name, merit in merits.items()) / total)


def levels(score: Floats, previous: ArrayLike | None) -> Ints:
    """Return the band of each unit, 0 the first; it stays as it was while the score is near.

    Parameters
    ----------
    score
        Score of each unit, from 0 to 1.
    previous
        Bands of the release before, if there was one.

    Returns
    -------
    levels
        From 0 to the number of steps.
    """
    steps = np.array(STEPS)
    if previous is None:
        return np.asarray((score[..., None] >= steps).sum(axis=-1), dtype=np.int64)
    surely = (score[..., None] >= steps + MARGIN).sum(axis=-1)
    perhaps = (score[..., None] >= steps - MARGIN).sum(axis=-1)
    return np.asarray(np.clip(np.asarray(previous), surely, perhaps), dtype=np.int64)
