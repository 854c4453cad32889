"""Zones from one store into another, with fingerprints that show that nothing was lost."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from api.store.engine import Engine, Session
from api.store.tables import Table, insert_rows, read_tables
from geo.errors import ConflictError, NotFoundError, SourceError

OWN_TABLES: Final = frozenset({"accounts", "sessions", "sign_in_attempts", "audit", "audit_heads"})
"""Tables of a whole store and of no zone: who may enter it, and its unbroken chain of entries."""

_BATCH: Final = 1_000
_FINISHED: Final = " AND state NOT IN ('accepted', 'running')"


@dataclass(frozen=True)
class Moved:
    """Rows of a zone that were moved.

    Attributes
    ----------
    name
        Name of the layer, or of the table where the rows are no features.
    rows
        Number of rows.
    fingerprint
        Fingerprint of the rows, the same in both stores.
    """

    name: str
    rows: int
    fingerprint: str


@dataclass(frozen=True)
class _Part:
    """Rows of one table that belong to a zone, without the numbers that each store gives."""

    name: str
    table: Table
    where: str
    value: object
    reference: str = ""

    @property
    def columns(self) -> list[str]:
        left_out = {self.table.numbered, self.reference}
        return sorted(name for name in self.table.columns if name not in left_out)

    def rows(self, session: Session) -> Iterator[list[object]]:
        order = self.table.numbered or "1"
        if "position" in self.table.columns:
            order = "position"
        return self.table.rows(
            session, columns=self.columns, where=self.where, order=order, value=self.value
        )

    def proven(self, session: Session) -> Moved:
        digest, count = hashlib.sha256(), 0
        for row in self.rows(session):
            digest.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
            count += 1
        return Moved(self.name, count, digest.hexdigest()[:20])


def refuse_unknown(source: Engine, zone: str) -> None:
    """Refuse a zone of which a store has nothing.

    Parameters
    ----------
    source
        The database.
    zone
        Name of the zone.

    Raises
    ------
    NotFoundError
        When it has nothing of the zone.
    """
    with source.reading() as session:
        if not any(part.proven(session).rows for part in _parts(session, zone)):
            raise NotFoundError(f"Expected a zone in the store {source.place}, got {zone!r}.")


def move_zone(source: Engine, target: Engine, zone: str) -> list[Moved]:
    """Copy everything of a zone from one store into another, all of it or nothing.

    The first store keeps what it has: whether and when it goes is for a person to say. Accounts
    and the audit are a store's own and stay; a backup carries them.

    Parameters
    ----------
    source
        The database that has the zone.
    target
        The database that gets it.
    zone
        Name of the zone.

    Returns
    -------
    moved
        What was moved.

    Raises
    ------
    NotFoundError
        When the first store does not have the zone.
    ConflictError
        When the other has something of it.
    SourceError
        When a store does not answer, or what arrived differs from what was sent; the other store
        then stays as it was.
    """
    refuse_unknown(source, zone)
    with source.reading() as here, target.writing() as there:
        if any(part.proven(there).rows for part in _parts(there, zone)):
            raise ConflictError(
                f"Expected nothing of zone {zone!r} in the store {target.place}, got some."
            )
        for part in _parts(here, zone):
            _copy(part, here, there)
        features = zip(_layers(here, zone), _layers(there, zone), strict=True)
        for part, other in features:
            _copy(part, here, there, reference=other.value)
        sent, arrived = (_proven(session, zone) for session in (here, there))
        if sent != arrived:
            names = [one.name for one, other in zip(sent, arrived, strict=True) if one != other]
            raise SourceError(f"Expected {', '.join(names)} unchanged in the store {target.place}.")
    return sent


def _parts(session: Session, zone: str) -> list[_Part]:
    """List the tables that say of each row which zone it belongs to.

    Jobs that are not finished stay: they would be run in both stores.
    """
    return [
        _Part(table.name, table, f"zone = :value{_FINISHED if table.name == 'jobs' else ''}", zone)
        for table in read_tables(session)
        if "zone" in table.columns and table.name not in OWN_TABLES
    ]


def _layers(session: Session, zone: str) -> list[_Part]:
    """List the features of the zone's layers, a part a layer."""
    table = next(one for one in read_tables(session) if one.name == "features")
    return [
        _Part(row["name"], table, "layer_id = :value", row["id"], reference="layer_id")
        for row in session.rows(_SELECT_LAYERS, zone=zone)
    ]


def _proven(session: Session, zone: str) -> list[Moved]:
    return [part.proven(session) for part in (*_parts(session, zone), *_layers(session, zone))]


def _copy(part: _Part, here: Session, there: Session, *, reference: object = None) -> None:
    columns = [*part.columns, *([part.reference] if part.reference else [])]
    ends = [reference] if part.reference else []
    rows = part.rows(here)
    while batch := [[*row, *ends] for row in islice(rows, _BATCH)]:
        insert_rows(there, part.table, columns, batch)


_SELECT_LAYERS: Final = "SELECT id, name FROM layers WHERE zone = :zone ORDER BY name"
