"""A zone's own layers into the store."""

import datetime as dt
from collections.abc import Collection, Mapping
from types import MappingProxyType

import geopandas as gpd

from api.store.audit import MACHINE
from api.store.records import EDITED, LayerRecord
from api.store.store import Store
from geo.zone import Zone

ZONE_LAYERS: tuple[str, ...] = (
    "boundary",
    "streets",
    "buildings",
    "grounds",
    "places",
    "cameras",
    "lamps",
    "sos_points",
    "incidents",
)


BROUGHT_LAYERS: tuple[str, ...] = tuple(name for name in ZONE_LAYERS if name != "boundary")
"""Layers of a zone that may become the store's own: all but its outline."""


def import_zone(
    store: Store,
    zone: Zone,
    *,
    created_at: dt.datetime,
    files: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    leaving: Collection[str] = (),
    taking: Collection[str] = (),
) -> list[str]:
    """Put a zone's own layers into the store, all of them or none.

    A layer that was edited in the store, or imported from another file, stays as it is: nobody's
    change is undone by a start of the service.

    Parameters
    ----------
    store
        The store.
    zone
        The zone.
    created_at
        The aware instant of the import.
    files
        SHA-256 of the files that each layer was read from, by their names, by layer.
    leaving
        Names of layers that are left alone.
    taking
        Names of layers that are taken even where they have become the store's own.

    Returns
    -------
    changed
        Names of the layers that were absent from the store or differed from it.
    """
    before = {record.name: record.version for record in store.layers(zone.name)}
    frames = {"boundary": _boundary(zone)}
    frames |= {name: getattr(zone, name) for name in ZONE_LAYERS if name != "boundary"}
    frames = {name: frame for name, frame in frames.items() if name not in leaving}
    records = store.put_layers(
        zone.name,
        frames,
        kind="layer",
        provenance={"created_at": created_at.isoformat()},
        files=files,
        keep=lambda record: is_own(record) and record.name not in taking,
    )
    changed = [record.name for record in records if record.version != before.get(record.name)]
    if changed:
        store.audit.append(
            created_at, MACHINE, "import", zone.name, "layers", {"count": len(changed)}
        )
    return changed


def missing_layers(store: Store, zone: str) -> list[str]:
    """Name the layers of a zone that the store lacks.

    Parameters
    ----------
    store
        The store.
    zone
        Name of the zone.

    Returns
    -------
    missing
        Names of layers, in the order of `ZONE_LAYERS`.
    """
    present = {record.name for record in store.layers(zone)}
    return [name for name in ZONE_LAYERS if name not in present]


def is_own(record: LayerRecord) -> bool:
    """Tell whether a layer has become the store's own since it was read from the zone's folder.

    Parameters
    ----------
    record
        What the store knows of the layer.

    Returns
    -------
    own
        Whether it was edited in the store, or imported from another file.
    """
    return bool(record.provenance.get(EDITED)) or "inputs" in record.provenance


def _boundary(zone: Zone) -> gpd.GeoDataFrame:
    about = {
        "name_th": [zone.name_th],
        "name_en": [zone.name_en],
        "timezone": [zone.timezone],
        "approximate": [zone.boundary_approximate],
    }
    return gpd.GeoDataFrame(about, geometry=[zone.boundary], index=[zone.name], crs=zone.crs)
