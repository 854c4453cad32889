"""Tokens that this service signs: JSON Web Tokens (RFC 7519), of one pinned algorithm."""

import datetime as dt
import hmac
import secrets
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey

from api.errors import NotKnownError
from api.store.accounts import written_zones
from api.store.sessions import SignedIn

ACCESS: Final = dt.timedelta(minutes=15)
"""How long a program's access token serves before it must be refreshed."""
SESSION: Final = dt.timedelta(hours=12)
"""How long somebody stays signed in at most: a shift."""

LONGEST: Final = 8_192
"""Most characters of a token that is looked at."""

ISSUER: Final = "smartzone"
_AUDIENCE: Final = "smartzone"
_ALGORITHMS: Final = ("HS256",)
_SEALING: Final = {"alg": "dir", "enc": "A256GCM"}
_SKEW_S: Final = 5  # between the machines of one service


class BadTokenError(NotKnownError):
    """A token that gives no rights; why is nobody's business who forged it."""

    def __init__(self) -> None:
        super().__init__("The token is not valid here, or has ended. Sign in again.")


class Tokens:
    """The tokens of this service.

    Parameters
    ----------
    secret
        What keys are derived from.
    """

    def __init__(self, secret: bytes) -> None:
        self._access = OctKey.import_key(_derived(secret, b"access"))
        self._refresh = OctKey.import_key(_derived(secret, b"refresh"))
        self._sealing = OctKey.import_key(_derived(secret, b"sealing"))
        self._marks = _derived(secret, b"attempts")

    def access(self, session: SignedIn, *, now: dt.datetime, lifetime: dt.timedelta) -> str:
        """Sign a token that gives access.

        Parameters
        ----------
        session
            The session that it belongs to.
        now
            The instant.
        lifetime
            How long it serves, at most until the session ends.

        Returns
        -------
        token
            The token.
        """
        claims = {
            "iss": ISSUER,
            "aud": _AUDIENCE,
            "sub": session.subject,
            "sid": session.id,
            "role": session.rights.role,
            "zones": written_zones(session.rights.zones),
            "iat": int(now.timestamp()),
            "exp": int(min(now + lifetime, session.expires_at).timestamp()),
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode({"alg": "HS256"}, claims, self._access, _ALGORITHMS)

    def refresh(self, session_id: str, *, generation: int, expires_at: dt.datetime) -> str:
        """Sign a token that is changed once for new ones.

        Parameters
        ----------
        session_id
            Id of the session that it belongs to.
        generation
            How many were changed before it.
        expires_at
            Instant at which the session ends.

        Returns
        -------
        token
            The token.
        """
        claims = {
            "iss": ISSUER,
            "aud": _AUDIENCE,
            "sid": session_id,
            "generation": generation,
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode({"alg": "HS256"}, claims, self._refresh, _ALGORITHMS)

    def read_access(self, token: str, *, now: dt.datetime) -> str:
        """Read a token that gives access.

        Parameters
        ----------
        token
            The token.
        now
            The instant.

        Returns
        -------
        session_id
            Id of the session that it belongs to.

        Raises
        ------
        BadTokenError
            It is none of ours, or has expired.
        """
        return str(_claims(token, self._access, now=now, essential=("sid", "sub", "jti"))["sid"])

    def read_refresh(self, token: str, *, now: dt.datetime) -> tuple[str, int]:
        """Read a token that is changed for new ones.

        Parameters
        ----------
        token
            The token.
        now
            The instant.

        Returns
        -------
        session_id, generation
            The session that it belongs to, and how many were changed before it.

        Raises
        ------
        BadTokenError
            It is none of ours, or has expired.
        """
        claims = _claims(token, self._refresh, now=now, essential=("sid", "generation"))
        return str(claims["sid"]), int(str(claims["generation"]))

    def sealed(self, said: dict[str, str], *, expires_at: dt.datetime) -> str:
        """Encrypt what a browser is to keep for this service.

        Parameters
        ----------
        said
            What it is to keep.
        expires_at
            Instant from which on it is worth nothing.

        Returns
        -------
        token
            An encrypted token (RFC 7516).
        """
        claims = {"said": said, "exp": int(expires_at.timestamp())}
        registry = JWERegistry(algorithms=list(_SEALING.values()))
        return jwt.encode(dict(_SEALING), claims, self._sealing, registry=registry)

    def unsealed(self, token: str, *, now: dt.datetime) -> dict[str, str]:
        """Read what a browser kept for this service.

        Parameters
        ----------
        token
            The encrypted token.
        now
            The instant.

        Returns
        -------
        said
            What it kept.

        Raises
        ------
        BadTokenError
            It is none of ours, or has expired.
        """
        registry = JWERegistry(algorithms=list(_SEALING.values()))
        rules = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), exp={"essential": True}, said={"essential": True}
        )
        try:
            claims = jwt.decode(token, self._sealing, registry=registry).claims
            rules.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise BadTokenError from error
        return dict(claims["said"])

    def mark(self, kind: str, text: str) -> str:
        """Return what stands for an account or an address where attempts are counted.

        Parameters
        ----------
        kind
            What it is.
        text
            The account's id, or the address.

        Returns
        -------
        mark
            A keyed hash.
        """
        return hmac.digest(self._marks, f"{kind}\0{text}".encode(), "sha256").hex()


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """Derive a key of its own for each purpose, so that no token passes for another kind."""
    info = b"smartzone tokens 1: " + purpose
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def _claims(
    token: str, key: OctKey, *, now: dt.datetime, essential: tuple[str, ...]
) -> dict[str, object]:
    required: dict[str, jwt.ClaimsOption] = {
        "iss": {"essential": True, "value": ISSUER},
        "aud": {"essential": True, "value": _AUDIENCE},
        "exp": {"essential": True},
        **{name: {"essential": True} for name in essential},
    }
    seconds = int(now.timestamp())
    rules = jwt.JWTClaimsRegistry(seconds, _SKEW_S, **required)
    if len(token) > LONGEST:
        raise BadTokenError
    try:
        claims = jwt.decode(token, key, _ALGORITHMS).claims
        rules.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise BadTokenError from error
    return claims
