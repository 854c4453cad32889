"""Sums of Gaussian kernels at any places, their widths on the two axes apart."""

from typing import Final

import numpy as np
from scipy.ndimage import map_coordinates

from analytics._forecast_input import Floats
from analytics.density import density_surface

# A cubic spline through nodes half a standard deviation apart errs by less than 0.2 % of the peak.
NODES_PER_SD: Final = 2.0
# So many nodes are laid beyond the outermost places; what the spline assumes about its ends fades
# by 0.27 a node.
_MARGIN: Final = 12
_PAIRS_AT_A_TIME: Final = 4_000_000
# One pair of event and place costs about as much as so many nodes.
_NODES_PER_PAIR: Final = 0.25


def kernel_sum(places: Floats, xy: Floats, mass: Floats, *, sd: tuple[float, float]) -> Floats:
    """Return the density of events at places.

    It is computed on nodes and read from them by a cubic spline, or pair by pair where the places
    are so few that this is less work.

    Parameters
    ----------
    places
        Where the density is wanted, shape (m, 2).
    xy
        Position of each event, shape (n, 2).
    mass
        How much each event counts, >= 0.
    sd
        Standard deviation of the kernel along x and along y, > 0.

    Returns
    -------
    density
        Mass per square unit at the places, shape (m,), >= 0.
    """
    counts = mass > 0
    if not (len(places) and counts.any()):
        return np.zeros(len(places))
    xy, mass = xy[counts], mass[counts]
    # Stretched so that the kernel is round, which is the one that the surface has.
    stretch = np.array([1.0, sd[0] / sd[1]])
    spacing = sd[0] / NODES_PER_SD
    places, xy = places * stretch, xy * stretch
    low = places.min(axis=0) - _MARGIN * spacing
    shape = np.ceil((places.max(axis=0) + _MARGIN * spacing - low) / spacing) + 1
    if shape.prod() * _NODES_PER_PAIR > len(places) * len(xy):
        density = _pair_by_pair(places, xy, mass, sd[0])
    else:
        high = low + shape * spacing
        surface = density_surface(
            xy,
            bounds=(low[0], low[1], high[0], high[1]),
            shape=(int(shape[1]), int(shape[0])),
            bandwidth_m=sd[0],
            weights=mass,
        )
        column, row = ((places - low) / spacing - 0.5).T
        density = map_coordinates(surface, [row, column], order=3, mode="nearest")
    return np.asarray(np.maximum(density, 0.0) * stretch[1])


def _pair_by_pair(places: Floats, xy: Floats, mass: Floats, sd: float) -> Floats:
    density = np.empty(len(places))
    step = max(1, _PAIRS_AT_A_TIME // len(xy))
    for begin in range(0, len(places), step):
        some = places[begin : begin + step]
        squared = ((some[:, None, :] - xy) ** 2).sum(axis=-1)
        density[begin : begin + step] = np.exp(squared / (-2 * sd**2)) @ mass
    return density / (2 * np.pi * sd**2)
