"""Layers and products of zones, kept in one database."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import geopandas as gpd

from api.store.boxes import Box
from api.store.engine import Dialect, Session, open_engine
from api.store.features import FeatureRow, encode_features, version_of
from api.store.records import Kind, LayerRecord, Page, read_record, read_records
from geo.errors import NotFoundError, ParameterError


class Store:
    """Layers and products of zones, kept in one database. Threads may share a store.

    Parameters
    ----------
    place
        A file for SQLite, made, with its folder, when absent; or "postgresql://...".

    Raises
    ------
    SourceError
        When the database cannot be opened, is not a store, or is newer than this program.
    """

    def __init__(self, place: str | Path) -> None:
        self.engine = open_engine(place)

    def close(self) -> None:
        """Close the store; its last reader also folds the log into the file."""
        self.engine.close()

    def put_layer(
        self,
        zone: str,
        name: str,
        frame: gpd.GeoDataFrame,
        *,
        kind: Kind,
        provenance: Mapping[str, object],
    ) -> LayerRecord:
        """Add or replace one layer at once: readers see the old one or the new, never a part.

        Parameters
        ----------
        zone
            Name of the zone.
        name
            Name of the layer.
        frame
            Features in any CRS; the index holds their ids.
        kind
            `layer` for what the zone brings, `product` for what was computed from it.
        provenance
            What it was made from, as JSON values; `created_at` is the aware instant it was made.

        Returns
        -------
        record
            The layer as stored.

        Raises
        ------
        ParameterError
            When the frame, kind or provenance cannot be stored.
        SourceError
            When the file cannot be written; the old layer then stays.
        """
        return self.put_layers(zone, {name: frame}, kind=kind, provenance=provenance)[0]

    def put_layers(
        self,
        zone: str,
        frames: Mapping[str, gpd.GeoDataFrame],
        *,
        kind: Kind,
        provenance: Mapping[str, object],
    ) -> list[LayerRecord]:
        """Add or replace several layers at once: all of them, or none.

        Parameters
        ----------
        zone
            Name of the zone.
        frames
            Features by layer, in any CRS; the index holds their ids.
        kind
            `layer` for what the zone brings, `product` for what was computed from it.
        provenance
            What they were made from, as JSON values; `created_at` is the aware instant.

        Returns
        -------
        records
            The layers as stored, in the order given.

        Raises
        ------
        ParameterError
            When a frame, kind or provenance cannot be stored.
        SourceError
            When the file cannot be written; the old layers then stay.
        """
        if kind not in get_args(Kind):
            raise ParameterError(f"Expected `kind` layer or product, got {kind!r}.")
        created_at = _aware_instant(provenance)
        text = json.dumps(dict(provenance), default=str, ensure_ascii=False, sort_keys=True)
        encoded = {name: encode_features(name, frame) for name, frame in frames.items()}
        with self.engine.writing() as session:
            for name, rows in encoded.items():
                _replace(session, zone, name, rows, (kind, created_at.isoformat(), text))
            return [read_record(session, zone, name)[1] for name in frames]

    def layers(self, zone: str) -> list[LayerRecord]:
        """List the layers of a zone by name.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        records
            One a layer; none where the zone is unknown.
        """
        with self.engine.reading() as session:
            return read_records(session, zone)

    def layer(self, zone: str, name: str) -> LayerRecord:
        """Return what the store knows of one layer.

        Parameters
        ----------
        zone
            Name of the zone.
        name
            Name of the layer.

        Returns
        -------
        record
            The layer.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        """
        with self.engine.reading() as session:
            return read_record(session, zone, name)[1]

    def items(
        self,
        zone: str,
        layer: str,
        *,
        bbox: Box | None = None,
        limit: int,
        offset: int = 0,
        include_withheld: bool = False,
    ) -> Page:
        """Read some features of a layer in its own order.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        bbox
            Only features whose geometry meets this box; features without geometry meet none.
        limit
            Largest number of features to return, at least 1.
        offset
            Number of matching features to skip, at least 0.
        include_withheld
            Whether features that are not served without an account are read too.

        Returns
        -------
        page
            The features, the count of all that match, and the layer, from one moment.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        ParameterError
            When `limit` or `offset` is out of its range.
        """
        if limit < 1:
            raise ParameterError(f"Expected `limit` >= 1, got {limit}.")
        if not 0 <= offset < 2**63:
            raise ParameterError(f"Expected `offset` >= 0 and below 2^63, got {offset}.")
        with self.engine.reading() as session:
            layer_id, record = read_record(session, zone, layer)
            served: dict[str, object] = {"layer": layer_id, "withheld": int(include_withheld)}
            if bbox is None:
                matched = record.count if include_withheld else record.public_count
                rows = session.rows(_SELECT_PAGE, **served, limit=limit, offset=offset)
            else:
                sql = _SELECT_MEETING[session.dialect]
                ids = session.rows(sql, **served, **_search(bbox))
                matched = len(ids)
                wanted = [found["id"] for found in ids[offset : offset + limit]]
                rows = session.rows(_SELECT_IDS[session.dialect], ids=json.dumps(wanted))
        return Page(record, tuple(row["feature"] for row in rows), matched)

    def item(
        self, zone: str, layer: str, feature_id: str, *, include_withheld: bool = False
    ) -> tuple[LayerRecord, str]:
        """Read one feature.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        feature_id
            Id of the feature.
        include_withheld
            Whether a feature that is not served without an account is read too.

        Returns
        -------
        layer, feature
            The layer, and the GeoJSON Feature as text.

        Raises
        ------
        NotFoundError
            When there is no such layer or feature.
        """
        with self.engine.reading() as session:
            layer_id, record = read_record(session, zone, layer)
            row = session.row(
                "SELECT feature FROM features"
                " WHERE layer_id = :layer AND feature_id = :feature AND withheld <= :withheld",
                layer=layer_id,
                feature=feature_id,
                withheld=int(include_withheld),
            )
        if row is None:
            raise NotFoundError(f"Expected an item of layer {layer!r}, got {feature_id!r}.")
        return record, str(row["feature"])


_SELECT_PAGE = (
    "SELECT feature FROM features WHERE layer_id = :layer AND withheld <= :withheld"
    " ORDER BY position LIMIT :limit OFFSET :offset"
)
# SQLite's R-Tree holds bounds in single precision, rounded outwards: it finds candidates. Bounds
# within the box settle most of them; only what reaches over its edge is compared by its geometry.
_SELECT_MEETING: Mapping[Dialect, str] = {
    "sqlite": (
        "SELECT id FROM features WHERE layer_id = :layer AND withheld <= :withheld AND id IN ("
        "  SELECT id FROM feature_bounds WHERE west <= :east_0 AND east >= :west_0"
        "  AND south <= :north AND north >= :south"
        "  UNION SELECT id FROM feature_bounds WHERE west <= :east_1 AND east >= :west_1"
        "  AND south <= :north AND north >= :south)"
        " AND (west >= :west AND east <= :east AND south >= :south AND north <= :north"
        "  OR meets_box(geometry, :west, :south, :east, :north))"
        " ORDER BY position"
    ),
    "postgres": (
        "SELECT id FROM features WHERE layer_id = :layer AND withheld <= :withheld AND ("
        " ST_Intersects(geometry, ST_MakeEnvelope(:west_0, :south, :east_0, :north, 4326))"
        " OR ST_Intersects(geometry, ST_MakeEnvelope(:west_1, :south, :east_1, :north, 4326)))"
        " ORDER BY position"
    ),
}
_SELECT_IDS: Mapping[Dialect, str] = {
    "sqlite": (
        "SELECT feature FROM features WHERE id IN (SELECT value FROM json_each(:ids))"
        " ORDER BY position"
    ),
    "postgres": (
        "SELECT feature FROM features WHERE id IN"
        " (SELECT value::bigint FROM json_array_elements_text(:ids ::json)) ORDER BY position"
    ),
}
_UPSERT_LAYER = (
    "INSERT INTO layers (zone, name, kind, version, created_at, provenance, count, public_count,"
    " west, south, east, north) VALUES (:zone, :name, :kind, :version, :created_at, :provenance,"
    " :count, :public_count, :west, :south, :east, :north)"
    " ON CONFLICT (zone, name) DO UPDATE SET kind = excluded.kind,"
    " version = excluded.version, created_at = excluded.created_at,"
    " provenance = excluded.provenance, count = excluded.count,"
    " public_count = excluded.public_count, west = excluded.west, south = excluded.south,"
    " east = excluded.east, north = excluded.north RETURNING id"
)
_INSERT_FEATURE = (
    "INSERT INTO features (layer_id, position, feature_id, withheld, west, south, east, north,"
    " geometry, feature) VALUES (:layer, :position, :feature_id, :withheld, :west, :south,"
    " :east, :north, :geometry, :feature)"
)
_EDGES = ("west", "south", "east", "north")
_NOWHERE = (None, None, None, None)


def _aware_instant(provenance: Mapping[str, object]) -> dt.datetime:
    given = provenance.get("created_at")
    try:
        instant = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(str(given))
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() is None:
        raise ParameterError(
            f"Expected `provenance` with an aware instant `created_at`, got {given!r}."
        )
    return instant.astimezone(dt.UTC)


def _replace(
    session: Session,
    zone: str,
    name: str,
    rows: list[FeatureRow],
    making: tuple[str, str, str],
) -> None:
    """Write a layer's row, and its features where their version differs from the stored one."""
    kind, created_at, provenance = making
    version = version_of(rows)
    public = [row for row in rows if not row.withheld]
    stored = session.row(
        "SELECT version FROM layers WHERE zone = :zone AND name = :name", zone=zone, name=name
    )
    upserted = session.row(
        _UPSERT_LAYER,
        zone=zone,
        name=name,
        kind=kind,
        version=version,
        created_at=created_at,
        provenance=provenance,
        count=len(rows),
        public_count=len(public),
        **dict(zip(_EDGES, _bounds(public), strict=True)),
    )
    if upserted is None or (stored is not None and stored["version"] == version):
        return
    layer_id = upserted["id"]
    session.run("DELETE FROM features WHERE layer_id = :layer", layer=layer_id)
    session.run_many(
        _INSERT_FEATURE,
        (
            {
                "layer": layer_id,
                "position": position,
                "feature_id": row.feature_id,
                "withheld": int(row.withheld),
                "geometry": row.geometry,
                "feature": row.feature,
                **dict(zip(_EDGES, row.bounds or _NOWHERE, strict=True)),
            }
            for position, row in enumerate(rows)
        ),
    )


def _bounds(rows: list[FeatureRow]) -> tuple[float | None, ...]:
    boxes = [row.bounds for row in rows if row.bounds is not None]
    if not boxes:
        return _NOWHERE
    west, south, east, north = zip(*boxes, strict=True)
    return (min(west), min(south), max(east), max(north))


def _search(bbox: Box) -> dict[str, float]:
    """Return the values of a search; where the box is whole, its second part matches nothing."""
    nothing = (1.0, 1.0, -1.0, -1.0)
    (west_0, _, east_0, _), (west_1, _, east_1, _) = (*bbox.parts(), nothing)[:2]
    halves = {"west_0": west_0, "east_0": east_0, "west_1": west_1, "east_1": east_1}
    sides = {"west": bbox.west, "south": bbox.south, "east": bbox.east, "north": bbox.north}
    return halves | sides
