"""Whose token it is: signature first, then whether its session goes on."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from anyio.to_thread import run_sync

from api.accounts.provider import Provider, issuer_of
from api.accounts.tokens import BadTokenError, Tokens
from api.identity import Principal
from api.store import Store
from api.store.sessions import SignedIn

FRESH_S: Final = 2.0
"""For how long a session that was looked up is believed to go on; whoever was signed out by another
process has that long."""
_MOST: Final = 4_096


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class _Seen(NamedTuple):
    principal: Principal
    expires_at: dt.datetime
    until: float


class Gate:
    """Tells whose token it is.

    Parameters
    ----------
    store
        Where sessions are kept.
    tokens
        The tokens of the service.
    provider
        The provider whose tokens are taken as well; none for none.
    clock
        Tells the instant.
    """

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        *,
        provider: Provider | None = None,
        clock: Callable[[], dt.datetime] = _now,
    ) -> None:
        self.tokens = tokens
        self.provider = provider
        self.clock = clock
        self._store = store
        self._seen: dict[str, _Seen] = {}

    async def principal(self, token: str) -> Principal:
        """Tell whose token it is.

        Parameters
        ----------
        token
            A token that gives access.

        Returns
        -------
        principal
            Who asks.

        Raises
        ------
        BadTokenError
            The token is none of ours, has expired, or its session has ended.
        SourceError
            The store does not answer.
        """
        now = self.clock()
        if self.provider is not None and issuer_of(token) == self.provider.issuer:
            return await self.provider.principal(token, now=now)
        session_id = self.tokens.read_access(token, now=now)
        seen = self._seen.get(session_id)
        if seen is None or seen.until < time.monotonic() or seen.expires_at <= now:
            seen = await run_sync(self._look_up, session_id, now)
        return seen.principal

    async def close(self, token: str) -> Principal:
        """End the session of a token.

        Parameters
        ----------
        token
            A token that gives access.

        Returns
        -------
        principal
            Whose it was.

        Raises
        ------
        BadTokenError
            There is no such session any more.
        """
        principal = await self.principal(token)
        session_id = self.tokens.read_access(token, now=self.clock())
        await run_sync(self._store.sessions.close, session_id)
        self.forget(session_id)
        return principal

    def forget(self, session_id: str) -> None:
        """Look a session up anew the next time, as it may have ended.

        Parameters
        ----------
        session_id
            Id of the session.
        """
        self._seen.pop(session_id, None)

    def forget_all(self, subject: str) -> None:
        """Look all sessions of an account up anew the next time, as they have ended.

        Parameters
        ----------
        subject
            Id of the account.
        """
        seen = list(self._seen.items())
        for session_id, known in seen:
            if known.principal.subject == subject:
                self.forget(session_id)

    def _look_up(self, session_id: str, now: dt.datetime) -> _Seen:
        session = self._store.sessions.find(session_id, now=now)
        if session is None:
            self.forget(session_id)
            raise BadTokenError
        if len(self._seen) >= _MOST:
            self._seen.clear()
        seen = _Seen(principal_of_session(session), session.expires_at, time.monotonic() + FRESH_S)
        self._seen[session_id] = seen
        return seen


def principal_of_session(session: SignedIn) -> Principal:
    """Return who signed in to a session.

    Parameters
    ----------
    session
        The session.

    Returns
    -------
    principal
        Who asks.
    """
    rights = session.rights
    return Principal(session.subject, rights.role, rights.zones, rights.owner)
