"""Incidents as a self-exciting point process in space and time.

The process is simulated as its branching (cluster) representation: a background that varies by
place, hour, weekday and season is drawn by thinning, and every incident, background or not,
triggers a Poisson number of further ones, exponentially later and normally displaced.

Lewis, P. A. W. and Shedler, G. S. (1979). Simulation of nonhomogeneous Poisson processes by
thinning. Naval Research Logistics Quarterly 26, 403-413.
Hawkes, A. G. and Oakes, D. (1974). A cluster process representation of a self-exciting process.
Journal of Applied Probability 11, 493-503.
Mohler, G. O., Short, M. B., Brantingham, P. J., Schoenberg, F. P. and Tita, G. E. (2011).
Self-exciting point process modeling of crime. JASA 106, 100-108.

One change to the textbook process: the exponential delay fixes the day of a triggered incident,
and its hour is drawn anew from the streets' course of that weekday, because incidents that follow
each other by days still happen at the hours at which people are out.
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS
from shapely import Polygon

from geo.errors import ParameterError
from geo.synthetic.incident_ground import Ground
from geo.synthetic.incident_rates import (
    CATEGORIES,
    NIGHT_HOURS,
    PLACES,
    SEASON_AMPLITUDE,
    SETTINGS,
    category_shares,
    hourly_rates,
    season,
)

LOCAL = "Asia/Bangkok"
DAY_S = 86_400.0
HOUR_S = 3_600.0
# The process runs this long before the first day, so that the first days have their triggers.
BURN_IN_DAYS = 60
WALKING_STREET = "Thalang Road"
SEVERITY_SPREAD = 0.7
# Times are known to the minute, the ends of a window to the quarter of an hour.
WINDOW_STEP = "15min"


@dataclass(frozen=True)
class IncidentParams:
    """Strengths of the incident process.

    Attributes
    ----------
    per_day
        Mean number of background incidents a day; above 0.
    place_share
        Share of the background around places, in [0, 1].
    walking_street_share
        Share of the background at the Sunday walking street, in [0, 1]; with `place_share` at
        most 1.
    place_spread_m
        Standard deviation of the distance from a place along each axis, in metres; above 0.
    street_variation
        Coefficient of variation of the pull of a metre of street between edges; above 0.
    branching_ratio
        Mean number of incidents that one incident triggers, in [0, 1).
    delay_days
        Mean delay of a triggered incident, in days; above 0.
    trigger_spread_m
        Root mean square distance of a triggered incident, in metres; above 0.
    repeat_category
        Share of triggered incidents of the same category, in [0, 1].
    """

    per_day: float = 2.1
    place_share: float = 0.36
    walking_street_share: float = 0.12
    place_spread_m: float = 35.0
    street_variation: float = 0.9
    branching_ratio: float = 0.25
    delay_days: float = 8.0
    trigger_spread_m: float = 60.0
    repeat_category: float = 0.6

    def __post_init__(self) -> None:
        shares = {"place_share", "walking_street_share", "repeat_category"}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in shares:
                fits, expected = 0 <= value <= 1, "in [0, 1]"
            elif field.name == "branching_ratio":
                fits, expected = 0 <= value < 1, "in [0, 1)"
            else:
                fits, expected = 0 < value < np.inf, "> 0"
            if not fits:
                raise ParameterError(f"Expected `{field.name}` {expected}, got {value}.")
        together = self.place_share + self.walking_street_share
        if together > 1:
            raise ParameterError(
                f"Expected `place_share` + `walking_street_share` <= 1, got {together}."
            )


class Span(NamedTuple):
    """The time that is simulated, burn-in included.

    Attributes
    ----------
    begin
        Midnight before the first day, local time without zone.
    days
        Number of days.
    """

    begin: pd.Timestamp
    days: int

    def weekdays(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the weekdays of days.

        Parameters
        ----------
        day
            Days counted from 0.

        Returns
        -------
        weekdays
            0 for Monday to 6 for Sunday.
        """
        return np.asarray((self.begin.day_of_week + day) % 7)

    def seasons(self, day: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the seasonal factors of days.

        Parameters
        ----------
        day
            Days counted from 0.

        Returns
        -------
        factors
            Factors around 1.
        """
        dates = self.begin + pd.to_timedelta(day, unit="D")
        return season(dates.day_of_year.to_numpy())


def draw_incidents(
    streets: GeoDataFrame,
    boundary: Polygon,
    places: GeoDataFrame,
    *,
    first_day: date,
    last_day: date,
    params: IncidentParams,
    rng: np.random.Generator,
) -> GeoDataFrame:
    """Draw the incidents of a period.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area of the incidents, metric.
    places
        Places with their `kind`, metric; those outside the boundary draw nothing.
    first_day, last_day
        Period, both days included, in local time.
    params
        Strengths of the process.
    rng
        Source of chance.

    Returns
    -------
    incidents
        The layer incidents, in the order of `occurred_at`.

    Raises
    ------
    ParameterError
        If the period is empty, or no street lies inside the boundary.
    """
    if last_day < first_day:
        raise ParameterError(f"Expected `last_day` >= {first_day}, got {last_day}.")
    ground = Ground(streets, boundary)
    begin = pd.Timestamp(first_day) - pd.Timedelta(days=BURN_IN_DAYS)
    span = Span(begin, (last_day - first_day).days + 1 + BURN_IN_DAYS)
    inside = places[places.within(boundary)]
    background = _background(ground, inside, span, params, rng=rng)
    events = _with_triggered(background, ground, span, params, rng=rng)
    frame = _described(events, span, streets.crs, rng=rng)
    start = pd.Timestamp(first_day, tz=LOCAL)
    frame = frame[frame["occurred_at"] >= start].sort_values("occurred_at", kind="stable")
    numbers = range(1, len(frame) + 1)
    frame.index = pd.Index([f"inc-{number:04d}" for number in numbers], name="id", dtype=str)
    return frame


def _rates(ground: Ground, places: GeoDataFrame, params: IncidentParams) -> dict[str, float]:
    """Share the background a day out to the settings that there are."""
    rates: dict[str, float] = {}
    pulls = [PLACES[kind] for kind in places["kind"] if kind in PLACES]
    total = sum(pull for _, pull in pulls)
    for setting, pull in pulls:
        share = params.place_share * pull / total
        rates[setting] = rates.get(setting, 0.0) + params.per_day * share
    if WALKING_STREET in ground.name_en:
        rates["walking_street"] = params.per_day * params.walking_street_share
    rates["street"] = params.per_day - sum(rates.values())
    return rates


def _background(
    ground: Ground,
    places: GeoDataFrame,
    span: Span,
    params: IncidentParams,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw the incidents that nothing triggers: `at_s`, `x`, `y`, `setting`, `category`."""
    varied = ground.pull * rng.gamma(params.street_variation**-2, size=len(ground.lines))
    lines = {
        "street": ground.length_m * varied,
        "walking_street": ground.length_m * (ground.name_en == WALKING_STREET),
    }
    parts = []
    for setting, per_day in _rates(ground, places, params).items():
        at_s = _thinned(setting, per_day, span, rng=rng)
        if setting in lines:
            xy = ground.along(lines[setting], len(at_s), rng)
        else:
            xy = _around(places, setting, len(at_s), params.place_spread_m, rng=rng)
        x, y = ground.beside(xy, rng).T
        parts.append(
            pd.DataFrame({"at_s": at_s, "x": x, "y": y, "setting": SETTINGS.index(setting)})
        )
    events = pd.concat(parts, ignore_index=True)
    return events.assign(category=_categories(events, rng))


def _thinned(
    setting: str, per_day: float, span: Span, *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the instants of one setting by thinning a steady process of its peak rate."""
    rates = hourly_rates(setting)
    peak = float(rates.max()) * (1 + SEASON_AMPLITUDE)
    steady = rng.uniform(0.0, span.days * DAY_S, size=rng.poisson(per_day * span.days * peak))
    steady.sort()
    day = (steady // DAY_S).astype(int)
    hour = (steady % DAY_S // HOUR_S).astype(int)
    rate = rates[span.weekdays(day), hour] * span.seasons(day)
    return np.asarray(steady[rng.random(len(steady)) * peak < rate])


def _around(
    places: GeoDataFrame, setting: str, count: int, spread_m: float, *, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw points around the places of a setting, by their pull."""
    pull = np.array(
        [
            PLACES[kind][1] if kind in PLACES and PLACES[kind][0] == setting else 0.0
            for kind in places["kind"]
        ]
    )
    chosen = rng.choice(len(pull), size=count, p=pull / pull.sum())
    centres = shapely.get_coordinates(places.geometry.to_numpy())[chosen]
    return np.asarray(centres + rng.normal(0.0, spread_m, size=(count, 2)))


def _with_triggered(
    background: pd.DataFrame,
    ground: Ground,
    span: Span,
    params: IncidentParams,
    *,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Add the incidents that follow from others, generation by generation."""
    generations = [background]
    while len(parents := generations[-1]):
        children = rng.poisson(params.branching_ratio, size=len(parents))
        child = parents.loc[parents.index.repeat(children)].reset_index(drop=True)
        after = child["at_s"].to_numpy() + rng.exponential(params.delay_days * DAY_S, len(child))
        day = (after // DAY_S).astype(int)
        at_s = day * DAY_S + _time_of_day_s(span.weekdays(day), rng)
        # A new hour may fall before the parent's on its own day: then it is the day after.
        at_s += np.where(at_s <= child["at_s"], DAY_S, 0.0)
        moved = child[["x", "y"]].to_numpy() + rng.normal(
            0.0, params.trigger_spread_m / np.sqrt(2), size=(len(child), 2)
        )
        child["x"], child["y"] = ground.beside(moved, rng).T
        child["at_s"], child["setting"] = at_s, SETTINGS.index("street")
        same = rng.random(len(child)) < params.repeat_category
        child["category"] = np.where(same, child["category"], _categories(child, rng))
        generations.append(child[at_s < span.days * DAY_S].reset_index(drop=True))
    return pd.concat(generations, ignore_index=True)


def _time_of_day_s(weekday: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw seconds from midnight by the streets' course of each weekday."""
    rates = hourly_rates("street")
    below = np.cumsum(rates, axis=1) / rates.sum(axis=1, keepdims=True)
    hour = (rng.random((len(weekday), 1)) > below[weekday]).sum(axis=1)
    return np.asarray((hour + rng.random(len(weekday))) * HOUR_S)


def _categories(events: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a category for every incident by its setting and by day or night."""
    hours = events["at_s"].to_numpy() % DAY_S // HOUR_S
    night = np.isin(hours, list(NIGHT_HOURS)).astype(int)
    below = np.cumsum(category_shares(), axis=2)[events["setting"].to_numpy(), night]
    drawn = (rng.random((len(events), 1)) > below[:, :-1]).sum(axis=1)
    return np.asarray(drawn)


def _described(
    events: pd.DataFrame, span: Span, crs: CRS, *, rng: np.random.Generator
) -> GeoDataFrame:
    """Give every incident its severity, its window of time and how it became known."""
    entries = list(CATEGORIES.values())
    category = events["category"].to_numpy()
    count = len(events)
    mean = np.array([entry.severity for entry in entries])[category]
    severity = np.clip(np.rint(mean + rng.normal(0.0, SEVERITY_SPREAD, count)), 1, 5).astype(int)
    window_h = np.array([entry.window_h for entry in entries], dtype=float)[category]
    length = pd.to_timedelta(rng.uniform(window_h[:, 0], window_h[:, 1]) * HOUR_S, unit="s")
    exact = span.begin.tz_localize(LOCAL) + pd.to_timedelta(events["at_s"].to_numpy(), unit="s")
    # The true instant lies anywhere in its window.
    start = exact - length * rng.random(count)
    open_ended = window_h[:, 1] > 0
    occurred = pd.Series(exact.floor("min")).where(~open_ended, start.floor(WINDOW_STEP))
    until = pd.Series((start + length).ceil(WINDOW_STEP)).where(open_ended)
    discovered = rng.random(count) < np.array([entry.discovered for entry in entries])[category]
    return gpd.GeoDataFrame(
        {
            "category": np.array(list(CATEGORIES), dtype=object)[category],
            "severity": severity,
            "occurred_at": occurred.dt.tz_convert("UTC").dt.as_unit("us"),
            "occurred_until": until.dt.tz_convert("UTC").dt.as_unit("us"),
            "reporting": np.where(discovered, "discovered", "reported"),
            "synthetic": True,
        },
        geometry=gpd.points_from_xy(events["x"], events["y"]),
        crs=crs,
    )
