"""Attack the public overlay of Old Phuket Town, and print how far that comes.

`python -m tests.analytics.overlay_attack [--trials 20000]`. The attackers keep 365 daily releases
and know the method, all layers, every other incident and what they look for; only the secret is
unknown. Some even see the noisy sums, which are never published. They drive the shipped functions:
a fault in those shows in the figures.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.special import ndtr

from analytics import _overlay_noise, overlays
from analytics._overlay_bands import levels, released_bands, scores
from analytics._overlay_merits import public_merits
from analytics._overlay_surface import unit_sums
from analytics._overlay_units import StreetUnits
from analytics.overlay_state import OverlayState
from analytics.overlays import incident_surface
from geo.zone import Zone
from tests.conftest import ROOT

FIRST_DAY = date(2025, 9, 1)
DAYS = 365
BEFORE = timedelta(days=91)  # a window has closed before the first day
ADDRESSES = 120
KEYS_LEARNT = 2000


def best_accuracy(budget, shift=_overlay_noise.SENSITIVITY):
    """Return how often the best of all attackers tells worlds apart whose sums differ by a shift.

    That is telling N(0, 1) from N(shift / sd, 1), as in `_overlay_noise`.
    """
    return float(ndtr(shift / _overlay_noise.noise_sd(budget) / 2))


def key_of(number):
    """Return the secret of a trial."""
    return b"secret of a trial" + int(number).to_bytes(8, "big")


def incident(place, day):
    """Return one reported theft at a place, at noon of a day."""
    return gpd.GeoDataFrame(
        {
            "category": ["theft"],
            "severity": [2],
            "occurred_at": [pd.Timestamp(f"{day} 12:00", tz="Asia/Bangkok").tz_convert("UTC")],
            "occurred_until": pd.Series([pd.NaT], dtype="datetime64[us, UTC]"),
            "reporting": ["reported"],
            "synthetic": [True],
        },
        geometry=[place],
        crs="EPSG:32647",
    )


@dataclass(frozen=True, eq=False)
class Year:
    """A year of daily releases of a zone, as whoever attacks them computes it."""

    zone: Zone
    min_addresses: int = 40

    @cached_property
    def days(self):
        """The state on each day, without the secret."""
        state = OverlayState(
            key=key_of(0),
            first_day=FIRST_DAY - 2 * BEFORE,
            day=FIRST_DAY,
            min_addresses=self.min_addresses,
        )
        return [state.on(FIRST_DAY + timedelta(days=day)) for day in range(DAYS)]

    @cached_property
    def units(self):
        return StreetUnits.gathered(
            self.zone.streets, self.zone.buildings, min_addresses=self.min_addresses
        )

    @cached_property
    def design(self):
        return overlays._design(self.zone, self.units, self.days[0])

    @cached_property
    def merits(self):
        return public_merits(self.zone, self.units, on=FIRST_DAY, posts=None)

    @cached_property
    def windows(self):
        """The day on which each release is first shown."""
        since = [state.since for state in self.days]
        return [day for day in range(DAYS) if day == 0 or since[day] != since[day - 1]]

    @cached_property
    def window_of_day(self):
        return np.searchsorted(self.windows, np.arange(DAYS), side="right") - 1

    def sums(self, incidents):
        """Return what the shipped code adds up of incidents, shape (windows, units)."""
        return np.array([self._window_sums(incidents, self.days[day]) for day in self.windows])

    def address_sums(self, places):
        """Return what an incident at each place adds up to alone, shape (places, units)."""
        state = self.days[0]
        alone = [incident(place, state.since + timedelta(days=40)) for place in places]
        return np.array([self._window_sums(one, state) for one in alone])

    def _window_sums(self, incidents, state):
        surface = incident_surface(self.zone, incidents, state=state)
        return unit_sums(surface, self.zone.streets, self.units, window=[state.since, state.until])

    def noises(self, keys):
        """Return the noise of each window as well as 365 days tell it, of each secret.

        What is the same on several days is drawn once; shape (keys, windows, units).
        """
        contexts = pd.Series([overlays.noise_context(self.design, state) for state in self.days])
        days = pd.crosstab(self.window_of_day, contexts)
        share = (days.div(days.sum(axis=1), axis=0)).to_numpy()
        nothing, budget = np.zeros(len(self.units.lines)), self.days[0].budget
        drawn = np.empty((len(keys), days.shape[1], len(nothing)))
        for row, key in enumerate(keys):
            for column, context in enumerate(days.columns):
                drawn[row, column] = overlays.noisy_sums(
                    nothing, key=key, context=context, budget=budget
                )
        return share @ drawn

    def bands(self, noisy):
        """Return the bands of each window from noisy sums, shape (..., windows, units)."""
        shown, previous = [], None
        for window in range(noisy.shape[-2]):
            previous = released_bands(
                noisy[..., : window + 1, :],
                self.merits,
                self.units.length_m,
                noise_sd=_overlay_noise.noise_sd(self.days[0].budget),
                previous=previous,
            )
            shown.append(previous)
        return np.stack(shown, axis=-2)


def accuracy_by_sums(year, one, other, trials):
    """Return how often the likelihood ratio of the noisy sums names the right of two worlds."""
    shift = other - one
    truth = np.arange(trials) % 2
    worlds = np.where(truth[:, None, None], other, one)
    seen = worlds + year.noises([key_of(trial) for trial in range(trials)])
    guess = ((seen - one) * shift).sum(axis=(1, 2)) > (shift**2).sum() / 2
    return float((guess == truth).mean())


def accuracy_by_bands(year, one, other, trials):
    """Return how often the bands name the right of two worlds, whose bands are learnt before."""
    noises = year.noises([key_of(trial) for trial in range(2 * trials)])
    odds = np.subtract(*(_learnt(year.bands(world + noises[:trials])) for world in (other, one)))
    truth = np.arange(trials) % 2
    seen = year.bands(np.where(truth[:, None, None], other, one) + noises[trials:])
    scores = np.take_along_axis(odds, seen, axis=0).sum(axis=(1, 2))
    guess = np.where(scores == 0, np.arange(trials) // 2 % 2, scores > 0)
    return float((guess == truth).mean())


def located_by_sums(year, added, trials, *, seed=0):
    """Return how often the likeliest address, of equally likely ones, is the right one."""
    rng = np.random.default_rng(seed)
    place = rng.integers(len(added), size=trials)
    off = year.noises([key_of(trial) for trial in range(trials)])[:, 0] + added[place]
    return _found(off @ added.T - (added**2).sum(axis=1) / 2, place, rng)


def located_by_bands(year, base, added, trials, *, learnt, seed=0):
    """Return how often the address under which the bands shown are likeliest is the right one."""
    rng = np.random.default_rng(seed)
    place = rng.integers(len(added), size=trials)
    worlds = np.repeat(base[None], len(added), axis=0)
    worlds[:, 0] += added
    noises = year.noises([key_of(number) for number in range(learnt + trials)])
    odds = [_learnt(year.bands(world + noises[:learnt])) for world in worlds]
    seen = year.bands(worlds[place] + noises[learnt:])
    told = [np.take_along_axis(of_place, seen, axis=0).sum(axis=(1, 2)) for of_place in odds]
    return _found(np.stack(told, axis=1), place, rng)


def _learnt(bands):
    """Return the logarithm of how often each band was shown, shape (bands, windows, units)."""
    return np.log([(bands == band).sum(axis=0) + 1.0 for band in range(3)])


def _found(likelihood, place, rng):
    """Return the share of rows whose likeliest column is the place; ties are drawn."""
    best = likelihood >= likelihood.max(axis=1, keepdims=True) - 1e-9
    guess = (best * rng.random(best.shape)).argmax(axis=1)
    return float((guess == place).mean())


def addresses(zone, count, *, seed=0):
    """Return the places of some addresses of a zone."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(zone.buildings), count, replace=False)
    return shapely.point_on_surface(zone.buildings.geometry.to_numpy()[np.sort(rows)])


