"""Which engine a store runs on, by where it is."""

from pathlib import Path

from api.store.engine import Engine
from api.store.postgres_engine import PostgresEngine
from api.store.sqlite_engine import SqliteEngine


def open_engine(place: str | Path, *, new: bool = True) -> Engine:
    """Open a database by where it is.

    Parameters
    ----------
    place
        A file for SQLite, or an address "postgresql://...".
    new
        Whether a store is made where there is none yet.

    Returns
    -------
    engine
        The database, its schema brought up to date.

    Raises
    ------
    NotFoundError
        When there is no store and none is to be made.
    SourceError
        When it cannot be opened, is not a store, or is newer than this program.
    """
    if str(place).startswith(("postgresql://", "postgres://")):
        return PostgresEngine(str(place), new=new)
    return SqliteEngine(Path(place), new=new)
