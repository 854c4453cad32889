"""Who keeps the audit of a store: who signs it holds it; who changes its key holds it alone.

A hold ends with the process that has it, however that ends: the system lets go of a lock on a file,
and the database of a connection that was lost. Methods:
https://man7.org/linux/man-pages/man2/flock.2.html and
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

import fcntl
import os
import weakref
from pathlib import Path
from typing import Final, Protocol

import psycopg

from geo.errors import SourceError, reason_of

_KEEPERS: Final = 0x41554454  # "AUDT": the number of the lock on the server
# Seconds after which a server lets go of a machine that fell silent; its habit is two hours.
_SILENCE: Final = {
    "tcp_keepalives_idle": 20,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}


class Hold(Protocol):
    """What a process has while it keeps the audit of a store."""

    def renew(self) -> None:
        """Take hold again where it was lost, as when the server was started anew.

        Raises
        ------
        SourceError
            When the store does not answer, or somebody changes the key of its audit.
        """
        ...

    def release(self) -> None:
        """Let go."""
        ...


class FileHold:
    """A hold on the audit of a store that is a file, by a lock on a file of its own beside it.

    The store's own file is locked by SQLite, which would lose its locks as ours is closed.

    Parameters
    ----------
    store
        The store's file.
    alone
        Whether nobody else may hold it.

    Raises
    ------
    SourceError
        When somebody else holds it, or the lock's file cannot be made.
    """

    def __init__(self, store: Path, *, alone: bool) -> None:
        # By whatever path a store is opened, its lock is one.
        path = Path(f"{store.resolve()}.audit") / "lock"
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise SourceError(f"Expected to lock {path}, got: {reason_of(error)}.") from error
        self._end = weakref.finalize(self, os.close, file)
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise _held(str(store), alone=alone) from error

    def renew(self) -> None:
        """Do nothing: the system takes no lock back."""

    def release(self) -> None:
        """Let go."""
        self._end()


class ServerHold:
    """A hold on the audit of a store on a server, by a connection of its own.

    Parameters
    ----------
    conninfo
        How the server is reached.
    place
        Where the store is, fit to be shown.
    alone
        Whether nobody else may hold it.

    Raises
    ------
    SourceError
        When somebody else holds it, or the server does not answer.
    """

    def __init__(self, conninfo: str, place: str, *, alone: bool) -> None:
        self._conninfo, self._place, self._alone = conninfo, place, alone
        self._take()

    def renew(self) -> None:
        """Take hold again where the connection was lost.

        Raises
        ------
        SourceError
            When the server does not answer, or somebody changes the key of the audit.
        """
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            self.release()
            self._take()

    def release(self) -> None:
        """Let go."""
        self._end()

    def _take(self) -> None:
        lock = "pg_try_advisory_lock" if self._alone else "pg_try_advisory_lock_shared"
        try:
            self._connection = psycopg.connect(self._conninfo, autocommit=True)
            self._end = weakref.finalize(self, self._connection.close)
            for name, value in _SILENCE.items():
                self._connection.execute("SELECT set_config(%s, %s, false)", (name, str(value)))
            taken = self._connection.execute(f"SELECT {lock}({_KEEPERS})").fetchone()
        except psycopg.Error as error:
            raise SourceError(
                f"The store at {self._place} does not answer: {reason_of(error)}."
            ) from error
        if taken != (True,):
            self.release()
            raise _held(self._place, alone=self._alone)


def _held(place: str, *, alone: bool) -> SourceError:
    if alone:
        return SourceError(
            f"Expected no service to run on the store at {place}, got one that signs its audit. "
            "Stop it first; nothing was changed."
        )
    return SourceError(
        f"Expected the audit of the store at {place} to keep its key, got a new one being made. "
        "Try again in a moment."
    )
