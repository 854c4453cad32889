"""What communities ask of tonight's patrols, and the file that lists it.

A request is a community's, never a person's: the file has no field for who spoke, and refuses any
that it does not know.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from shapely.geometry.base import BaseGeometry

from geo.zone import Zone
from planning._occasion_input import Spot, clock, day, flag, one_of, read_entries, text, weekdays

Wish = Literal["presence", "quiet"]
WISHES: Final[tuple[Wish, ...]] = ("presence", "quiet")
"""What can be asked for: to be seen more, or to be left in peace by stops that can wait."""

_FIELDS = (
    *(text("id"), text("community_th"), text("community_en"), one_of("wish", WISHES)),
    *(weekdays(needed=False), clock("starts_at"), clock("ends_at")),
    *(day("valid_until", needed=True), flag("synthetic")),
)


@dataclass(frozen=True)
class CommunityRequest:
    """What a community asks for tonight.

    Attributes
    ----------
    id
        Name of the request in files.
    community_th
        Name of the community in Thai.
    community_en
        Name of the community in English.
    wish
        "presence": to be seen there more. "quiet": no stops there that can wait.
    opens_at
        From when, UTC.
    closes_at
        Until when, UTC.
    spots
        Where to stand: at a place or along a street.
    area
        The place or the street itself.
    synthetic
        Whether the request is made up.
    """

    id: str
    community_th: str
    community_en: str
    wish: Wish
    opens_at: datetime
    closes_at: datetime
    spots: tuple[Spot, ...]
    area: BaseGeometry
    synthetic: bool


def read_requests(
    path: str | Path, zone: Zone, *, night: date, until: datetime
) -> list[CommunityRequest]:
    """Read the requests that hold on one night.

    Parameters
    ----------
    path
        A TOML file of `[[request]]` tables: id, community_th, community_en, wish (presence or
        quiet), starts_at and ends_at ("22:00" by the zone's clock; an end not after the start is
        on the next day), valid_until (the last day on which it holds), synthetic; and where:
        `place` (the id of a place) or `street` (its English name). Optional: weekdays.
    zone
        Zone of the communities.
    night
        Day on which the night begins, by the zone's calendar.
    until
        When the night ends: hours of the next day that begin earlier are read too.

    Returns
    -------
    requests
        Those that have not expired, in the order of the file.

    Raises
    ------
    LayerError
        The file is no TOML or requests break the rules above; every fault is named.
    SourceError
        The file cannot be read.
    """
    return [
        CommunityRequest(
            id=entry.values["id"],
            community_th=entry.values["community_th"],
            community_en=entry.values["community_en"],
            wish=entry.values["wish"],
            opens_at=opens_at,
            closes_at=closes_at,
            spots=tuple(entry.spots(zone)),
            area=entry.area(zone),
            synthetic=entry.values["synthetic"],
        )
        for entry in read_entries(Path(path), "request", _FIELDS, zone, kinds=False)
        if night <= entry.values["valid_until"]
        for opens_at, closes_at in entry.windows(zone, night=night, until=until)
    ]