def worlds_of(year, incidents, *, count):
    """Return sums without and with an incident, with it elsewhere, and with it a window later."""
    base = year.sums(incidents)
    alone = year.address_sums(addresses(year.zone, count))
    strongest = alone[np.argmax((alone**2).sum(axis=1))]
    apart = alone[np.argmax(((alone - strongest) ** 2).sum(axis=1))]
    worlds = {"without": base}
    for name, added, window in (("with", strongest, 0), ("moved", apart, 0), ("later", apart, 1)):
        worlds[name] = base.copy()
        worlds[name][window] += added
    return worlds, alone


def band_agreement(year, incidents, keys):
    """Return for each window what share of bands is as without noise, and rank agreement."""
    exact = year.sums(incidents)
    noisy = exact + year.noises([key_of(number) for number in range(keys)])
    same = (year.bands(noisy) == year.bands(exact)).mean(axis=(0, 2))
    ranks = [
        np.argsort(np.argsort(np.cumsum(sums, axis=-2) / year.units.length_m))
        for sums in (exact, noisy)
    ]
    agree = [
        np.mean([np.corrcoef(ranks[0][window], told)[0, 1] for told in ranks[1][:, window]])
        for window in range(len(exact))
    ]
    return same, agree


def without_incidents(year, exact):
    """Return for each window what share of bands is right where all units count as equally calm."""
    alike = scores(year.merits | {"calm": np.full(len(year.units.lines), 0.5)})
    return (year.bands(exact) == levels(alike, None)).mean(axis=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=20_000)
    trials = parser.parse_args().trials
    zone = Zone.load(ROOT / "data" / "old_town")
    year = Year(zone)
    worlds, alone = worlds_of(year, zone.incidents, count=ADDRESSES)
    base, budget = worlds["without"], year.days[0].budget
    counts, best = year.units.addresses, best_accuracy(budget)
    told = [
        f"{len(counts)} units of {counts.min()} to {counts.max()} addresses",
        f"{len(year.windows)} releases in {DAYS} days",
        f"noise {_overlay_noise.noise_sd(budget):.2f} on {base.min():.1f} to {base.max():.1f}",
        f"Two worlds told apart, at most {best:.4f} by any means:",
    ]
    pairs = {
        "an incident more": ("without", "with"),
        "an incident elsewhere": ("with", "moved"),
        "elsewhere and later": ("with", "later"),
    }
    for name, (one, other) in pairs.items():
        pair = year, worlds[one], worlds[other]
        shift = float(np.linalg.norm(worlds[other] - worlds[one]))
        told.append(
            f"  {name:24} by noisy sums {accuracy_by_sums(*pair, trials):.4f}"
            f" (in theory {best_accuracy(budget, shift):.4f}),"
            f" by bands {accuracy_by_bands(*pair, trials):.4f}"
        )
    by_sums = located_by_sums(year, alone, trials)
    by_bands = located_by_bands(year, base, alone, trials, learnt=KEYS_LEARNT)
    told += [
        f"Address found among {len(alone)} equally likely ones (by chance {1 / len(alone):.4f}):",
        f"  by noisy sums {by_sums:.4f}, by bands {by_bands:.4f}",
    ]
    same, ranks = band_agreement(year, zone.incidents, trials // 10)
    unknown = without_incidents(year, base)
    told.append(
        "Windows averaged; bands as without noise, and by what is public alone; ranks of rates:"
    )
    told += [
        f"  {window + 1}: {share:.3f}, {public:.3f}; {rank:.3f}"
        for window, (share, public, rank) in enumerate(zip(same, unknown, ranks, strict=True))
    ]
    sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main()
