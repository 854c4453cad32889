"""What the command line does with accounts."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from api.accounts.passwords import Passwords, refuse_weak
from api.accounts.tokens import Tokens
from api.opening import opened
from api.roles import Role
from api.settings import Settings
from api.store.accounts import Account, Rights
from api.store.audit import MACHINE
from geo.errors import NotFoundError, ParameterError


class Wanted(NamedTuple):
    """Rights as a command asks for them.

    Attributes
    ----------
    role
        The role.
    zones
        Names of zones; none for the settings' own.
    everywhere
        Whether it is for all zones.
    owner
        For a partner, the owner of cameras that it is.
    """

    role: Role
    zones: Sequence[str]
    everywhere: bool
    owner: str | None

    def rights(self, settings: Settings) -> Rights:
        """Return the rights.

        Parameters
        ----------
        settings
            Settings of the service.

        Returns
        -------
        rights
            The rights.

        Raises
        ------
        ParameterError
            There are no such rights.
        """
        if self.everywhere and self.zones:
            raise ParameterError("Expected `--zone` or `--all-zones`, got both.")
        zones = None if self.everywhere else frozenset(self.zones or [settings.zone])
        return Rights(self.role, zones, self.owner)


def add_account(settings: Settings, account_id: str, wanted: Wanted, *, password: str) -> Account:
    """Add an account.

    Parameters
    ----------
    settings
        Settings of the service.
    account_id
        Its id.
    wanted
        Its rights.
    password
        Its password.

    Returns
    -------
    account
        The account.

    Raises
    ------
    ZoneError
        The id, the rights or the password are none, the id is taken, or the store fails.
    """
    rights = wanted.rights(settings)
    refuse_weak(password, account_id=account_id)
    with opened(settings) as store:
        hashed = Passwords().hashed(password)
        return store.accounts.add(account_id, rights, hashed=hashed, now=_now())


def list_accounts(settings: Settings) -> list[Account]:
    """List the accounts by their ids.

    Parameters
    ----------
    settings
        Settings of the service.

    Returns
    -------
    accounts
        The accounts.
    """
    with opened(settings) as store:
        return store.accounts.all()


def remove_account(settings: Settings, account_id: str) -> None:
    """Remove an account and end its sessions.

    Parameters
    ----------
    settings
        Settings of the service.
    account_id
        Its id.

    Raises
    ------
    ZoneError
        There is no such account, or the store fails.
    """
    with opened(settings) as store:
        store.accounts.remove(account_id, now=_now())


def set_role(settings: Settings, account_id: str, wanted: Wanted) -> Account:
    """Change what an account may do, and end its sessions.

    Parameters
    ----------
    settings
        Settings of the service.
    account_id
        Its id.
    wanted
        Its new rights.

    Returns
    -------
    account
        The account.

    Raises
    ------
    ZoneError
        There is no such account, or there are no such rights, or the store fails.
    """
    rights = wanted.rights(settings)
    with opened(settings) as store:
        return store.accounts.change(account_id, rights=rights, now=_now())


def set_password(settings: Settings, account_id: str, *, password: str) -> None:
    """Change the password of an account, and end its sessions.

    Parameters
    ----------
    settings
        Settings of the service.
    account_id
        Its id.
    password
        Its new password.

    Raises
    ------
    ZoneError
        There is no such account, or the password is weak, or the store fails.
    """
    refuse_weak(password, account_id=account_id)
    with opened(settings) as store:
        hashed = Passwords().hashed(password)
        store.accounts.change(account_id, hashed=hashed, now=_now())


def sign_out(settings: Settings, subject: str) -> int:
    """End all sessions of an account, be it of the store or of an identity provider.

    Parameters
    ----------
    settings
        Settings of the service.
    subject
        Its id, as the audit names it.

    Returns
    -------
    count
        How many sessions it had.

    Raises
    ------
    ZoneError
        There is neither such an account nor such a session, or the store fails.
    """
    with opened(settings) as store:
        return store.accounts.sign_out(subject, now=_now())


def unlock_account(settings: Settings, account_id: str) -> bool:
    """Forget that signing in to an account failed.

    Parameters
    ----------
    settings
        Settings of the service, with its secret.
    account_id
        Its id.

    Returns
    -------
    known
        Whether it had failed of late.

    Raises
    ------
    ZoneError
        There is no such account, the settings have no secret, or the store fails.
    """
    if settings.mode == "demo" or settings.secret is None:
        raise ParameterError(
            "Expected `mode` (SMARTZONE_MODE) to be accounts, with the service's own secret, got "
            f"{settings.mode!r}."
        )
    tokens = Tokens(settings.secret.get_secret_value().encode())
    with opened(settings) as store:
        if store.accounts.find(account_id) is None:
            raise NotFoundError(f"Expected the id of an account, got {account_id!r}.")
        store.audit.append(_now(), MACHINE, "unlock_account", "", f"account:{account_id}")
        return store.attempts.forget(tokens.mark("account", account_id))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
