"""Sign-in of a browser at an OpenID provider: authorization code with PKCE (RFC 6749, RFC 7636)."""

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

import httpx
from pydantic import SecretStr

from api.accounts.provider import Provider
from api.accounts.provider_keys import Configuration, ProviderRefusedError, json_of
from api.accounts.tokens import BadTokenError, Tokens
from api.store.sessions import SignedIn

BEGUN: Final = dt.timedelta(minutes=10)
"""How long a sign-in that was begun may take."""
_SESSION: Final = dt.timedelta(hours=1)  # then the provider is asked again what the account may do


class Begun(NamedTuple):
    """A sign-in that was begun.

    Attributes
    ----------
    location
        Where the browser goes next.
    cookie
        What it keeps until it comes back.
    """

    location: str
    cookie: str


class CodeFlow:
    """Sends browsers to a provider, and takes them back.

    Parameters
    ----------
    provider
        The provider.
    tokens
        The tokens of the service.
    client_secret
        The service's password at the provider; none for a public client.
    """

    def __init__(
        self, provider: Provider, *, tokens: Tokens, client_secret: SecretStr | None
    ) -> None:
        self._provider = provider
        self._tokens = tokens
        self._client_secret = client_secret

    async def begin(self, *, back_to: str, then: str, now: dt.datetime) -> Begun:
        """Begin a sign-in.

        Parameters
        ----------
        back_to
            Address to which the provider sends the browser back.
        then
            Path that the browser wanted.
        now
            The instant.

        Returns
        -------
        begun
            Where the browser goes, and what it keeps.

        Raises
        ------
        SourceError
            The provider does not answer.
        """
        configuration = await self._provider.keys.configuration()
        said = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        digest = hashlib.sha256(said["verifier"].encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": back_to,
            "scope": "openid",
            "state": said["state"],
            "nonce": said["nonce"],
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = configuration.authorization_endpoint
        location = f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
        return Begun(location, self._tokens.sealed(said | {"then": then}, expires_at=now + BEGUN))

    async def finish(
        self, query: Mapping[str, str], *, cookie: str, back_to: str, now: dt.datetime
    ) -> tuple[SignedIn, str]:
        """Finish a sign-in.

        Parameters
        ----------
        query
            What the provider sent with the browser.
        cookie
            What the browser kept.
        back_to
            Address to which the provider sent the browser back.
        now
            The instant.

        Returns
        -------
        session, then
            The session, yet to be opened, and the path that the browser wanted.

        Raises
        ------
        BadTokenError
            This is not the answer to the sign-in that the browser began.
        NoRightsError
            The provider gives no role.
        SourceError
            The provider does not answer.
        """
        said = self._tokens.unsealed(cookie, now=now)
        # A provider that names itself must be the one that was asked (RFC 9207).
        own = query.get("iss", self._provider.issuer) == self._provider.issuer
        if not own or not hmac.compare_digest(
            query.get("state", "").encode(), said["state"].encode()
        ):
            raise BadTokenError
        if not query.get("code"):
            raise BadTokenError
        configuration = await self._provider.keys.configuration()
        token = await self._changed(configuration, query["code"], said["verifier"], back_to)
        subject, rights = await self._provider.signed_in(token, nonce=said["nonce"], now=now)
        session = SignedIn(secrets.token_urlsafe(24), subject, rights, now + _SESSION)
        return session, said["then"]

    async def end(self, *, back_to: str) -> str | None:
        """Tell where a browser signs out of the provider (OpenID Connect RP-Initiated Logout 1.0).

        Parameters
        ----------
        back_to
            Address to which the provider sends the browser back.

        Returns
        -------
        location
            The address; none where the provider has none.

        Raises
        ------
        SourceError
            The provider does not answer.
        """
        address = (await self._provider.keys.configuration()).end_session_endpoint
        if address is None:
            return None
        query = {"client_id": self._provider.client_id, "post_logout_redirect_uri": back_to}
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def _changed(
        self, configuration: Configuration, code: str, verifier: str, back_to: str
    ) -> str:
        """Change the code for the token that tells who signed in."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "client_id": self._provider.client_id,
            "code_verifier": verifier,
        }
        auth = None
        if self._client_secret is not None:
            password = quote(self._client_secret.get_secret_value(), safe="")
            auth = httpx.BasicAuth(quote(self._provider.client_id, safe=""), password)
        async with httpx.AsyncClient(auth=auth, timeout=5) as client:
            request = client.build_request("POST", configuration.token_endpoint, data=form)
            try:
                answer = await json_of(client, request)
            except ProviderRefusedError as error:
                raise BadTokenError from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise BadTokenError
        return token
