"""Print how the default forecast and every baseline did on Portland, week by week.

`python -m tests.analytics.forecast_figures [--crimes burglary vehicle_theft] [--every 1]` makes a
forecast a week from 2015-06-01 to 2016-05-25, each from the calls before it alone, and holds it to
those of its week: hit rates with 95 % intervals from 4,000 draws of whole weeks, and by how much
the default is ahead, week by week on the same draws. `--every 4` takes each fourth week.
"""

import argparse
import sys
import time
from pathlib import Path

import pandas as pd

from analytics.forecast import BASELINES, DEFAULT, forecast_risk
from analytics.rolling_evaluation import hit_rate_intervals, rolling_evaluation
from tests.analytics.portland import CRIMES, portland_grid, portland_incidents

DATA = Path(__file__).parents[3] / "shared" / "data"
WEEK = pd.Timedelta(days=7)
ORIGINS = list(pd.date_range("2015-06-01", "2016-05-25", freq="7D"))
SEED = 0


def tell(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_rates(rolled):
    """Write a row a method: its hit rates, what it expected and its log score."""
    rates = hit_rate_intervals(rolled, seed=SEED)
    ahead = hit_rate_intervals(rolled, seed=SEED, against=DEFAULT)
    shares = rates["area_share"].unique()
    tell("method             " + "".join(f"{share:22.0%}" for share in shares) + "  expected  nats")
    for method, rows in rates.groupby("method", sort=False):
        cells = [f"{r.hit_rate:8.3f} ({r.low:.3f} {r.high:.3f})" for r in rows.itertuples()]
        weeks = rolled[rolled["method"] == method].groupby("origin").first()
        nats = (weeks["log_score"] * weeks["incidents"]).sum() / weeks["incidents"].sum()
        total = weeks["expected"].sum()
        tell(f"{method:19}" + "".join(cells) + f"{total:10.0f}  {nats:.3f}")
    tell("the default ahead of")
    for method, rows in ahead.groupby("method", sort=False):
        if method != DEFAULT:
            cells = [
                f"{-r.hit_rate:+8.3f} ({-r.high:+.3f} {-r.low:+.3f})" for r in rows.itertuples()
            ]
            tell(f"{method:17}" + "".join(cells))


def tell_verdict(rolled):
    """Write whether the default is ahead of the best kernel density at 5 %."""
    ahead = hit_rate_intervals(rolled, seed=SEED, against=DEFAULT)
    kernels = ahead[ahead["method"].str.startswith("kernel") & (ahead["area_share"] == 0.05)]
    best = kernels.loc[kernels["hit_rate"].idxmax()]
    least = -kernels["high"].max()
    tell(
        f"at 5 % ahead of the best kernel density ({best['method']}) by {-best['hit_rate']:.4f};"
        f" the lowest end of the intervals against any of them is {least:+.4f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crimes", nargs="+", default=CRIMES, choices=CRIMES)
    parser.add_argument("--every", type=int, default=1)
    chosen = parser.parse_args()
    grid = portland_grid(DATA)
    origins = ORIGINS[:: chosen.every]
    tell(f"{len(grid):,} cells, {len(origins)} origins from {origins[0]:%F} to {origins[-1]:%F}")
    for crime in chosen.crimes:
        incidents = portland_incidents(DATA, crime)
        begin_s = time.perf_counter()
        rolled = rolling_evaluation(
            incidents,
            grid,
            {DEFAULT: forecast_risk, **BASELINES},
            origins=origins,
            horizon=WEEK,
        )
        happened = rolled.groupby("origin")["incidents"].first().sum()
        tell(f"\n{crime}: {happened:,} incidents, {time.perf_counter() - begin_s:.0f} s")
        tell_rates(rolled)
        tell_verdict(rolled)


if __name__ == "__main__":
    main()
