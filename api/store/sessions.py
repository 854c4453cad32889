"""Sessions: that somebody signed in, with which rights, until when, or until they are ended."""

import datetime as dt
from dataclasses import dataclass

from api.store.accounts import Rights, read_rights, written_zones
from api.store.engine import Engine
from api.store.instants import text_of


@dataclass(frozen=True)
class SignedIn:
    """A session that somebody signed in to.

    Attributes
    ----------
    id
        Random text that nobody can guess.
    subject
        Id of the account.
    rights
        What it may do, and where.
    expires_at
        Instant at which the session ends at the latest, in UTC.
    account_version
        Version of the local account when its password was checked; none for an account that the
        store does not keep.
    """

    id: str
    subject: str
    rights: Rights
    expires_at: dt.datetime
    account_version: int | None = None


class Sessions:
    """The sessions of a store.

    Parameters
    ----------
    engine
        The store's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, session: SignedIn, *, now: dt.datetime) -> None:
        """Open a session, and forget those that have expired.

        Parameters
        ----------
        session
            The session.
        now
            The instant.
        """
        with self._engine.writing() as transaction:
            transaction.run("DELETE FROM sessions WHERE expires_at <= :now", now=text_of(now))
            transaction.run(
                _INSERT,
                id=session.id,
                subject=session.subject,
                account_version=session.account_version,
                role=session.rights.role,
                zones=written_zones(session.rights.zones),
                owner=session.rights.owner,
                expires_at=text_of(session.expires_at),
            )

    def find(self, session_id: str, *, now: dt.datetime) -> SignedIn | None:
        """Find a session that goes on.

        Parameters
        ----------
        session_id
            Its id.
        now
            The instant.

        Returns
        -------
        session
            The session; none where there is none, or where it has expired or its account changed.
        """
        with self._engine.reading() as transaction:
            row = transaction.row(_SELECT, id=session_id, now=text_of(now))
        if row is None:
            return None
        expires_at = dt.datetime.fromisoformat(row["expires_at"])
        return SignedIn(
            row["id"], row["subject"], read_rights(row), expires_at, row["account_version"]
        )

    def turn(self, session_id: str, *, generation: int) -> bool:
        """Take a refresh token once: a second time ends the session, as somebody copied it.

        Parameters
        ----------
        session_id
            Id of the session.
        generation
            Number of the token, the first 0.

        Returns
        -------
        turned
            Whether the token was the newest one; the next is of the generation after it.
        """
        with self._engine.writing() as transaction:
            turned = transaction.run(
                "UPDATE sessions SET generation = generation + 1"
                " WHERE id = :id AND generation = :generation",
                id=session_id,
                generation=generation,
            )
            if not turned:
                transaction.run("DELETE FROM sessions WHERE id = :id", id=session_id)
        return bool(turned)

    def close(self, session_id: str) -> None:
        """End a session.

        Parameters
        ----------
        session_id
            Its id.
        """
        with self._engine.writing() as transaction:
            transaction.run("DELETE FROM sessions WHERE id = :id", id=session_id)


_INSERT = (
    "INSERT INTO sessions (id, subject, account_version, role, zones, owner, generation,"
    " expires_at) VALUES (:id, :subject, :account_version, :role, :zones, :owner, 0, :expires_at)"
)
# A session of a local account goes on only while the account is as it was when it was opened.
_SELECT = (
    "SELECT sessions.id, sessions.subject, sessions.account_version, sessions.role,"
    " sessions.zones, sessions.owner, sessions.expires_at"
    " FROM sessions LEFT JOIN accounts ON accounts.id = sessions.subject"
    " WHERE sessions.id = :id AND sessions.expires_at > :now"
    " AND (sessions.account_version IS NULL OR sessions.account_version = accounts.version)"
)
