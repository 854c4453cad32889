"""Where along its street a finding lies, told by the nearest street that crosses it."""

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter
from typing import TypeAlias

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import Point, get_point

from api.bilingual import Both
from geo.shapes import middle

_End: TypeAlias = tuple[float, float]


def with_crossings(findings: GeoDataFrame, streets: GeoDataFrame) -> GeoDataFrame:
    """Name the nearest crossing street of each finding.

    Parameters
    ----------
    findings
        Features with `name_th` and `name_en`, the street each lies on; empty where that has none.
    streets
        Street edges that meet only at shared end points, in the same coordinates.

    Returns
    -------
    GeoDataFrame
        The findings with `near_th` and `near_en`: the street of another name whose crossing with
        the finding's own street is nearest to the finding's middle; empty where none crosses.
    """
    crossings = _crossings(streets)
    near = [
        _nearest(Both(th, en), middle(shape), crossings)
        for th, en, shape in zip(
            findings["name_th"], findings["name_en"], findings.geometry, strict=True
        )
    ]
    return findings.assign(
        near_th=pd.array([both.th for both in near], dtype="str"),
        near_en=pd.array([both.en for both in near], dtype="str"),
    )


def junction_m(places: GeoDataFrame, streets: GeoDataFrame) -> NDArray[np.float64]:
    """Measure how far along its street each place is from the junction at the nearer end.

    Parameters
    ----------
    places
        Points with `street`, the label of the edge that each belongs to.
    streets
        Street edges that meet only at shared end points, in the same coordinates.

    Returns
    -------
    ndarray
        Metres; not a number where no street of another name meets it at that end.
    """
    lines, crossings = streets.geometry, _crossings(streets)
    away = []
    for label, place in zip(places["street"], places.geometry, strict=True):
        line = lines[label]
        along = line.project(place)
        near, distance = min(
            ((line.coords[0], along), (line.coords[-1], line.length - along)), key=itemgetter(1)
        )
        away.append(distance if len(crossings.get(near, ())) > 1 else np.nan)
    return np.array(away, dtype=np.float64)


def _crossings(streets: GeoDataFrame) -> dict[_End, set[Both]]:
    """Give the names that meet at each end point; unnamed streets have no name to give."""
    meeting: dict[_End, set[Both]] = defaultdict(set)
    lines = streets.geometry.to_numpy()
    for end in (0, -1):
        ends = get_point(lines, end)
        for th, en, point in zip(streets["name_th"], streets["name_en"], ends, strict=True):
            if th or en:
                meeting[point.x, point.y].add(Both(th or en, en or th))
    return meeting


def _nearest(name: Both, place: Point, crossings: Mapping[_End, set[Both]]) -> Both:
    """Choose the nearest crossing of the named street, or of any where it has no name."""
    own = Both(name.th or name.en, name.en or name.th)
    candidates = [
        (float(np.hypot(x - place.x, y - place.y)), min(names - {own}))
        for (x, y), names in crossings.items()
        if names - {own} and (own in names or not own.en)
    ]
    return min(candidates)[1] if candidates else Both("", "")
