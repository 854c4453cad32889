"""Tokens of an OpenID provider: whose they are, and which rights the provider's words give."""

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError

from api.access_settings import AccessSettings
from api.accounts.provider_keys import ProviderKeys
from api.accounts.tokens import LONGEST, BadTokenError
from api.errors import NotKnownError
from api.identity import Principal
from api.store.accounts import Rights
from geo.errors import ParameterError

SKEW_S: Final = 60
"""By how much the provider's clock may differ from ours."""

OF_PROVIDER: Final = "oidc-"
"""What ids of accounts of a provider begin with."""

# Signatures by a public key alone. Were HS256 among them, the public key, which everybody has,
# would pass for its secret (RFC 8725, 2.1).
_ALGORITHMS: Final = ("RS256", "PS256", "ES256")
_EVERYWHERE: Final = "*"


class NoRightsError(NotKnownError):
    """The provider knows who asks, but gives no role here."""

    def __init__(self) -> None:
        super().__init__("The identity provider gives this account no role in any zone.")


class Provider:
    """An OpenID provider that this service trusts.

    Parameters
    ----------
    settings
        Settings, with an issuer and a client id.
    keys
        The provider's keys.
    """

    def __init__(self, settings: AccessSettings, keys: ProviderKeys) -> None:
        self.issuer = settings.oidc_issuer or ""
        self.client_id = settings.oidc_client_id or ""
        self.keys = keys
        self._settings = settings

    async def principal(self, token: str, *, now: dt.datetime) -> Principal:
        """Tell whose access token it is.

        Parameters
        ----------
        token
            A token of the provider for a program.
        now
            The instant.

        Returns
        -------
        principal
            Who asks.

        Raises
        ------
        BadTokenError
            The token is forged, expired, or meant for others.
        NoRightsError
            The provider gives no role.
        SourceError
            The provider's keys cannot be had.
        """
        audience = self._settings.oidc_audience
        if audience is None:
            raise BadTokenError
        claims = await self._claims(token, now=now, aud={"essential": True, "value": audience})
        rights = self.rights(claims)
        return Principal(self.subject(claims), rights.role, rights.zones, rights.owner)

    async def signed_in(self, token: str, *, nonce: str, now: dt.datetime) -> tuple[str, Rights]:
        """Tell who signed in (OpenID Connect Core 1.0, 3.1.3.7).

        Parameters
        ----------
        token
            The provider's token that tells who signed in.
        nonce
            What this sign-in began with.
        now
            The instant.

        Returns
        -------
        subject, rights
            Id of the account, and its rights.

        Raises
        ------
        BadTokenError
            The token is forged, expired, of another sign-in, or meant for others.
        NoRightsError
            The provider gives no role.
        SourceError
            The provider's keys cannot be had.
        """
        claims = await self._claims(
            token,
            now=now,
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            iat={"essential": True},
        )
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        # Where it is meant for others as well, it must say that it was made for us.
        made_for = claims.get("azp", self.client_id if len(audiences) == 1 else None)
        if made_for != self.client_id:
            raise BadTokenError
        return self.subject(claims), self.rights(claims)

    def rights(self, claims: Mapping[str, Any]) -> Rights:
        """Read rights from what the provider says of an account.

        Parameters
        ----------
        claims
            What it says.

        Returns
        -------
        rights
            The rights.

        Raises
        ------
        NoRightsError
            It says no role or several, no zone, or of a partner not which owner it is.
        """
        settings = self._settings
        words = _texts(_at(claims, settings.oidc_role_claim))
        known = settings.oidc_roles
        roles = {known.get(word) for word in words} - {None} if known else words
        zones = _texts(_at(claims, settings.oidc_zones_claim))
        owner = _at(claims, settings.oidc_owner_claim)
        if len(roles) != 1:
            raise NoRightsError
        (role,) = roles
        try:
            return Rights(
                role,  # type: ignore[arg-type]  # Rights refuses what is no role
                None if _EVERYWHERE in zones else frozenset(zones),
                str(owner) if role == "partner" and owner else None,
            )
        except ParameterError as error:
            raise NoRightsError from error

    def subject(self, claims: Mapping[str, Any]) -> str:
        """Return the id by which the audit knows an account of the provider.

        Parameters
        ----------
        claims
            What the provider says of it.

        Returns
        -------
        subject
            A hash of issuer and subject: some providers call their accounts by persons' addresses.
        """
        told = f"{self.issuer}\0{claims['sub']}"
        return f"{OF_PROVIDER}{hashlib.sha256(told.encode()).hexdigest()[:20]}"

    async def _claims(
        self, token: str, *, now: dt.datetime, **rules: jwt.ClaimsOption
    ) -> Mapping[str, Any]:
        header = _part(token, 0)
        if len(token) > LONGEST or header.get("alg") not in _ALGORITHMS:
            raise BadTokenError
        key_id = header.get("kid")
        key = await self.keys.key(key_id if key_id is None else str(key_id))
        if key is None:
            raise BadTokenError
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=SKEW_S,
            iss={"essential": True, "value": self.issuer},
            sub={"essential": True},
            exp={"essential": True},
            **rules,
        )
        try:
            claims = jwt.decode(token, key, _ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise BadTokenError from error
        return claims


def issuer_of(token: str) -> str | None:
    """Return who a token says that it is of, before anything of it is believed.

    Parameters
    ----------
    token
        The token.

    Returns
    -------
    issuer
        The issuer; none where it says none.
    """
    issuer = _part(token, 1).get("iss")
    return issuer if isinstance(issuer, str) else None


def _part(token: str, number: int) -> Mapping[str, Any]:
    """Decode the header or the claims of a token, unverified; empty where there is none."""
    try:
        text = token[:LONGEST].split(".")[number]
        part = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return part if isinstance(part, dict) else {}


def _at(claims: Mapping[str, Any], path: str) -> object:
    """Return a claim by its name, or by a path of names into objects."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _texts(claim: object) -> set[str]:
    """Return a claim's texts, be it one or a list."""
    parts = claim if isinstance(claim, list) else [claim]
    return {part for part in parts if isinstance(part, str)}
