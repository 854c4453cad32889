"""Whether a place is hot on some nights and in some hours of the night more than in others.

Both questions are asked of the night that is planned: its weekday and the hours between its begin
and its end. That weekdays differ is told by the chi-square test, where five incidents are expected
on each (Cochran, W. G. (1954), "Some methods for strengthening the common chi-square tests",
Biometrics 10 (4), 417-451). The hours are found and tested at once by the temporal scan statistic
(Kulldorff, M. (2001), "Prospective time periodic geographical disease surveillance using a scan
statistic", Journal of the Royal Statistical Society A 164 (1), 61-72): of all spans of whole hours
up to half the night, that which holds most beyond its length, against what chance brings about in
as many nights. Places are many, so both tests are adjusted for their number (Benjamini and
Hochberg). Where neither finds anything, a place counts alike all night and every night.

Only incidents whose hour is known take part in the tests; how many there are is told.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chisquare, false_discovery_control

from analytics._arguments import checked_count, checked_seed
from analytics._incident_input import checked_reports, windows
from analytics.hotspot_claims import PER_CELL
from geo.errors import Fault, LayerError, ParameterError

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]

_WEEKDAYS = 7
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
# A patrol comes about once in two hours: shorter spans could not be told from longer ones by it.
_SHORTEST_H = 2
_COUNT = (
    *("incidents", "night_incidents", "share", "known", "known_tonight"),
    *("weekday_p", "weekday_factor"),
)
_SCAN = ("scanned", "hot_known", "hours_p", "hot_from", "hot_until", "hot_factor", "cold_factor")


def find_hot_hours(
    incidents: gpd.GeoDataFrame,
    place_of: "pd.Series[int]",
    *,
    starts_at: pd.Timestamp,
    ends_at: pd.Timestamp,
    timezone: str,
    seed: int,
    simulations: int = 999,
    level: float = 0.05,
) -> pd.DataFrame:
    """Tell of each place its part of a night's incidents, on which nights and in which hours.

    Parameters
    ----------
    incidents
        Incidents with `occurred_at`, with `occurred_until` where only a window is known, with
        `reporting` where it is known, and then only the reported ones count.
    place_of
        Number of the place on which an incident lies, labelled as the reported incidents are;
        missing where it lies on none.
    starts_at
        When the night begins, timezone-aware.
    ends_at
        When it ends: after `starts_at`, at most a day later.
    timezone
        Name of the zone's time zone: nights are compared by its clock.
    seed
        Seed of the simulations.
    simulations
        How often chance is tried, >= 1.
    level
        Greatest chance, adjusted for the number of places, at which something is told, in (0, 1).

    Returns
    -------
    table
        A row a place, by number. `incidents` on it; `night_incidents`, those in the night's hours
        on any day, windows counting by the part that lies there; `share`, their part of all such
        incidents. `known`, those of them whose hour is known, and `known_tonight`, on tonight's
        weekday. `weekday_p`, adjusted (missing where too few are known), and `weekday_factor`,
        how many times as much tonight's weekday brings as the mean night: 1 unless weekdays
        differ. `hours_p`, adjusted; `scanned`, the number of incidents that the hours rest on, and
        `hot_known`, those of them in the hot hours; `hot_from` and `hot_until`, the hot hours of
        this night, missing where none stand out; `hot_factor` and `cold_factor`, how many times as
        much an hour within and outside of them brings as the mean hour of the night.

    Raises
    ------
    LayerError
        If an incident has no time or is police work, or a place is given to one that was not
        reported; names every such row.
    ParameterError
        If an argument is out of its range.
    """
    _check_night(starts_at, ends_at, level=level)
    simulations = checked_count("simulations", simulations)
    rng = np.random.default_rng(checked_seed(seed))
    reported = checked_reports(incidents, unplaced=[], timed=True, as_of=None)
    _refuse_strangers(place_of, reported)
    begin, end = _since(starts_at, windows(reported), timezone)
    span = (ends_at - starts_at) // pd.Timedelta(microseconds=1)
    table, moments = _counted(place_of.reindex(reported.index), begin, end, span)
    table["weekday_p"] = _adjusted(table["weekday_p"])
    differs = table["weekday_p"].le(level)
    table["weekday_factor"] = table["weekday_factor"].where(differs, 1.0)
    # Where weekdays differ, other nights may have other hours.
    scanned = [
        times[times // _DAY_US % _WEEKDAYS == 0] if alone else times
        for times, alone in zip(moments, differs, strict=True)
    ]
    scans = [_scan(times, span, simulations=simulations, rng=rng) for times in scanned]
    table = table.join(pd.DataFrame(scans, index=table.index, columns=list(_SCAN)))
    table["hours_p"] = _adjusted(table["hours_p"])
    stands_out = table["hours_p"].le(level)
    for name in ("hot_from", "hot_until"):
        since = pd.to_timedelta(table[name], unit="us")
        table[name] = (starts_at.tz_convert("UTC") + since).where(stands_out)
    for name in ("hot_factor", "cold_factor"):
        table[name] = table[name].where(stands_out, 1.0)
    table["hot_known"] = table["hot_known"].where(stands_out, 0)
    return table


def _check_night(starts_at: pd.Timestamp, ends_at: pd.Timestamp, *, level: float) -> None:
    faults = [
        f"Expected `{name}` with its time zone, got {moment}."
        for name, moment in (("starts_at", starts_at), ("ends_at", ends_at))
        if moment.tzinfo is None
    ]
    if not faults and not pd.Timedelta(0) < ends_at - starts_at <= pd.Timedelta(days=1):
        faults.append(
            f"Expected `ends_at` up to a day after `starts_at`, got {starts_at} and {ends_at}."
        )
    if not 0 < level < 1:
        faults.append(f"Expected `level` > 0 and < 1, got {level}.")
    if faults:
        raise ParameterError("\n".join(faults))


def _refuse_strangers(place_of: "pd.Series[int]", reported: gpd.GeoDataFrame) -> None:
    faults = [
        Fault("place_of", "the label of a reported incident", repr(label), row=int(row) + 1)
        for row, label in enumerate(place_of.index)
        if label not in reported.index
    ]
    if faults:
        raise LayerError(faults)


def _since(
    starts_at: pd.Timestamp, spans: tuple[_Ints, _Ints], timezone: str
) -> tuple[_Ints, _Ints]:
    """Give begin and end of windows in microseconds of the zone's clock since the night's begin."""
    origin = _clock(pd.DatetimeIndex([starts_at]), timezone)[0]
    begin = pd.DatetimeIndex(spans[0].astype("datetime64[us]")).tz_localize("UTC")
    since = _clock(begin, timezone) - origin
    return since, since + (spans[1] - spans[0])


def _clock(instants: pd.DatetimeIndex, timezone: str) -> _Ints:
    local = instants.tz_convert(timezone).tz_localize(None)
    return local.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _part_of_night(begin: _Ints, end: _Ints, span: int) -> _Floats:
    """Return which part of each window lies in the night's hours of any day."""

    def hours_before(moment: _Ints) -> _Ints:
        return moment // _DAY_US * span + np.minimum(moment % _DAY_US, span)

    inside = (hours_before(end) - hours_before(begin)).astype(np.float64)
    length = end - begin
    exact = (begin % _DAY_US < span).astype(np.float64)
    np.divide(inside, length, out=exact, where=length > 0)
    return exact


