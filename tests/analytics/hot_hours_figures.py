"""Print what it is worth to weigh hotspots by forecast, weekday and hour, on made-up incidents.

`python -m tests.analytics.hot_hours_figures` goes back to every fourth week of the second year of
the Old Town's record: hotspots are found in what was known by then, and weights are laid on each
of them for every hour from 18:00 to 02:00 of the next 28 nights. Each incident of known time that
then happened on one of them is scored by the part of all weight that stood at its place and hour:
nats an incident, the more the better; and by how much more than by weights that are the same all
night every night, with a 95 % interval from 4,000 draws of whole nights.
"""

import sys

import numpy as np
import pandas as pd

from analytics.hot_hours import find_hot_hours
from analytics.hotspot_forecast import forecast_factors
from analytics.hotspots import find_hotspots
from analytics.reported_incidents import reported_incidents
from geo.zone import Zone

ZONE = "data/old_town"
NIGHTS, HOURS = 28, 8
ORIGINS = pd.date_range("2025-09-01T18:00", "2026-08-01T18:00", freq="28D", tz="Asia/Bangkok")
ON_IT_M = 20.0
SEED = 0


def weights_by_night(known, spots, night, factors):
    """Lay weights on hotspots and hours by every method, each adding up to one over all nights."""
    told = find_hot_hours(
        known,
        spots.rank_of,
        starts_at=night,
        ends_at=night + pd.Timedelta(hours=HOURS),
        timezone="Asia/Bangkok",
        seed=SEED,
    ).reindex(spots.table["rank"])
    share, weekday = told["share"].to_numpy(), told["weekday_factor"].to_numpy()
    hour = night + pd.to_timedelta(np.arange(HOURS), unit="h")
    hot = np.array(
        [(hour >= row.hot_from) & (hour < row.hot_until) for row in told.itertuples()], dtype=bool
    )
    factor = np.where(
        hot, told["hot_factor"].to_numpy()[:, None], told["cold_factor"].to_numpy()[:, None]
    )
    by_place = {
        "all day's incidents": told["incidents"].to_numpy(),
        "the night's": share,
        "the same by forecast": share * factors,
        "and by weekday": share * factors * weekday,
    }
    laid = {name: np.repeat(weight[:, None], HOURS, axis=1) for name, weight in by_place.items()}
    return laid | {"and by hour": laid["and by weekday"] * factor}


def scores_from(origin, streets, reported):
    """Score every method on the nights after an instant; a row an incident."""
    known = reported[reported["occurred_at"] < origin]
    spots = find_hotspots(streets, known, bandwidth_m=60.0, count=10)
    horizon = pd.Timedelta(days=NIGHTS)
    factors = forecast_factors(spots, known, starts_at=origin, ends_at=origin + horizon).to_numpy()
    nights = [origin + pd.Timedelta(days=day) for day in range(NIGHTS)]
    laid = [weights_by_night(known, spots, night, factors) for night in nights]
    later = reported[reported["occurred_at"].between(origin, origin + horizon, inclusive="left")]
    later = later[later["occurred_until"].isna()]
    near = spots.table.geometry.sindex.nearest(
        later.geometry, return_all=False, max_distance=ON_IT_M
    )
    scored = []
    for one, cell in zip(*near, strict=True):
        since = later["occurred_at"].iloc[one] - origin
        day, hour = divmod(since, pd.Timedelta(days=1))
        number = int(hour / pd.Timedelta(hours=1))
        if number < HOURS:
            scored.append(
                {"night": nights[day]}
                | {
                    name: np.log(
                        max(laid[day][name][cell, number], 1e-6)
                        / sum(every[name].sum() for every in laid)
                    )
                    for name in laid[0]
                }
            )
    return scored


def main():
    """Print a row a method."""
    zone = Zone.load(ZONE)
    near = zone.incidents[zone.incidents.dwithin(zone.boundary, 20.0)]
    reported = reported_incidents(near)
    scores = pd.DataFrame(
        [row for origin in ORIGINS for row in scores_from(origin, zone.streets, reported)]
    )
    by_night = scores.groupby("night").agg(["sum", "count"])
    draws = np.random.default_rng(SEED).integers(len(by_night), size=(4000, len(by_night)))
    base = "all day's incidents"
    sys.stdout.write(f"{len(scores)} incidents on hotspots in {len(by_night)} nights\n")
    sys.stdout.write("weights by               nats   ahead of the first\n")
    for name in scores.columns.drop("night"):
        gain = (by_night[name]["sum"] - by_night[base]["sum"]).to_numpy()
        count = by_night[name]["count"].to_numpy()
        low, high = np.quantile(gain[draws].sum(axis=1) / count[draws].sum(axis=1), [0.025, 0.975])
        sys.stdout.write(
            f"{name:24} {scores[name].mean():6.3f} "
            f"{gain.sum() / count.sum():+7.3f} ({low:+.3f} {high:+.3f})\n"
        )


if __name__ == "__main__":
    main()
