"""How exact fields of view are in three towns, against CGAL and against lines of sight.

`python -m tests.geo.visibility_figures` prints the figures that `test_visibility_towns` holds to
their limits.

Each town is one solid: CGAL and the sweep are given the same corners. CGAL works in exact numbers,
on the scene moved to an origin nearby, which rounds nothing. The sweep is asked twice: about that
scene, and about the town where it was surveyed. There no outline can follow CGAL's closer than the
steps between neighbouring coordinates, up to a nanometre: how far it stays off, as a mean over its
length, is told in those steps.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import geopandas as gpd
import momepy
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.osm import read_osm
from geo.visibility import fields_of_view
from geo.zone import Zone
from tests.conftest import REFERENCE, ROOT
from tests.geo.shophouses import cgal_field, cgal_grounds, random_cameras, wedge

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
Layer = TypeVar("Layer", gpd.GeoDataFrame, gpd.GeoSeries)

HANOI = Path("osm", "hanoi_vanmieu_full.osm")
SEED = 31
CAMERAS, POINTS_A_CAMERA = 168, 22  # in each of three towns: 504 cameras and 11,088 points
TOUCHING_M = 1e-6  # a point nearer to the outline of a field is counted apart


class Judged(NamedTuple):
    """Points judged by lines of sight.

    Attributes
    ----------
    wrong
        Points that the field of view has on the wrong side.
    touching
        Points too near to the outline to tell.
    seen
        Points that a camera sees.
    total
        All points.
    """

    wrong: int
    touching: int
    seen: int
    total: int


def old_town() -> gpd.GeoDataFrame:
    """Return the buildings of Old Phuket Town, wall to wall."""
    return Zone.load(ROOT / "data" / "old_town").buildings


def hanoi() -> gpd.GeoDataFrame:
    """Return the buildings around the Temple of Literature, from OpenStreetMap."""
    return read_osm(REFERENCE / HANOI).buildings


def bubenec() -> gpd.GeoDataFrame:
    """Return the buildings of momepy's piece of Prague."""
    return gpd.read_file(momepy.datasets.get_path("bubenec"), layer="buildings")


TOWNS: dict[str, Callable[[], gpd.GeoDataFrame]] = {
    "Old Town": old_town,
    "Hanoi": hanoi,
    "Bubenec": bubenec,
}


