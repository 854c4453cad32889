"""What a store asks of its database: transactions, and SQL with named values.

Two engines answer alike: `sqlite_engine` on one file, `postgres_engine` on a server. The store's
SQL is written once, in what both understand; where they differ (geometry), a session says which
dialect it speaks.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Protocol

from api.store.holds import Hold
from geo.errors import NotFoundError

Dialect = Literal["sqlite", "postgres"]


class Row(Protocol):
    """A row of an answer; its values are read by their columns' names."""

    def __getitem__(self, column: str, /) -> Any: ...  # noqa: ANN401  # as the database typed it


class Session(Protocol):
    """A transaction on the database. Values stand in the SQL as `:name`, never as text."""

    @property
    def dialect(self) -> Dialect:
        """Which SQL the database speaks."""
        ...

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
        ...

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
        ...

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
        ...

    def stream(self, sql: str, /, **values: object) -> Iterator[Row]:
        """Run one statement and read its answer row by row, however long it is.

        Parameters
        ----------
        sql
            The statement.
        **values
            Its values by name.

        Returns
        -------
        rows
            The rows, to be read before the next statement.
        """
        ...

    def run_many(self, sql: str, several: Iterable[dict[str, object]], /) -> None:
        """Run one statement for each set of values.

        Parameters
        ----------
        sql
            The statement.
        several
            Values by name.
        """
        ...


class Engine(Protocol):
    """A database at the newest schema. Threads may share an engine."""

    @property
    def place(self) -> str:
        """Where the database is, fit to be shown: a path, or an address without its password."""
        ...

    def reading(self) -> AbstractContextManager[Session]:
        """Lend a session on one unchanging view of the database.

        Returns
        -------
        session
            A read transaction, as a context.
        """
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """Lend a session whose changes appear all at once at the end, or not at all.

        One writer at a time, on all machines together: what is appended is numbered in the order
        in which it becomes visible.

        Returns
        -------
        session
            A write transaction, as a context.
        """
        ...

    def rebuilding(
        self, schema: int, *, check: Callable[[Session], None]
    ) -> AbstractContextManager[Session]:
        """Lend a session on the database emptied and built anew, as if it had just been made.

        What is in it stays until the end, when the new content takes its place all at once, or
        never.

        Parameters
        ----------
        schema
            Number of the schema that it is built at; brought to the newest at the end.
        check
            Called first, with a session on what is there; it raises where that is to stay.

        Returns
        -------
        session
            A write transaction, as a context.
        """
        ...

    def revision(self) -> int:
        """Return a number that differs once anybody's changes have become visible.

        Returns
        -------
        revision
            The number.
        """
        ...

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

        Raises
        ------
        SourceError
            When somebody else holds it, or the database does not answer.
        """
        ...

    def close(self) -> None:
        """Close the connections that are not lent out."""
        ...


def no_store(place: str | Path) -> NotFoundError:
    """Return the error of a place where a store should be.

    Parameters
    ----------
    place
        Where, fit to be shown.

    Returns
    -------
    error
        To be raised.
    """
    return NotFoundError(
        f"Expected a store at {place}, found none. One is made by `smartzone serve`."
    )


def migration_scripts(dialect: Dialect) -> list[str]:
    """Return the migrations of a dialect in the order of their numbers.

    Parameters
    ----------
    dialect
        Which SQL they are written in.

    Returns
    -------
    scripts
        SQL texts; the first makes schema 1.
    """
    folder = resources.files("api.store") / "migrations" / dialect
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return [file.read_text(encoding="utf-8") for file in sorted(files, key=lambda file: file.name)]