def _counted(
    place: "pd.Series[int]", begin: _Ints, end: _Ints, span: int
) -> tuple[pd.DataFrame, list[_Ints]]:
    """Count the incidents of each place, and give the moments of those whose hour is known."""
    within = _part_of_night(begin, end, span)
    middle = (begin + end) // 2
    known = (end - begin <= _HOUR_US) & (middle % _DAY_US < span)
    numbers = sorted(int(number) for number in place.dropna().unique())
    rows, moments = [], []
    for number in numbers:
        here = place.eq(number).fillna(value=False).to_numpy(dtype=np.bool_)
        found = float(within[here].sum())
        moments.append(middle[here & known])
        rows.append(
            {
                "incidents": int(here.sum()),
                "night_incidents": found,
                "share": found / float(within.sum()) if found else 0.0,
                **_weekdays(moments[-1]),
            }
        )
    index = pd.Index(numbers, dtype="int64")
    return pd.DataFrame(rows, index=index, columns=list(_COUNT)), moments


def _weekdays(moments: _Ints) -> dict[str, float]:
    counts = np.bincount(moments // _DAY_US % _WEEKDAYS, minlength=_WEEKDAYS)
    known = int(counts.sum())
    enough = known >= PER_CELL * _WEEKDAYS
    return {
        "known": known,
        "known_tonight": int(counts[0]),
        "weekday_p": float(chisquare(counts).pvalue) if enough else math.nan,
        # One more on every weekday: none is taken for impossible because it was not seen.
        "weekday_factor": _WEEKDAYS * (int(counts[0]) + 1) / (known + _WEEKDAYS),
    }


def _adjusted(p_values: "pd.Series[float]") -> "pd.Series[float]":
    tested = p_values.notna()
    adjusted = p_values.copy()
    if tested.any():
        adjusted[tested] = false_discovery_control(p_values[tested])
    return adjusted


def _scan(
    moments: _Ints, span: int, *, simulations: int, rng: np.random.Generator
) -> dict[str, float]:
    """Find the whole hours in a row that hold most beyond their length, and the chance of it."""
    edges = np.minimum(np.arange(-(-span // _HOUR_US) + 1) * _HOUR_US, span)
    hours = len(edges) - 1
    first, last = np.triu_indices(hours + 1, k=_SHORTEST_H)
    brief = edges[last] - edges[first] <= span / 2
    first, last = first[brief], last[brief]
    untold = {
        "scanned": len(moments),
        "hot_known": 0,
        "hours_p": math.nan,
        "hot_from": math.nan,
        "hot_until": math.nan,
        "hot_factor": 1.0,
        "cold_factor": 1.0,
    }
    if not len(moments) or not len(first):
        return untold
    counts = np.histogram(moments % _DAY_US, bins=edges)[0]
    part = (edges[last] - edges[first]) / span
    drawn = rng.multinomial(len(moments), np.diff(edges) / span, size=simulations)
    found, by_chance = (
        _excess(np.cumsum(np.pad(rows, ((0, 0), (1, 0))), axis=1), first, last, part)
        for rows in (counts[None], drawn)
    )
    best = int(np.argmax(found[0]))
    inside = int(counts[first[best] : last[best]].sum())
    as_much = int((by_chance.max(axis=1) >= found[0, best] - 1e-9).sum())
    # One more in the mean hour: none is taken for impossible because nothing was seen in it.
    share = (inside + part[best] * hours) / (len(moments) + hours)
    return {
        **untold,
        "hot_known": inside,
        "hours_p": (1 + as_much) / (1 + simulations),
        "hot_from": int(edges[first[best]]),
        "hot_until": int(edges[last[best]]),
        "hot_factor": share / part[best],
        "cold_factor": (1 - share) / (1 - part[best]),
    }


def _excess(summed: _Ints, first: _Ints, last: _Ints, part: _Floats) -> _Floats:
    """Return Kulldorff's log-likelihood ratio of every span, 0 where it holds no more than due."""
    total = summed[:, -1:].astype(np.float64)
    inside = (summed[:, last] - summed[:, first]).astype(np.float64)
    outside = total - inside
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(inside > 0, inside * np.log(inside / (total * part)), 0.0)
        ratio += np.where(outside > 0, outside * np.log(outside / (total * (1 - part))), 0.0)
    return np.where(inside > total * part, ratio, 0.0)
