"""Local accounts: who may sign in, as what, and in which zones. No names: ids are pseudonyms.

The command line changes them, and an account its own password; each change and its entry in the
audit are one transaction.
"""

import datetime as dt
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from api.identity import Principal
from api.roles import ROLES, Role
from api.store.audit import MACHINE, append_within
from api.store.engine import Engine, Row, Session
from geo.errors import ConflictError, NotFoundError, ParameterError

_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True)
class Rights:
    """What an account may do, and where.

    Attributes
    ----------
    role
        What it may do.
    zones
        Names of the zones in which it may do so; none for all.
    owner
        For a partner, the owner of cameras that it is, as the register spells it.
    """

    role: Role
    zones: frozenset[str] | None
    owner: str | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES or self.role == "public":
            known = ", ".join(role for role in ROLES if role != "public")
            raise ParameterError(f"Expected `role` among {known}, got {self.role!r}.")
        if (self.role == "partner") != bool(self.owner):
            expected = "the name of an owner" if self.role == "partner" else "none but for partners"
            raise ParameterError(f"Expected `owner` to be {expected}, got {self.owner or 'none'}.")
        if self.zones is not None and not self.zones:
            raise ParameterError("Expected at least one zone, got none.")


@dataclass(frozen=True)
class Account:
    """A local account.

    Attributes
    ----------
    id
        A pseudonym, such as the alias of a badge.
    rights
        What it may do, and where.
    password_hash
        Hash of its password, with the parameters it was made by.
    version
        Number of this state of the account; sessions of another one have ended. None for an
        account that no store keeps.
    changed_at
        Instant of its last change, in UTC.
    """

    id: str
    rights: Rights
    password_hash: str
    version: int | None
    changed_at: dt.datetime


