"""Chance in compiled searches: splitmix64, as generators compile slowly.

Steele, G. L., Lea, D. and Flood, C. H. (2014), "Fast splittable pseudorandom number generators",
OOPSLA, 453-472.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bits = NDArray[np.uint64]


@njit(cache=True)
def chance(state: Bits) -> float:
    """Draw from (0, 1).

    Parameters
    ----------
    state
        One number of 64 bits, which is changed.

    Returns
    -------
    drawn
        Evenly distributed.
    """
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (float(z >> np.uint64(11)) + 0.5) / 9007199254740992.0
