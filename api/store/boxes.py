"""Bounding boxes in longitude and latitude, also across the antimeridian."""

import math
from dataclasses import dataclass
from typing import Self

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.errors import ParameterError

_PLANE = 4
_SPACE = 6
_HALF_TURN_DEG = 180.0
_RIGHT_ANGLE_DEG = 90.0


@dataclass(frozen=True)
class Box:
    """A bounding box in WGS 84 degrees; a west beyond the east spans the antimeridian.

    Attributes
    ----------
    west
        Western longitude, -180 to 180.
    south
        Southern latitude, -90 to 90.
    east
        Eastern longitude, -180 to 180.
    north
        Northern latitude, from `south` to 90.
    """

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        for name, bound in (
            ("west", _HALF_TURN_DEG),
            ("east", _HALF_TURN_DEG),
            ("south", _RIGHT_ANGLE_DEG),
            ("north", _RIGHT_ANGLE_DEG),
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and -bound <= value <= bound):
                raise ParameterError(
                    f"Expected `bbox` {name} within {-bound:g} and {bound:g} degrees, got {value}."
                )
        if self.south > self.north:
            raise ParameterError(
                f"Expected `bbox` south <= north, got {self.south} > {self.north}."
            )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a box as OGC API writes it.

        Parameters
        ----------
        text
            Four numbers "west,south,east,north", or six with a lowest and highest height, which
            are read and set aside: the layers are flat.

        Returns
        -------
        box
            The box.

        Raises
        ------
        ParameterError
            When the text is not such a box.

        Examples
        --------
        >>> Box.parse("98.38,7.88,98.39,7.89")
        Box(west=98.38, south=7.88, east=98.39, north=7.89)
        """
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) == _SPACE and all(map(math.isfinite, numbers)):
            west, south, _, east, north, _ = numbers
        elif len(numbers) == _PLANE:
            west, south, east, north = numbers
        else:
            raise ParameterError(f"Expected `bbox` of 4 or 6 numbers, got {text!r}.")
        return cls(west, south, east, north)

    def parts(self) -> tuple[tuple[float, float, float, float], ...]:
        """Return the box as one or two boxes whose west is not beyond their east.

        Returns
        -------
        parts
            West, south, east and north of each part.
        """
        if self.west <= self.east:
            return ((self.west, self.south, self.east, self.north),)
        return (
            (self.west, self.south, _HALF_TURN_DEG, self.north),
            (-_HALF_TURN_DEG, self.south, self.east, self.north),
        )

    def shapes(self) -> tuple[BaseGeometry, ...]:
        """Return what the box covers: areas, or the line or point that a flat one is.

        Returns
        -------
        shapes
            The shape of each part. A flat area would be no valid one, of which libraries say
            different things.
        """
        return tuple(_shape(*part) for part in self.parts())


def _shape(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return Point(west, south)
    if west == east or south == north:
        return LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
