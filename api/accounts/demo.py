"""The accounts of demo mode: one a role, all with the password that the pages show."""

import datetime as dt
from functools import cached_property
from typing import Final

from api.accounts.passwords import Passwords
from api.roles import ROLES, Role
from api.store.accounts import Account, Rights

PASSWORD: Final = "demo"  # noqa: S105  # shown on every page; serves on this machine alone
OWNER: Final = "Private owner 01"
"""The owner that the demo's partner is; the synthetic cameras spell it so."""
DEMO_ROLES: Final[tuple[Role, ...]] = tuple(role for role in ROLES if role != "public")

_SINCE: Final = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)


class DemoAccounts:
    """The accounts of demo mode, which no store keeps.

    Parameters
    ----------
    passwords
        How passwords are hashed.
    """

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    @cached_property
    def _hash(self) -> str:
        return self._passwords.hashed(PASSWORD)

    def find(self, account_id: str) -> Account | None:
        """Find an account.

        Parameters
        ----------
        account_id
            Its id, which is its role.

        Returns
        -------
        account
            The account; none where there is none.
        """
        role = next((role for role in DEMO_ROLES if role == account_id), None)
        if role is None:
            return None
        rights = Rights(role, None, OWNER if role == "partner" else None)
        return Account(account_id, rights, self._hash, None, _SINCE)
