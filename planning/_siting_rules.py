"""Whether a choice of sites obeys its rules, and why none does."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planning._siting_input import ROUNDING, Request
from planning._siting_residual import residual
from planning._siting_search import search

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def covered_points(request: Request, chosen: Flags) -> Flags:
    """Count anew which demand points as many chosen candidates see as they need.

    Parameters
    ----------
    request
        The siting as it was asked for.
    chosen
        Whether each candidate is chosen.

    Returns
    -------
    covered
        Whether each demand point counts.
    """
    covered: Flags = _seen_by(request, chosen) >= request.folds
    return covered


def without_idle(request: Request, chosen: Flags) -> Flags:
    """Give up the chosen candidates that cover nothing beyond what the others cover.

    Parameters
    ----------
    request
        The siting as it was asked for.
    chosen
        Whether each candidate is chosen.

    Returns
    -------
    needed
        The same choice without them, the dearest given up first; fixed ones stay.
    """
    needed = chosen.copy()
    seen_by = _seen_by(request, chosen)
    sites = np.flatnonzero(chosen & ~request.kept)
    for site in sites[np.argsort(-request.costs[sites], kind="stable")]:
        row = request.cover.indices[request.cover.indptr[site] : request.cover.indptr[site + 1]]
        if not (request.weights[row][seen_by[row] == request.folds[row]] > 0).any():
            needed[site] = False
            seen_by[row] -= 1
    return needed


def unmet_shares(request: Request, chosen: Flags) -> list[int]:
    """Name the shares that a choice does not meet.

    Parameters
    ----------
    request
        The siting as it was asked for.
    chosen
        Whether each candidate is chosen.

    Returns
    -------
    unmet
        Their places among the shares.
    """
    reached, total = _reached(request, chosen), _totals(request)
    return np.flatnonzero(reached < (request.least - ROUNDING) * total).tolist()


def broken_rules(request: Request, chosen: Flags) -> list[str]:
    """Say which rules a choice breaks, whatever search it came from.

    Parameters
    ----------
    request
        The siting as it was asked for.
    chosen
        Whether each candidate is chosen.

    Returns
    -------
    broken
        A text for each rule; empty where the choice obeys all.
    """
    broken = []
    spent = float(request.costs[chosen].sum())
    if spent > request.budget * (1 + ROUNDING):
        broken.append(f"Expected sites for at most {request.budget}, got {spent}.")
    if (request.kept & ~chosen).any():
        missing = np.flatnonzero(request.kept & ~chosen).tolist()
        broken.append(f"Expected the fixed sites among the chosen, got none of {missing}.")
    if (request.barred & chosen).any():
        wrong = np.flatnonzero(request.barred & chosen).tolist()
        broken.append(f"Expected no forbidden site among the chosen, got {wrong}.")
    for at in unmet_shares(request, chosen):
        part = _reached(request, chosen)[at] / _totals(request)[at]
        broken.append(_expected(request, at) + f", got {part:.6g}.")
    return broken


class Limits(NamedTuple):
    """How long it may be looked for the reason why no choice meets the shares.

    Attributes
    ----------
    end_s
        Reading of `time.perf_counter` at which the search stops.
    seed
        Seed of the random swaps.
    keep_going
        Asked between steps; once it says no, the search stops.
    """

    end_s: float
    seed: int
    keep_going: Callable[[], bool]


def reason(request: Request, chosen: Flags, limits: Limits) -> str:
    """Say which share no choice meets and the most of it that can be reached.

    Shares are tried one by one, then each together with those before it.

    Parameters
    ----------
    request
        The siting as it was asked for.
    chosen
        The choice that comes nearest to the shares, of those found.
    limits
        How long to look for a proof.

    Returns
    -------
    reason
        A proof in words; where there was no time for one, what was found.
    """
    count = len(request.least)
    trials = [(at, 0) for at in range(count)] + [(at, at) for at in range(1, count)]
    for done, (at, before) in enumerate(trials):
        now_s = time.perf_counter()
        end_s = now_s + (limits.end_s - now_s) / (len(trials) - done)
        most = _most_of(request, at, before, limits._replace(end_s=end_s))
        if most < request.least[at] - ROUNDING:
            others = ", ".join(f"`shares[{other}]`" for other in range(before))
            whose = f"no choice that meets {others}" if others else "no choice"
            return f"{_expected(request, at)}; {whose} reaches more than {most:.6g}."
    at = unmet_shares(request, chosen)[0]
    part = _reached(request, chosen)[at] / _totals(request)[at]
    return (
        f"{_expected(request, at)}; found no choice that meets every share in the time given, "
        f"the best one reaches {part:.6g}. Whether there is one is not proven."
    )


def _most_of(request: Request, at: int, before: int, limits: Limits) -> float:
    """Bound which part of a share any choice reaches that meets the first `before` shares."""
    eased = request._replace(members=request.members[:before], least=request.least[:before])
    problem, candidates, most = residual(eased, request.weights * request.members[at])
    if len(candidates) and problem.demand.any():
        rng = np.random.default_rng(limits.seed)
        _, bound = search(problem, end_s=limits.end_s, rng=rng, keep_going=limits.keep_going)
        most += max(bound, 0.0)
    total = _totals(request)[at]
    return most / total if total else 1.0


def _expected(request: Request, at: int) -> str:
    return (
        f"Expected at least {request.least[at]:.6g} of the demand of `shares[{at}]` covered "
        f"within the budget of {request.budget:.6g}"
    )


def _seen_by(request: Request, chosen: Flags) -> NDArray[np.intp]:
    seen = request.cover[np.flatnonzero(chosen)].indices
    return np.bincount(seen, minlength=len(request.weights))


def _reached(request: Request, chosen: Flags) -> Floats:
    """Return the demand that a choice covers in each share."""
    reached: Floats = request.members @ (request.weights * covered_points(request, chosen))
    return reached


def _totals(request: Request) -> Floats:
    totals: Floats = request.members @ request.weights
    return totals
