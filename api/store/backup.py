"""Backups: one file with every row of every table, the same from either database.

The file is gzip over lines of JSON: a head, then each table as an object that names it and its
columns, followed by its rows as arrays; bytes stand as hexadecimal digits. The last line has the
number of rows and the SHA-256 of all lines before it, so that a file which was cut or edited is
told from a whole one. It is written row by row from one unchanging view of the store, while others
go on writing.

Who is signed in, and who tried, is left out: a restored store must not let in who has signed out.
"""

import datetime as dt
import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from api.store.engine import Engine, Session, migration_scripts
from api.store.exposure import OWNED_LAYERS, PRIVATE_LAYERS, REGISTER_ONLY
from api.store.tables import Table, count_rows, insert_rows, number_on, read_tables
from geo.errors import ConflictError, SourceError, reason_of

_FORMAT: Final = "smartzone-backup"
_VERSION: Final = 1
_PASSING: Final = frozenset({"sessions", "sign_in_attempts"})
_HELD_SINCE: Final = 8
"""Number of the schema from which on no store holds what only the register may."""
_SELECT_TEXTS: Final = (
    "SELECT feature, public_feature FROM features JOIN layers ON layers.id = layer_id"
    " WHERE layers.name = :layer"
)
_BATCH: Final = 1_000
_LEVEL: Final = 6  # of gzip: what it gains beyond takes twice the time


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes
    ----------
    made_at
        The instant it was made, in UTC.
    schema
        Number of the schema of its tables.
    rows
        Number of rows by table.
    checksum
        SHA-256 of its lines, in hexadecimal digits.
    """

    made_at: dt.datetime
    schema: int
    rows: Mapping[str, int]
    checksum: str


def write_backup(engine: Engine, path: Path, *, made_at: dt.datetime) -> Backup:
    """Write everything that lasts in a store into one file, whole or not at all.

    Parameters
    ----------
    engine
        The database, which others may go on using.
    path
        The file, whose folder is made where it is missing; what stands there is replaced. It holds
        accounts, so only its owner may read it.
    made_at
        The aware instant of the backup.

    Returns
    -------
    backup
        What it holds.

    Raises
    ------
    SourceError
        When the store cannot be read or the file not be written.
    """
    told, digest = made_at.astimezone(dt.UTC), hashlib.sha256()
    rows: dict[str, int] = {}
    with _written_whole(path) as file, engine.reading() as session:

        def write(value: object) -> None:
            line = _line(value)
            digest.update(line)
            file.write(line)

        schema = len(migration_scripts(session.dialect))
        head = {"format": _FORMAT, "version": _VERSION, "schema": schema}
        write(head | {"made_at": told.isoformat()})
        for table in (one for one in read_tables(session) if one.name not in _PASSING):
            write({"table": table.name, "columns": table.columns})
            rows[table.name] = 0
            for values in table.rows(session):
                write(values)
                rows[table.name] += 1
        file.write(_line({"rows": sum(rows.values()), "sha256": digest.hexdigest()}))
    return Backup(told, schema, rows, digest.hexdigest())


def restore_backup(engine: Engine, path: Path, *, replace: bool = False) -> Backup:
    """Put everything from a backup into a store, all of it or nothing.

    Parameters
    ----------
    engine
        The database; of the kind that the backup is from, or of the other.
    path
        The file.
    replace
        Whether what is in the store goes as the backup comes.

    Returns
    -------
    backup
        What it held.

    Raises
    ------
    ConflictError
        When the store is not empty and nothing is to be replaced.
    SourceError
        When the file is no backup, is cut or edited, comes from a newer program, or cannot be
        written into the store, which then stays as it was.
    """
    backup = read_backup(path)

    def check(session: Session) -> None:
        held = {name: count for name, count in count_rows(session).items() if count}
        if held and not replace:
            told = ", ".join(f"{count} in {name}" for name, count in held.items())
            raise ConflictError(
                f"Expected an empty store at {engine.place}, got rows: {told}. Name --replace to "
                "let the backup take their place."
            )

    with engine.rebuilding(backup.schema, check=check) as session:
        known = {table.name: table for table in read_tables(session)}
        with _reading(path) as lines:
            _fill(session, known, map(json.loads, islice(lines, 1, None)), path)
        for table in known.values():
            number_on(session, table)
        if backup.schema >= _HELD_SINCE:  # from an older one the migrations take it away
            _check_held(session, path)
    return backup


def read_backup(path: Path) -> Backup:
    """Read a backup through, and see that it is whole.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    backup
        What it holds.

    Raises
    ------
    SourceError
        When the file is no backup, is cut or edited, or comes from a newer program.
    """
    with _reading(path) as lines:
        first = next(lines, b"")
        head, digest = _head(path, first), hashlib.sha256(first)
        rows: dict[str, int] = {}
        name, last = "", b""
        for line in lines:
            digest.update(last)
            if line.startswith(b"["):
                rows[name] += 1
            else:
                name = json.loads(line).get("table", "")
                rows |= {name: 0} if name else {}
            last = line
        end = json.loads(last) if last.startswith(b'{"rows"') else None
        if end is None:
            raise SourceError(f"Expected a whole backup in {path}, got one that ends early.")
        if end != {"rows": sum(rows.values()), "sha256": digest.hexdigest()}:
            raise SourceError(f"Expected the backup {path} as it was written, got an edited one.")
        made_at = dt.datetime.fromisoformat(head["made_at"])
        return Backup(made_at, int(head["schema"]), rows, digest.hexdigest())


def _fill(
    session: Session, known: Mapping[str, Table], lines: Iterable[object], path: Path
) -> None:
    """Write the rows of a backup's tables."""
    table, columns, batch = None, [], []
    for line in lines:
        if isinstance(line, list):
            batch.append(line)
        if table is not None and (len(batch) == _BATCH or not isinstance(line, list)):
            insert_rows(session, table, columns, batch)
            batch = []
        if isinstance(line, list):
            continue
        told = line if isinstance(line, dict) else {}
        if "sha256" in told:
            return
        table, columns = known.get(told["table"]), told["columns"]
        if table is None or not set(columns) <= set(table.columns):
            raise SourceError(f"Expected tables of a store in {path}, got {told['table']!r}.")


