"""Layers in memory: they answer as the database does, for as long as nothing changes."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from api.ogc.marks import mark_of
from api.ogc.queries import ItemsQuery
from api.ogc.sights import Sight
from api.ogc.snapshots import Snapshot, Snapshots
from api.store import Box, Store
from geo.errors import NotFoundError
from tests.api.sample import PROVENANCE, ZONE, fill, zone_layers
from tests.api.service_peers import EAST, NORTH, SOUTH, WEST, buildings

PUBLIC = Sight("buildings", "public", "public")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Return a store with 300 footprints, some without a place, and its snapshots."""
    frame = buildings(300, seed=1)
    frame.loc[frame.index[::50], "geometry"] = None
    store = Store(tmp_path_factory.mktemp("snapshots") / "store.sqlite")
    store.put_layer(ZONE, "buildings", frame, kind="layer", provenance=PROVENANCE)
    yield store, Snapshots(store)
    store.close()


LONGITUDES = st.floats(WEST - 0.002, EAST + 0.002)
LATITUDES = st.floats(SOUTH - 0.002, NORTH + 0.002)
BOXES = st.one_of(
    st.none(),
    st.builds(
        lambda w, e, s, n: Box(w, min(s, n), e, max(s, n)),
        *(LONGITUDES, LONGITUDES, LATITUDES, LATITUDES),
    ),
    st.sampled_from([Box(170, -90, -170, 90), Box(-180, -90, 180, 90), Box(0, 0, 0, 0)]),
)


@settings(max_examples=60)
@given(BOXES, st.integers(1, 80), st.integers(0, 320), st.integers(0, 40))
def test_a_page_is_the_database_s(town, box, limit, after, offset):
    store, snapshots = town
    mark = mark_of(store.layer(ZONE, "buildings"), after) if after else ""
    query = ItemsQuery(limit=limit, after=mark, offset=offset, box=box)
    expected = store.items(ZONE, "buildings", bbox=box, limit=limit, after=after, offset=offset)
    assert snapshots.of(ZONE, PUBLIC).page(query) == expected


CORNERS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=6)
SHAPES = st.one_of(
    CORNERS.map(shapely.LineString),
    CORNERS.map(shapely.MultiPoint),
    CORNERS.map(lambda xy: shapely.MultiPoint(xy).convex_hull),
    CORNERS.map(lambda xy: shapely.MultiLineString([xy[:2], xy[-2:]])),
).filter(lambda shape: shape.is_valid)
RANGES = st.tuples(st.integers(-1, 9), st.integers(-1, 9)).map(sorted)


@given(st.lists(SHAPES, min_size=1, max_size=9), RANGES, RANGES)
def test_shapes_of_every_kind_are_found_where_they_meet_the_box(town, shapes, x, y):
    store, _ = town
    texts = [
        json.dumps({"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape))})
        for shape in shapes
    ]
    layer = store.layer(ZONE, "buildings")
    page = Snapshot(layer, np.arange(1, len(texts) + 1), texts).page(
        ItemsQuery(limit=9, box=Box(x[0], y[0], x[1], y[1]))
    )
    area = shapely.box(x[0], y[0], x[1], y[1])
    meets = [area.convex_hull.intersects(shape) for shape in shapes]
    assert page.positions == tuple(np.flatnonzero(meets) + 1)


def test_what_changed_is_read_anew_and_what_did_not_is_kept(store_place):
    store = Store(store_place)
    fill(store)
    snapshots = Snapshots(store)
    first = snapshots.of(ZONE, PUBLIC)
    assert snapshots.of(ZONE, PUBLIC) is first
    fewer = zone_layers()["buildings"].iloc[:5]
    store.put_layer(ZONE, "buildings", fewer, kind="layer", provenance=PROVENANCE)
    assert snapshots.kept(PUBLIC, store.layer(ZONE, "buildings")) is None
    assert snapshots.of(ZONE, PUBLIC).page(ItemsQuery()).number_matched == 5
    with pytest.raises(NotFoundError):
        snapshots.of("other", PUBLIC)
    store.close()


def test_only_as_many_features_are_kept_as_are_allowed(store):
    snapshots = Snapshots(store, most_features=13)
    names = ("buildings", "streets", "lamps", "places", "buildings")
    for name in names:
        snapshots.of(ZONE, Sight(name, "public", "public"))
        kept = [one.layer.name for one in snapshots._kept.values()]
        assert sum(len(one.texts) for one in snapshots._kept.values()) <= 13
        assert kept[-1] == name


@pytest.mark.parametrize("role", ["planner", "officer", "auditor"])
def test_each_role_has_its_own(store, role):
    snapshots = Snapshots(store)
    sight = Sight("cameras", "full", role)
    seen = snapshots.of(ZONE, sight)
    assert snapshots.of(ZONE, Sight("cameras", "public", "public")) is not seen
    for text in seen.texts:
        feature = json.loads(text)
        kind = feature["properties"]["owner_kind"]
        assert (feature["geometry"] is not None) == sight.sees("geometry", kind)
