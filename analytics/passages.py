"""Lines along streets as stretches of them, and the time that passages spend on stretches.

Passages tell who was on which street, from where to where, from when to when: rows of `street`
(label), `from_m` and `to_m` from its start, `starts_at`, `ends_at`, at an even pace.
"""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.map_matching import COLUMNS
from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]


def stretches_of(graph: StreetGraph, lines: gpd.GeoSeries) -> pd.DataFrame:
    """Tell which streets lines that follow them pass, and from where to where.

    Parameters
    ----------
    graph
        The streets.
    lines
        Lines along the streets, without branches that no street has; their vertices may lie
        anywhere on a street. Parts of several lines are passed in turn.

    Returns
    -------
    stretches
        Rows of `line` (label), `street` (label), `from_m` and `to_m`, in the order of the lines;
        pieces that follow each other on a street are one.
    """
    parts = lines.explode(index_parts=False)
    xy, owner = shapely.get_coordinates(np.asarray(parts.array), return_index=True)
    goes_on = (owner[1:] == owner[:-1]) & (np.diff(xy, axis=0) != 0).any(axis=1)
    starts, ends, owner = xy[:-1][goes_on], xy[1:][goes_on], owner[:-1][goes_on]
    middles = gpd.GeoSeries(gpd.points_from_xy(*((starts + ends) / 2).T), crs=graph.lines.crs)
    if not len(middles):
        return pd.DataFrame({"line": [], "street": [], "from_m": [], "to_m": []})
    street = graph.snap(middles)["street"].to_numpy()
    shapes = np.asarray(graph.lines.array)[graph.lines.index.get_indexer(pd.Index(street))]
    offsets = [
        np.asarray(shapely.line_locate_point(shapes, shapely.points(at))) for at in (starts, ends)
    ]
    table = pd.DataFrame(
        {
            "line": parts.index.to_numpy()[owner],
            "street": street,
            "from_m": offsets[0],
            "to_m": offsets[1],
        }
    )
    return _joined(table, owner)


def _joined(table: pd.DataFrame, owner: NDArray[np.intp]) -> pd.DataFrame:
    """Join pieces of one street that go on in one direction."""
    ahead = np.sign(table["to_m"].to_numpy() - table["from_m"].to_numpy())
    street = table["street"].to_numpy()
    meets = np.isclose(table["from_m"].to_numpy()[1:], table["to_m"].to_numpy()[:-1])
    same = (owner[1:] == owner[:-1]) & (street[1:] == street[:-1]) & (ahead[1:] == ahead[:-1])
    run = np.append(0, (~(same & meets)).cumsum())
    first = {"line": "first", "street": "first", "from_m": "first", "to_m": "last"}
    return table.groupby(run).agg(first).reset_index(drop=True)


def within(passages: pd.DataFrame, stretches: pd.DataFrame) -> pd.DataFrame:
    """Cut passages to stretches of street.

    Parameters
    ----------
    passages
        Passages, with further columns that are kept.
    stretches
        Rows of `line`, `street`, `from_m`, `to_m`.

    Returns
    -------
    cut
        The parts of passages on the stretches, with `line`: a passage is there once for each line
        that has a stretch under it, in the order of the passages. Where stretches of one line
        overlap, they count once.
    """
    merged = _merged(stretches)
    number = np.arange(len(passages))
    cut = passages.assign(passage=number).merge(merged, on="street", suffixes=("", "_line"))
    from_m, to_m = cut["from_m"].to_numpy(np.float64), cut["to_m"].to_numpy(np.float64)
    low_m, high_m = cut["low_m"].to_numpy(np.float64), cut["high_m"].to_numpy(np.float64)
    span_m = to_m - from_m
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (low_m - from_m) / span_m, (high_m - from_m) / span_m
    still = span_m == 0
    inside = (from_m >= low_m) & (from_m <= high_m)
    early = np.clip(np.where(still, 0.0, np.fmin(one, other)), 0.0, 1.0)
    late = np.clip(np.where(still, inside.astype(np.float64), np.fmax(one, other)), 0.0, 1.0)
    lasts = cut["ends_at"] - cut["starts_at"]
    cut = cut.assign(
        from_m=from_m + early * span_m,
        to_m=from_m + late * span_m,
        ends_at=cut["starts_at"] + lasts * late,
        starts_at=cut["starts_at"] + lasts * early,
    )
    kept = cut[late > early].sort_values(["passage", "starts_at"], kind="stable")
    return kept.drop(columns=["passage", "low_m", "high_m"]).reset_index(drop=True)


def _merged(stretches: pd.DataFrame) -> pd.DataFrame:
    """Return the union of each line's stretches on each street: line, street, low_m, high_m."""
    ends = np.sort(stretches[["from_m", "to_m"]].to_numpy(np.float64), axis=1)
    table = stretches[["line", "street"]].assign(low_m=ends[:, 0], high_m=ends[:, 1])
    spans: dict[tuple[object, object], list[list[float]]] = {}
    for line, street, low_m, high_m in table.sort_values("low_m").itertuples(index=False):
        own = spans.setdefault((line, street), [])
        if own and low_m <= own[-1][1]:
            own[-1][1] = max(own[-1][1], high_m)
        else:
            own.append([low_m, high_m])
    told = [(*key, *span) for key, own in spans.items() for span in own]
    return pd.DataFrame(told, columns=["line", "street", "low_m", "high_m"])


def minutes_of(passages: pd.DataFrame) -> Floats:
    """Return how long each passage takes, in minutes.

    Parameters
    ----------
    passages
        Passages.

    Returns
    -------
    minutes
        Shape (passages,).
    """
    lasts = passages["ends_at"] - passages["starts_at"]
    return np.asarray(lasts.dt.total_seconds() / 60.0, dtype=np.float64)


def passages_frame(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    """Make a table of passages.

    Parameters
    ----------
    rows
        Unit, street, from_m, to_m, starts_at and ends_at of each; there may be none.

    Returns
    -------
    passages
        Columns of that name, times in UTC.
    """
    frame = pd.DataFrame(rows, columns=["unit", *COLUMNS])
    for name in COLUMNS:
        if name.endswith("_at"):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif name.endswith("_m"):
            frame[name] = frame[name].astype(np.float64)
    return frame