class Accounts:
    """The local accounts of a store.

    Parameters
    ----------
    engine
        The store's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, account_id: str, rights: Rights, *, hashed: str, now: dt.datetime) -> Account:
        """Add an account.

        Parameters
        ----------
        account_id
            Its id: 2 to 64 small letters, digits, dots, dashes and underscores.
        rights
            What it may do, and where.
        hashed
            Hash of its password.
        now
            The instant.

        Returns
        -------
        account
            The account.

        Raises
        ------
        ParameterError
            The id is none, taken, or the service's own.
        """
        if not _ID.fullmatch(account_id):
            raise ParameterError(
                "Expected `id` of 2 to 64 small letters, digits, dots, dashes and underscores, "
                f"got {account_id!r}."
            )
        if account_id == MACHINE.subject:
            raise ParameterError(
                f"Expected an `id` other than that of the service in its audit, got {account_id!r}."
            )
        account = Account(account_id, rights, hashed, 1, now.astimezone(dt.UTC))
        with self._engine.writing() as session:
            if _found(session, account_id) is not None:
                raise ParameterError(f"Expected a new `id`, got {account_id!r}, which is taken.")
            session.run(_INSERT, created_at=account.changed_at.isoformat(), **_values(account))
            _record(session, now, account_id, "add_account", role=rights.role)
        return account

    def all(self) -> list[Account]:
        """List the accounts by their ids.

        Returns
        -------
        accounts
            The accounts.
        """
        with self._engine.reading() as session:
            return [_account(row) for row in session.rows("SELECT * FROM accounts ORDER BY id")]

    def find(self, account_id: str) -> Account | None:
        """Find an account.

        Parameters
        ----------
        account_id
            Its id.

        Returns
        -------
        account
            The account; none where there is none.
        """
        # What cannot be an id is not asked for: PostgreSQL refuses some texts, such as NUL.
        if not _ID.fullmatch(account_id):
            return None
        with self._engine.reading() as session:
            return _found(session, account_id)

    def change(
        self,
        account_id: str,
        *,
        rights: Rights | None = None,
        hashed: str | None = None,
        by: Principal = MACHINE,
        if_version: int | None = None,
        now: dt.datetime,
    ) -> Account:
        """Change an account, which ends its sessions.

        Parameters
        ----------
        account_id
            Its id.
        rights
            New rights; none leaves them.
        hashed
            Hash of a new password; none leaves it.
        by
            Who changes it.
        if_version
            The version that is to be changed; none for whichever there is.
        now
            The instant.

        Returns
        -------
        account
            The account as it is now.

        Raises
        ------
        NotFoundError
            There is no such account.
        ConflictError
            It has been changed meanwhile.
        """
        with self._engine.writing() as session:
            old = _existing(session, account_id)
            if if_version not in {None, old.version}:
                raise ConflictError(
                    f"Expected account {account_id!r} as it was read, got one that has been "
                    "changed meanwhile."
                )
            account = replace(
                old,
                rights=rights or old.rights,
                password_hash=hashed or old.password_hash,
                version=(old.version or 0) + 1,
                changed_at=now.astimezone(dt.UTC),
            )
            session.run(_UPDATE, **_values(account))
            session.run(_END_SESSIONS, id=account_id)
            action = "set_role" if rights else "set_password"
            _record(session, now, account_id, action, by=by, role=account.rights.role)
        return account

    def sign_out(self, subject: str, *, now: dt.datetime) -> int:
        """End all sessions of an account, be it of this store or of an identity provider.

        Parameters
        ----------
        subject
            Its id, as the audit names it.
        now
            The instant.

        Returns
        -------
        count
            How many sessions it had.

        Raises
        ------
        NotFoundError
            There is neither such an account nor such a session.
        """
        with self._engine.writing() as session:
            ended = session.run("DELETE FROM sessions WHERE subject = :id", id=subject)
            if not ended:
                _existing(session, subject)
            _record(session, now, subject, "end_sessions", count=ended)
        return ended

    def remove(self, account_id: str, *, now: dt.datetime) -> None:
        """Remove an account, which ends its sessions.

        Parameters
        ----------
        account_id
            Its id.
        now
            The instant.

        Raises
        ------
        NotFoundError
            There is no such account.
        """
        with self._engine.writing() as session:
            old = _existing(session, account_id)
            session.run("DELETE FROM accounts WHERE id = :id", id=account_id)
            session.run(_END_SESSIONS, id=account_id)
            _record(session, now, account_id, "remove_account", role=old.rights.role)


def written_zones(zones: Collection[str] | None) -> str | None:
    """Return names of zones as the store keeps them.

    Parameters
    ----------
    zones
        The names; none for all zones.

    Returns
    -------
    text
        A JSON list in order; none for all zones.
    """
    return None if zones is None else json.dumps(sorted(zones))


def read_rights(row: Row) -> Rights:
    """Return the rights that a row of an account or session holds.

    Parameters
    ----------
    row
        The row.

    Returns
    -------
    rights
        The rights.
    """
    zones = None if row["zones"] is None else frozenset(json.loads(row["zones"]))
    return Rights(row["role"], zones, row["owner"])


_INSERT = (
    "INSERT INTO accounts (id, role, zones, owner, password_hash, version, created_at, changed_at)"
    " VALUES (:id, :role, :zones, :owner, :password_hash, :version, :created_at, :changed_at)"
)
_UPDATE = (
    "UPDATE accounts SET role = :role, zones = :zones, owner = :owner,"
    " password_hash = :password_hash, version = :version, changed_at = :changed_at WHERE id = :id"
)
_END_SESSIONS = "DELETE FROM sessions WHERE subject = :id AND account_version IS NOT NULL"


def _values(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "role": account.rights.role,
        "zones": written_zones(account.rights.zones),
        "owner": account.rights.owner,
        "password_hash": account.password_hash,
        "version": account.version,
        "changed_at": account.changed_at.isoformat(),
    }


def _account(row: Row) -> Account:
    changed_at = dt.datetime.fromisoformat(row["changed_at"])
    return Account(row["id"], read_rights(row), row["password_hash"], row["version"], changed_at)


def _found(session: Session, account_id: str) -> Account | None:
    row = session.row("SELECT * FROM accounts WHERE id = :id", id=account_id)
    return None if row is None else _account(row)


def _existing(session: Session, account_id: str) -> Account:
    account = _found(session, account_id)
    if account is None:
        raise NotFoundError(f"Expected the id of an account, got {account_id!r}.")
    return account


def _record(
    session: Session,
    now: dt.datetime,
    account_id: str,
    action: str,
    by: Principal = MACHINE,
    **detail: object,
) -> None:
    append_within(session, now, by, action, "", f"account:{account_id}", detail)
