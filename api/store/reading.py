"""Features out of the store: pages, searches by bounding box, one feature, a whole layer."""

from collections.abc import Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from api.store.boxes import Box
from api.store.engine import Dialect, Row, Session
from api.store.features import fingerprint
from api.store.records import LayerRecord, Page, View, read_record
from geo.errors import NotFoundError

_COLUMNS: Mapping[View, str] = {"public": "public_feature", "full": "feature"}


def read_page(
    session: Session,
    zone: str,
    layer: str,
    *,
    view: View,
    bbox: Box | None,
    limit: int,
    after: int,
    offset: int,
) -> Page:
    """Read some features of a layer.

    Parameters
    ----------
    session
        A transaction.
    zone
        Name of the zone.
    layer
        Name of the layer.
    view
        What is read of the features.
    bbox
        Only features whose geometry meets this box; none for all.
    limit
        Largest number of features.
    after
        Only features at positions beyond this one.
    offset
        Number of these to skip.

    Returns
    -------
    page
        The features, from the moment of the transaction.

    Raises
    ------
    NotFoundError
        When the zone has no such layer.
    """
    layer_id, record = read_record(session, zone, layer)
    if bbox is None:
        matched = record.count if view == "full" else record.public_count
        rows = session.rows(
            _SELECT_PAGE[view], layer=layer_id, after=after, limit=limit + 1, offset=offset
        )
        return _page(record, rows, limit=limit, matched=matched)
    sql = _SELECT_MEETING[session.dialect, view]
    place = {"after": after, "limit": limit + 1, "offset": offset}
    rows = session.rows(sql, layer=layer_id, **place, **_search(bbox, session.dialect))
    # Where the page is empty, one row tells the count alone.
    kept = [row for row in rows if row["position"] is not None]
    return _page(record, kept, limit=limit, matched=int(rows[0]["matched"]))


def read_item(
    session: Session, zone: str, layer: str, feature_id: str, *, view: View
) -> tuple[LayerRecord, str, str]:
    """Read one feature.

    Parameters
    ----------
    session
        A transaction.
    zone
        Name of the zone.
    layer
        Name of the layer.
    feature_id
        Id of the feature.
    view
        What is read of it.

    Returns
    -------
    layer, feature, version
        The layer, the GeoJSON Feature as text, and the fingerprint of this text.

    Raises
    ------
    NotFoundError
        When there is no such layer or feature.
    """
    layer_id, record = read_record(session, zone, layer)
    known = "\0" not in feature_id
    row = session.row(_SELECT_ITEM[view], layer=layer_id, feature=feature_id) if known else None
    if row is None:
        raise NotFoundError(f"Expected an item of layer {layer!r}, got {feature_id!r}.")
    return record, str(row["shown"]), fingerprint(row["shown"])


def _page(record: LayerRecord, rows: list[Row], *, limit: int, matched: int) -> Page:
    """Make a page of the rows found; one more than asked for tells that there are more."""
    kept = rows[:limit]
    positions = tuple(int(row["position"]) for row in kept)
    next_after = positions[-1] if len(rows) > limit else None
    return Page(record, tuple(row["shown"] for row in kept), matched, next_after, positions)


def _search(bbox: Box, dialect: Dialect) -> dict[str, object]:
    """Return the values of a search; where the box is whole, its second part matches nothing."""
    if dialect == "postgres":
        first, second = (*bbox.shapes(), shapely.Polygon())[:2]
        return {"part_0": _binary(first), "part_1": _binary(second)}
    nothing = (1.0, 1.0, -1.0, -1.0)
    (west_0, _, east_0, _), (west_1, _, east_1, _) = (*bbox.parts(), nothing)[:2]
    halves = {"west_0": west_0, "east_0": east_0, "west_1": west_1, "east_1": east_1}
    sides = {"west": bbox.west, "south": bbox.south, "east": bbox.east, "north": bbox.north}
    return {**halves, **sides}


def _binary(shape: BaseGeometry) -> bytes:
    return shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True)


def _each_view(sql: str) -> Mapping[View, str]:
    return {view: sql.replace("<shown>", column) for view, column in _COLUMNS.items()}


_SELECT_ITEM = _each_view(
    "SELECT <shown> AS shown FROM features"
    " WHERE layer_id = :layer AND feature_id = :feature AND <shown> IS NOT NULL"
)
_SELECT_PAGE = _each_view(
    "SELECT position, <shown> AS shown FROM features"
    " WHERE layer_id = :layer AND <shown> IS NOT NULL AND position > :after"
    " ORDER BY position LIMIT :limit OFFSET :offset"
)
# SQLite's R-Tree holds bounds in single precision, rounded outwards: it finds candidates. Bounds
# within the box settle most of them; only what reaches over its edge is compared by its geometry.
# The plus keeps the planner from walking through the whole layer instead of the few candidates.
_MEETING: Mapping[Dialect, str] = {
    "sqlite": (
        " WHERE +layer_id = :layer AND <shown> IS NOT NULL AND id IN ("
        "  SELECT id FROM feature_bounds WHERE west <= :east_0 AND east >= :west_0"
        "  AND south <= :north AND north >= :south"
        "  UNION SELECT id FROM feature_bounds WHERE west <= :east_1 AND east >= :west_1"
        "  AND south <= :north AND north >= :south)"
        " AND (west >= :west AND east <= :east AND south >= :south AND north <= :north"
        "  OR meets_box(geometry, :west, :south, :east, :north))"
    ),
    "postgres": (
        " WHERE layer_id = :layer AND <shown> IS NOT NULL AND ("
        " ST_Intersects(geometry, :part_0 ::geometry)"
        " OR ST_Intersects(geometry, :part_1 ::geometry))"
    ),
}
_SELECT_MEETING = {
    (dialect, view): (
        f"WITH found AS MATERIALIZED (SELECT id, position FROM features{meeting})"  # noqa: S608  # own
        " SELECT counted.matched, page.position, features.<shown> AS shown"
        " FROM (SELECT count(*) AS matched FROM found) AS counted"
        " LEFT JOIN (SELECT id, position FROM found WHERE position > :after"
        "  ORDER BY position LIMIT :limit OFFSET :offset) AS page ON true"
        " LEFT JOIN features ON features.id = page.id ORDER BY page.position"
    ).replace("<shown>", column)
    for dialect, meeting in _MEETING.items()
    for view, column in _COLUMNS.items()
}
