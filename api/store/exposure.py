"""What may be served without an account, decided in this one place.

The public sees what the role `public` of `api.roles` sees. Withheld from it:

- `incidents`, whole: single events with place and time;
- the register of cameras, whole: the store does not even hold it;
- cameras whose exact place the public may not see, and what they see: a field of view shows its
  camera's place, so it is withheld with it, and when a layer of fields of view does not say whose
  they are, all of them are;
- of a camera in public view, every column that the role does not see: a file of cameras may bring
  any other, such as a contact.

The store keeps what the public may see of a feature as a text of its own beside the whole feature,
so that no reader for the public comes near the rest.
"""

from collections.abc import Mapping

from api.roles import sees

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