def _check_held(session: Session, path: Path) -> None:
    """Refuse what no store writes into a backup: what only the register of cameras may hold."""
    unheld = {row["name"] for row in session.rows("SELECT name FROM layers")} & PRIVATE_LAYERS
    for layer in sorted(OWNED_LAYERS):
        for row in session.rows(_SELECT_TEXTS, layer=layer):
            for text in filter(None, (row["feature"], row["public_feature"])):
                unheld |= _properties_of(text, path) & REGISTER_ONLY
    if unheld:
        raise SourceError(
            f"Expected nothing in the backup {path} that only the register of cameras may hold, "
            f"got {', '.join(sorted(unheld))}."
        )


def _properties_of(text: str, path: Path) -> set[str]:
    """Return the names of a feature's properties."""
    try:
        return set(dict(json.loads(text)["properties"]))
    except (KeyError, TypeError, ValueError) as error:
        raise SourceError(f"Expected features as GeoJSON in the backup {path}.") from error


def _head(path: Path, line: bytes) -> dict[str, str]:
    """Read the first line, and refuse a file of another kind or of a newer program."""
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise SourceError(f"Expected a backup of smartzone in {path}, got another file.")
    newest = len(migration_scripts("sqlite"))
    if head.get("version") != _VERSION or head.get("schema") not in range(1, newest + 1):
        raise SourceError(
            f"Expected a backup of version {_VERSION} and schema {newest} or older in {path}, got "
            f"{head.get('version')} and {head.get('schema')}: it was written by a newer smartzone."
        )
    return head


def _line(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


@contextmanager
def _reading(path: Path) -> Iterator[Iterator[bytes]]:
    """Lend the lines of a backup; whatever is wrong with it is told in one line."""
    try:
        with gzip.open(path, "rb") as file:
            yield iter(file)
    except (EOFError, KeyError, OSError, TypeError, ValueError, zlib.error) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"Expected a whole backup in {path}, got: {reason_of(error)}.") from error


@contextmanager
def _written_whole(path: Path) -> Iterator[gzip.GzipFile]:
    """Lend a compressed file that takes its name once it is whole and on the disk."""
    beside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        beside = Path(name)
        with os.fdopen(number, "wb") as raw:
            with gzip.open(raw, "wb", _LEVEL) as file:
                yield file
            raw.flush()
            os.fsync(raw.fileno())
        beside.replace(path)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"Expected to write into {path}, got: {reason_of(error)}.") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)
