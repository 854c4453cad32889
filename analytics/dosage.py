"""Minutes spent on streets and in hotspots against minutes planned, and stays at stops.

Patrols work by their dose: a stop of 10 to 16 minutes deters longest for the time it takes (Koper,
C. S. (1995), "Just enough police presence", Justice Quarterly 12 (4), 649-672), and what was
planned is not what was given. Both sides are passages (who was on which street, from where to
where, from when to when): those of a plan from `analytics.planned_passages`, those of tracks from
`geo.map_matching`. Units are told apart, persons are not.
"""

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics.passages import minutes_of, stretches_of, within
from geo.errors import ParameterError
from geo.street_graph import StreetGraph

STOP_MIN = (10.0, 16.0)
"""Shortest and longest stop that deters, in minutes."""

VERDICTS = ("missed", "short", "kept", "long")
"""What may have become of a stop."""

_SLACK_MIN = 1.0  # positions tell no time more sharply
_NOBODY_MIN = 1.0  # less time than that at a stop is passing by


def minutes_by_street(passages: pd.DataFrame, streets: gpd.GeoDataFrame) -> "pd.Series[float]":
    """Add up the time on each street, as `analytics.patrol_audit.audit_patrols` takes it.

    Parameters
    ----------
    passages
        Passages on these streets.
    streets
        Streets with labels of their own.

    Returns
    -------
    minutes
        Minutes of all units, labelled as the streets are.
    """
    minutes = pd.Series(minutes_of(passages)).groupby(passages["street"].to_numpy()).sum()
    return minutes.reindex(streets.index, fill_value=0.0).astype("float64").rename("minutes")


def dosage_by_street(planned: pd.DataFrame, spent: pd.DataFrame) -> pd.DataFrame:
    """Set the minutes spent on each street beside those planned, by unit.

    Parameters
    ----------
    planned
        Passages of the plan, with `unit`.
    spent
        Passages of the tracks, with `unit`.

    Returns
    -------
    dosage
        A row per unit and street of either: unit, street, planned_min, spent_min.
    """
    return _beside(planned, spent, "street")


def dosage_by_hotspot(
    planned: pd.DataFrame, spent: pd.DataFrame, stretches: pd.DataFrame
) -> pd.DataFrame:
    """Set the minutes spent within each hotspot beside those planned, by unit.

    Parameters
    ----------
    planned
        Passages of the plan, with `unit`.
    spent
        Passages of the tracks, with `unit`.
    stretches
        Streets of the hotspots, as `stretches_of` gives them.

    Returns
    -------
    dosage
        A row per unit and hotspot of either: unit, line (label of the hotspot), planned_min,
        spent_min.
    """
    return _beside(within(planned, stretches), within(spent, stretches), "line")


def _beside(planned: pd.DataFrame, spent: pd.DataFrame, by: str) -> pd.DataFrame:
    sums = {
        name: pd.Series(minutes_of(passages), dtype="float64")
        .groupby([passages["unit"].to_numpy(), passages[by].to_numpy()])
        .sum()
        for name, passages in (("planned_min", planned), ("spent_min", spent))
    }
    table = pd.DataFrame(sums).fillna(0.0).rename_axis(["unit", by]).reset_index()
    return table.sort_values(["unit", by], kind="stable", ignore_index=True)


def stop_stretches(graph: StreetGraph, stops: gpd.GeoSeries, *, reach_m: float) -> pd.DataFrame:
    """Tell which stretches of street are at a stop.

    Parameters
    ----------
    graph
        The streets.
    stops
        Points in the CRS of the streets.
    reach_m
        Farthest from a stop that counts as at it, in a straight line, > 0.

    Returns
    -------
    stretches
        As `stretches_of` gives them, the label of the stop as `line`.

    Raises
    ------
    ParameterError
        The reach is not positive.
    """
    if not 0 < reach_m < np.inf:
        raise ParameterError(f"Expected finite `reach_m` > 0, got {reach_m}.")
    circles = stops.buffer(reach_m)
    lines = graph.lines
    circle, street = lines.sindex.query(circles, predicate="intersects")
    cut = (
        circles.iloc[circle]
        .reset_index(drop=True)
        .intersection(gpd.GeoSeries(lines.array[street], crs=lines.crs))
    )
    cut.index = stops.index[circle]
    return stretches_of(graph, cut[cut.length > 0])


