"""Where a camera could stand: corners of junctions, roadsides, poles of lamps, walls of houses."""

from collections.abc import Iterator, Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from geo.errors import Fault, LayerError, ParameterError
from geo.shapes import examine_shapes, system_faults
from geo.visibility import inside_buildings
from planning._arguments import is_above_zero, is_finite
from planning._candidate_spots import Roads, Spot
from planning._facades import facades
from planning.camera_types import DEFAULT_TYPE, LENS, CameraType

Texts = NDArray[np.object_]

KINDS: Final = ("corner", "roadside", "pole", "facade")
"""What a camera can be mounted on."""

_FULL_CIRCLE_DEG: Final = 360.0
# A wall hides half a circle: a wider field gains nothing by turning further away from it.
_ALONG_WALL_DEG: Final = 90.0
_UNNAMED_TH, _UNNAMED_EN = "ทางไม่มีชื่อ", "Unnamed lane"


def camera_candidates(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    lamps: gpd.GeoDataFrame | None = None,
    boundary: Polygon | None = None,
    kinds: Sequence[str] = KINDS,
    types: Sequence[CameraType] = (DEFAULT_TYPE,),
    spacing_m: float = 40.0,
) -> gpd.GeoDataFrame:
    """List places where a camera could stand, and the ways it could face.

    At each junction the corners between neighbouring streets, facing along either; on both sides of
    each street about every `spacing_m` the roadside and the first wall, and the pole of each lamp
    near a street, each facing along the street both ways. A camera on a wall is turned away from
    it, so that its field of view begins along the street. Places inside buildings are left out.

    Parameters
    ----------
    streets
        Streets in a metric CRS with unique labels; name_th, name_en and width_m where they are
        known.
    buildings
        Footprints in the same CRS; height_m where it is known.
    lamps
        Lamps in the same CRS, height_m where it is known; without them there are no poles.
    boundary
        Outline of the zone in the same CRS: places outside it are left out.
    kinds
        What cameras may be mounted on, some of `KINDS`.
    types
        Types of camera, at least one, of different English names; each could stand everywhere. On
        a wall it is mounted 4 m above the ground and on a pole below the lamp, or lower where the
        type is.
    spacing_m
        Distance between places along a street, > 0.

    Returns
    -------
    candidates
        Points with the columns of the cameras layer and `kind`, `camera_type` and
        `camera_type_th` (the English and Thai names of the type), `cost`, `street` (the label of
        the street a camera looks along), name_th, name_en; synthetic where any of the layers is.
        The ids are made of the labels of streets and lamps: they stay as other rows come and go.

    Raises
    ------
    ParameterError
        Arguments are out of range, all of them named.
    LayerError
        Layers hold no valid shapes in one metric CRS, or labels are not unique; with every fault.
    """
    _check_arguments(kinds, types, spacing_m)
    _check_layers(streets, buildings, lamps if lamps is not None and "pole" in kinds else None)
    roads = Roads(streets)
    spots = [
        spot
        for kind in KINDS
        if kind in kinds
        for spot in _spots(kind, roads, buildings, lamps, spacing_m)
    ]
    spots = _standing(spots, streets, buildings, boundary)
    layers = [streets, buildings, *([] if lamps is None else [lamps])]
    made_up = any("synthetic" in layer and bool(layer["synthetic"].any()) for layer in layers)
    mounted = [
        _mounted(spots, roads, each, suffix=f"-type-{number}" if number > 1 else "")
        for number, each in enumerate(types, start=1)
    ]
    table = pd.concat(mounted).assign(owner_kind="programme", status="up", synthetic=made_up)
    return gpd.GeoDataFrame(
        table.drop(columns=["x", "y"]),
        geometry=gpd.points_from_xy(table["x"], table["y"]),
        crs=streets.crs,
    )


