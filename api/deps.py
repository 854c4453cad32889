"""What routes ask for: the store, the settings and the words of the running application."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.types import Scope

from api.errors import NotAllowedError, NotKnownError
from api.identity import Principal
from api.rights import Operation, may
from api.settings import Settings
from api.store import Store
from api.store.audit import append_within
from api.store.engine import Session
from api.words import Words


def store_of(request: Request) -> Store:
    """Return the application's store.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    store
        The store, shared by all requests.
    """
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    """Return the application's settings.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    settings
        The settings the application was made with.
    """
    settings: Settings = request.app.state.settings
    return settings


def zone_of(request: Request) -> str:
    """Return the name of the zone that is asked for: of the path, or else of the settings.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    zone
        Name of the zone.
    """
    return zone_in(request.scope)


def zone_in(scope: Scope) -> str:
    """Return the name of the zone that is asked for, before there is a request.

    Parameters
    ----------
    scope
        The connection.

    Returns
    -------
    zone
        Name of the zone.
    """
    zone: str = scope.get("zone") or scope["app"].state.settings.zone
    return zone


def principal_of(request: Request) -> Principal:
    """Return who asks, with the rights they have in the zone that is served.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    principal
        Who asks; the public where nobody signed in.
    """
    principal: Principal = request.scope["principal"]
    return principal.in_zone(zone_of(request))


class Recorder(Protocol):
    """Appends to the audit what one request does; what it cannot record must not be done."""

    def __call__(
        self, action: str, target: str, *, within: Session | None = None, **detail: object
    ) -> None:
        """Append an entry: on the disk when this returns, or with the transaction it is within."""
        ...


def audit_of(request: Request) -> Recorder:
    """Return what appends to the audit for a request's principal and zone.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    record
        Takes the action, its target and details by the keys of `api.store.audit_records.DETAILS`.
    """
    log, zone = store_of(request).audit, zone_of(request)
    asker: Principal = request.scope["principal"]
    # Whoever has no right in the zone is the public there, yet is told by the account's id.
    acting = replace(principal_of(request), subject=asker.subject)

    def record(
        action: str, target: str, *, within: Session | None = None, **detail: object
    ) -> None:
        now = datetime.now(UTC)
        if within is None:
            log.append(now, acting, action, zone, target, detail)
        else:
            append_within(within, now, acting, action, zone, target, detail)

    return record


class Guard(SecurityBase):
    """A dependency whose routes need a token, which the OpenAPI document tells of them."""

    model = HTTPBearer()
    scheme_name = "token"


class Permit(Guard):
    """A dependency that lets a request pass only where its principal may do something.

    Parameters
    ----------
    operation
        What the route does.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __call__(self, request: Request) -> Principal:
        """Check a request.

        Parameters
        ----------
        request
            The request.

        Returns
        -------
        principal
            Who asks.

        Raises
        ------
        NotKnownError
            Nobody signed in, and the public may not.
        NotAllowedError
            Who signed in may not.
        """
        principal = principal_of(request)
        if not may(principal, self.operation):
            # Whoever signed in and has no right in this zone need not sign in again.
            if not request.scope["principal"].subject:
                raise NotKnownError
            audit_of(request)("refused", "operation", operation=self.operation)
            raise NotAllowedError
        return principal


def words_of(request: Request) -> Words:
    """Return the application's words.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    words
        The dictionary in both languages.
    """
    words: Words = request.app.state.words
    return words


StoreDep = Annotated[Store, Depends(store_of)]
SettingsDep = Annotated[Settings, Depends(settings_of)]
ZoneDep = Annotated[str, Depends(zone_of)]
AuditDep = Annotated[Recorder, Depends(audit_of)]
PrincipalDep = Annotated[Principal, Depends(principal_of)]
WordsDep = Annotated[Words, Depends(words_of)]