def as_one(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the union of the footprints, polygon by polygon."""
    solid = shapely.get_parts(shapely.union_all(buildings.geometry.to_numpy()))
    return gpd.GeoDataFrame(geometry=list(solid), crs=buildings.crs)


def cameras_in(solids: gpd.GeoDataFrame, count: int, *, seed: int) -> gpd.GeoDataFrame:
    """Scatter cameras: across north, all around, narrow, on walls and corners, and far-sighted."""
    rng = np.random.default_rng(seed)
    cameras = random_cameras(solids, count, seed=seed)
    row = np.arange(count)
    narrow = row % 5 == 2
    cameras.loc[narrow, "fov_deg"] = rng.uniform(0.5, 10.0, narrow.sum())
    cameras.loc[row % 24 == 5, "range_m"] = 2000.0
    corner, wall = row % 8 == 3, row % 8 == 6
    geometry = cameras.geometry.to_numpy()
    corners = shapely.get_coordinates(solids.geometry.to_numpy())
    geometry[corner] = shapely.points(rng.choice(corners, corner.sum()))
    geometry[wall] = _on_walls(solids, int(wall.sum()), rng)
    built = corner | wall
    cameras.loc[built, "azimuth_deg"] = _outwards(geometry[built], solids, rng)
    return cameras.set_geometry(gpd.GeoSeries(geometry, crs=solids.crs))


def _on_walls(solids: gpd.GeoDataFrame, count: int, rng: np.random.Generator) -> Shapes:
    """Return places along walls that rounding has not moved inside, where CGAL is not asked."""
    rings = shapely.get_rings(solids.geometry.to_numpy())
    ring = rng.choice(rings, 8 * count, p=shapely.length(rings) / shapely.length(rings).sum())
    places = shapely.line_interpolate_point(ring, rng.random(8 * count), normalized=True)
    inside = shapely.STRtree(solids.geometry.to_numpy()).query(places, predicate="within")[0]
    places = np.delete(places, np.unique(inside))[:count]
    assert places.size == count
    return places


def _outwards(places: Shapes, solids: gpd.GeoDataFrame, rng: np.random.Generator) -> Floats:
    """Return for each place on a wall a direction of open ground, in degrees from north."""
    azimuth = rng.uniform(0.0, 360.0, (places.size, 60))
    ahead = np.stack([np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))], axis=-1) * 0.05
    ahead += shapely.get_coordinates(places)[:, None]
    solid = shapely.union_all(solids.geometry.to_numpy())
    shapely.prepare(solid)
    is_open = ~shapely.intersects_xy(solid, ahead[..., 0], ahead[..., 1])
    assert is_open.any(axis=1).all()
    return azimuth[np.arange(places.size), is_open.argmax(axis=1)]


def shifted(layer: Layer, by: Floats) -> Layer:
    """Return a layer moved by whole metres towards the origin, which rounds nothing."""
    moved = shapely.transform(layer.geometry.to_numpy(), lambda xy: xy - by)
    shapes = gpd.GeoSeries(moved, index=layer.index, crs=layer.crs)
    return shapes if isinstance(layer, gpd.GeoSeries) else layer.set_geometry(shapes)


def cgal_fields(cameras: gpd.GeoDataFrame, solids: gpd.GeoDataFrame) -> Shapes:
    """Return what CGAL says each camera sees."""
    fields = []
    for camera in cameras.itertuples():
        grounds = cgal_grounds(camera.geometry, solids, camera.range_m)
        fields.append(shapely.union_all([cgal_field(camera, ground) for ground in grounds]))
    return np.array(fields)


def errors_of(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return how far the field of view of each camera is from CGAL's.

    `near_origin` and `surveyed` are the area of the symmetric difference over CGAL's area; `steps`
    is that area over the length of the outline where the town was surveyed, in steps of the largest
    coordinate; `raw` compares the fields among footprints as drawn with those among their union.
    """
    solids = as_one(buildings)
    by = np.round(solids.total_bounds[:2])
    moved_cameras, moved_solids = shifted(cameras, by), shifted(solids, by)
    expected = cgal_fields(moved_cameras, moved_solids)
    near_origin = fields_of_view(moved_cameras, moved_solids).to_numpy()
    surveyed = fields_of_view(cameras, solids)
    raw = fields_of_view(cameras, buildings)
    off = _disagreement(shifted(surveyed, by).to_numpy(), expected)
    step = np.spacing(np.abs(solids.total_bounds).max())
    area = shapely.area(expected)
    return pd.DataFrame(
        {
            "near_origin": _disagreement(near_origin, expected) / area,
            "surveyed": off / area,
            "steps": off / shapely.length(expected) / step,
            "raw": _disagreement(raw.to_numpy(), surveyed.to_numpy()) / area,
        }
    )


def _disagreement(fields: Shapes, expected: Shapes) -> Floats:
    return shapely.area(shapely.symmetric_difference(fields, expected))


def judged(
    cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, points: int, seed: int
) -> Judged:
    """Judge random points within range of each camera by lines of sight.

    A point is seen where it lies in the wedge and no ground of a building lies on the way to it.
    """
    rng = np.random.default_rng(seed)
    solids = as_one(buildings).geometry.to_numpy()
    tree = shapely.STRtree(solids)
    fields = fields_of_view(cameras, buildings)
    wrong = touching = seen = 0
    for camera, field in zip(cameras.itertuples(), fields, strict=True):
        here = np.array([camera.geometry.x, camera.geometry.y])
        bearing = np.radians(camera.azimuth_deg + camera.fov_deg * rng.uniform(-0.6, 0.6, points))
        reach = camera.range_m * np.sqrt(rng.random(points))
        xy = here + reach[:, None] * np.column_stack([np.sin(bearing), np.cos(bearing)])
        spots = shapely.points(xy)
        sights = shapely.linestrings(np.stack([np.broadcast_to(here, xy.shape), xy], axis=1))
        sight, solid = tree.query(sights)
        blocked = sight[shapely.relate_pattern(sights[sight], solids[solid], "T********")]
        clear = shapely.intersects(wedge(camera), spots)
        clear[blocked] = False
        sure = ~(shapely.distance(shapely.boundary(field), spots) <= TOUCHING_M)
        wrong += int((clear != shapely.intersects(field, spots))[sure].sum())
        touching += int((~sure).sum())
        seen += int(clear[sure].sum())
    return Judged(wrong, touching, seen, points * len(cameras))


def main() -> None:
    """Print the figures of all towns."""
    heading = "".join(f"{column:>24}" for column in ("near origin", "surveyed", "steps", "raw"))
    told = [
        f"{CAMERAS} cameras a town against CGAL, largest (median) error",
        f"{'':10}{heading}{'wrong of points (touching)':>30}",
    ]
    for name, load in TOWNS.items():
        buildings = load()
        cameras = cameras_in(as_one(buildings), CAMERAS, seed=SEED)
        errors = errors_of(cameras, buildings)
        figures = [f"{errors[one].max():.1e} ({errors[one].median():.1e})" for one in errors]
        points = judged(cameras, buildings, points=POINTS_A_CAMERA, seed=SEED)
        judgement = f"{points.wrong} of {points.total} ({points.touching})"
        told.append(f"{name:10}{''.join(f'{one:>24}' for one in figures)}{judgement:>30}")
    sys.stdout.write("\n".join([*told, ""]))


if __name__ == "__main__":
    main()
