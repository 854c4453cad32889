"""Releases of the public overlay: kept for ever, each window once; the database refuses the rest.

The secret of a zone's overlay stands in the store that holds the zone's incidents: whoever reads
the one reads the other. It leaves the store for `api.releasing` alone.
"""

import datetime as dt
import json
from dataclasses import dataclass, field

from api.store.engine import Engine, Row
from geo.errors import NotFoundError


@dataclass(frozen=True)
class Calendar:
    """What the overlay of a zone is made with, chosen once.

    Attributes
    ----------
    secret
        Secret of the zone.
    first_day
        A day on which a window begins.
    window_days
        Length of a window in days.
    budget
        Privacy budget of an incident over all releases.
    min_addresses
        Fewest addresses of a unit.
    """

    secret: bytes = field(repr=False)
    first_day: dt.date
    window_days: int
    budget: float
    min_addresses: int


@dataclass(frozen=True)
class KeptRelease:
    """A release of a zone's overlay. Nothing in it is private.

    Attributes
    ----------
    number
        Its number in the zone, from 1.
    since
        First day of its window.
    until
        First day after the window, and the first on which it is shown.
    shown_until
        First day on which it is no longer shown.
    design
        What its sums are of.
    sums
        Noisy sums; they are not shown.
    areas
        The overlay, as a GeoJSON FeatureCollection.
    """

    number: int
    since: dt.date
    until: dt.date
    shown_until: dt.date
    design: str
    sums: tuple[float, ...]
    areas: str = field(repr=False)


class Releases:
    """The releases of all zones.

    Parameters
    ----------
    engine
        The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def calendar(self, zone: str, proposed: Calendar) -> Calendar:
        """Return what the overlay of a zone is made with; the first who asks chooses.

        Parameters
        ----------
        zone
            Name of the zone.
        proposed
            What is chosen where nothing was.

        Returns
        -------
        calendar
            What was chosen, now or before.
        """
        with self._engine.reading() as session:
            row = session.row(_SELECT_CALENDAR, zone=zone)
        if row is None:
            with self._engine.writing() as session:
                session.run(
                    _INSERT_CALENDAR,
                    zone=zone,
                    secret=proposed.secret.hex(),
                    first_day=proposed.first_day.isoformat(),
                    window_days=proposed.window_days,
                    budget=proposed.budget,
                    min_addresses=proposed.min_addresses,
                )
                row = session.row(_SELECT_CALENDAR, zone=zone)
        return proposed if row is None else _calendar(row)

    def append(self, zone: str, release: KeptRelease) -> bool:
        """Keep a release, unless its window was released before.

        Parameters
        ----------
        zone
            Name of the zone.
        release
            The release; its number is given by the store.

        Returns
        -------
        kept
            Whether it is the one that is kept.
        """
        with self._engine.writing() as session:
            return bool(
                session.run(
                    _INSERT,
                    zone=zone,
                    since=release.since.isoformat(),
                    until=release.until.isoformat(),
                    shown_until=release.shown_until.isoformat(),
                    design=release.design,
                    sums=json.dumps(release.sums),
                    areas=release.areas,
                )
            )

    def all(self, zone: str) -> list[KeptRelease]:
        """Read the releases of a zone.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        releases
            The oldest first.
        """
        with self._engine.reading() as session:
            return [_release(row) for row in session.rows(f"{_SELECT} ORDER BY number", zone=zone)]

    def read(self, zone: str, number: int | None = None) -> KeptRelease:
        """Read a release of a zone.

        Parameters
        ----------
        zone
            Name of the zone.
        number
            Its number; the latest where none.

        Returns
        -------
        release
            The release.

        Raises
        ------
        NotFoundError
            When there is no such release.
        """
        with self._engine.reading() as session:
            if number is None:
                row = session.row(f"{_SELECT} ORDER BY number DESC LIMIT 1", zone=zone)
            else:
                row = session.row(f"{_SELECT} AND number = :number", zone=zone, number=number)
        if row is None:
            wanted = "a release" if number is None else f"release {number}"
            raise NotFoundError(f"Expected {wanted} of zone {zone!r}, got none.")
        return _release(row)


def _calendar(row: Row) -> Calendar:
    return Calendar(
        secret=bytes.fromhex(row["secret"]),
        first_day=dt.date.fromisoformat(row["first_day"]),
        window_days=int(row["window_days"]),
        budget=float(row["budget"]),
        min_addresses=int(row["min_addresses"]),
    )


def _release(row: Row) -> KeptRelease:
    return KeptRelease(
        number=int(row["number"]),
        since=dt.date.fromisoformat(row["since"]),
        until=dt.date.fromisoformat(row["until"]),
        shown_until=dt.date.fromisoformat(row["shown_until"]),
        design=row["design"],
        sums=tuple(json.loads(row["sums"])),
        areas=row["areas"],
    )


_SELECT_CALENDAR = "SELECT * FROM overlay_secrets WHERE zone = :zone"
_INSERT_CALENDAR = (
    "INSERT INTO overlay_secrets (zone, secret, first_day, window_days, budget, min_addresses)"
    " VALUES (:zone, :secret, :first_day, :window_days, :budget, :min_addresses)"
    " ON CONFLICT (zone) DO NOTHING"
)
_SELECT = "SELECT * FROM releases WHERE zone = :zone"
_INSERT = (
    "INSERT INTO releases (zone, number, since, until, shown_until, design, sums, areas)"
    " VALUES (:zone, 1 + coalesce((SELECT max(number) FROM releases WHERE zone = :zone), 0),"
    " :since, :until, :shown_until, :design, :sums, :areas)"
    " ON CONFLICT (zone, since) DO NOTHING"
)
