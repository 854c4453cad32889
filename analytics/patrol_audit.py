"""Whether patrols stand where harm is reported: each street's share of both, side by side.

A street's share of the reported incidents is an estimate, and with few incidents a poor one: it
stands with its exact interval after Clopper, C. J. and Pearson, E. S. (1934), "The use of
confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26 (4),
404-413, so wide that all streets' intervals hold together. A street is called over- or
under-patrolled only where its share of patrol time lies outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import beta, binom

from analytics._arguments import faults_of_confidence
from analytics._coverage_input import repeated_labels, street_names
from analytics.reported_incidents import examine_reporting
from geo.errors import Fault, LayerError, ParameterError
from geo.shapes import examine_shapes, system_faults
from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MINUTE = pd.Timedelta(minutes=1)


class Extreme(NamedTuple):
    """The street that differs most in one direction.

    Attributes
    ----------
    street
        Its label in the table.
    name_th
        Its name in Thai.
    name_en
        Its name in English.
    difference
        Its share of patrol time less that of reported incidents.
    verdict
        Whether that is more than few incidents may do: "over", "under" or "unclear".
    """

    street: object
    name_th: str
    name_en: str
    difference: float
    verdict: str


@dataclass(frozen=True, eq=False)
class PatrolAudit:
    """Patrol time and reported incidents of all streets.

    Attributes
    ----------
    streets
        A row a street: `name_th`, `name_en`; `minutes` of patrols and `patrol_share` of all;
        `incidents` reported and `incident_share` with its interval `share_low` to `share_high`;
        `ratio` of the shares, infinite where patrols stand and nothing is reported;
        `difference`, patrol less incident share, `difference_low` to `difference_high`; `verdict`,
        "over" or "under" where the interval of the difference leaves out 0, else "unclear". What
        cannot be told without patrols or without incidents is missing.
    minutes
        Patrol time on all streets.
    incidents
        Reported incidents on all streets.
    distance
        Total variation distance of the two shares, 0 (alike) to 1: the part of the patrol time that
        would have to go elsewhere. Missing without patrols or without incidents.
    chance_distance
        The distance to expect from so few incidents if they fell just as the patrols stand.
    most_over
        The street with the greatest difference; none where no difference is above 0.
    most_under
        The street with the smallest difference; none where no difference is below 0.
    """

    streets: pd.DataFrame
    minutes: float
    incidents: int
    distance: float
    chance_distance: float
    most_over: Extreme | None
    most_under: Extreme | None


def audit_patrols(
    streets: gpd.GeoDataFrame,
    minutes: "pd.Series[float]",
    incidents: gpd.GeoDataFrame,
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> PatrolAudit:
    """Compare each street's share of patrol time with its share of reported incidents.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS with labels of their own, and `name_th` and `name_en` where
        they are known.
    minutes
        Patrol time on streets by their labels, >= 0; streets left out had none. From a plan:
        `minutes_of_stops`.
    incidents
        Points in the CRS of the streets, with `reporting` and `category` where they are known; each
        counts on the street nearest to it, and only if it was reported.
    by
        Column of the streets that says what is one street, where a street of one name has several
        rows; each row is one if none is given.
    confidence
        With which all intervals together hold, > 0 and < 1.

    Returns
    -------
    audit
        The table, labelled by street or by the values of `by`, in the order of the streets; and
        what it comes to.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind in one projected CRS, labels repeat, a
        time does not fit or is of no street, or an incident is police work; names every fault.
    ParameterError
        If `by` is no column of the streets, or `confidence` out of its range.
    """
    faults = faults_of_confidence(confidence)
    if by is not None and by not in streets:
        faults.append(f"Expected `by` among the columns of the streets, got {by!r}.")
    if faults:
        raise ParameterError("\n".join(faults))
    reported = _checked(streets, minutes, incidents)
    table = pd.DataFrame(street_names(streets), streets.index, ["name_th", "name_en"])
    table["minutes"] = minutes.reindex(streets.index).fillna(0.0).astype("float64")
    table["incidents"] = _counts_by_street(streets, reported)
    if by is not None:
        first = {"name_th": "first", "name_en": "first", "minutes": "sum", "incidents": "sum"}
        table = table.groupby(streets[by], sort=False, dropna=False).agg(first)
    _compare(table, confidence)
    return _summed_up(table)


def minutes_of_stops(streets: gpd.GeoDataFrame, stops: gpd.GeoDataFrame) -> "pd.Series[float]":
    """Add up how long patrols stop on each street.

    Parameters
    ----------
    streets
        LineStrings in a projected CRS with labels of their own.
    stops
        Points in the CRS of the streets with `arrives_at` and `leaves_at`, as
        `PatrolPlan.stops_layer` returns them; each counts on the street nearest to it. The way
        from stop to stop does not count.

    Returns
    -------
    minutes
        Minutes of patrols stopping, labelled as the streets are.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind in one projected CRS, labels repeat, or a
        stop does not end at or after its start; names every fault.
    """
    faults = _faults_of_places(streets, {"stops": stops})
    untimed = _faults_of_times(stops)
    if untimed:
        raise LayerError(faults + untimed)
    stayed = ((stops["leaves_at"] - stops["arrives_at"]) / _MINUTE).to_numpy(dtype=np.float64)
    faults += [
        Fault("stops", "an end at or after the start", f"{stayed[row]} minutes", int(row) + 1)
        for row in np.flatnonzero(~(stayed >= 0))
    ]
    if faults:
        raise LayerError(faults)
    street = _street_of(streets, stops)
    total = np.bincount(street, stayed, len(streets)).astype(np.float64)
    return pd.Series(total, index=streets.index, name="minutes")


def _faults_of_times(stops: gpd.GeoDataFrame) -> list[Fault]:
    expected, faults = "instants with their time zone", []
    for name in ("arrives_at", "leaves_at"):
        if name not in stops:
            faults.append(Fault("stops", "the column", "none of that name", field=name))
        elif len(stops) and not isinstance(stops[name].dtype, pd.DatetimeTZDtype):
            faults.append(Fault("stops", expected, str(stops[name].dtype), field=name))
    return faults


def _compare(table: pd.DataFrame, confidence: float) -> None:
    """Add shares, their intervals and what they say."""
    count = table["incidents"].to_numpy(dtype=np.int64)
    patrol = _shares(table["minutes"].to_numpy(dtype=np.float64))
    low, high = _intervals(count, 1 - (1 - confidence) / max(len(table), 1))
    table["patrol_share"] = patrol
    table["incident_share"] = share = _shares(count.astype(np.float64))
    table["share_low"], table["share_high"] = low, high
    with np.errstate(divide="ignore", invalid="ignore"):
        table["ratio"] = patrol / share
    table["difference"] = patrol - share
    table["difference_low"], table["difference_high"] = patrol - high, patrol - low
    table["verdict"] = np.select([patrol > high, patrol < low], ["over", "under"], "unclear")


def _shares(amounts: Floats) -> Floats:
    total = amounts.sum()
    return np.asarray(amounts / total if total > 0 else np.full(amounts.size, np.nan))


def _intervals(count: Ints, confidence: float) -> tuple[Floats, Floats]:
    """Return the exact interval of each share of a sum."""
    rest = count.sum() - count
    outside = (1 - confidence) / 2
    low = np.where(count > 0, beta.ppf(outside, np.maximum(count, 1), rest + 1), 0.0)
    high = np.where(rest > 0, beta.isf(outside, count + 1, np.maximum(rest, 1)), 1.0)
    return low, np.where(count.sum() > 0, high, 1.0)


def _summed_up(table: pd.DataFrame) -> PatrolAudit:
    difference = table["difference"]
    total = int(table["incidents"].sum())
    known = bool(difference.notna().all())
    patrol = table["patrol_share"].to_numpy(dtype=np.float64)
    return PatrolAudit(
        streets=table,
        minutes=float(table["minutes"].sum()),
        incidents=total,
        distance=float(difference.abs().sum() / 2) if known else np.nan,
        chance_distance=_chance_distance(patrol, total) if known else np.nan,
        most_over=_extreme(table, int(difference.argmax())) if (difference > 0).any() else None,
        most_under=_extreme(table, int(difference.argmin())) if (difference < 0).any() else None,
    )


def _extreme(table: pd.DataFrame, row: int) -> Extreme:
    found = table.iloc[row]
    return Extreme(
        table.index[row],
        str(found["name_th"]),
        str(found["name_en"]),
        float(found["difference"]),
        str(found["verdict"]),
    )


def _chance_distance(share: Floats, total: int) -> float:
    """Return the mean distance of shares from those of so many draws by them.

    De Moivre's mean absolute deviation of a binomial, summed over the streets.
    """
    above = np.floor(total * share) + 1
    deviation = 2 * above * (1 - share) * binom.pmf(above, total, share)
    return float(deviation.sum() / total / 2)


def _counts_by_street(streets: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> Ints:
    if not len(incidents):
        return np.zeros(len(streets), dtype=np.int64)
    return np.bincount(_street_of(streets, incidents), minlength=len(streets)).astype(np.int64)


def _street_of(streets: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> Ints:
    """Return the position of the street nearest to each point."""
    if not len(points):
        return np.empty(0, dtype=np.int64)
    places = StreetGraph.from_streets(streets).snap(points.geometry)
    position = streets.index.get_indexer(pd.Index(places["street"]))
    return np.asarray(position, dtype=np.int64)


def _checked(
    streets: gpd.GeoDataFrame, minutes: "pd.Series[float]", incidents: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the reported incidents, or refuse all that is wrong with anything."""
    faults = _faults_of_places(streets, {"incidents": incidents})
    reported, unfit = examine_reporting(incidents, source="incidents")
    faults += unfit + repeated_labels(minutes.index, source="minutes")
    times = pd.to_numeric(minutes, errors="coerce").to_numpy(dtype=np.float64)
    for row, (label, time) in enumerate(zip(minutes.index, times, strict=True), 1):
        if label not in streets.index:
            faults.append(Fault("minutes", "the label of a street", repr(label), row))
        if not (0 <= time < np.inf):
            faults.append(Fault("minutes", "a finite time >= 0", f"{minutes.iloc[row - 1]}", row))
    if faults:
        raise LayerError(faults)
    return incidents[reported]


def _faults_of_places(
    streets: gpd.GeoDataFrame, points: Mapping[str, gpd.GeoDataFrame]
) -> list[Fault]:
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    if not len(streets):
        faults.append(Fault("streets", "at least one street", "none"))
    faults += repeated_labels(streets.index, source="streets")
    for source, layer in points.items():
        places, unfit = examine_shapes(layer, ("Point",), source=source)
        faults += unfit + system_faults(lines, places, source="streets", other_source=source)
    return faults
