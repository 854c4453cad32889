"""Attempts to sign in: after a few, the next must wait, ever longer up to a quarter hour.

An attempt counts before its password is looked at, so that many at once are no way around. Who
attempted is known by a key alone; a row is deleted once it no longer counts.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.store.engine import Engine, Session
from api.store.instants import text_of

WINDOW: Final = dt.timedelta(minutes=15)
"""How long an attempt counts, and the longest wait."""
_FIRST_WAIT: Final = dt.timedelta(minutes=1)
_DOUBLINGS: Final = 4


@dataclass(frozen=True)
class Attempt:
    """One thing that attempts are counted by.

    Attributes
    ----------
    key
        What stands for an account, for an address, or for an account tried from an address: then
        it begins with the account's and a dot.
    free
        Number of attempts within `WINDOW` before the next must wait.
    """

    key: str
    free: int


class Attempts:
    """The recent attempts to sign in to a store.

    Parameters
    ----------
    engine
        The store's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, attempts: Sequence[Attempt], *, now: dt.datetime) -> dt.timedelta | None:
        """Count an attempt, or tell how long it must wait.

        Parameters
        ----------
        attempts
            What it is counted by.
        now
            The instant.

        Returns
        -------
        wait
            Time until the next attempt is looked at; none where this one is.
        """
        with self._engine.writing() as session:
            session.run("DELETE FROM sign_in_attempts WHERE forget_at <= :now", now=text_of(now))
            waits = [_wait(session, attempt, now) for attempt in attempts]
            longest = max(waits, default=dt.timedelta())
            if longest > dt.timedelta():
                return longest
            for attempt in attempts:
                _count(session, attempt, now)
        return None

    def succeed(self, *, account: str, address: str, both: str) -> None:
        """Take back an attempt that succeeded, and all before it on the account from there.

        Of the address this one alone is taken back, or whoever has an account could try others'
        without end.

        Parameters
        ----------
        account
            Key of the account.
        address
            Key of the address.
        both
            Key of the account tried from the address.
        """
        with self._engine.writing() as session:
            for key in (account, both):
                session.run("DELETE FROM sign_in_attempts WHERE key = :key", key=key)
            session.run(_TAKE_BACK, key=address)

    def forget(self, key: str) -> bool:
        """Forget the attempts on an account, wherever they came from.

        Parameters
        ----------
        key
            What stands for the account.

        Returns
        -------
        known
            Whether there were any.
        """
        with self._engine.writing() as session:
            return bool(session.run(_FORGET, key=key, begins=f"{key}.%"))


_FORGET = "DELETE FROM sign_in_attempts WHERE key = :key OR key LIKE :begins"
_TAKE_BACK = "UPDATE sign_in_attempts SET count = count - 1, held_until = '' WHERE key = :key"
_UPSERT = (
    "INSERT INTO sign_in_attempts (key, count, held_until, forget_at)"
    " VALUES (:key, :count, :held_until, :forget_at) ON CONFLICT (key) DO UPDATE SET"
    " count = excluded.count, held_until = excluded.held_until, forget_at = excluded.forget_at"
)


def _wait(session: Session, attempt: Attempt, now: dt.datetime) -> dt.timedelta:
    row = session.row("SELECT held_until FROM sign_in_attempts WHERE key = :key", key=attempt.key)
    if row is None or row["held_until"] <= text_of(now):
        return dt.timedelta()
    return dt.datetime.fromisoformat(row["held_until"]) - now


def _count(session: Session, attempt: Attempt, now: dt.datetime) -> None:
    row = session.row("SELECT count FROM sign_in_attempts WHERE key = :key", key=attempt.key)
    count = 1 if row is None else int(row["count"]) + 1
    wait = dt.timedelta()
    if count >= attempt.free:
        wait = min(_FIRST_WAIT * 2 ** min(count - attempt.free, _DOUBLINGS), WINDOW)
    session.run(
        _UPSERT,
        key=attempt.key,
        count=count,
        held_until=text_of(now + wait),
        forget_at=text_of(now + wait + WINDOW),
    )
