"""What the store tells of a layer, and a page of its features."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal

from api.store.engine import Row, Session
from geo.errors import NotFoundError

Kind = Literal["layer", "product"]
View = Literal["public", "full"]
"""What is read of features: what the public may see, or everything."""

EDITED: Final = "edited"
"""Part of a layer's provenance: how often features of it were changed since it was made."""

FOLDER: Final = "folder"
"""Part of a layer's provenance: SHA-256 of its files in the zone's folder, when last looked at."""


@dataclass(frozen=True)
class LayerRecord:
    """What the store knows of one layer.

    Attributes
    ----------
    zone
        Name of the zone.
    name
        Name of the layer.
    kind
        `layer` for what the zone brings, `product` for what was computed from it.
    version
        Fingerprint of the content.
    public_version
        Fingerprint of what the public may see of it.
    created_at
        Instant the content was made, in UTC.
    provenance
        What it was made from: hashes of inputs, parameters, seed.
    count
        Number of features.
    public_count
        Number of features that the public may see.
    bounds
        West, south, east and north of these, in degrees; none where there are none.
    page_key
        Secret under which pages say where the next one begins; told to nobody.
    """

    zone: str
    name: str
    kind: Kind
    version: str
    public_version: str
    created_at: dt.datetime
    provenance: Mapping[str, object]
    count: int
    public_count: int
    bounds: tuple[float, float, float, float] | None
    page_key: str = field(repr=False)


@dataclass(frozen=True)
class Page:
    """Some features of a layer.

    Attributes
    ----------
    layer
        The layer, in the version the features were read from.
    features
        GeoJSON Features as text, in the layer's order.
    number_matched
        Number of features that match, on this page or not.
    next_after
        Position to go on after; none where no more features match.
    positions
        Position of each feature on the page.
    """

    layer: LayerRecord
    features: tuple[str, ...]
    number_matched: int
    next_after: int | None
    positions: tuple[int, ...]


_SELECT = (
    "SELECT id, zone, name, kind, version, public_version, created_at, provenance,"
    " count, public_count, west, south, east, north, page_key FROM layers"
    " WHERE zone = :zone"
)


def read_records(session: Session, zone: str) -> list[LayerRecord]:
    """Read what a store knows of a zone's layers, by name.

    Parameters
    ----------
    session
        A transaction.
    zone
        Name of the zone.

    Returns
    -------
    records
        One a layer.
    """
    return [_to_record(row) for row in session.rows(f"{_SELECT} ORDER BY name", zone=zone)]


def read_record(session: Session, zone: str, name: str) -> tuple[int, LayerRecord]:
    """Read what a store knows of one layer.

    Parameters
    ----------
    session
        A transaction.
    zone
        Name of the zone.
    name
        Name of the layer.

    Returns
    -------
    layer_id, record
        The layer's key in the store, and the layer.

    Raises
    ------
    NotFoundError
        When the zone has no such layer.
    """
    # PostgreSQL keeps no NUL in a text, and so refuses to look for one.
    known = "\0" not in zone + name
    row = session.row(f"{_SELECT} AND name = :name", zone=zone, name=name) if known else None
    if row is None:
        raise NotFoundError(f"Expected a layer of zone {zone!r}, got {name!r}.")
    return int(row["id"]), _to_record(row)


def _to_record(row: Row) -> LayerRecord:
    bounds = (row["west"], row["south"], row["east"], row["north"])
    return LayerRecord(
        zone=row["zone"],
        name=row["name"],
        kind=row["kind"],
        version=row["version"],
        public_version=row["public_version"],
        created_at=dt.datetime.fromisoformat(row["created_at"]),
        provenance=_provenance(row["provenance"]),
        count=row["count"],
        public_count=row["public_count"],
        bounds=None if row["west"] is None else bounds,
        page_key=row["page_key"],
    )


@lru_cache(maxsize=256)
def _provenance(text: str) -> Mapping[str, object]:
    """Read what a layer was made from; every page of the layer tells the same again."""
    return MappingProxyType(json.loads(text))
