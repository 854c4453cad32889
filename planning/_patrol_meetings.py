"""Visits that need two units: appointments at an instant that nobody can foresee.

Tours know nothing of each other, so a visit by several units is offered as copies at one instant
within its window, drawn by the seed: no unit can make two of them. Who comes alone has come in
vain; that visit does not count, and its time goes to others in the next round.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._patrol_problem import Flags, Night

NO_MEETING = -1
# Instants tried for one at which enough units could come.
_DRAWS = 12
# More seconds than a night has: point and instant make one number.
_INSTANTS = 10_000_000


def arrange(night: Night, visits: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Turn visits that need several units into appointments.

    Parameters
    ----------
    night
        Who is out, and what there is to stop for.
    visits
        Visits offered: point, earliest_s, latest_s, weight.
    rng
        Source of the instants.

    Returns
    -------
    offers
        The visits with `required` (none is) and `meeting`: a number that the copies of one visit
        share, `NO_MEETING` for visits that one unit makes alone. A visit for which there are too
        few units at every instant tried is left out.
    """
    needs = night.points["needs_units"].to_numpy(np.intp)[visits["point"].to_numpy(dtype=np.intp)]
    offers = [visits[needs == 1].assign(required=False, meeting=NO_MEETING)]
    for number in np.flatnonzero(needs > 1).tolist():
        visit, count = visits.iloc[[number]], int(needs[number])
        instant_s = _instant(night, visits.iloc[number], count, rng)
        if instant_s is not None:
            copies = visit.loc[visit.index.repeat(count)].assign(
                earliest_s=instant_s,
                latest_s=instant_s,
                weight=visit["weight"].iloc[0] / count,
                required=False,
                meeting=int(visit["point"].iloc[0]) * _INSTANTS + int(instant_s),
            )
            offers.append(copies)
    arranged: pd.DataFrame = pd.concat(offers, ignore_index=True)
    return arranged


def rows_that_meet(
    night: Night, visits: pd.DataFrame, tours: Sequence[Sequence[int]]
) -> NDArray[np.bool_]:
    """Tell the copies of appointments to which enough units come, and no more of them than needed.

    Parameters
    ----------
    night
        Who is out.
    visits
        Visits offered, as `arrange` returns them.
    tours
        Rows of the visits that each segment makes.

    Returns
    -------
    met
        One flag a visit.
    """
    met = np.zeros(len(visits), dtype=np.bool_)
    crews = {
        row: len(night.segments[number].units) for number, tour in enumerate(tours) for row in tour
    }
    needs = night.points["needs_units"].to_numpy(np.intp)
    appointments = visits[visits["meeting"] != NO_MEETING]
    for _, copies in appointments.groupby("meeting"):
        come = [row for row in copies.index if row in crews]
        wanted = int(needs[copies["point"].iloc[0]])
        # The largest teams first: whoever is not needed goes elsewhere.
        for row in sorted(come, key=lambda row: -crews[row]):
            if wanted > 0 and sum(crews[one] for one in come) >= needs[copies["point"].iloc[0]]:
                met[row] = True
                wanted -= crews[row]
    return met


def may_keep(night: Night, kept: pd.DataFrame, tours: Sequence[Sequence[int]]) -> Flags:
    """Tell who may make visits again: of an appointment nobody who brings fewer units than before.

    Parameters
    ----------
    night
        Who is out.
    kept
        Visits made, with those appointments alone to which enough units come.
    tours
        Rows of the visits that each segment makes.

    Returns
    -------
    may
        One flag a segment and visit.
    """
    crews = np.array([len(segment.units) for segment in night.segments])
    least = np.ones(len(kept), dtype=np.intp)
    for crew, tour in zip(crews.tolist(), tours, strict=True):
        least[tour] = crew
    alone = (kept["meeting"] == NO_MEETING).to_numpy()
    may: Flags = alone | (crews[:, None] >= least)
    return may


def _instant(
    night: Night, visit: "pd.Series[float]", count: int, rng: np.random.Generator
) -> float | None:
    """Draw an instant of a window at which enough units could come; whole seconds."""
    point = int(visit["point"])
    first, last = (times[:, point] for times in night.lone_stops)
    crews = np.array([len(segment.units) for segment in night.segments])
    lower, upper = np.ceil(visit["earliest_s"]), np.floor(visit["latest_s"])
    if upper < lower:
        return None
    for instant_s in rng.integers(int(lower), int(upper), size=_DRAWS, endpoint=True).tolist():
        come = night.may_stop[:, point] & (first <= instant_s) & (instant_s <= last)
        if crews[come].sum() >= count:
            return float(instant_s)
    return None
