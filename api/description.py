"""The OpenAPI document: what the routes say, and what the settings of this service add to it."""

from typing import Any, Final

from fastapi import FastAPI

from api.accounts.middleware import OWN_HEADER
from api.deps import Guard
from api.errors import Problem
from api.ogc.crs import systems_of
from api.ogc.described import SYSTEM_PARAMETERS
from api.settings import Settings

_TOKENS: Final = {"tokenUrl": "auth/token", "refreshUrl": "auth/token"}


class DescribedService(FastAPI):
    """An application whose OpenAPI document tells what it takes with its settings.

    `state.settings` holds them.
    """

    def openapi(self) -> dict[str, Any]:
        """Describe the service.

        Returns
        -------
        document
            The OpenAPI document, made once.
        """
        if self.openapi_schema is None:
            document = super().openapi()
            _name_systems(document, self.state.settings)
            _name_schemes(document, self.state.settings, cookie=self.state.access.cookie)
            _tell_pages(document)
        return super().openapi()


def _tell_pages(document: dict[str, Any]) -> None:
    """Tell of every problem that people are answered it as a page."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if Problem.media_type in content:
                    content["text/html"] = {}


def _name_schemes(document: dict[str, Any], settings: Settings, *, cookie: str) -> None:
    """Name the ways to say who asks, wherever a token is needed, or may show more."""
    schemes: dict[str, dict[str, Any]] = {
        Guard.scheme_name: {
            "type": "http",
            "scheme": "bearer",
            "description": "A token that gives access.",
        },
        "password": {
            "type": "oauth2",
            "description": "A token for the password of an account.",
            "flows": {"password": _TOKENS | {"scopes": {}}},
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session of a browser; what changes something also needs the header "
            f"{OWN_HEADER}.",
        },
    }
    if settings.oidc_issuer is not None:
        address = f"{settings.oidc_issuer}/.well-known/openid-configuration"
        schemes["provider"] = {"type": "openIdConnect", "openIdConnectUrl": address}
    document.setdefault("components", {})["securitySchemes"] = schemes
    needed: list[dict[str, list[str]]] = [{name: []} for name in schemes]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "security" in operation:
                operation["security"] = needed
            elif method == "get" and "{collection}" in path:
                operation["security"] = [{}, *needed]  # who signed in may read and see more


def _name_systems(document: dict[str, Any], settings: Settings) -> None:
    """Name the reference systems of the zones that are served, wherever one may be asked for."""
    systems = list(
        dict.fromkeys(
            system
            for zone in settings.served_zones
            for system in systems_of(settings.data_dir, zone)
        )
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in SYSTEM_PARAMETERS:
                    parameter["schema"] = {"type": "string", "enum": systems}
