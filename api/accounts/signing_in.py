"""Signing in with an account and its password."""

import datetime as dt
import ipaddress
import secrets
from typing import Final, Protocol

from api.accounts.passwords import LONGEST, Passwords, refuse_weak
from api.accounts.tokens import SESSION, BadTokenError, Tokens
from api.errors import NotKnownError, TooManyError
from api.identity import Principal
from api.store import Store
from api.store.accounts import Account
from api.store.attempts import Attempt
from api.store.sessions import SignedIn
from geo.errors import ConflictError, NotFoundError, ParameterError

# An account is held from where it was tried: were it held everywhere, whoever knows its id could
# keep its owner out. All together may still not try without end (NIST SP 800-63B-4, 3.2.2).
_FREE_OF_ACCOUNT: Final = 5
_FREE_EVERYWHERE: Final = 50
_FREE_OF_ADDRESS: Final = 30  # a control room may share one
_SITE_OF_IPV6: Final = 64


class AccountBook(Protocol):
    """Where accounts are looked up."""

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
        ...


class RefusedSignInError(NotKnownError):
    """There is no such account, or its password is another; which of them is not told."""

    def __init__(self) -> None:
        super().__init__("Expected an account and its password, got ones that do not match.")


class Entrance:
    """Lets in whoever knows the password of an account.

    Parameters
    ----------
    store
        Where sessions and attempts are kept.
    book
        Where accounts are looked up.
    tokens
        The tokens of the service.
    passwords
        How passwords are hashed.
    """

    def __init__(
        self, store: Store, *, book: AccountBook, tokens: Tokens, passwords: Passwords
    ) -> None:
        self._store = store
        self._book = book
        self._tokens = tokens
        self._passwords = passwords

    def sign_in(
        self, account_id: str, password: str, *, address: str, now: dt.datetime
    ) -> SignedIn:
        """Open a session for whoever knows the password.

        Parameters
        ----------
        account_id
            Id of the account, as it was typed.
        password
            Its password, as it was typed.
        address
            Network address of the client.
        now
            The instant.

        Returns
        -------
        session
            The session.

        Raises
        ------
        RefusedSignInError
            Account and password do not match.
        TooManyError
            Too many attempts failed; this one was not looked at.
        """
        account = self._known(account_id, password, address=address, now=now)
        return self._open(account, now=now)

    def change_password(
        self, asker: Principal, password: str, new: str, *, address: str, now: dt.datetime
    ) -> SignedIn:
        """Change the password of an account, which ends its sessions, and open one anew.

        Parameters
        ----------
        asker
            Who asks, who signed in to the account.
        password
            Its present password, as it was typed.
        new
            Its new password.
        address
            Network address of the client.
        now
            The instant.

        Returns
        -------
        session
            The new session.

        Raises
        ------
        RefusedSignInError
            The present password is another.
        TooManyError
            Too many attempts failed; this one was not looked at.
        ParameterError
            The new password is easily guessed, or the present one.
        BadTokenError
            The account was changed or removed meanwhile, which ended its sessions.
        """
        refuse_weak(new, account_id=asker.subject, name="new_password")
        if new == password:
            raise ParameterError("Expected `new_password` to differ from `password`, got the same.")
        known = self._known(asker.subject, password, address=address, now=now)
        hashed = self._passwords.hashed(new)
        try:
            account = self._store.accounts.change(
                known.id, hashed=hashed, by=asker, if_version=known.version, now=now
            )
        except (ConflictError, NotFoundError) as error:  # an administrator was quicker
            raise BadTokenError from error
        return self._open(account, now=now)

    def _known(self, account_id: str, password: str, *, address: str, now: dt.datetime) -> Account:
        """Find the account whose password this is, and count attempts at those that it is not."""
        account_key = self._tokens.mark("account", account_id)
        address_key = self._tokens.mark("address", site_of(address))
        both_key = f"{account_key}.{address_key}"
        attempts = [
            Attempt(both_key, _FREE_OF_ACCOUNT),
            Attempt(account_key, _FREE_EVERYWHERE),
            Attempt(address_key, _FREE_OF_ADDRESS),
        ]
        wait = self._store.attempts.begin(attempts, now=now)
        if wait is not None:
            raise TooManyError(
                "Expected fewer attempts to sign in. Wait, then try again.",
                retry_after_s=wait.total_seconds(),
            )
        account = self._book.find(account_id)
        hashed = None if account is None or len(password) > LONGEST else account.password_hash
        if not self._passwords.match(hashed, password[:LONGEST]) or account is None:
            raise RefusedSignInError
        self._store.attempts.succeed(account=account_key, address=address_key, both=both_key)
        return account

    def _open(self, account: Account, *, now: dt.datetime) -> SignedIn:
        session = SignedIn(
            secrets.token_urlsafe(24), account.id, account.rights, now + SESSION, account.version
        )
        self._store.sessions.open(session, now=now)
        return session


def site_of(address: str) -> str:
    """Return what stands for the place that an address belongs to.

    Parameters
    ----------
    address
        Network address; of IPv6, whose sites own 2^64 addresses or more, the first half counts.

    Returns
    -------
    site
        The address, or the network that it is in.

    Examples
    --------
    >>> site_of("192.0.2.7"), site_of("2001:db8::7"), site_of("")
    ('192.0.2.7', '2001:db8::/64', '')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004
        return address
    return str(ipaddress.ip_network((int(found), _SITE_OF_IPV6), strict=False))
