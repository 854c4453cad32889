"""The SQLite file: connections, transactions and numbered migrations.

Write-ahead logging lets readers go on while a writer works, each on its own unchanging view.
Every commit reaches the disk before it is acknowledged. Method: https://www.sqlite.org/wal.html
"""

import sqlite3
import stat
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

import shapely

from api.store.boxes import Box
from api.store.engine import Dialect, Row, Session, migration_scripts, no_store
from api.store.features import fingerprint
from api.store.holds import FileHold, Hold
from api.store.same_file import SameFile
from api.store.tables import read_tables
from geo.errors import SourceError, reason_of

APPLICATION_ID = 0x535A4F4E  # "SZON", so that no other program's file is taken for a store
_BUSY_TIMEOUT_S = 30.0
_SMALL_BYTES = 1_024


class SqliteSession:
    """A transaction on a SQLite file.

    Parameters
    ----------
    connection
        A connection inside a transaction.
    """

    dialect: Final[Dialect] = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

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
        return self._connection.execute(sql, values).rowcount

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
        return self._connection.execute(sql, values).fetchall()

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
        found = self._connection.execute(sql, values).fetchall()
        return cast("Row", found[0]) if found else None

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
        yield from self._connection.execute(sql, values)

    def run_many(self, sql: str, several: Iterable[dict[str, object]], /) -> None:
        """Run one statement for each set of values.

        Parameters
        ----------
        sql
            The statement.
        several
            Values by name.
        """
        self._connection.executemany(sql, several)


