"""Heat flow on a mesh: exp(-time * M^-1 K) by one sparse factorisation.

The exponential is a polynomial in the resolvent R = (M + s K)^-1 M, so that one real factorisation
serves every term. With z an eigenvalue of time * M^-1 K, R has the eigenvalue y = 1 / (1 + c z) in
(0, 1], and exp(-z) = exp((1 - 1 / y) / c) is smooth in y on [0, 1], end points included: it is
interpolated at Chebyshev points. The error falls by 1 + sqrt(2) a term if c = sqrt(2) / terms:
Andersson, J.-E. (1981), "Approximation of e^-x by rational functions with concentrated negative
poles", Journal of Approximation Theory 32 (2), 85-95. Both ends are interpolation points: y = 1
keeps the heat, y = 0 damps what the mesh cannot resolve however short its segments are.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

Floats: TypeAlias = NDArray[np.float64]

# The largest error over all eigenvalues is then 8e-12.
TERMS = 28


def heat_flow(stiffness: sparse.csr_array, volume: Floats, heat: Floats, *, time: float) -> Floats:
    """Let heat diffuse over a mesh with reflecting ends.

    Parameters
    ----------
    stiffness
        Symmetric matrix of the flow between nodes whose rows sum to 0: minus the conductance
        between two nodes, off the diagonal.
    volume
        Volume of each node, > 0.
    heat
        Heat of each node at the beginning, >= 0.
    time
        How long it diffuses, > 0.

    Returns
    -------
    heat
        Heat of each node at the end, >= 0, of the same sum.
    """
    scale = math.sqrt(2) / TERMS
    system = (sparse.diags_array(volume) + scale * time * stiffness).tocsc()
    factors = splu(
        system,
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    coefficients = _coefficients(scale)
    before, now = heat, 2 * volume * factors.solve(heat) - heat
    flowed = coefficients[0] * before + coefficients[1] * now
    for coefficient in coefficients[2:]:
        before, now = now, 2 * (2 * volume * factors.solve(now) - now) - before
        flowed += coefficient * now
    # Far from any heat the sum leaves less than its error, of either sign.
    return _with_heat_of(heat, np.maximum(flowed, 0.0), stiffness)


def _with_heat_of(before: Floats, after: Floats, stiffness: sparse.csr_array) -> Floats:
    """Undo what rounding did to the heat of each connected piece.

    Where one segment is many orders shorter than the heat spreads, solving loses that many digits.
    """
    _, piece = connected_components(stiffness, directed=False)
    order = np.argsort(piece, kind="stable")
    first = np.flatnonzero(np.diff(piece[order], prepend=-1))
    # reduceat adds in pairs, which keeps the digits that bincount loses over a million nodes.
    had, has = np.add.reduceat(before[order], first), np.add.reduceat(after[order], first)
    scale = np.divide(had, has, out=np.ones(len(has)), where=has > 0)
    return np.asarray(after * scale[piece])


def _coefficients(scale: float) -> Floats:
    """Return the Chebyshev coefficients of exp((1 - 1 / y) / scale) on [0, 1]."""
    y = (1 + np.cos(np.pi * np.arange(TERMS + 1) / TERMS)) / 2
    values = np.zeros(TERMS + 1)
    values[y > 0] = np.exp((1 - 1 / y[y > 0]) / scale)
    coefficients = np.asarray(fft.dct(values, type=1)) / TERMS
    coefficients[[0, -1]] /= 2
    return coefficients
