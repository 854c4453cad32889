"""The schema of the queue: procrastinate's own, brought to what the installed package expects.

It stands in a schema of smartzone's, so that another program's procrastinate in the same database
is left alone, with a record of procrastinate's migrations that it has seen. Each further one runs
in a transaction with its record, as some must be committed before the next. The queue holds ids of
jobs and nothing else, so that a schema without a record may go: workers put back what waits.
"""

from importlib import metadata, resources
from typing import Final

import psycopg
from procrastinate.schema import SchemaManager
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo.errors import SourceError, reason_of

SCHEMA: Final = "smartzone_queue"
_LOCK: Final = 0x4A4F4253  # "JOBS": the number of the lock under which the schema is changed
_CONNECT_TIMEOUT_S: Final = 10


def queue_address(place: str) -> str:
    """Return the address by which the queue is reached, with its own schema.

    Parameters
    ----------
    place
        Address of the store, "postgresql://...".

    Returns
    -------
    conninfo
        How libpq is told of it.
    """
    told = conninfo_to_dict(place)
    options = f"{told.get('options') or ''} -c search_path={SCHEMA}".strip()
    return make_conninfo(place, options=options, connect_timeout=_CONNECT_TIMEOUT_S)


def make_queue(conninfo: str) -> None:
    """Make the queue's schema, or bring it up to date; of several who do so at once, one does.

    Parameters
    ----------
    conninfo
        Address of the queue.

    Raises
    ------
    SourceError
        The server cannot be reached or does not allow it, or the schema is of a newer procrastinate
        than the installed one.
    """
    scripts = _migrations()
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            # Held until the connection ends, beyond the transactions.
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            if not _has_record(connection):
                _make(connection, list(scripts))
            seen = {name for (name,) in connection.execute("SELECT name FROM migrations")}
            _refuse_newer(seen - set(scripts))
            for name, script in scripts.items():
                if name not in seen:
                    with connection.transaction():
                        connection.execute(script.encode())
                        _record(connection, [name])
    except psycopg.Error as error:
        told = f"Expected a queue of jobs beside the store, got: {reason_of(error)}."
        raise SourceError(told) from error


def _migrations() -> dict[str, str]:
    """Read the migrations that the installed procrastinate brings, in their order."""
    folder = resources.files("procrastinate.sql") / "migrations"
    files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return {name: (folder / name).read_text(encoding="utf-8") for name in files}


def _has_record(connection: psycopg.Connection) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.migrations",)).fetchone()
    return found is not None and found[0] is not None


def _make(connection: psycopg.Connection, names: list[str]) -> None:
    """Make the schema as the installed package would leave it after all of its migrations."""
    with connection.transaction():
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(SchemaManager.get_schema())
        connection.execute('CREATE TABLE migrations (name text COLLATE "C" PRIMARY KEY)')
        _record(connection, names)


def _record(connection: psycopg.Connection, names: list[str]) -> None:
    connection.execute("INSERT INTO migrations SELECT unnest(%s::text[])", (names,))


def _refuse_newer(unknown: set[str]) -> None:
    if unknown:
        installed = metadata.version("procrastinate")
        raise SourceError(
            f"Expected a queue of procrastinate {installed} or older, got one that has seen "
            f"{', '.join(sorted(unknown))}: it was brought up to date by a newer smartzone."
        )
