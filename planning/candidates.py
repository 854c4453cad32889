"""Where a camera could stand: corners of junctions and the sides of streets."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from geo.errors import Fault, LayerError, ParameterError

Floats = NDArray[np.float64]

# Half a carriageway where the width of a street is not known, and the farthest a corner is sought.
_USUAL_WIDTH_M = 6.0
_FARTHEST_CORNER_M = 12.0
# An arm's direction is taken this far from its junction, past the kink many streets begin with.
_ARM_M = 12.0
_FULL_CIRCLE_DEG = 360.0
_UNNAMED_TH, _UNNAMED_EN = "ทางไม่มีชื่อ", "Unnamed lane"


class _Arm(NamedTuple):
    """One street as seen from one of its ends."""

    street: int
    junction: tuple[float, float]
    azimuth_deg: float


class _Spot(NamedTuple):
    """One place and one direction."""

    street: int
    x: float
    y: float
    azimuth_deg: float
    cross: int
    at_corner: bool


def camera_candidates(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    spacing_m: float = 40.0,
    fov_deg: float = 80.0,
    range_m: float = 60.0,
    height_m: float = 5.0,
) -> gpd.GeoDataFrame:
    """
    List places where a camera could stand, and the ways it could face.

    At each junction the corners between neighbouring streets, facing along either; on both sides of
    each street about every `spacing_m`, facing along it both ways. Places inside buildings are left
    out.

    Parameters
    ----------
    streets
        Streets in a metric CRS; name_th, name_en and width_m where they are known.
    buildings
        Footprints in the same CRS.
    spacing_m
        Distance between places along a street, > 0.
    fov_deg
        Field of view of every camera, in (0, 360].
    range_m
        Range of every camera, > 0.
    height_m
        Height above the ground of every camera, > 0.

    Returns
    -------
    candidates
        Points with the columns of the cameras layer and `street` (the label of the street a camera
        looks along), name_th, name_en; synthetic where any building is.

    Raises
    ------
    ParameterError
        Numbers are out of range, all of them named, or the CRS differ.
    LayerError
        The CRS of the streets is not metric.
    """
    _check_numbers(fov_deg, spacing_m=spacing_m, range_m=range_m, height_m=height_m)
    _check_places(streets, buildings)
    named = _named(streets)
    arms = list(_arms(named))
    spots = _outside([*_corner_spots(named, arms), *_side_spots(named, arms, spacing_m)], buildings)
    names = [_names(named, spot) for spot in spots]
    made_up = "synthetic" in buildings and bool(buildings["synthetic"].any())
    frame = gpd.GeoDataFrame(
        {
            "azimuth_deg": np.array([spot.azimuth_deg for spot in spots], dtype=np.float64),
            "fov_deg": float(fov_deg),
            "range_m": float(range_m),
            "height_m": float(height_m),
            "owner_kind": "programme",
            "status": "up",
            "street": [streets.index[spot.street] for spot in spots],
            "name_th": [name_th for name_th, _ in names],
            "name_en": [name_en for _, name_en in names],
            "synthetic": made_up,
        },
        geometry=_points(spots),
        crs=streets.crs,
        index=[f"candidate-{number:05d}" for number in range(1, len(spots) + 1)],
    )
    return frame.rename_axis("id")


def _check_numbers(fov_deg: float, **lengths_m: float) -> None:
    faults = [
        f"Expected `{name}` > 0, got {value}."
        for name, value in lengths_m.items()
        if not (np.isfinite(value) and value > 0)
    ]
    if not 0 < fov_deg <= _FULL_CIRCLE_DEG:
        faults.append(f"Expected `fov_deg` in (0, 360], got {fov_deg}.")
    if faults:
        raise ParameterError("\n".join(faults))


def _check_places(streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> None:
    if streets.crs is not None and not streets.crs.is_projected:
        expected = "a projected coordinate reference system"
        raise LayerError([Fault("streets", expected, streets.crs.to_string(), field="geometry")])
    if len(buildings) and streets.crs != buildings.crs:
        raise ParameterError(f"Expected one CRS, got {streets.crs} and {buildings.crs}.")


def _named(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets with both names, empty where they have none."""
    names = streets.reindex(columns=["name_th", "name_en"]).astype(object)
    return streets.assign(**names.where(names.notna(), ""))


def _outside(spots: list[_Spot], buildings: gpd.GeoDataFrame) -> list[_Spot]:
    """Leave out the spots inside buildings."""
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    inside = set(tree.query(_points(spots), predicate="intersects")[0].tolist())
    return [spot for number, spot in enumerate(spots) if number not in inside]


def _points(spots: list[_Spot]) -> NDArray[np.object_]:
    points: NDArray[np.object_] = shapely.points(
        [spot.x for spot in spots], [spot.y for spot in spots]
    )
    return points


