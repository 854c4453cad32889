"""From what is public of a unit, and noisy sums of incidents, to its band."""

from collections.abc import Sequence
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A score is the mean of the merits of a unit, each from 0 to 1, with these weights; merits that
# are not known for a zone are left out.
WEIGHTS: Final = {"lit": 0.25, "watched": 0.25, "lively": 0.2, "posted": 0.05, "calm": 0.25}
# Score from which a unit is in the second and in the third band.
STEPS: Final = (0.45, 0.6)
# A unit leaves the band it was in only when its score is so far beyond the step.
MARGIN: Final = 0.03
# Merits other than calm are told in classes of this width.
CLASS_WIDTH: Final = 0.25
# So many windows are averaged; older ones tell of another town.
WINDOWS_KEPT: Final = 8


class NoisySums(NamedTuple):
    """Noisy sums of incidents in each unit.

    Attributes
    ----------
    mean
        Mean of the sums over the windows that are kept, shape (units,).
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
    previous: Sequence[int] | None,
) -> Ints:
    """Return the bands of a release; of incidents they know the noisy sums alone.

    Parameters
    ----------
    sums
        Noisy sums of the windows released so far, the newest last, shape (windows, units).
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
        From 0 to the number of steps, shape (units,).
    """
    kept = sums[-WINDOWS_KEPT:]
    mean = NoisySums(kept.mean(axis=0), noise_sd / sqrt(len(kept)))
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
    centre = sums.mean.sum() / length_m.sum()
    variance = (sums.sd / length_m) ** 2
    kept = np.ones(len(rate))
    if sums.sd > 0.0:
        weight = 1.0 / variance
        spread = (weight * (rate - (weight * rate).sum() / weight.sum()) ** 2).sum()
        scale = weight.sum() - (weight**2).sum() / weight.sum()
        excess = spread - (len(rate) - 1)
        between = max(0.0, excess / scale) if scale > 0.0 else 0.0
        kept = between / (between + variance)
    # Where incidents are so few that the mean itself is noise, noise must not be told as a rate.
    level = max(float(centre), float(np.median(np.sqrt(variance))), np.finfo(np.float64).tiny)
    estimated = np.maximum(centre + kept * (rate - centre), 0.0)
    return np.asarray(1.0 / (1.0 + estimated / level))


def scores(merits: dict[str, Floats]) -> Floats:
    """Return the weighted mean of the merits that are known."""
    total = sum(WEIGHTS[name] for name in merits)
    return np.asarray(sum(WEIGHTS[name] * merit for name, merit in merits.items()) / total)


def levels(score: Floats, previous: Sequence[int] | None) -> Ints:
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
    steps = np.array(STEPS)[:, None]
    if previous is None:
        return np.asarray((score >= steps).sum(axis=0), dtype=np.int64)
    surely = (score >= steps + MARGIN).sum(axis=0)
    perhaps = (score >= steps - MARGIN).sum(axis=0)
    return np.asarray(np.clip(np.array(previous), surely, perhaps), dtype=np.int64)