class SqliteEngine:
    """A pool of connections to one SQLite file at the newest schema.

    Connections are lent out for one transaction each and may serve any thread, one at a time.

    Parameters
    ----------
    path
        The file.
    new
        Whether it is made, with its folder, where there is none.

    Raises
    ------
    NotFoundError
        When there is none and none is to be made.
    SourceError
        When the file cannot be opened, is not a store, or is newer than this program.
    """

    def __init__(self, path: Path, *, new: bool = True) -> None:
        self.path = path
        self.place = str(path)
        self._watching = threading.Lock()
        self._turns = threading.Lock()
        self._watcher: sqlite3.Connection | None = None
        self._idle: deque[sqlite3.Connection] = deque()
        try:
            if not new and not (path.exists() and path.stat().st_size):
                raise no_store(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():  # it holds accounts and private places: its owner's alone
                path.touch(mode=0o600)
            with closing(self._connect()) as connection:
                self._migrate(connection)
                _close_to_strangers(path)
            self._file = SameFile(path)
        except (OSError, sqlite3.Error) as error:
            raise SourceError(f"Expected a store at {path}, got: {reason_of(error)}.") from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Lend a session on one unchanging view of the file.

        Yields
        ------
        session
            A read transaction.
        """
        with self._transaction("BEGIN") as connection:
            yield SqliteSession(connection)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Lend a session whose changes appear all at once at the end, or not at all.

        Yields
        ------
        session
            A write transaction.
        """
        with self._turn(), self._transaction("BEGIN IMMEDIATE") as connection:
            yield SqliteSession(connection)

    @contextmanager
    def rebuilding(self, schema: int, *, check: Callable[[Session], None]) -> Iterator[Session]:
        """Lend a session on the file emptied and built anew, as if it had just been made.

        Parameters
        ----------
        schema
            Number of the schema that it is built at; brought to the newest at the end.
        check
            Called first, with a session on what is there; it raises where that is to stay.

        Yields
        ------
        session
            A write transaction.
        """
        with self._turn(), self._transaction("BEGIN IMMEDIATE") as connection:
            session = SqliteSession(connection)
            check(session)
            for table in reversed(read_tables(session)):
                connection.execute(f'DROP TABLE "{table.name}"')
            for kind, name in connection.execute(_SELECT_OTHERS).fetchall():
                connection.execute(f'DROP {kind} "{name}"')
            migrations = migration_scripts("sqlite")
            _run_scripts(connection, migrations[:schema])
            yield session
            _run_scripts(connection, migrations[schema:])

    def revision(self) -> int:
        """Return a number that differs once anybody's changes have become visible.

        Returns
        -------
        revision
            SQLite's own count, of a connection that never writes.

        Raises
        ------
        SourceError
            When the file does not answer, or another took its place.
        """
        self._file.check()
        try:
            with self._watching:
                self._watcher = self._watcher or self._connect()
                return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise SourceError(
                f"The store at {self.path} does not answer: {reason_of(error)}."
            ) from error

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
        return FileHold(self.path, alone=alone)

    def close(self) -> None:
        """Close the connections that are not lent out."""
        with self._watching:
            if self._watcher is not None:
                self._watcher.close()
                self._watcher = None
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let the writers of this process wait for each other: SQLite itself asks now and then."""
        if not self._turns.acquire(timeout=_BUSY_TIMEOUT_S):
            raise SourceError(f"The store at {self.path} does not answer: another write goes on.")
        try:
            yield
        finally:
            self._turns.release()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._file.check()
        try:
            connection = self._idle.pop() if self._idle else self._connect()
            connection.execute(begin)
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                self._idle.append(connection)
        except sqlite3.Error as error:
            raise SourceError(
                f"The store at {self.path} does not answer: {reason_of(error)}."
            ) from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.create_function("meets_box", 5, _meets_box, deterministic=True)
        connection.create_function("fingerprint", 1, fingerprint, deterministic=True)
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Bring the file to the newest schema, one transaction a migration."""
        migrations = migration_scripts("sqlite")
        # First: another program's database stays as it is.
        self._checked_version(connection, newest=len(migrations))
        connection.execute("PRAGMA journal_mode = WAL")
        while True:
            connection.execute("BEGIN IMMEDIATE")
            try:
                version = self._checked_version(connection, newest=len(migrations))
                if version == len(migrations):
                    return
                _run_scripts(connection, migrations[version : version + 1])
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.commit()
            finally:
                connection.rollback()

    def _checked_version(self, connection: sqlite3.Connection, *, newest: int) -> int:
        # The tables first: whoever makes a store meanwhile marks it with its first tables.
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if tables and application != APPLICATION_ID:
            raise SourceError(
                f"Expected a smartzone store at {self.path}, got another program's database."
            )
        if version > newest:
            raise SourceError(
                f"Expected a store of schema {newest} or older at {self.path}, got {version}: "
                "it was written by a newer smartzone."
            )
        return version


# With a table go its indexes and triggers, and with a virtual one the tables behind it.
_SELECT_OTHERS = (
    "SELECT type, name FROM pragma_table_list WHERE schema = 'main' AND type = 'view'"
    " UNION ALL SELECT 'table', name FROM pragma_table_list"
    " WHERE schema = 'main' AND type = 'virtual'"
)


def _close_to_strangers(path: Path) -> None:
    """Let nobody but owner and group read a file of an earlier version, which held no accounts."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        with suppress(FileNotFoundError, PermissionError):  # who does not own it may not
            mode = stat.S_IMODE(file.stat().st_mode)
            if mode & stat.S_IRWXO:
                file.chmod(mode & ~stat.S_IRWXO)


def _run_scripts(connection: sqlite3.Connection, scripts: list[str]) -> None:
    for script in scripts:
        for statement in _statements(script):
            connection.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """Split a script into statements, as `executescript` would commit before it began."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _meets_box(geometry: bytes, west: float, south: float, east: float, north: float) -> bool:
    small = len(geometry) < _SMALL_BYTES
    shape = _small_shape(geometry) if small else shapely.from_wkb(geometry)
    return any(shapely.intersects(part, shape) for part in _parts(west, south, east, north))


@lru_cache(maxsize=8_192)
def _small_shape(geometry: bytes) -> shapely.Geometry:
    return shapely.from_wkb(geometry)


@lru_cache(maxsize=64)
def _parts(west: float, south: float, east: float, north: float) -> tuple[shapely.Polygon, ...]:
    """Return the parts of a box as shapes made for being compared with many."""
    parts = tuple(shapely.box(*part) for part in Box(west, south, east, north).parts())
    shapely.prepare(parts)
    return parts
