"""Places at corners, roadsides and lamp poles, each with one way to face along a street."""

from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

Floats = NDArray[np.float64]

# Half a carriageway where the width of a street is not known, and the farthest a corner is sought.
_USUAL_WIDTH_M = 6.0
_FARTHEST_CORNER_M = 12.0
# An arm's direction is taken this far from its junction, past the kink many streets begin with.
_ARM_M = 12.0
# A lamp farther from every street than this lights no street.
_FARTHEST_POLE_M = 20.0
FACINGS = (("ahead", 0.0), ("back", 180.0))
SIDES = (("right", 90.0), ("left", 270.0))


class Spot(NamedTuple):
    """One place and one direction.

    Attributes
    ----------
    key
        What tells it from every other, as long as the layers keep their labels.
    kind
        What the camera is mounted on.
    street
        Number of the street it looks along.
    cross
        Number of the street that crosses nearby, or of the street itself.
    x, y
        Where it stands.
    azimuth_deg
        Direction of the street that it looks along.
    inward
        Side on which the street lies, seen in that direction, from a wall that blocks the other:
        1 right, -1 left, 0 where nothing is blocked.
    highest_m
        Greatest height at which a camera can be mounted there.
    """

    key: str
    kind: str
    street: int
    cross: int
    x: float
    y: float
    azimuth_deg: float
    inward: int = 0
    highest_m: float = np.inf


class _Arm(NamedTuple):
    """One street as seen from one of its ends."""

    street: int
    end: str
    junction: tuple[float, float]
    azimuth_deg: float


class Place(NamedTuple):
    """A point of a street.

    Attributes
    ----------
    number
        Number of the place along its street, from 1.
    x, y
        Where it lies on the street's line.
    azimuth_deg
        Direction of the street there.
    cross
        Number of the street that crosses at the nearer end, or of the street itself.
    """

    number: int
    x: float
    y: float
    azimuth_deg: float
    cross: int


