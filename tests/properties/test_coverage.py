"""What holds for every set of streets and fields of view."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.blind_areas import blind_areas
from analytics.blindspots import blind_spots, coverage_of, street_coverage
from analytics.camera_state import fields_now
from analytics.coverage_tables import coverage_table
from analytics.live_coverage import LiveCoverage
from analytics.network_density import network_density
from analytics.sightings import seen_lengths, sightings
from tests.analytics.quarters import CRS, fields_of, streets_of

CLOSE_M = 1e-6

# Whole metres make streets meet, cross and retrace each other and the edges of fields, as often
# as not. Others lie on nanometres, finer than projected metres are held: GEOS fails where products
# of coordinates such as 1e-311 vanish.
whole = st.integers(-12, 12)
fine = st.floats(-12.0, 12.0).map(lambda metres: round(metres, 9))
places = st.tuples(whole, whole) | st.tuples(fine, fine)


@st.composite
def streets_drawn(draw):
    lines = draw(st.lists(st.lists(places, min_size=2, max_size=7), min_size=1, max_size=5))
    lines = [line for line in lines if shapely.LineString(line).length > CLOSE_M]
    assume(lines)
    return streets_of(*lines, names=[draw(st.sampled_from(["", "Krabi", "Dibuk"])) for _ in lines])


@st.composite
def fields_drawn(draw):
    """Draw one field: a box, a box with a hole, two boxes, a wedge, or none at all."""
    (x, y), width, depth = draw(places), draw(whole), draw(whole)
    box = shapely.box(x, y, x + abs(width) + 1, y + abs(depth) + 1)
    kind = draw(st.sampled_from(["box", "holed", "parted", "wedge", "none"]))
    if kind == "none":
        return shapely.Polygon()
    if kind == "holed":
        return box.difference(shapely.box(x + 0.25, y + 0.25, x + 0.75, y + 0.75))
    if kind == "parted":
        return shapely.union(box, shapely.box(x - 3, y - 3, x - 1, y - 1))
    if kind == "wedge":
        corners = [*box.exterior.coords][:3]
        return shapely.Polygon([*corners, draw(places)]).convex_hull.buffer(0.0)
    return box


some_fields = st.lists(fields_drawn(), max_size=6).map(lambda shapes: fields_of(*shapes))


@settings(max_examples=50)
@given(streets_drawn(), some_fields)
def test_intervals_are_disjoint_sorted_and_within_their_street(streets, fields):
    seen = sightings(streets, fields)
    order = seen.sort_values(["street", "camera", "from_m"], kind="stable")
    assert order.index.equals(seen.index)
    assert (seen["to_m"] > seen["from_m"]).all()
    assert (seen["from_m"] >= 0.0).all()
    length_m = streets.length.reindex(seen["street"]).to_numpy()
    assert (seen["to_m"].to_numpy() <= length_m * (1.0 + 1e-12)).all()
    before = seen.groupby(["street", "camera"])["to_m"].shift()
    assert not (seen["from_m"] <= before).any()


@settings(max_examples=50)
@given(streets_drawn(), some_fields)
def test_blind_and_seen_make_up_the_streets(streets, fields):
    coverage = coverage_of(streets, fields)
    total_m = streets.length.sum()
    assert abs(coverage.total_m - total_m) < CLOSE_M
    assert abs(coverage.seen_m + coverage.blind_m - total_m) < CLOSE_M
    assert min(coverage.seen_m, coverage.blind_m) >= 0.0
    spots = blind_spots(streets, fields, min_length_m=0.0)
    assert abs(spots["length_m"].sum() - coverage.blind_m) < CLOSE_M
    assert spots.geom_type.eq("LineString").all()
    assert abs(seen_lengths(streets, fields).sum() - coverage.seen_m) < CLOSE_M
    middles = spots.interpolate(0.5, normalized=True)
    if len(fields) and len(spots):
        inner = fields.union_all().buffer(-CLOSE_M)
        assert not middles.intersects(inner).any()


@settings(max_examples=50)
@given(streets_drawn(), some_fields, fields_drawn())
def test_a_further_field_never_lowers_what_is_seen(streets, fields, further):
    more = fields_of(*fields, further)
    for count in (1, 2):
        lower = seen_lengths(streets, fields, by_at_least=count)
        higher = seen_lengths(streets, more, by_at_least=count)
        assert (higher >= lower - CLOSE_M).all()
    gained = street_coverage(streets, more)["seen_by"] - street_coverage(streets, fields)["seen_by"]
    assert gained.isin([0, 1]).all()


@settings(max_examples=50)
@given(streets_drawn(), some_fields, st.randoms(use_true_random=False))
def test_order_of_fields_and_streets_does_not_matter(streets, fields, random):
    order = list(range(len(fields)))
    random.shuffle(order)
    shuffled = fields.iloc[order]
    assert seen_lengths(streets, fields).equals(seen_lengths(streets, shuffled))
    back = seen_lengths(streets.iloc[::-1], fields)
    assert back.iloc[::-1].equals(seen_lengths(streets, fields))


@settings(max_examples=50)
@given(streets_drawn(), some_fields)
def test_depths_add_up_to_what_every_camera_sees(streets, fields):
    depths = [
        seen_lengths(streets, fields, by_at_least=count) for count in range(1, len(fields) + 2)
    ]
    seen = sightings(streets, fields)
    each_m = (seen["to_m"] - seen["from_m"]).sum()
    assert abs(sum(depth.sum() for depth in depths) - each_m) < CLOSE_M
    assert (depths[-1] == 0.0).all()


@settings(max_examples=50)
@given(streets_drawn(), st.lists(fields_drawn(), min_size=1, max_size=6), st.data())
def test_any_changes_end_where_computing_anew_does(streets, shapes, data):
    fields = dict(enumerate(shapes))
    on = dict.fromkeys(fields, True)
    live = LiveCoverage.of(streets, fields_of(*shapes))
    for step in range(data.draw(st.integers(1, 5))):
        camera = data.draw(st.sampled_from(sorted(fields)))
        change = data.draw(st.sampled_from(["switch", "replace", "add", "remove"]))
        if change == "switch":
            on[camera] = not on[camera]
            live = live.switch(camera, on=on[camera])
        elif change == "replace":
            fields[camera] = data.draw(fields_drawn())
            live = live.replaced(camera, fields[camera])
        elif change == "add":
            fields[100 + step], on[100 + step] = data.draw(fields_drawn()), True
            live = live.added(100 + step, fields[100 + step])
        elif len(fields) > 1:
            del fields[camera], on[camera]
            live = live.removed(camera)
    working = fields_of(*[fields[camera] for camera in fields if on[camera]])
    anew = LiveCoverage.of(streets, working)
    assert live.coverage == anew.coverage
    assert live.streets.equals(anew.streets)
    assert live.points.equals(anew.points)


@settings(max_examples=50)
@given(streets_drawn(), st.lists(fields_drawn(), min_size=1, max_size=6), st.data())
def test_off_and_on_again_restores_exactly(streets, shapes, data):
    live = LiveCoverage.of(streets, fields_of(*shapes))
    camera = data.draw(st.integers(0, len(shapes) - 1))
    off = live.switch(camera, on=False)
    assert off.seen_m <= live.seen_m + CLOSE_M
    again = off.switch(camera, on=True)
    assert again.coverage == live.coverage
    assert again.streets.equals(live.streets)
    assert again.points.equals(live.points)


@settings(max_examples=50)
@given(streets_drawn(), some_fields, st.data())
def test_anyone_sees_all_that_owners_see(streets, fields, data):
    owners = fields.map(lambda _: data.draw(st.sampled_from(["", "city", "shop"]))).astype("str")
    table = coverage_table(streets, {"detect": fields}, owners)
    anyone, own = table.iloc[0], table.iloc[1:]
    assert (own["seen_m"] <= anyone["seen_m"] + CLOSE_M).all()
    assert (table["seen_twice_m"] <= table["seen_m"] + CLOSE_M).all()
    if not (owners == "").any():
        assert anyone["seen_m"] <= own["seen_m"].sum() + CLOSE_M


@settings(max_examples=50)
@given(streets_drawn(), some_fields, some_fields, st.floats(0.5, 8.0))
def test_blind_areas_and_fields_make_up_the_open_street(streets, fields, buildings, width_m):
    streets["width_m"] = width_m
    buildings = buildings[~buildings.is_empty]
    areas = blind_areas(streets, fields, buildings, min_area_m2=0.0)
    ribbons = shapely.buffer(streets.geometry.to_numpy(), width_m / 2.0, quad_segs=16)
    solid = shapely.union_all(buildings.to_numpy())
    ground = shapely.union_all(ribbons).difference(solid)
    seen = ground.intersection(shapely.union_all(fields.to_numpy()))
    assert abs(areas["area_m2"].sum() + seen.area - ground.area) < CLOSE_M
    assert areas["area_m2"].is_monotonic_decreasing


@settings(max_examples=50)
@given(some_fields, st.lists(places, max_size=5), st.data())
def test_no_state_lets_a_camera_see_more(fields, lamps, data):
    flags = st.lists(st.booleans(), min_size=len(fields), max_size=len(fields))
    status = ["up" if up else "down" for up in data.draw(flags)]
    cameras = gpd.GeoDataFrame(
        {"status": status, "night_vision": data.draw(flags)},
        geometry=[shapely.Point(0, 0)] * len(fields),
        crs=CRS,
    )
    lights = gpd.GeoDataFrame(geometry=[shapely.Point(place) for place in lamps], crs=CRS)
    day = fields_now(cameras, fields, lamps=lights, night=False)
    night = fields_now(cameras, fields, lamps=lights, night=True)
    assert (night.difference(day).area < CLOSE_M).all()
    assert (day.difference(fields).area == 0.0).all()
    assert night.is_valid.all()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 110), st.integers(-9, 69)), max_size=8),
    st.floats(0.0, 90.0),
    st.floats(0.5, 60.0),
)
def test_incidents_and_risk_are_shared_out_once(incidents, west, width):
    streets = streets_of([(0, 0), (70, 0)], [(70, 0), (110, 0)], [(70, 0), (70, 60)])
    field = shapely.box(west, -5.0, west + width, 30.0)
    points = gpd.GeoDataFrame(geometry=[shapely.Point(place) for place in incidents], crs=CRS)
    lixels = network_density(streets, points, bandwidth_m=15.0)
    options = {"incidents": points, "lixels": lixels, "min_length_m": 0.0}
    spots = blind_spots(streets, fields_of(field), incident_reach_m=200.0, **options)
    assert 0 <= spots["incidents"].sum() <= len(points)
    seen_risk = (lixels.intersection(field).length * lixels["density"]).sum()
    assert np.isclose(spots["risk"].sum() + seen_risk, len(points), atol=1e-6)
