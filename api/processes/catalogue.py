"""The processes: who may ask for them, with what, and which layers they store."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from api.processes.inputs import ForecastInputs, HotspotsInputs, PatrolInputs, SitesInputs
from api.rights import Operation


@dataclass(frozen=True)
class Process:
    """One process.

    Attributes
    ----------
    id
        Its id; its words are those of this with underscores.
    operation
        What whoever asks for it must be allowed to do.
    inputs
        What it may be asked with.
    layers
        Names of the layers that it stores.
    """

    id: str
    operation: Operation
    inputs: type[BaseModel]
    layers: tuple[str, ...]


_ALL: Final = (
    Process(
        "plan-patrol",
        "plan_patrol",
        PatrolInputs,
        (
            *("fields_of_view", "blind_spots", "hotspots", "camera_sites"),
            *("patrol_tours", "patrol_stops", "beats"),
        ),
    ),
    Process(
        "site-cameras",
        "site_cameras",
        SitesInputs,
        (
            *("camera_sites", "site_fields_of_view", "site_footprints"),
            *("blind_before", "blind_after", "seen_probability"),
        ),
    ),
    Process(
        "compute-hotspots",
        "compute_hotspots",
        HotspotsInputs,
        ("hotspot_stretches", "hotspot_areas", "street_densities", "forecast_cells"),
    ),
    Process("forecast", "forecast", ForecastInputs, ("forecast_cells",)),
)

PROCESSES: Final[Mapping[str, Process]] = MappingProxyType(
    {process.id: process for process in _ALL}
)
"""The processes by their ids."""
