"""Settings of who is let in: the mode, the secret, the names of this host, and OpenID Connect."""

import ipaddress
import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode

from api.roles import ROLES, Role

Mode = Literal["demo", "accounts"]
SECRET_CHARACTERS: Final = 32
_DISTINCT: Final = 8
_DEFAULTS: Final = ("change", "secret", "default", "example", "password", "smartzone")
"""Words that stand in secrets which were never chosen."""


def listed(given: object) -> object:
    """Split a text at its commas; anything else stays as it is.

    Parameters
    ----------
    given
        What was given for a setting that holds several values.

    Returns
    -------
    parts
        The parts without blanks around them.

    Examples
    --------
    >>> listed("old_town, other")
    ['old_town', 'other']
    """
    if not isinstance(given, str):
        return given
    return [part.strip() for part in given.split(",") if part.strip()]


def is_loopback(host: str) -> bool:
    """Tell whether a host's name or address means this machine itself.

    Parameters
    ----------
    host
        Name or address, without a port.

    Returns
    -------
    loopback
        Whether no other machine reaches it.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("[::1]"), is_loopback("localhost.example.org")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(host: str) -> str:
    """Refuse what is no address to listen on; a name other than localhost is none."""
    if host != "localhost":
        ipaddress.ip_address(host)
    return host


def is_private(address: str) -> bool:
    """Tell whether nobody reads along on the way to a web address.

    Parameters
    ----------
    address
        The address.

    Returns
    -------
    private
        Whether the way is encrypted, or stays on this machine.

    Examples
    --------
    >>> is_private("https://id.example.org/"), is_private("http://id.example.org/")
    (True, False)
    """
    parts = urlsplit(address)
    local = parts.scheme == "http" and is_loopback(parts.hostname or "")
    return bool(parts.hostname) and parts.username is None and (parts.scheme == "https" or local)


def _issuer(address: str) -> str:
    """Refuse what is no issuer (OpenID Connect Discovery 1.0, 2), or is reached unencrypted."""
    if not is_private(address) or "?" in address or "#" in address:
        raise ValueError
    return address


def _read(given: object) -> object:
    """Read JSON; anything else stays as it is."""
    return json.loads(given) if isinstance(given, str) else given


class AccessSettings(BaseSettings):
    """Settings of who is let in.

    Attributes
    ----------
    mode
        `demo`: reachable from this machine alone, sign-in by accounts whose password is shown;
        `accounts`: real accounts, of the store or of an identity provider.
    host
        Address to listen on; in demo mode a loopback one.
    hosts
        Names, without ports, by which clients may call this service; loopback ones are always
        among them.
    secret
        What tokens are signed with, 32 characters or more; in demo mode it is not used.
    oidc_issuer
        Identifier of the OpenID provider, whose configuration is found below it; none for none.
    oidc_client_id
        Id under which the provider knows this service.
    oidc_client_secret
        The service's password at the provider; none for a public client.
    oidc_audience
        What access tokens of programs must be meant for; none where none is taken. Not the client
        id, or tokens that tell who signed in would pass for tokens that give access.
    oidc_role_claim
        Claim that holds the role, or a list with one; dots lead into objects.
    oidc_roles
        Role by the provider's word for it, as JSON; empty where the provider says our words.
    oidc_zones_claim
        Claim that lists the zones, "*" for all; whoever lacks it has rights in none.
    oidc_owner_claim
        Claim that names the owner of cameras that a partner is.
    """

    mode: Mode = "demo"
    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)] = ()
    secret: SecretStr | None = None
    oidc_issuer: Annotated[str, AfterValidator(_issuer)] | None = None
    oidc_client_id: Annotated[str, Field(min_length=1)] | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_audience: Annotated[str, Field(min_length=1)] | None = None
    oidc_role_claim: Annotated[str, Field(min_length=1)] = "smartzone_role"
    oidc_roles: Annotated[Mapping[str, Role], NoDecode, BeforeValidator(_read)] = {}
    oidc_zones_claim: Annotated[str, Field(min_length=1)] = "smartzone_zones"
    oidc_owner_claim: Annotated[str, Field(min_length=1)] = "smartzone_owner"

    @model_validator(mode="after")
    def _safe(self) -> Self:
        """Refuse settings that would let in who does not belong."""
        faults = [*_unsafe_host(self), *_unsafe_secret(self), *_unsafe_provider(self)]
        if faults:
            raise ValueError("\n".join(faults))
        return self


def _unsafe_host(settings: AccessSettings) -> list[str]:
    strange = [host for host in settings.hosts if not is_loopback(host)]
    if settings.mode == "demo" and strange:
        # A proxy on this machine would let others in, whose password is on the page.
        fault = (
            "Expected `hosts` (SMARTZONE_HOSTS) to be loopback ones in demo mode, got "
            f"{', '.join(strange)}. Set SMARTZONE_MODE=accounts to serve other machines."
        )
        return [fault]
    if is_loopback(settings.host):
        return []
    if settings.mode == "demo":
        fault = (
            "Expected `host` (SMARTZONE_HOST) to be a loopback address such as 127.0.0.1 in demo "
            f"mode, got {settings.host!r}. Set SMARTZONE_MODE=accounts to serve other machines."
        )
        return [fault]
    if not settings.hosts:
        fault = (
            "Expected `hosts` (SMARTZONE_HOSTS) to name this service as its clients call it, got "
            f"none, while it listens on {settings.host!r}."
        )
        return [fault]
    return []


def _unsafe_secret(settings: AccessSettings) -> list[str]:
    if settings.mode == "demo":
        return []
    expected = f"Expected `secret` (SMARTZONE_SECRET) of {SECRET_CHARACTERS} characters or more"
    advice = 'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"'
    text = settings.secret.get_secret_value() if settings.secret else ""
    if len(text) < SECRET_CHARACTERS:
        return [f"{expected}, got {len(text) or 'none'}. {advice}"]
    if len(set(text)) < _DISTINCT or any(word in text.lower() for word in _DEFAULTS):
        return [f"{expected} that nobody can guess, got a known one. {advice}"]
    return []


def _unsafe_provider(settings: AccessSettings) -> list[str]:
    if settings.oidc_issuer is None:
        return []
    faults = []
    if settings.mode == "demo":
        faults.append(
            "Expected `mode` (SMARTZONE_MODE) to be accounts beside `oidc_issuer`, got 'demo'."
        )
    if settings.oidc_client_id is None:
        faults.append(
            "Expected `oidc_client_id` (SMARTZONE_OIDC_CLIENT_ID) beside `oidc_issuer`, got none."
        )
    elif settings.oidc_audience == settings.oidc_client_id:
        faults.append(
            "Expected `oidc_audience` (SMARTZONE_OIDC_AUDIENCE) to differ from `oidc_client_id`, "
            f"got {settings.oidc_audience!r} for both."
        )
    return faults


SECRETS: Final = frozenset({"secret", "oidc_client_secret", "metrics_token"})
"""Settings whose values no message shows."""

EXPECTED_ACCESS: Final[Mapping[str, str]] = {
    "mode": "demo or accounts",
    "host": "an address such as 127.0.0.1",
    "hosts": "names of hosts, divided by commas",
    "secret": "a text",
    "oidc_issuer": "an address https://...",
    "oidc_client_id": "a text",
    "oidc_client_secret": "a text",
    "oidc_audience": "a text",
    "oidc_role_claim": "the name of a claim",
    "oidc_roles": f"a JSON object whose values are among {', '.join(ROLES)}",
    "oidc_zones_claim": "the name of a claim",
    "oidc_owner_claim": "the name of a claim",
}
"""What each setting may be, for messages."""
