"""What the store may hold, and what of it may be served without an account, decided in one place.

The register of cameras stands in its zone's folder alone. The store holds neither the layer nor, of
a camera and of what it sees, the columns that only the register has, such as contact and consent:
they are left out on every road that leads into it.

The public sees what the role `public` of `api.roles` sees. Withheld from it:

- `incidents`, whole: single events with place and time;
- cameras whose exact place the public may not see, and what they see: a field of view shows its
  camera's place, so it is withheld with it, and when a layer of fields of view does not say whose
  they are, all of them are;
- of a camera in public view, every column that the role does not see: a file of cameras may bring
  any other.

The store keeps what the public may see of a feature as a text of its own beside the whole feature,
so that no reader for the public comes near the rest.
"""

from collections.abc import Mapping
from typing import Final

from api.roles import sees
from geo.errors import ParameterError
from geo.layers import CONTRACTS

PUBLIC_LAYERS: tuple[str, ...] = (
    "boundary",
    "streets",
    "buildings",
    "grounds",
    "places",
    "cameras",
    "fields_of_view",
    "lamps",
    "sos_points",
    "blind_spots",
    "hotspots",
    "camera_sites",
    "patrol_tours",
    "patrol_stops",
    "beats",
    "safe_areas",
)
OWNED_LAYERS = frozenset({"cameras", "fields_of_view"})
PRIVATE_LAYERS: Final = frozenset(name for name, kept in CONTRACTS.items() if kept.private)
"""Layers that the store never holds."""
REGISTER_ONLY: Final = frozenset(
    {column.name for column in CONTRACTS["register"].columns}
    - {column.name for column in CONTRACTS["cameras"].columns}
)
"""Columns of the owned layers that the store never holds."""


def refuse_unheld(layer: str) -> None:
    """Refuse a layer that the store never holds.

    Parameters
    ----------
    layer
        Name of the layer.

    Raises
    ------
    ParameterError
        When it is one.
    """
    if layer in PRIVATE_LAYERS:
        raise ParameterError(
            f"Expected a layer that a store may hold, got {layer!r}, which stands in its zone's "
            "folder alone."
        )


def held_properties(layer: str, properties: Mapping[str, object]) -> dict[str, object]:
    """Return what the store may hold of a feature.

    Parameters
    ----------
    layer
        Name of the layer.
    properties
        Properties of the feature.

    Returns
    -------
    held
        The properties that may be kept, in their order.
    """
    left_out = REGISTER_ONLY if layer in OWNED_LAYERS else frozenset()
    return {name: value for name, value in properties.items() if name not in left_out}


def public_properties(layer: str, properties: Mapping[str, object]) -> dict[str, object] | None:
    """Return what the public may see of a feature.

    Parameters
    ----------
    layer
        Name of the layer.
    properties
        Properties of the feature; a camera's or a field of view's with `owner_kind`.

    Returns
    -------
    shown
        The properties that may be shown, in their order; none where the feature, its place
        included, is withheld.
    """
    if layer not in PUBLIC_LAYERS:
        return None
    if layer not in OWNED_LAYERS:
        return dict(properties)
    owner_kind = properties.get("owner_kind")
    if not sees("public", "geometry", owner_kind=owner_kind):
        return None
    if layer != "cameras":
        return dict(properties)
    return {
        name: value
        for name, value in properties.items()
        if sees("public", name, owner_kind=owner_kind)
    }
