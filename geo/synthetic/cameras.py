"""Cameras of three kinds of owner, and SOS points.

That the programme has 28 cameras at 12 places on Thalang Road and 4 SOS points is published;
where they stand, how they are mounted and everything about the other cameras is made up. Poles
stand on the pavement, at the pillars of the five-foot way, so no camera is inside a building.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS
from shapely import Polygon

from geo.errors import ParameterError
from geo.synthetic.buildings import HISTORIC_STREETS
from geo.synthetic.frontage import Frontage, frontages, named, off_road

PROGRAMME_STREET = "Thalang Road"
PROGRAMME_CAMERAS = 28
PROGRAMME_PLACES = 12
SOS_POINTS = 4
MUNICIPAL_CAMERAS = 36
PRIVATE_CAMERAS = 42
POLE_M = 0.4
# A place of the programme moves to the corner of another street where one is this near, as a
# share of the distance between places.
CORNER_SHARE = 0.4
CORNER_CLEARANCE_M = 2.0
CANDIDATE_SPACING_M = 9.0
MUNICIPAL_SPACING_M = 55.0
PRIVATE_SPACING_M = 12.0
HISTORIC_WEIGHT = 4.0
DOWN_SHARE = 0.08
# Share of cameras that see in the dark, by kind of owner.
NIGHT_VISION_SHARE = {"programme": 1.0, "municipal": 0.9, "private": 0.6}
# Field of view (degrees), range (m), height (m) and widths of picture (pixels) by kind of owner.
OPTICS = {
    "programme": ((70.0, 95.0), (50.0, 80.0), (4.5, 6.0), (2560, 3840)),
    "municipal": ((60.0, 90.0), (45.0, 80.0), (4.5, 6.0), (1920, 2560)),
    "private": ((75.0, 110.0), (30.0, 45.0), (2.8, 4.0), (1280, 1920)),
}

# A frontage, a station along it, and the position of the pole there.
Candidate = tuple[Frontage, float, tuple[float, float]]


class Mount(NamedTuple):
    """A camera before its optics are chosen.

    Attributes
    ----------
    xy
        Position, metric.
    azimuth_deg
        Direction it looks, clockwise from north.
    owner_kind
        Who runs it: programme, municipal or private.
    owner
        Name of the owner; made up.
    place_th, place_en
        Where it stands, in words.
    """

    xy: tuple[float, float]
    azimuth_deg: float
    owner_kind: str
    owner: str
    place_th: str
    place_en: str


class Post(NamedTuple):
    """A place of the programme.

    Attributes
    ----------
    side
        Frontage the pole stands on.
    station_m
        Station along that frontage.
    corner
        Side street at whose corner it stands, if any.
    """

    side: Frontage
    station_m: float
    corner: Frontage | None

    @property
    def xy(self) -> tuple[float, float]:
        """Position of the pole.

        Returns
        -------
        xy
            Coordinates, metric.
        """
        x, y = self.side.at(np.array([self.station_m]), POLE_M)[0]
        return float(x), float(y)

    def words(self, number: int) -> tuple[str, str]:
        """Name the place in Thai and English.

        Parameters
        ----------
        number
            Number of the place along the street, from 1.

        Returns
        -------
        words
            The Thai and the English name.
        """
        thai = f"{self.side.name_th} จุดที่ {number}"
        english = f"{self.side.name_en}, place {number}"
        if self.corner is None or not self.corner.name_en:
            return thai, english
        return f"{thai} หัวมุม{self.corner.name_th}", f"{english}, corner of {self.corner.name_en}"


def place_cameras(
    streets: GeoDataFrame, boundary: Polygon, *, rng: np.random.Generator
) -> GeoDataFrame:
    """Place the programme's, the municipality's and private cameras.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area the cameras stand in, metric.
    rng
        Source of chance.

    Returns
    -------
    cameras
        The layer cameras.

    Raises
    ------
    ParameterError
        If the programme's street is missing or leaves the boundary.
    """
    sides = frontages(streets)
    mounts = _programme(programme_posts(sides, boundary))
    candidates = _candidates(sides, streets, boundary)
    wide = np.array([side.width_m for side, _, _ in candidates])
    historic = np.array([side.name_en in HISTORIC_STREETS for side, _, _ in candidates])
    main = np.array([side.name_en != PROGRAMME_STREET for side, _, _ in candidates]) * wide
    shops = np.where(historic, HISTORIC_WEIGHT, 1.0)
    for number, at in enumerate(
        _spread(candidates, main, MUNICIPAL_SPACING_M, MUNICIPAL_CAMERAS, rng)
    ):
        mounts.append(_along(candidates[at], number, "municipal", "Municipality", rng))
    for number, at in enumerate(
        _spread(candidates, shops, PRIVATE_SPACING_M, PRIVATE_CAMERAS, rng), start=1
    ):
        owner = f"Private owner {number:02d}"
        mounts.append(_along(candidates[at], number, "private", owner, rng))
    return _frame(mounts, streets.crs, rng)


def place_sos_points(streets: GeoDataFrame, boundary: Polygon) -> GeoDataFrame:
    """Place the SOS points, spread evenly over the places of the programme.

    Parameters
    ----------
    streets
        Street edges, metric.
    boundary
        Area the points stand in, metric.

    Returns
    -------
    sos_points
        The layer sos_points.

    Raises
    ------
    ParameterError
        If the programme's street is missing or leaves the boundary.
    """
    posts = programme_posts(frontages(streets), boundary)
    every = PROGRAMME_PLACES // SOS_POINTS
    chosen = list(enumerate(posts, start=1))[every // 2 :: every]
    words = [post.words(number) for number, post in chosen]
    return gpd.GeoDataFrame(
        {
            "name_th": [f"จุดขอความช่วยเหลือ SOS {thai}" for thai, _ in words],
            "name_en": [f"SOS point, {english}" for _, english in words],
            "synthetic": True,
        },
        geometry=[shapely.Point(post.xy) for _, post in chosen],
        index=pd.Index([f"sos-{number}" for number in range(1, len(chosen) + 1)], name="id"),
        crs=streets.crs,
    )


def programme_posts(sides: Sequence[Frontage], boundary: Polygon) -> list[Post]:
    """Spread the places of the programme along its street, on alternating sides.

    Parameters
    ----------
    sides
        Frontages of all streets.
    boundary
        Area the places lie in, metric.

    Returns
    -------
    posts
        The places, in order along the street.

    Raises
    ------
    ParameterError
        If the programme's street is missing or leaves the boundary.
    """
    own = named(sides, PROGRAMME_STREET)
    left, right = own[0::2], own[1::2]
    lengths = np.array([side.line.length for side in left])
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    posts = []
    for number in range(PROGRAMME_PLACES):
        along = (number + 0.5) / PROGRAMME_PLACES * starts[-1]
        chain = int(np.searchsorted(starts, along, side="right")) - 1
        station = float(along - starts[chain])
        near = CORNER_SHARE * float(starts[-1]) / PROGRAMME_PLACES
        station, corner = _at_corner(left[chain], station, sides, near)
        if number % 2:
            posts.append(Post(right[chain], float(lengths[chain]) - station, corner))
        else:
            posts.append(Post(left[chain], station, corner))
    if not all(shapely.contains_xy(boundary, *post.xy) for post in posts):
        raise ParameterError(f"Expected `boundary` to hold all of {PROGRAMME_STREET}, got a part.")
    return posts


def _at_corner(
    side: Frontage, station_m: float, sides: Iterable[Frontage], near_m: float
) -> tuple[float, Frontage | None]:
    """Move a station beside the nearest other street, if one is near."""
    nearest, corner = near_m, None
    moved = station_m
    for other in sides:
        if other.name_en == side.name_en or not other.line.intersects(side.line):
            continue
        crossing = side.line.project(other.line.intersection(side.line).centroid)
        if abs(crossing - station_m) < nearest:
            nearest, corner = abs(crossing - station_m), other
            away = other.width_m / 2 + CORNER_CLEARANCE_M
            beyond = crossing + away if station_m >= crossing else crossing - away
            moved = min(max(beyond, 0.0), side.line.length)
    return moved, corner


def _programme(posts: Sequence[Post]) -> list[Mount]:
    """Mount two cameras at every place, and a third at corners first until all are used."""
    by_corner = sorted(range(len(posts)), key=lambda at: (posts[at].corner is None, at))
    third = set(by_corner[: PROGRAMME_CAMERAS - 2 * len(posts)])
    mounts = []
    for at, post in enumerate(posts):
        station = np.array([post.station_m])
        along, across = post.side.directions(station)[0], -post.side.normals(station)[0]
        views = [along, -along, across] if at in third else [along, -along]
        for view in views:
            words = post.words(at + 1)
            owner = "Smart safety zone programme"
            mounts.append(Mount(post.xy, _azimuth_deg(view), "programme", owner, *words))
    return mounts


def _candidates(
    sides: Sequence[Frontage], streets: GeoDataFrame, boundary: Polygon
) -> list[Candidate]:
    """List stations on all pavements where a pole can stand, with their positions."""
    found: list[Candidate] = []
    for side in sides:
        stations = np.arange(CANDIDATE_SPACING_M, side.line.length, CANDIDATE_SPACING_M)
        xy = side.at(stations, POLE_M)
        free = off_road(xy, streets) & shapely.contains_xy(boundary, xy[:, 0], xy[:, 1])
        found.extend(
            (side, float(station), (float(x), float(y)))
            for station, (x, y) in zip(stations[free], xy[free], strict=True)
        )
    return found


def _spread(
    candidates: Sequence[Candidate],
    weights: NDArray[np.float64],
    spacing_m: float,
    count: int,
    rng: np.random.Generator,
) -> list[int]:
    """Draw candidates by weight, each at least a spacing from those drawn before."""
    usable = np.flatnonzero(weights > 0)
    share = weights[usable] / weights[usable].sum()
    order = rng.choice(usable, size=len(usable), replace=False, p=share)
    xy = np.array([position for _, _, position in candidates])
    chosen: list[int] = []
    for at in order.tolist():
        if np.all(np.hypot(*(xy[chosen] - xy[at]).T) >= spacing_m):
            chosen.append(at)
        if len(chosen) == count:
            break
    return chosen


def _along(
    candidate: Candidate, number: int, owner_kind: str, owner: str, rng: np.random.Generator
) -> Mount:
    """Mount a camera that looks along its street, a little towards the roadway."""
    side, station, xy = candidate
    direction = side.directions(np.array([station]))[0]
    inward = float(rng.uniform(5.0, 25.0))
    # The side lies left of its line: forward it turns right to the roadway, backward left.
    azimuth = _azimuth_deg(direction) + inward if number % 2 else _azimuth_deg(-direction) - inward
    place_th, place_en = side.name_th or "ซอยไม่มีชื่อ", side.name_en or "Unnamed lane"
    return Mount(xy, azimuth, owner_kind, owner, place_th, place_en)


def _azimuth_deg(direction: NDArray[np.float64]) -> float:
    return float(np.degrees(np.arctan2(direction[0], direction[1])))


def _frame(mounts: Sequence[Mount], crs: CRS, rng: np.random.Generator) -> GeoDataFrame:
    """Choose the optics of every camera and lay them out as the layer cameras."""
    # A stream of its own: whoever changes these shares leaves every other draw as it is.
    (darkness,) = rng.spawn(1)
    rows = []
    for mount in mounts:
        fov_span, range_span, height_span, widths = OPTICS[mount.owner_kind]
        fov, reach = round(float(rng.uniform(*fov_span))), round(float(rng.uniform(*range_span)))
        height = round(float(rng.uniform(*height_span)), 1)
        # A 16:9 picture, its middle on the ground at two fifths of the range.
        vfov = np.degrees(2 * np.arctan(np.tan(np.radians(fov) / 2) * 9 / 16))
        tilt = np.degrees(np.arctan2(height, 0.4 * reach))
        rows.append(
            {
                "azimuth_deg": round(mount.azimuth_deg % 360.0, 1) % 360.0,
                "fov_deg": float(fov),
                "range_m": float(reach),
                "height_m": height,
                "tilt_deg": round(float(tilt), 1),
                "vfov_deg": round(float(vfov), 1),
                "resolution_px": float(rng.choice(widths)),
                "night_vision": bool(darkness.random() < NIGHT_VISION_SHARE[mount.owner_kind]),
                "owner_kind": mount.owner_kind,
                "owner": mount.owner,
                "status": "down" if rng.random() < DOWN_SHARE else "up",
                "place_th": mount.place_th,
                "place_en": mount.place_en,
                "synthetic": True,
            }
        )
    return gpd.GeoDataFrame(
        rows,
        geometry=[shapely.Point(mount.xy) for mount in mounts],
        index=pd.Index([f"cam-{number:03d}" for number in range(1, len(rows) + 1)], name="id"),
        crs=crs,
    )
