"""What a plan is made from: a zone, and the files of its folder that tell of one night."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final, TypeVar

from api.inputs import NOTHING_STORED, digests_of, refuse_empty
from geo.errors import Fault, LayerError, ParameterError
from geo.zone import Zone
from planning.community_requests import CommunityRequest, read_requests
from planning.events import Event, read_events
from planning.patrol_rules import PatrolRules, read_rules
from planning.units import Unit, read_units

_UNITS_FILE: Final = "units.toml"
_EVENTS_FILE: Final = "events.toml"
_REQUESTS_FILE: Final = "requests.toml"
_RULES_FILE: Final = "rules.toml"
# Days before and after a night are on the calendar too.
_NIGHTS: Final = (date(1900, 1, 1), date(9998, 12, 31))

_Read = TypeVar("_Read")


@dataclass(frozen=True, eq=False)
class PlanInputs:
    """What a plan is made from.

    Attributes
    ----------
    zone
        The zone with its layers.
    tonight
        Evening the plan is for, on the zone's calendar.
    units
        Patrol units of that evening.
    events
        What takes place that day.
    requests
        What communities ask for that evening.
    rules
        Rules of the patrols.
    digests
        SHA-256 of each file of the zone's folder that was read, by name, and the version of each
        layer of the store.
    """

    zone: Zone
    tonight: date
    units: tuple[Unit, ...]
    events: tuple[Event, ...]
    requests: tuple[CommunityRequest, ...]
    rules: PatrolRules
    digests: Mapping[str, str]

    @classmethod
    def gather(
        cls,
        zone: Zone,
        folder: Path,
        *,
        tonight: date,
        stored: Mapping[str, str] = NOTHING_STORED,
    ) -> "PlanInputs":
        """Gather what a plan needs besides the zone.

        Parameters
        ----------
        zone
            The zone.
        folder
            Folder the zone was loaded from.
        tonight
            Evening to plan, on the zone's calendar.
        stored
            Version of each layer that was read from the store in place of the folder, by its name.

        Returns
        -------
        PlanInputs
            Zone, units, events, requests and rules, and digests.

        Raises
        ------
        LayerError
            A layer that a plan rests on is empty, or units, events, requests or rules are not as
            they must be; every fault of the four files is named.
        ParameterError
            The evening is at an end of the calendar.
        SourceError
            A file cannot be read.
        """
        first, last = _NIGHTS
        if not first <= tonight <= last:
            raise ParameterError(f"Expected a night from {first} to {last}, got {tonight}.")
        needed = ("streets", "buildings", "cameras", "incidents")
        refuse_empty(zone, folder, needed, stored=stored)
        faults: list[Fault] = []
        units = _gathered(
            folder / _UNITS_FILE,
            lambda file: read_units(file, crs=zone.crs, night=tonight, timezone=zone.timezone),
            faults,
        )
        midnight = datetime.combine(tonight, time(), UTC)
        until = max((unit.ends_at for unit in units), default=midnight)
        optional = [folder / name for name in (_EVENTS_FILE, _REQUESTS_FILE, _RULES_FILE)]
        events_file, requests_file, rules_file = optional
        events = _gathered_if_there(
            events_file, lambda file: read_events(file, zone, night=tonight, until=until), faults
        )
        requests = _gathered_if_there(
            requests_file,
            lambda file: read_requests(file, zone, night=tonight, until=until),
            faults,
        )
        rules = _gathered(
            rules_file, lambda file: [read_rules(file, timezone=zone.timezone)], faults
        )
        if faults:
            raise LayerError(faults)
        there = [path for path in optional if path.exists()]
        digests = digests_of(folder, besides=[folder / _UNITS_FILE, *there], stored=stored)
        return cls(zone, tonight, tuple(units), tuple(events), tuple(requests), rules[0], digests)


def _gathered_if_there(
    file: Path, read: Callable[[Path], list[_Read]], faults: list[Fault]
) -> list[_Read]:
    return _gathered(file, read, faults) if file.exists() else []


def _gathered(file: Path, read: Callable[[Path], list[_Read]], faults: list[Fault]) -> list[_Read]:
    """Read a file, or keep what is wrong with it until the others are read too."""
    try:
        return read(file)
    except LayerError as error:
        faults.extend(error.faults)
        return []
