"""Events of zones: appended, never changed or deleted; the database itself refuses both."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from api.store.engine import Engine, Row
from geo.errors import ParameterError


@dataclass(frozen=True)
class Event:
    """Something that happened in a zone.

    Attributes
    ----------
    seq
        Its number, larger than those of all events before it; numbers may be left out.
    zone
        Name of the zone.
    kind
        What happened, as a short word.
    payload
        What is known of it, as JSON values.
    at
        The instant, in UTC.
    """

    seq: int
    zone: str
    kind: str
    payload: Mapping[str, object]
    at: dt.datetime


class Events:
    """The events of all zones.

    Parameters
    ----------
    engine
        The database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(
        self, zone: str, kind: str, payload: Mapping[str, object], *, at: dt.datetime
    ) -> int:
        """Append an event.

        Parameters
        ----------
        zone
            Name of the zone.
        kind
            What happened, as a short word.
        payload
            What is known of it, as JSON values.
        at
            The aware instant.

        Returns
        -------
        seq
            Its number; it is on the disk by now.

        Raises
        ------
        ParameterError
            When the instant is not aware or the payload is not made of JSON values.
        SourceError
            When it cannot be written.
        """
        if at.utcoffset() is None:
            raise ParameterError(f"Expected `at` as an aware instant, got {at.isoformat()}.")
        try:
            text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ParameterError(f"Expected `payload` of JSON values: {error}") from error
        told = {
            "zone": zone,
            "kind": kind,
            "payload": text,
            "at": at.astimezone(dt.UTC).isoformat(),
        }
        with self._engine.writing() as session:
            row = session.row(_INSERT, **told)
        return -1 if row is None else int(row["seq"])

    def after(self, seq: int, limit: int, *, zone: str | None = None) -> list[Event]:
        """Read the events after a number, in their order.

        Parameters
        ----------
        seq
            Number of the last event that is known; 0 for none.
        limit
            Largest number of events, at least 1.
        zone
            Only events of this zone; all zones where none is given.

        Returns
        -------
        events
            The next events.

        Raises
        ------
        ParameterError
            When `limit` is out of its range.
        """
        if limit < 1:
            raise ParameterError(f"Expected `limit` >= 1, got {limit}.")
        with self._engine.reading() as session:
            if zone is None:
                rows = session.rows(_SELECT_ALL, seq=seq, limit=limit)
            else:
                rows = session.rows(_SELECT, zone=zone, seq=seq, limit=limit)
        return [_event(row) for row in rows]


def _event(row: Row) -> Event:
    return Event(
        seq=int(row["seq"]),
        zone=row["zone"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        at=dt.datetime.fromisoformat(row["at"]),
    )


_INSERT = (
    "INSERT INTO events (zone, kind, payload, at) VALUES (:zone, :kind, :payload, :at)"
    " RETURNING seq"
)
_SELECT_ALL = "SELECT * FROM events WHERE seq > :seq ORDER BY seq LIMIT :limit"
_SELECT = "SELECT * FROM events WHERE zone = :zone AND seq > :seq ORDER BY seq LIMIT :limit"
