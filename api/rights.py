"""Who may do what: one table of role by operation, and one of role by collection.

Each role has the least that its work asks for. A commander answers for everything but the audit,
which would else be read by whom it watches; an auditor reads the audit and no plan. An operator
leads tonight and plans patrols, a planner sites cameras and does not see where patrols are; an
officer reads where to walk and what was reported, and changes nothing. A partner reads
what the public reads, and of cameras its own alone.

The tables are closed: what they do not name, nobody may do or read. Which properties of a camera a
role sees is told by `api.roles`.
"""

from collections.abc import Mapping
from typing import Final, Literal

from api.identity import Principal
from api.roles import ROLES, Role
from api.store import PUBLIC_LAYERS

Operation = Literal[
    "read_public",
    "plan_patrol",
    "site_cameras",
    "compute_hotspots",
    "forecast",
    "read_jobs",
    "read_every_job",
    "edit_layers",
    "read_audit",
    "read_metrics",
]

_STAFF: Final[frozenset[Role]] = frozenset({"commander", "planner", "operator", "officer"})
_ALL: Final[frozenset[Role]] = frozenset(ROLES)

RIGHTS: Final[Mapping[Operation, frozenset[Role]]] = {
    "read_public": _ALL,
    "plan_patrol": frozenset({"commander", "operator"}),
    "site_cameras": frozenset({"commander", "planner"}),
    "compute_hotspots": frozenset({"commander", "planner", "operator"}),
    "forecast": frozenset({"commander", "planner", "operator"}),
    "read_jobs": frozenset({"commander", "planner", "operator"}),
    "read_every_job": frozenset({"commander"}),
    "edit_layers": frozenset({"commander", "planner", "operator"}),
    "read_audit": frozenset({"auditor"}),
    "read_metrics": frozenset({"commander", "operator"}),
}
"""Who may do what."""

READERS: Final[Mapping[str, frozenset[Role]]] = {
    "boundary": _ALL,
    "streets": _ALL,
    "buildings": _ALL,
    "grounds": _ALL,
    "places": _ALL,
    "lamps": _ALL,
    "sos_points": _ALL,
    "cameras": _ALL,
    "safe_areas": _ALL,
    "fields_of_view": frozenset({"commander", "planner", "operator"}),
    "blind_spots": frozenset({"commander", "planner", "operator"}),
    "camera_sites": frozenset({"commander", "planner", "operator"}),
    "site_fields_of_view": frozenset({"commander", "planner", "operator"}),
    "site_footprints": frozenset({"commander", "planner", "operator"}),
    "blind_before": frozenset({"commander", "planner", "operator"}),
    "blind_after": frozenset({"commander", "planner", "operator"}),
    "seen_probability": frozenset({"commander", "planner", "operator"}),
    "hotspots": _STAFF,
    "hotspot_stretches": _STAFF,
    "hotspot_areas": _STAFF,
    "street_densities": frozenset({"commander", "planner", "operator"}),
    "forecast_cells": frozenset({"commander", "planner", "operator"}),
    "incidents": _STAFF,
    "patrol_tours": frozenset({"commander", "operator", "officer"}),
    "patrol_stops": frozenset({"commander", "operator", "officer"}),
    "beats": frozenset({"commander", "operator", "officer"}),
}
"""Who may read which collection; of cameras each role sees its own part."""

EDITORS: Final[Mapping[str, frozenset[Role]]] = {
    "places": frozenset({"commander", "planner"}),
    "lamps": frozenset({"commander", "planner"}),
    "sos_points": frozenset({"commander", "planner"}),
    "cameras": frozenset({"commander", "planner"}),
    "incidents": frozenset({"commander", "operator"}),
}
"""Who may change which collection, feature by feature."""


def may(principal: Principal, operation: Operation) -> bool:
    """Tell whether somebody may do something.

    Parameters
    ----------
    principal
        Who asks.
    operation
        What for.

    Returns
    -------
    allowed
        Whether the table says so.
    """
    return principal.role in RIGHTS[operation]


def may_read(principal: Principal, collection: str) -> bool:
    """Tell whether somebody may read a collection.

    Parameters
    ----------
    principal
        Who asks.
    collection
        Name of the layer or product.

    Returns
    -------
    allowed
        Whether the table says so; in demo mode everybody may read the plan as well.
    """
    shown = principal.demo and collection in PUBLIC_LAYERS
    return shown or principal.role in READERS.get(collection, frozenset())


def may_edit(principal: Principal, collection: str) -> bool:
    """Tell whether somebody may change features of a collection.

    Parameters
    ----------
    principal
        Who asks.
    collection
        Name of the layer.

    Returns
    -------
    allowed
        Whether the table says so.
    """
    return principal.role in EDITORS.get(collection, frozenset())
