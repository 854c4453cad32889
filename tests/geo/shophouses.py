"""A made-up quarter of shophouse rows, cameras in it, and CGAL's word on what they see."""

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import rotate, translate

pyvispoly = pytest.importorskip("pyvispoly", reason="CGAL is not built for this Python yet")

CRS = "EPSG:32647"
CORNER = (430_000.0, 871_000.0)


def shophouse_rows(
    *, seed: int, blocks: int = 4, shops: int = 12, origin: tuple[float, float] = CORNER
) -> gpd.GeoDataFrame:
    """Build rows of shophouses with party walls, some with courtyards, and loose overlapping sheds.

    A row stands on each side of every lane. Neighbours share their party walls exactly, but are of
    different depth, so that a deep shop's party wall is partly free.
    """
    rng = np.random.default_rng(seed)
    shapes = []
    for column, lane in np.ndindex(blocks, blocks):
        x, row = 0.0, []
        for front in rng.uniform(4.0, 6.0, shops):
            depth = float(rng.uniform(12.0, 22.0))
            hole = shapely.box(x + 1.5, 4.0, x + front - 1.5, 7.0)
            shop = shapely.box(x, 0.0, x + front, depth)
            row.append(shop.difference(hole) if rng.random() < 0.3 else shop)
            x += front
        shed = rotate(shapely.box(0.0, 0.0, 5.0, 3.0), float(rng.uniform(0.0, 90.0)))
        row.append(translate(shed, float(rng.uniform(0.0, x)), -6.0))
        row.append(translate(shed, float(rng.uniform(0.0, x)), 17.0))
        turn = float(rng.uniform(-8.0, 8.0))
        corner = (origin[0] + 95.0 * column, origin[1] + 48.0 * lane)
        shapes += [translate(rotate(one, turn, origin=(0.0, 0.0)), *corner) for one in row]
    return gpd.GeoDataFrame(geometry=shapes, crs=CRS).rename_axis("id")


def random_cameras(buildings: gpd.GeoDataFrame, count: int, *, seed: int) -> gpd.GeoDataFrame:
    """Scatter cameras on open ground within sight of walls.

    Every fourth looks north, so that its wedge crosses it.
    """
    rng = np.random.default_rng(seed)
    solid = shapely.union_all(buildings.geometry.to_numpy())
    shapely.prepare(solid)
    beside = shapely.get_coordinates(shapely.centroid(buildings.geometry.to_numpy()))
    xy = rng.choice(beside, 20 * count) + rng.uniform(-25.0, 25.0, (20 * count, 2))
    xy = xy[~shapely.intersects_xy(solid, xy)][:count]
    assert len(xy) == count
    azimuth = rng.uniform(0.0, 360.0, count)
    azimuth[::4] = rng.uniform(-20.0, 20.0, azimuth[::4].size) % 360.0
    fov = rng.uniform(30.0, 150.0, count)
    fov[::7] = 360.0
    fov[3::7] = rng.uniform(180.0, 359.0, fov[3::7].size)
    return gpd.GeoDataFrame(
        {"azimuth_deg": azimuth, "fov_deg": fov, "range_m": rng.uniform(10.0, 80.0, count)},
        geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]),
        crs=buildings.crs,
    )


def wedge(camera, arc_tolerance_m: float = 0.01) -> shapely.Polygon:
    """Return a camera's wedge, its arc in as few equal chords as the tolerance allows."""
    half = math.acos(1.0 - arc_tolerance_m / camera.range_m)
    chords = math.ceil(math.radians(camera.fov_deg) / (2.0 * half))
    azimuth = np.radians(
        camera.azimuth_deg + camera.fov_deg * (np.arange(chords + 1) / chords - 0.5)
    )
    x, y = camera.geometry.x, camera.geometry.y
    arc = np.column_stack([np.sin(azimuth), np.cos(azimuth)]) * camera.range_m + (x, y)
    return shapely.Polygon(arc[:-1] if camera.fov_deg == 360.0 else [(x, y), *arc])


def cgal_ring(ring) -> "list[pyvispoly.Point]":
    """Convert a closed ring."""
    return [pyvispoly.Point(float(x), float(y)) for x, y in ring.coords[:-1]]


def cgal_ground(
    place: shapely.Point, buildings: gpd.GeoDataFrame, reach: float
) -> "pyvispoly.VisibilityPolygonCalculator":
    """Give CGAL the open ground around a place, as far as it reaches and with whole buildings."""
    return cgal_grounds(place, buildings, reach)[0]


def cgal_grounds(
    place: shapely.Point, buildings: gpd.GeoDataFrame, reach: float
) -> "list[pyvispoly.VisibilityPolygonCalculator]":
    """Do so for every piece of open ground at a place: at a corner it may touch several."""
    near = buildings.geometry.to_numpy()
    near = near[shapely.dwithin(near, place, reach)]
    solid = shapely.union_all(near)
    frame = shapely.box(*shapely.union_all([solid, place.buffer(reach)]).bounds).buffer(1.0)
    ground = shapely.get_parts(shapely.box(*frame.bounds).difference(solid))
    ground = shapely.orient_polygons(ground[shapely.intersects(ground, place)])
    return [cgal_calculator(piece) for piece in ground]


def cgal_calculator(ground: shapely.Polygon) -> "pyvispoly.VisibilityPolygonCalculator":
    """Give CGAL the open ground."""
    rings = [cgal_ring(ring) for ring in (ground.exterior, *ground.interiors)]
    return pyvispoly.VisibilityPolygonCalculator(pyvispoly.PolygonWithHoles(rings[0], rings[1:]))


def cgal_field(camera, calculator: "pyvispoly.VisibilityPolygonCalculator") -> shapely.Geometry:
    """Return what CGAL says a camera sees of the open ground."""
    sight = calculator.compute_visibility_polygon(
        pyvispoly.Point(camera.geometry.x, camera.geometry.y)
    )
    outline = shapely.Polygon([(float(p.x()), float(p.y())) for p in sight.boundary()])
    return outline.intersection(wedge(camera))
