"""Features into the store: whole layers, and single features with optimistic locking.

A feature that stays in its layer keeps its position, and a position is never given twice: whoever
reads on after a position sees no survivor twice and misses none, whatever changes meanwhile.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from api.store.comparing import difference
from api.store.engine import Session
from api.store.features import FeatureRow, fingerprint
from api.store.records import EDITED, FOLDER, Kind, LayerRecord, read_record
from geo.errors import ConflictError, NotFoundError


@dataclass(frozen=True)
class Making:
    """How a layer came to be, as the store keeps it.

    Attributes
    ----------
    kind
        `layer` for what the zone brings, `product` for what was computed from it.
    created_at
        Instant the content was made, in UTC, as text.
    provenance
        What it was made from, as JSON.
    """

    kind: Kind
    created_at: str
    provenance: str


def replace_layer(
    session: Session, zone: str, name: str, rows: list[FeatureRow], making: Making
) -> None:
    """Add a layer, or turn the stored one into what is given; what is equal is left as it is.

    Parameters
    ----------
    session
        A write transaction.
    zone
        Name of the zone.
    name
        Name of the layer.
    rows
        All its features; new ones go to its end in this order.
    making
        How it came to be.
    """
    layer_id = _upsert(session, zone, name, making)
    found = difference(session, layer_id, rows)
    session.run_many(_DELETE, ({"layer": layer_id, "feature_id": gone} for gone in found.removed))
    session.run_many(_UPDATE, (_values(layer_id, row) for row in found.changed))
    _append(session, layer_id, found.added)
    _sum_up(session, layer_id)


def write_feature(
    session: Session, zone: str, layer: str, row: FeatureRow, *, if_version: str | None
) -> None:
    """Add one feature, or replace it where nobody changed it meanwhile.

    Parameters
    ----------
    session
        A write transaction.
    zone
        Name of the zone.
    layer
        Name of the layer.
    row
        The feature.
    if_version
        The version that is to be replaced; none where the feature is to be new.

    Raises
    ------
    NotFoundError
        When there is no such layer, or no such feature to be replaced.
    ConflictError
        When the stored version is another, or the new feature's id is taken.
    """
    layer_id, record = read_record(session, zone, layer)
    if if_version is None:
        taken = session.row(_SELECT_VERSION, layer=layer_id, feature_id=row.feature_id)
        if taken is not None:
            raise ConflictError(
                f"Expected a new id in layer {layer!r}, got {row.feature_id!r}, which is taken."
            )
        _append(session, layer_id, [row])
    else:
        _check_version(session, layer, layer_id, row.feature_id, if_version)
        session.run(_UPDATE, **_values(layer_id, row))
    _mark_edited(session, layer_id, record)
    _sum_up(session, layer_id)


def erase_feature(
    session: Session, zone: str, layer: str, feature_id: str, *, if_version: str
) -> None:
    """Delete one feature where nobody changed it meanwhile.

    Parameters
    ----------
    session
        A write transaction.
    zone
        Name of the zone.
    layer
        Name of the layer.
    feature_id
        Id of the feature.
    if_version
        The version that is to be deleted.

    Raises
    ------
    NotFoundError
        When there is no such layer or feature.
    ConflictError
        When the stored version is another.
    """
    layer_id, record = read_record(session, zone, layer)
    _check_version(session, layer, layer_id, feature_id, if_version)
    session.run(_DELETE, layer=layer_id, feature_id=feature_id)
    _mark_edited(session, layer_id, record)
    _sum_up(session, layer_id)


def note_files(session: Session, zone: str, name: str, files: Mapping[str, str]) -> None:
    """Let a layer tell that the files of the zone's folder were looked at, and it stays as it is.

    Parameters
    ----------
    session
        A write transaction.
    zone
        Name of the zone.
    name
        Name of the layer.
    files
        SHA-256 of its files, by their names.

    Raises
    ------
    NotFoundError
        When there is no such layer.
    """
    layer_id, record = read_record(session, zone, name)
    told = provenance_text(record.provenance, **{FOLDER: dict(files)})
    session.run(_UPDATE_PROVENANCE, told=told, layer=layer_id)


def edits_of(record: LayerRecord) -> int:
    """Tell how often features of a layer were changed since it was made.

    Parameters
    ----------
    record
        The layer.

    Returns
    -------
    edits
        Number of changes; 1 where an earlier version only noted that there were some.
    """
    told = record.provenance.get(EDITED)
    return told if isinstance(told, int) else 0


def provenance_text(provenance: Mapping[str, object], **besides: object) -> str:
    """Write what a layer was made from.

    Parameters
    ----------
    provenance
        What it was made from, as JSON values.
    **besides
        More of it.

    Returns
    -------
    text
        JSON, as the store keeps it.
    """
    return json.dumps({**provenance, **besides}, default=str, ensure_ascii=False, sort_keys=True)


def _upsert(session: Session, zone: str, name: str, making: Making) -> int:
    values = {"kind": making.kind, "created_at": making.created_at, "made": making.provenance}
    page_key = secrets.token_hex(32)
    row = session.row(_UPSERT_LAYER, zone=zone, name=name, page_key=page_key, **values)
    return -1 if row is None else int(row["id"])


def _check_version(
    session: Session, layer: str, layer_id: int, feature_id: str, expected: str
) -> None:
    known = "\0" not in feature_id
    row = session.row(_SELECT_VERSION, layer=layer_id, feature_id=feature_id) if known else None
    if row is None:
        raise NotFoundError(f"Expected an item of layer {layer!r}, got {feature_id!r}.")
    if row["version"] != expected:
        # The versions are not told: they are hashes of the whole feature, hidden parts and all.
        raise ConflictError(
            f"Expected item {feature_id!r} as it was read, got one that has been changed meanwhile."
        )


def _append(session: Session, layer_id: int, rows: list[FeatureRow]) -> None:
    found = session.row(_TAKE_POSITIONS, layer=layer_id, taken=len(rows))
    first = 0 if found is None else int(found["next_position"]) - len(rows)
    session.run_many(
        _INSERT,
        (_values(layer_id, row) | {"position": first + n} for n, row in enumerate(rows)),
    )


def _mark_edited(session: Session, layer_id: int, record: LayerRecord) -> None:
    """Let a layer tell that it is no longer what it was made as."""
    told = provenance_text(record.provenance, **{EDITED: edits_of(record) + 1})
    session.run(_UPDATE_PROVENANCE, told=told, layer=layer_id)


def _sum_up(session: Session, layer_id: int) -> None:
    """Let a layer's row tell the truth about its features."""
    versions = session.rows(_SELECT_VERSIONS, layer=layer_id)
    full = "\n".join(f"{row['version']} {row['public_version']}" for row in versions)
    public = "\n".join(row["public_version"] for row in versions if row["public_version"])
    session.run(
        _UPDATE_LAYER,
        layer=layer_id,
        version=fingerprint(full),
        public_version=fingerprint(public),
    )


