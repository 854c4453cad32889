"""Heat flow on a mesh: exp(-time * M^-1 K) by one sparse factorisation, for several times.

The exponential is a polynomial in the resolvent R = (M + s K)^-1 M, so that one real factorisation
serves every term. With z an eigenvalue of M^-1 K, R has the eigenvalue y = 1 / (1 + s z) in (0, 1],
and exp(-time z) = exp((1 - 1 / y) time / s) is smooth in y on [0, 1], end points included: it is
interpolated at Chebyshev points. For one time the error falls by 1 + sqrt(2) a term where the pole
is best: Andersson, J.-E. (1981), "Approximation of e^-x by rational functions with concentrated
negative poles", Journal of Approximation Theory 32 (2), 85-95. Both ends are interpolation points:
y = 1 keeps the heat, y = 0 damps what the mesh cannot resolve however short its segments are.

Time enters the coefficients alone: the terms themselves, and with them all solving, serve every
time. The pole has to suit the shortest and the longest, which takes more terms the further they
are apart: 28 for one time, 38 for times up to 16-fold (bandwidths up to fourfold), 80 for 256-fold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

# Largest sum of the coefficients that are left out; the error over all eigenvalues is at most twice
# that, as interpolation adds to the others what it leaves out.
LEFT_OUT = 4e-12
# So many coefficients tell how many matter, and such ratios of time to pole are tried.
_FINE = 1024
_RATIOS = np.geomspace(0.02, 200, 161)


class _Factors(Protocol):
    def solve(self, right: Floats) -> Floats: ...


@dataclass(frozen=True)
class HeatFlow:
    """A mesh with reflecting ends, factorised so that any heat can diffuse over it.

    Attributes
    ----------
    volume
        Volume of each node.
    factors
        Solves (M + s K) x = b.
    coefficients
        What each term counts for each time, shape (times, terms + 1).
    piece
        Connected piece that each node belongs to.
    """

    volume: Floats
    factors: _Factors
    coefficients: Floats
    piece: Ints

    @classmethod
    def of_mesh(cls, stiffness: sparse.csr_array, volume: Floats, times: Sequence[float]) -> Self:
        """Factorise a mesh.

        Parameters
        ----------
        stiffness
            Symmetric matrix of the flow between nodes whose rows sum to 0: minus the conductance
            between two nodes, off the diagonal.
        volume
            Volume of each node, > 0.
        times
            How long heat diffuses, > 0; at least one.

        Returns
        -------
        flow
            What lets heat diffuse for each of the times.
        """
        pole, terms = shared_pole(min(times), max(times))
        system = (sparse.diags_array(volume) + pole * stiffness).tocsc()
        factors = splu(
            system,
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        coefficients = np.stack([chebyshev(time / pole, terms) for time in times])
        _, piece = connected_components(stiffness, directed=False)
        return cls(volume, factors, coefficients, piece.astype(np.int64))

    def spread(self, heat: Floats) -> Floats:
        """Let heat diffuse.

        Parameters
        ----------
        heat
            Heat of each node at the beginning, >= 0, a layer a column: shape (nodes, layers).

        Returns
        -------
        heat
            Heat at each time, >= 0, of the same sum on each connected piece, shape (times, nodes,
            layers).
        """
        flowed = np.zeros((len(self.coefficients), *heat.shape))
        for factors, term in zip(self.coefficients.T, self.terms(heat), strict=True):
            for time, factor in enumerate(factors):
                flowed[time] += factor * term
        # Far from any heat the sum leaves less than its error, of either sign.
        np.maximum(flowed, 0.0, out=flowed)
        return self._with_heat_of(heat, flowed)

    def terms(self, heat: Floats) -> Iterator[Floats]:
        """Give the terms that the heat at any time is a sum of, each times its coefficient.

        Parameters
        ----------
        heat
            Heat of each node at the beginning, shape (nodes, layers).

        Yields
        ------
        term
            One term after the other, of that shape.
        """
        volume = self.volume[:, None]
        before, now = heat, 2 * volume * self.factors.solve(heat) - heat
        yield before
        yield now
        for _ in range(self.coefficients.shape[1] - 2):
            before, now = now, 2 * (2 * volume * self.factors.solve(now) - now) - before
            yield now

    def _with_heat_of(self, before: Floats, after: Floats) -> Floats:
        """Undo what rounding did to the heat of each connected piece.

        Where one segment is many orders shorter than the heat spreads, solving loses that many
        digits.
        """
        order = np.argsort(self.piece, kind="stable")
        first = np.flatnonzero(np.diff(self.piece[order], prepend=-1))
        for layer in range(before.shape[1]):
            # reduceat adds in pairs, which keeps the digits that bincount loses over a million
            # nodes.
            had = np.add.reduceat(before[order, layer], first)
            for of_time in after:
                has = np.add.reduceat(of_time[order, layer], first)
                scale = np.divide(had, has, out=np.ones(len(has)), where=has > 0)
                of_time[:, layer] *= scale[self.piece]
        return after


def shared_pole(shortest: float, longest: float) -> tuple[float, int]:
    """Choose a pole that serves all times between two.

    Parameters
    ----------
    shortest
        Shortest time, > 0.
    longest
        Longest time, at least as long.

    Returns
    -------
    pole
        The factor s in (M + s K).
    terms
        Number of terms that the worst time needs.
    """
    wanted = longest / shortest
    needs = _terms_needed()
    # The terms that a time needs fall and then rise with its ratio to the pole: of all times the
    # shortest or the longest needs most.
    worst = np.maximum(
        needs, np.interp(np.log(_RATIOS * wanted), np.log(_RATIOS), needs, right=_FINE)
    )
    best = int(worst.argmin())
    return shortest / float(_RATIOS[best]), int(np.ceil(worst[best]))


@cache
def _terms_needed() -> Floats:
    """Return how many terms leave out less than LEFT_OUT, for each of _RATIOS of time to pole."""
    size = np.abs([chebyshev(float(ratio), _FINE) for ratio in _RATIOS])
    left_out = np.cumsum(size[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((left_out > LEFT_OUT).sum(axis=1), dtype=np.float64)


def chebyshev(ratio: float, terms: int) -> Floats:
    """Interpolate the exponential in the resolvent.

    Parameters
    ----------
    ratio
        Time over pole, > 0.
    terms
        Number of terms after the first.

    Returns
    -------
    coefficients
        Chebyshev coefficients of exp((1 - 1 / y) ratio) on [0, 1], shape (terms + 1,).
    """
    y = (1 + np.cos(np.pi * np.arange(terms + 1) / terms)) / 2
    values = np.zeros(terms + 1)
    values[y > 0] = np.exp((1 - 1 / y[y > 0]) * ratio)
    coefficients = np.asarray(fft.dct(values, type=1)) / terms
    coefficients[[0, -1]] /= 2
    return coefficients
