"""The PostgreSQL database with PostGIS: connections, transactions and numbered migrations.

Everything of smartzone stands in a schema of its own name. Writers take turns by an advisory lock,
as they do on a SQLite file, so that both stores give the same answers; readers never wait. Method:
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final, LiteralString, cast

import psycopg
from psycopg import IsolationLevel
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from api.store.engine import Dialect, Row, Session, migration_scripts, no_store
from api.store.holds import Hold, ServerHold
from geo.errors import SourceError, reason_of

SCHEMA = "smartzone"
_NEXT = f"{SCHEMA}_next"  # while a store is built anew
_WRITERS = 0x535A4F4E  # "SZON": the number of the lock that writers take
_CONNECT_TIMEOUT_S = 10
# A pool that goes on trying waits ever longer, and so for a while after the server has come back;
# one that gives up tries at once when it is next asked.
_RECONNECT_TIMEOUT_S = 1
_POOL_SIZE = 8

_Connection = psycopg.Connection[DictRow]
_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


class PostgresSession:
    """A transaction on a PostgreSQL database.

    Parameters
    ----------
    connection
        A connection inside a transaction.
    """

    dialect: Final[Dialect] = "postgres"

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection

    def run(self, sql: str, /, **values: object) -> int:
        """Run one statement.

        Parameters
        ----------
        sql
            The statement.
        **values
            Its values by name.

        Returns
        -------
        changed
            Number of rows that it changed.
        """
        return self.connection.execute(_translated(sql), values).rowcount

    def rows(self, sql: str, /, **values: object) -> list[Row]:
        """Run one statement and read its answer.

        Parameters
        ----------
        sql
            The statement.
        **values
            Its values by name.

        Returns
        -------
        rows
            All rows.
        """
        return cast("list[Row]", self.connection.execute(_translated(sql), values).fetchall())

    def row(self, sql: str, /, **values: object) -> Row | None:
        """Run one statement and read the first row of its answer.

        Parameters
        ----------
        sql
            The statement.
        **values
            Its values by name.

        Returns
        -------
        row
            The row; none where there is none.
        """
        return self.connection.execute(_translated(sql), values).fetchone()

    def stream(self, sql: str, /, **values: object) -> Iterator[Row]:
        """Run one statement and read its answer row by row.

        Parameters
        ----------
        sql
            The statement.
        **values
            Its values by name.

        Yields
        ------
        row
            A row.
        """
        with self.connection.cursor("streamed") as cursor:
            yield from cursor.execute(_translated(sql), values)

    def run_many(self, sql: str, several: Iterable[dict[str, object]], /) -> None:
        """Run one statement for each set of values.

        Parameters
        ----------
        sql
            The statement.
        several
            Values by name.
        """
        with self.connection.cursor() as cursor:
            cursor.executemany(_translated(sql), several)


class PostgresEngine:
    """A pool of connections to one PostgreSQL database at the newest schema.

    Parameters
    ----------
    url
        Address, "postgresql://user:password@host:port/database".
    new
        Whether a store is made where the database holds none.

    Raises
    ------
    NotFoundError
        When there is none and none is to be made.
    SourceError
        When the server cannot be reached, lacks PostGIS, or holds a store newer than this program.
    """

    def __init__(self, url: str, *, new: bool = True) -> None:
        try:
            told = conninfo_to_dict(url)
            options = f"{told.get('options') or ''} -c search_path={SCHEMA},public".strip()
            self._conninfo = make_conninfo(url, options=options, connect_timeout=_CONNECT_TIMEOUT_S)
        except psycopg.Error as error:
            # What libpq says repeats the address, and with it the password.
            raise SourceError(
                "Expected an address postgresql://user:password@host:port/database, got one that "
                "cannot be read."
            ) from error
        self.place = f"{told.get('host', 'localhost')}/{told.get('dbname', '')}"
        try:
            with self._connect() as connection:
                self._migrate(connection, new=new)
        except psycopg.Error as error:
            raise SourceError(
                f"Expected a store at {self.place}, got: {reason_of(error)}."
            ) from error
        self._pool: ConnectionPool[_Connection] = ConnectionPool(
            self._conninfo,
            connection_class=_Connection,
            kwargs={"row_factory": dict_row},
            min_size=1,
            max_size=_POOL_SIZE,
            check=ConnectionPool.check_connection,
            timeout=_CONNECT_TIMEOUT_S,
            reconnect_timeout=_RECONNECT_TIMEOUT_S,
            configure=_wait_for_disk,
            open=True,
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Lend a session on one unchanging view of the database.

        Yields
        ------
        session
            A read transaction.
        """
        # By this lock a reader is either done before a store is built anew, or begins after.
        first = "LOCK TABLE revision IN ACCESS SHARE MODE"
        with self._transaction(first, isolation=IsolationLevel.REPEATABLE_READ) as lent:
            yield lent

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Lend a session whose changes appear all at once at the end, or not at all.

        Yields
        ------
        session
            A write transaction, alone on all machines.
        """
        with self._transaction(f"SELECT pg_advisory_xact_lock({_WRITERS})") as lent:
            lent.run("UPDATE revision SET number = number + 1")
            yield lent

    @contextmanager
    def rebuilding(self, schema: int, *, check: Callable[[Session], None]) -> Iterator[Session]:
        """Lend a session on the database emptied and built anew, as if it had just been made.

        Parameters
        ----------
        schema
            Number of the schema that it is built at; brought to the newest at the end.
        check
            Called first, with a session on what is there; it raises where that is to stay.

        Yields
        ------
        session
            A write transaction, alone on all machines.
        """
        with self._transaction(f"SELECT pg_advisory_xact_lock({_WRITERS})") as session:
            check(session)
            if session.row(_SELECT_EXTENSION, schema=SCHEMA) is not None:
                raise SourceError(
                    f"Expected no extension in schema {SCHEMA} at {self.place}, as it would go "
                    "with the schema; move it elsewhere first."
                )
            found = session.row("SELECT number FROM revision")
            number = 0 if found is None else int(found["number"])
            migrations = migration_scripts("postgres")
            session.run(f"SET LOCAL search_path = {_NEXT}, public")
            _make_schema(session.connection, _NEXT)
            _run_scripts(session.connection, migrations[:schema])
            yield session
            _run_scripts(session.connection, migrations[schema:])
            session.run("UPDATE revision SET number = :number", number=number + 1)
            session.run(f"LOCK TABLE {SCHEMA}.revision IN ACCESS EXCLUSIVE MODE")
            session.run(f"DROP SCHEMA {SCHEMA} CASCADE")
            session.run(f"ALTER SCHEMA {_NEXT} RENAME TO {SCHEMA}")

    def revision(self) -> int:
        """Return a number that differs once anybody's changes have become visible.

        Returns
        -------
        revision
            The number of write transactions so far.
        """
        with self.reading() as session:
            found = session.row("SELECT number FROM revision")
        return 0 if found is None else int(found["number"])

    def hold(self, *, alone: bool) -> Hold:
        """Hold the audit, as long as this process lives or until it lets go.

        Parameters
        ----------
        alone
            Whether nobody else may hold it.

        Returns
        -------
        hold
            To be let go of.
        """
        return ServerHold(self._conninfo, self.place, alone=alone)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    @contextmanager
    def _transaction(
        self, first: LiteralString, *, isolation: IsolationLevel | None = None
    ) -> Iterator[PostgresSession]:
        try:
            with self._pool.connection() as connection:
                connection.isolation_level = isolation
                connection.read_only = isolation is not None
                with connection.transaction():
                    connection.execute(first)
                    yield PostgresSession(connection)
        except (psycopg.Error, PoolTimeout) as error:
            raise SourceError(
                f"The store at {self.place} does not answer: {reason_of(error)}."
            ) from error

    def _connect(self) -> _Connection:
        return _Connection.connect(self._conninfo, row_factory=dict_row)

    def _migrate(self, connection: _Connection, *, new: bool) -> None:
        """Bring the database to the newest schema, all migrations in one transaction."""
        migrations = migration_scripts("postgres")
        connection.execute(f"SELECT pg_advisory_xact_lock({_WRITERS})")
        if not new and connection.execute(_SELECT_STORE, (_VERSIONS,)).fetchone() is None:
            raise no_store(self.place)
        _make_schema(connection, SCHEMA)
        found = connection.execute("SELECT version FROM schema_version").fetchone()
        version = 0 if found is None else int(found["version"])
        if version > len(migrations):
            raise SourceError(
                f"Expected a store of schema {len(migrations)} or older at {self.place}, got "
                f"{version}: it was written by a newer smartzone."
            )
        _run_scripts(connection, migrations[version:])
        connection.commit()


_VERSIONS = f"{SCHEMA}.schema_version"
_SELECT_STORE = "SELECT 1 WHERE to_regclass(%s) IS NOT NULL"
_SELECT_EXTENSION = (
    "SELECT 1 FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace"
    " WHERE nspname = :schema"
)


def _wait_for_disk(connection: _Connection) -> None:
    """Let every commit reach the disk before it is acknowledged, whatever the server's habit.

    A server that waits for more than its own disk, such as that of a replica, goes on doing so.
    """
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false)"
        " WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()


def _make_schema(connection: _Connection, name: LiteralString) -> None:
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
    connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)")


def _run_scripts(connection: _Connection, scripts: list[str]) -> None:
    """Run migrations that follow those which the database has seen."""
    for script in scripts:
        connection.execute(script.encode())
    newest = len(migration_scripts("postgres"))
    connection.execute("DELETE FROM schema_version")
    connection.execute("INSERT INTO schema_version VALUES (%s)", (newest,))


@lru_cache(maxsize=512)
def _translated(sql: str) -> LiteralString:
    """Write named values as psycopg does. The SQL is the program's own text, never a user's."""
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))
