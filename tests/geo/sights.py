"""Cameras with lenses, and a judge of what they see: sights through solid prisms, point by point.

The judge works in space and shares no code with what it judges.
"""

import math

import geopandas as gpd
import numpy as np
import shapely

from tests.geo.shophouses import CRS

ARC_TOLERANCE_M = 1e-5


def lens_camera(x=0.0, y=0.0, **columns):
    """Return one camera that, unless told otherwise, sees all around it down to its foot."""
    lens = {
        "azimuth_deg": 0.0,
        "fov_deg": 360.0,
        "range_m": 30.0,
        "height_m": 4.0,
        "tilt_deg": 45.0,
        "vfov_deg": 90.0,
        "resolution_px": 1e6,
    }
    values = {name: [value] for name, value in (lens | columns).items()}
    return gpd.GeoDataFrame(values, geometry=[shapely.Point(x, y)], crs=CRS)


def blocks(*shapes, height_m=math.nan):
    """Return buildings of one height, or of a height each."""
    heights = np.broadcast_to(np.asarray(height_m, np.float64), len(shapes))
    return gpd.GeoDataFrame({"height_m": heights}, geometry=list(shapes), crs=CRS)


def in_view(camera, xy, *, density, target_height_m):
    """Tell which points of the target plane lie in the camera's image, sharp enough."""
    east, north = xy[:, 0] - camera.geometry.x, xy[:, 1] - camera.geometry.y
    distance = np.hypot(east, north)
    turned = np.degrees(np.arctan2(east, north)) - camera.azimuth_deg
    off_axis = np.abs((turned + 180.0) % 360.0 - 180.0)
    depression = np.degrees(np.arctan2(camera.height_m - target_height_m, distance))
    half = math.radians(camera.fov_deg) / 2.0
    shown = 2.0 * distance * (math.tan(half) if camera.fov_deg < 180.0 else half)
    return (
        (off_axis <= camera.fov_deg / 2.0)
        & (distance <= camera.range_m)
        & (np.abs(depression - camera.tilt_deg) <= camera.vfov_deg / 2.0)
        & (camera.resolution_px >= density * shown)
    )


def hidden(camera, xy, buildings, *, target_height_m):
    """Tell which points of the target plane no straight sight from the camera reaches.

    A sight falls evenly. It is lowest within a building where it leaves it, or ends. One that just
    grazes a roof, as on a target of a building's own height, passes.
    """
    place = np.array([camera.geometry.x, camera.geometry.y])
    sights = shapely.linestrings(np.stack([np.broadcast_to(place, xy.shape), xy], axis=1))
    shapes = buildings.geometry.to_numpy()
    sight, building = shapely.STRtree(shapes).query(sights, predicate="intersects")
    with np.errstate(divide="ignore", invalid="ignore"):  # on its way, and recovers
        within = shapely.intersection(sights[sight], shapes[building])
    corners, piece = shapely.get_coordinates(within, return_index=True)
    gone = np.hypot(*(corners - place).T)
    whole = np.hypot(*(xy[sight[piece]] - place).T)
    height = camera.height_m - (camera.height_m - target_height_m) * gone / whole
    top = buildings["height_m"].fillna(math.inf).to_numpy()[building[piece]]
    blocked = np.zeros(len(xy), np.bool_)
    blocked[sight[piece[height < top - 1e-9]]] = True
    return blocked


def wrong_points(fields, cameras, buildings, *, density, points, seed, target_height_m=0.0):
    """Count the random points that sights through space judge otherwise than the footprints.

    Points at the outlines, as near as chords to their arcs, are left out.
    """
    rng = np.random.default_rng(seed)
    wrong = judged = 0
    for camera, field in zip(cameras.itertuples(), fields, strict=True):
        place = (camera.geometry.x, camera.geometry.y)
        xy = place + rng.uniform(-1.05, 1.05, (points, 2)) * camera.range_m
        seen = in_view(camera, xy, density=density, target_height_m=target_height_m)
        seen &= ~hidden(camera, xy, buildings, target_height_m=target_height_m)
        spots = shapely.points(xy)
        sure = ~(shapely.distance(field.boundary, spots) <= 3.0 * ARC_TOLERANCE_M)
        wrong += int((seen != shapely.intersects(field, spots))[sure].sum())
        judged += int(sure.sum())
    assert judged > 0.95 * points * len(cameras)
    return wrong
