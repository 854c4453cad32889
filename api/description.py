"""The OpenAPI document: what the routes say, and what the settings of this service add to it."""

from typing import Any

from fastapi import FastAPI

from api.errors import Problem
from api.ogc.crs import systems_of
from api.ogc.described import SYSTEM_PARAMETERS
from api.settings import Settings


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