def _values(layer_id: int, row: FeatureRow) -> dict[str, object]:
    west, south, east, north = row.bounds or (None, None, None, None)
    return {
        "layer": layer_id,
        "feature_id": row.feature_id,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "geometry": row.geometry,
        "feature": row.feature,
        "public_feature": row.public_feature,
        "version": row.version,
        "public_version": row.public_version,
    }


_UPSERT_LAYER = (
    "INSERT INTO layers (zone, name, kind, version, created_at, provenance, count, public_count,"
    " page_key) VALUES (:zone, :name, :kind, '', :created_at, :made, 0, 0, :page_key)"
    " ON CONFLICT (zone, name) DO UPDATE SET kind = excluded.kind,"
    " created_at = excluded.created_at, provenance = excluded.provenance RETURNING id"
)
_UPDATE_PROVENANCE = "UPDATE layers SET provenance = :told WHERE id = :layer"
_TAKE_POSITIONS = (
    "UPDATE layers SET next_position = next_position + :taken WHERE id = :layer"
    " RETURNING next_position"
)
_UPDATE_LAYER = (
    "UPDATE layers SET version = :version, public_version = :public_version, count = told.count,"
    " public_count = told.public_count, west = told.west, south = told.south, east = told.east,"
    " north = told.north FROM (SELECT count(*) AS count, count(public_feature) AS public_count,"
    " min(CASE WHEN public_feature IS NOT NULL THEN west END) AS west,"
    " min(CASE WHEN public_feature IS NOT NULL THEN south END) AS south,"
    " max(CASE WHEN public_feature IS NOT NULL THEN east END) AS east,"
    " max(CASE WHEN public_feature IS NOT NULL THEN north END) AS north"
    " FROM features WHERE layer_id = :layer) AS told WHERE id = :layer"
)
_SELECT_VERSIONS = (
    "SELECT feature_id, version, public_version FROM features"
    " WHERE layer_id = :layer ORDER BY position"
)
_SELECT_VERSION = (
    "SELECT version FROM features WHERE layer_id = :layer AND feature_id = :feature_id"
)
_INSERT = (
    "INSERT INTO features (layer_id, position, feature_id, west, south, east, north, geometry,"
    " feature, public_feature, version, public_version) VALUES (:layer, :position, :feature_id,"
    " :west, :south, :east, :north, :geometry, :feature, :public_feature, :version,"
    " :public_version)"
)
_UPDATE = (
    "UPDATE features SET west = :west, south = :south, east = :east, north = :north,"
    " geometry = :geometry, feature = :feature, public_feature = :public_feature,"
    " version = :version, public_version = :public_version"
    " WHERE layer_id = :layer AND feature_id = :feature_id"
)
_DELETE = "DELETE FROM features WHERE layer_id = :layer AND feature_id = :feature_id"