class Roads:
    """Streets as the search for places takes them.

    Parameters
    ----------
    streets
        Streets with unique labels; name_en and width_m where they are known.
    """

    def __init__(self, streets: gpd.GeoDataFrame) -> None:
        self.labels: list[Hashable] = streets.index.to_list()
        self.lines: NDArray[np.object_] = streets.geometry.to_numpy()
        blank = streets.reindex(columns=["name_th", "name_en"]).astype(object)
        names = blank.where(blank.notna(), "")
        self.names_th: list[str] = names["name_th"].to_list()
        self.names_en: list[str] = names["name_en"].to_list()
        width_m = streets.reindex(columns=["width_m"])["width_m"].to_numpy(np.float64)
        self.half_m: Floats = np.where(np.isfinite(width_m), width_m, _USUAL_WIDTH_M) / 2
        self._arms = list(_arms(self.lines))
        self._crossing = self._streets_across()

    def _streets_across(self) -> list[list[int]]:
        """Return for each street one of another name at its start and one at its end, or itself."""
        at_junction = self._meeting()
        return [
            [
                next(
                    (
                        other.street
                        for other in at_junction[arm.junction]
                        if self.names_en[other.street] not in ("", self.names_en[number])
                    ),
                    number,
                )
                for arm in self._arms[2 * number : 2 * number + 2]
            ]
            for number in range(len(self.lines))
        ]

    def _meeting(self) -> dict[tuple[float, float], list[_Arm]]:
        at_junction: dict[tuple[float, float], list[_Arm]] = {}
        for arm in self._arms:
            at_junction.setdefault(arm.junction, []).append(arm)
        return at_junction

    def place(self, street: int, offset_m: float, number: int = 0) -> Place:
        """Return the place at a distance along a street."""
        line: LineString = self.lines[street]
        before = line.interpolate(max(offset_m - 1.0, 0.0))
        after = line.interpolate(min(offset_m + 1.0, line.length))
        here = line.interpolate(offset_m)
        start, end = self._crossing[street]
        near, far = (start, end) if offset_m <= line.length / 2 else (end, start)
        cross = near if near != street else far
        azimuth_deg = _azimuth_deg((before.x, before.y), (after.x, after.y))
        return Place(number, here.x, here.y, azimuth_deg, cross)

    def places(self, street: int, spacing_m: float) -> Iterator[Place]:
        """Yield places at equal distances of at most `spacing_m` between the ends of a street."""
        length_m = self.lines[street].length
        count = int(np.ceil(length_m / spacing_m)) - 1
        offsets_m = np.arange(1, count + 1) * length_m / (count + 1)
        for number, offset_m in enumerate(offsets_m.tolist(), start=1):
            yield self.place(street, offset_m, number)

    def corners(self) -> Iterator[Spot]:
        """Yield the corners between neighbouring streets of each junction, facing along either."""
        for (x, y), meeting in self._meeting().items():
            around = sorted(meeting, key=lambda arm: arm.azimuth_deg)
            if len(around) == 1:
                arm = around[0]
                key = f"corner-{self.labels[arm.street]}-{arm.end}"
                yield Spot(key, "corner", arm.street, arm.street, x, y, arm.azimuth_deg)
                continue
            for first, second in pairwise([*around, around[0]]):
                between_deg = (second.azimuth_deg - first.azimuth_deg) % 360 or 360.0
                half_m = max(self.half_m[first.street], self.half_m[second.street])
                reach_m = half_m / max(np.sin(np.radians(between_deg / 2)), 1e-6)
                corner = _moved(
                    x, y, first.azimuth_deg + between_deg / 2, min(reach_m, _FARTHEST_CORNER_M)
                )
                # The corner lies clockwise of the first arm and anticlockwise of the second.
                for arm, other, side in ((first, second, "right"), (second, first, "left")):
                    key = f"corner-{self.labels[arm.street]}-{arm.end}-{side}"
                    yield Spot(key, "corner", arm.street, other.street, *corner, arm.azimuth_deg)

    def roadsides(self, spacing_m: float) -> Iterator[Spot]:
        """Yield places on both sides of each street, facing along it both ways."""
        for street, label in enumerate(self.labels):
            for place in self.places(street, spacing_m):
                for side, side_deg in SIDES:
                    x, y = _moved(
                        place.x, place.y, place.azimuth_deg + side_deg, self.half_m[street]
                    )
                    for facing, turn_deg in FACINGS:
                        key = f"roadside-{label}-{place.number}-{side}-{facing}"
                        azimuth_deg = (place.azimuth_deg + turn_deg) % 360
                        yield Spot(key, "roadside", street, place.cross, x, y, azimuth_deg)

    def poles(self, lamps: gpd.GeoDataFrame) -> Iterator[Spot]:
        """Yield the poles of lamps, facing along the nearest street both ways."""
        posts = lamps.geometry.to_numpy()
        lamp, street = shapely.STRtree(self.lines).query_nearest(
            posts, max_distance=_FARTHEST_POLE_M, all_matches=False
        )
        offsets_m = shapely.line_locate_point(self.lines[street], posts[lamp])
        height_m = lamps.reindex(columns=["height_m"])["height_m"].to_numpy(np.float64)
        highest_m = np.where(np.isfinite(height_m), height_m, np.inf)
        for row, number, offset_m in zip(
            lamp.tolist(), street.tolist(), offsets_m.tolist(), strict=True
        ):
            place = self.place(number, offset_m)
            x, y = posts[row].x, posts[row].y
            for facing, turn_deg in FACINGS:
                yield Spot(
                    f"pole-{lamps.index[row]}-{facing}",
                    "pole",
                    number,
                    place.cross,
                    x,
                    y,
                    (place.azimuth_deg + turn_deg) % 360,
                    highest_m=float(highest_m[row]),
                )


def _arms(lines: NDArray[np.object_]) -> Iterator[_Arm]:
    for number, line in enumerate(lines):
        for end, way in (("start", line), ("end", line.reverse())):
            start = way.coords[0]
            ahead = way.interpolate(min(_ARM_M, way.length / 2))
            azimuth_deg = _azimuth_deg(start, (ahead.x, ahead.y))
            yield _Arm(number, end, (start[0], start[1]), azimuth_deg)


def _moved(x: float, y: float, azimuth_deg: float, distance_m: float) -> tuple[float, float]:
    bearing = np.radians(azimuth_deg)
    return x + distance_m * float(np.sin(bearing)), y + distance_m * float(np.cos(bearing))


def _azimuth_deg(start: tuple[float, ...], end: tuple[float, ...]) -> float:
    return float(np.degrees(np.arctan2(end[0] - start[0], end[1] - start[1]))) % 360