def _arms(streets: gpd.GeoDataFrame) -> Iterator[_Arm]:
    for number, line in enumerate(streets.geometry.array):
        for way in (line, line.reverse()):
            start = way.coords[0]
            ahead = way.interpolate(min(_ARM_M, way.length / 2))
            yield _Arm(number, (start[0], start[1]), _azimuth_deg(start, (ahead.x, ahead.y)))


def _corner_spots(streets: gpd.GeoDataFrame, arms: list[_Arm]) -> Iterator[_Spot]:
    at_junction: dict[tuple[float, float], list[_Arm]] = {}
    for arm in arms:
        at_junction.setdefault(arm.junction, []).append(arm)
    for (x, y), meeting in at_junction.items():
        around = sorted(meeting, key=lambda arm: arm.azimuth_deg)
        if len(around) == 1:
            yield _Spot(around[0].street, x, y, around[0].azimuth_deg, around[0].street, True)
            continue
        for first, second in pairwise([*around, around[0]]):
            between_deg = (second.azimuth_deg - first.azimuth_deg) % 360 or 360.0
            half_m = max(_half_width_m(streets, arm.street) for arm in (first, second))
            reach_m = half_m / max(np.sin(np.radians(between_deg / 2)), 1e-6)
            bearing = np.radians(first.azimuth_deg + between_deg / 2)
            reach_m = min(reach_m, _FARTHEST_CORNER_M)
            corner = x + reach_m * float(np.sin(bearing)), y + reach_m * float(np.cos(bearing))
            for along, cross in ((first, second), (second, first)):
                yield _Spot(along.street, *corner, along.azimuth_deg, cross.street, True)


def _side_spots(streets: gpd.GeoDataFrame, arms: list[_Arm], spacing_m: float) -> Iterator[_Spot]:
    crossing = _crossing(streets, arms)
    for number, line in enumerate(streets.geometry.array):
        count = int(np.ceil(line.length / spacing_m)) - 1
        for offset_m in (np.arange(1, count + 1) * line.length / (count + 1)).tolist():
            place, azimuth_deg = _place_and_azimuth(line, offset_m)
            end = 0 if offset_m <= line.length / 2 else 1
            cross = next((c for c in crossing[number][:: 1 - 2 * end] if c != number), number)
            for side_deg in (90.0, 270.0):
                side = np.radians(azimuth_deg + side_deg)
                half_m = _half_width_m(streets, number)
                x = place[0] + half_m * float(np.sin(side))
                y = place[1] + half_m * float(np.cos(side))
                for turn_deg in (0.0, 180.0):
                    facing_deg = (azimuth_deg + turn_deg) % 360
                    yield _Spot(number, x, y, facing_deg, cross, False)


def _crossing(streets: gpd.GeoDataFrame, arms: list[_Arm]) -> list[list[int]]:
    """Return for each street one of another name at its start and one at its end, or itself."""
    at_junction: dict[tuple[float, float], list[int]] = {}
    for arm in arms:
        at_junction.setdefault(arm.junction, []).append(arm.street)
    names = streets["name_en"].to_list()
    return [
        [
            next(
                (s for s in at_junction[arm.junction] if names[s] not in ("", names[number])),
                number,
            )
            for arm in arms[2 * number : 2 * number + 2]
        ]
        for number in range(len(streets))
    ]


def _place_and_azimuth(line: LineString, offset_m: float) -> tuple[tuple[float, float], float]:
    before = line.interpolate(max(offset_m - 1.0, 0.0))
    after = line.interpolate(min(offset_m + 1.0, line.length))
    place = line.interpolate(offset_m)
    return (place.x, place.y), _azimuth_deg((before.x, before.y), (after.x, after.y))


def _azimuth_deg(start: tuple[float, ...], end: tuple[float, ...]) -> float:
    return float(np.degrees(np.arctan2(end[0] - start[0], end[1] - start[1]))) % 360


def _half_width_m(streets: gpd.GeoDataFrame, street: int) -> float:
    width_m = float(streets["width_m"].iloc[street]) if "width_m" in streets else np.nan
    return (width_m if np.isfinite(width_m) else _USUAL_WIDTH_M) / 2


def _names(streets: gpd.GeoDataFrame, spot: _Spot) -> tuple[str, str]:
    name_th = streets["name_th"].iloc[spot.street] or _UNNAMED_TH
    name_en = streets["name_en"].iloc[spot.street] or _UNNAMED_EN
    cross_th = streets["name_th"].iloc[spot.cross] or _UNNAMED_TH
    cross_en = streets["name_en"].iloc[spot.cross] or _UNNAMED_EN
    if cross_en == name_en:
        return name_th, name_en
    if spot.at_corner:
        return f"{name_th} มุม{cross_th}", f"{name_en}, corner of {cross_en}"
    return f"{name_th} ใกล้{cross_th}", f"{name_en}, near {cross_en}"
