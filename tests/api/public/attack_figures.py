"""Attack a year of public overlays over HTTP, and print how far that comes.

`python -m tests.api.public.attack_figures [--trials 200]`. A service runs; each day the daily task
releases what is due, and the attackers keep what /public/v1/safe-areas answers, whole. They know
the method, all layers and every other incident, and learnt beforehand which bands the two worlds
they are to tell apart lead to; only the secret is unknown. Each trial is a zone of its own with a
secret of its own.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import httpx
import numpy as np
import pandas as pd

from analytics.overlays import BANDS
from api.main import create_app
from api.releasing import release_due
from api.settings import Settings
from api.store import Store
from api.store.releases import Calendar
from geo.zone import Zone
from tests.analytics.overlay_attack import (
    DAYS,
    Year,
    _learnt,
    addresses,
    best_accuracy,
    incident,
    key_of,
)
from tests.api.serving import serving
from tests.conftest import ROOT

NOON = dt.time(12, tzinfo=dt.UTC)
KEYS_LEARNT = 2000
ADDRESSES = 120


@dataclass(frozen=True, eq=False)
class Worlds:
    """Two worlds that differ by an incident: the one that changes most of what is added up.

    Where `everywhere` is set they differ by one at each of the addresses, for a planted fault.
    """

    zone: Zone
    count: int = ADDRESSES
    everywhere: bool = False

    @cached_property
    def year(self):
        return Year(self.zone)

    @cached_property
    def incidents(self):
        """The incidents without it, and with it."""
        places = addresses(self.zone, self.count)
        if not self.everywhere:
            alone = self.year.address_sums(places)
            places = places[[int(np.argmax((alone**2).sum(axis=1)))]]
        day = self.year.days[0].since + dt.timedelta(days=40)
        added = [incident(place, day) for place in places]
        return self.zone.incidents, pd.concat([self.zone.incidents, *added])

    @cached_property
    def odds(self):
        """What each band of each window speaks for, learnt from secrets of the attackers' own."""
        noises = self.year.noises([key_of(10**6 + number) for number in range(KEYS_LEARNT)])
        one, other = (
            _learnt(self.year.bands(self.year.sums(known) + noises)) for known in self.incidents
        )
        return other - one

    def guess(self, documents, coin):
        """Return which world the documents of a year speak for; a coin decides where neither."""
        bands = np.array([bands_of(document) for document in documents])
        score = np.take_along_axis(self.odds, bands[None], axis=0).sum()
        return coin if score == 0 else int(score > 0)


def bands_of(document):
    return [BANDS.index(one["properties"]["band"]) for one in document["features"]]


def begin(store, zone, year, secret):
    """Give a zone its secret and the calendar of a year."""
    state = year.days[0]
    store.releases.calendar(
        zone,
        Calendar(secret, state.first_day, state.window_days, state.budget, state.min_addresses),
    )


@contextmanager
def service(names):
    """Serve an empty store of some zones; yield the store and a client."""
    with tempfile.TemporaryDirectory(prefix="smartzone-attack-") as folder:
        place = Path(folder) / "store.sqlite"
        store = Store(place)
        settings = Settings(
            zone=names[0], zones=names, store=str(place), public_rate="1000000/minute"
        )
        with (
            serving(create_app(settings)) as address,
            httpx.Client(base_url=address, timeout=60) as client,
        ):
            yield store, client
        store.close()


def keep(store, client, zone, day):
    """Let the daily task run on a day and return what the endpoint then answers."""
    release_due(store, zone, now=dt.datetime.combine(day, NOON))
    answer = client.get(f"/zones/{zone.name}/public/v1/safe-areas")
    answer.raise_for_status()
    return answer


def attack(worlds, trials):
    """Return how often what is kept of a year names the right of two worlds, and of how many."""
    year, names = worlds.year, [f"trial_{number}" for number in range(trials)]
    right = 0
    with service(names) as (store, client):
        for number, name in enumerate(names):
            truth, coin = number % 2, number // 2 % 2
            zone = replace(worlds.zone, name=name, incidents=worlds.incidents[truth])
            begin(store, name, year, key_of(number))
            kept = [keep(store, client, zone, year.days[day].day).json() for day in year.windows]
            right += worlds.guess(kept, coin) == truth
    return right / trials


def daily(worlds, days, secret):
    """Return the answers of some days of a year, of one zone."""
    zone = worlds.zone
    with service([zone.name]) as (store, client):
        begin(store, zone.name, worlds.year, secret)
        return {day: keep(store, client, zone, worlds.year.days[day].day) for day in days}


def differences(one, other, at="$"):
    """Return where two documents differ."""
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        return {
            path for name in one for path in differences(one[name], other[name], f"{at}.{name}")
        }
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return {
            path for a, b in zip(one, other, strict=True) for path in differences(a, b, f"{at}[]")
        }
    return set() if one == other else {at}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    trials = parser.parse_args().trials
    worlds = Worlds(Zone.load(ROOT / "data" / "old_town"))
    answers = daily(worlds, range(DAYS), key_of(1))
    distinct = {json.dumps(one.json()["features"]) for one in answers.values()}
    tags = {one.headers["etag"] for one in answers.values()}
    budget = worlds.year.days[0].budget
    accuracy = attack(worlds, trials)
    told = [
        f"{DAYS} daily answers of the endpoint: {len(distinct)} overlays, {len(tags)} entity tags,",
        f"  {len(worlds.year.windows)} windows closed",
        f"Two worlds told apart by what a year of answers shows, {trials} trials: {accuracy:.3f}",
        f"  at most {best_accuracy(budget):.4f} by any means in the long run; by chance 0.5, give",
        f"  or take {0.5 / trials**0.5:.3f} (one standard error)",
    ]
    sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main()