def stays(passages: pd.DataFrame, stretches: pd.DataFrame, *, bridge_s: float) -> pd.DataFrame:
    """Find when each unit arrived at each place and when it left.

    Parameters
    ----------
    passages
        Passages, with `unit`.
    stretches
        Streets of the places, as `stretches_of` or `stop_stretches` gives them.
    bridge_s
        Longest absence that does not end a stay, >= 0: positions err.

    Returns
    -------
    stays
        A row a stay: unit, line (label of the place), arrived_at, left_at, minutes (those in the
        place between the two), by unit, place and time.

    Raises
    ------
    ParameterError
        `bridge_s` is negative.
    """
    if not 0 <= bridge_s < np.inf:
        raise ParameterError(f"Expected finite `bridge_s` >= 0, got {bridge_s}.")
    inside = within(passages, stretches).sort_values(
        ["unit", "line", "starts_at", "ends_at"], kind="stable", ignore_index=True
    )
    inside["minutes"] = minutes_of(inside)
    same = inside["unit"].eq(inside["unit"].shift()) & inside["line"].eq(inside["line"].shift())
    absent = inside["starts_at"] - inside["ends_at"].shift()
    begins = ~(same & (absent <= pd.Timedelta(seconds=bridge_s)))
    return (
        inside.groupby(begins.cumsum())
        .agg(
            unit=("unit", "first"),
            line=("line", "first"),
            arrived_at=("starts_at", "first"),
            left_at=("ends_at", "last"),
            minutes=("minutes", "sum"),
        )
        .reset_index(drop=True)
    )


def audit_stops(
    stops: gpd.GeoDataFrame, planned: pd.DataFrame, spent: pd.DataFrame, *, tolerance_s: float
) -> pd.DataFrame:
    """Tell what became of each planned stop.

    A stay counts for the stop of its unit at its place that is nearest in time, if it is no
    farther from it than the tolerance. Who stops at the next place a few metres on is still there:
    so the time planned is that of the stays of the plan.

    Parameters
    ----------
    stops
        Stops of a plan, labelled: unit, arrives_at, leaves_at.
    planned
        Stays of the plan, the label of a stop as `line`.
    spent
        Stays of the tracks, likewise.
    tolerance_s
        Most by which a unit may be early or late, >= 0.

    Returns
    -------
    audit
        Labelled as the stops are: unit, planned_min, spent_min and verdict: "missed" (nobody came
        for a minute), "short" (by a minute or more under 10, or under what was planned if that is
        less), "long" (likewise over 16, or over what was planned if that is more) or "kept".

    Raises
    ------
    ParameterError
        The tolerance is negative.
    """
    if not 0 <= tolerance_s < np.inf:
        raise ParameterError(f"Expected finite `tolerance_s` >= 0, got {tolerance_s}.")
    audit = pd.DataFrame(
        {
            "unit": stops["unit"],
            "planned_min": _minutes_at(stops, planned, 0.0),
            "spent_min": _minutes_at(stops, spent, tolerance_s),
        }
    )
    minutes = audit["spent_min"]
    least = np.minimum(STOP_MIN[0], audit["planned_min"]) - _SLACK_MIN
    most = np.maximum(STOP_MIN[1], audit["planned_min"]) + _SLACK_MIN
    conditions = [minutes < _NOBODY_MIN, minutes <= least, minutes >= most]
    audit["verdict"] = np.select(conditions, ["missed", "short", "long"], "kept")
    return audit


def _minutes_at(
    stops: gpd.GeoDataFrame, found: pd.DataFrame, tolerance_s: float
) -> "pd.Series[float]":
    """Return the minutes of the stays that count for each stop."""
    times = pd.DataFrame(stops[["unit", "arrives_at", "leaves_at"]])
    own = found.merge(
        times.rename_axis("stop").reset_index(),
        left_on=["unit", "line"],
        right_on=["unit", "stop"],
    )
    early_s = (own["arrives_at"] - own["left_at"]).dt.total_seconds()
    late_s = (own["arrived_at"] - own["leaves_at"]).dt.total_seconds()
    own = own.assign(off_s=np.maximum(np.maximum(early_s, late_s), 0.0))
    near = own[own["off_s"] <= tolerance_s].sort_values("off_s", kind="stable")
    nearest = near.drop_duplicates(["unit", "arrived_at", "left_at"])
    minutes = nearest.groupby("stop")["minutes"].sum()
    return minutes.reindex(stops.index, fill_value=0.0).astype("float64")