def _check_arguments(kinds: Sequence[str], types: Sequence[CameraType], spacing_m: float) -> None:
    faults = [
        f"Expected `kinds` among {', '.join(KINDS)}, got {kind!r}."
        for kind in kinds
        if kind not in KINDS
    ]
    names = [each.name_en for each in types]
    if not names:
        faults.append("Expected `types` of at least one camera, got none.")
    faults += [
        f"Expected `types` of different English names, got {name!r} twice."
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if not (is_above_zero(spacing_m) and is_finite(spacing_m)):
        faults.append(f"Expected `spacing_m` > 0, got {spacing_m}.")
    if faults:
        raise ParameterError("\n".join(faults))


def _check_layers(
    streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, lamps: gpd.GeoDataFrame | None
) -> None:
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    faults += _repeated(streets, "streets")
    solids, of_solids = examine_shapes(buildings, ("Polygon", "MultiPolygon"), source="buildings")
    faults += system_faults(lines, solids, source="streets", other_source="buildings") + of_solids
    if lamps is not None:
        posts, of_posts = examine_shapes(lamps, ("Point",), source="lamps")
        faults += system_faults(lines, posts, source="streets", other_source="lamps") + of_posts
        faults += _repeated(lamps, "lamps")
    if faults:
        # The fault of a CRS that is not metric is told once, not once a layer.
        raise LayerError(list(dict.fromkeys(faults)))


def _repeated(layer: gpd.GeoDataFrame, source: str) -> list[Fault]:
    labels = layer.index[layer.index.duplicated()].unique()
    return [Fault(source, "a label of its own", f"{label!r} twice") for label in labels]


def _spots(
    kind: str,
    roads: Roads,
    buildings: gpd.GeoDataFrame,
    lamps: gpd.GeoDataFrame | None,
    spacing_m: float,
) -> Iterator[Spot]:
    if kind == "corner":
        yield from roads.corners()
    elif kind == "roadside":
        yield from roads.roadsides(spacing_m)
    elif kind == "facade":
        yield from facades(roads, buildings, spacing_m)
    elif lamps is not None and len(lamps):
        yield from roads.poles(lamps)


def _standing(
    spots: list[Spot],
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    boundary: Polygon | None,
) -> list[Spot]:
    """Leave out the spots inside buildings and outside the boundary."""
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([spot.x for spot in spots], [spot.y for spot in spots]),
        crs=streets.crs,
    )
    stands = ~inside_buildings(points, buildings).to_numpy()
    if boundary is not None:
        shapely.prepare(boundary)
        stands &= shapely.intersects(boundary, points.geometry.to_numpy())
    return [spot for spot, free in zip(spots, stands.tolist(), strict=True) if free]


def _mounted(spots: list[Spot], roads: Roads, of: CameraType, *, suffix: str) -> pd.DataFrame:
    """Return a row for each spot with a camera of that type."""
    names = [_names(roads, spot) for spot in spots]
    turn_deg = min(of.fov_deg / 2, _ALONG_WALL_DEG)
    azimuth_deg = np.array([spot.azimuth_deg + spot.inward * turn_deg for spot in spots]) % 360
    highest_m = np.array([spot.highest_m for spot in spots], dtype=np.float64)
    table = pd.DataFrame(
        {
            "x": [spot.x for spot in spots],
            "y": [spot.y for spot in spots],
            **{name: float(getattr(of, name)) for name in LENS},
            "kind": pd.array([spot.kind for spot in spots], dtype="str"),
            "camera_type": of.name_en,
            "camera_type_th": of.name_th,
            "cost": float(of.cost),
            "street": [roads.labels[spot.street] for spot in spots],
            "name_th": pd.array([name_th for name_th, _ in names], dtype="str"),
            "name_en": pd.array([name_en for _, name_en in names], dtype="str"),
        },
        index=pd.Index([spot.key + suffix for spot in spots], name="id", dtype="str"),
    )
    table["height_m"] = np.minimum(of.height_m, highest_m)
    table.insert(0, "azimuth_deg", azimuth_deg)
    # Cameras at one place whose fields of view are the same are one candidate.
    facing_deg = 0.0 if of.fov_deg == _FULL_CIRCLE_DEG else table["azimuth_deg"].round(9)
    return table[~table.assign(azimuth_deg=facing_deg).duplicated(["x", "y", "azimuth_deg"])]


def _names(roads: Roads, spot: Spot) -> tuple[str, str]:
    name_th = roads.names_th[spot.street] or _UNNAMED_TH
    name_en = roads.names_en[spot.street] or _UNNAMED_EN
    cross_th = roads.names_th[spot.cross] or _UNNAMED_TH
    cross_en = roads.names_en[spot.cross] or _UNNAMED_EN
    if cross_en == name_en:
        return name_th, name_en
    if spot.kind == "corner":
        return f"{name_th} มุม{cross_th}", f"{name_en}, corner of {cross_en}"
    return f"{name_th} ใกล้{cross_th}", f"{name_en}, near {cross_en}"
