"""Drawing shapes of a zone as SVG: a sheet that turns metres into its units, and paths."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import shapely
from markupsafe import Markup
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from api.bilingual import Both

_NAME = Markup(
    '<text{} class="{}" transform="translate({:.1f} {:.1f}) rotate({:.0f})" dy=".35em">{}</text>'
)


@dataclass(frozen=True)
class Sheet:
    """A rectangle of ground on paper, north up.

    Attributes
    ----------
    west, north
        Upper left corner, in metres.
    scale
        Units of the drawing to a metre.
    width, height
        Size, in units of the drawing.
    """

    west: float
    north: float
    scale: float
    width: float
    height: float

    @classmethod
    def around(cls, shape: BaseGeometry, *, width: float, margin_m: float) -> Self:
        """Lay a sheet around a shape.

        Parameters
        ----------
        shape
            What must be on it.
        width
            Width of the sheet, in units of the drawing.
        margin_m
            Ground around the shape, in metres.

        Returns
        -------
        Sheet
            The sheet; its height follows from the shape.
        """
        west, south, east, north = shape.buffer(margin_m).bounds
        scale = width / (east - west)
        return cls(west, north, scale, width, (north - south) * scale)

    def scaled(self, times: float) -> Self:
        """Lay the same ground on a sheet of another size.

        Parameters
        ----------
        times
            Size of the new sheet by that of this one, > 0.

        Returns
        -------
        Sheet
            The sheet.
        """
        return replace(
            self,
            scale=self.scale * times,
            width=self.width * times,
            height=self.height * times,
        )

    @property
    def area(self) -> Polygon:
        """Ground on the sheet.

        Returns
        -------
        Polygon
            Rectangle, in metres.
        """
        return shapely.box(
            self.west,
            self.north - self.height / self.scale,
            self.west + self.width / self.scale,
            self.north,
        )

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Find a place on the sheet.

        Parameters
        ----------
        x, y
            Place in metres.

        Returns
        -------
        tuple
            Units to the right and down.
        """
        return (x - self.west) * self.scale, (self.north - y) * self.scale

    def path(self, shapes: Iterable[BaseGeometry], *, of: str) -> Markup:
        """Draw lines or areas as one path, cut to the sheet.

        Parameters
        ----------
        shapes
            Lines or polygons.
        of
            Class of the path.

        Returns
        -------
        Markup
            A path; empty where no shape is on the sheet.
        """
        cut = shapely.intersection(list(shapes), self.area)
        parts = shapely.get_parts(shapely.get_parts(cut))  # of collections, their members
        data = "".join(self._stroke(ring) for part in parts for ring in _rings(part))
        if not data:
            return Markup()
        return Markup('<path class="{}" d="{}"/>').format(of, data)

    def _stroke(self, ring: LineString) -> str:
        xy = shapely.get_coordinates(ring)
        units = (xy - (self.west, self.north)) * (self.scale, -self.scale)
        rounded = np.round(units, 1) + 0.0  # no minus before a zero
        # Vertices that fall together on paper are one.
        kept = np.append(True, (np.diff(rounded, axis=0) != 0).any(axis=1))
        points = " ".join(f"{x:g} {y:g}" for x, y in rounded[kept])
        return f"M{points}Z" if ring.is_closed else f"M{points}"


def _rings(part: BaseGeometry) -> list[LineString]:
    if part.is_empty:
        return []
    if isinstance(part, Polygon):
        return [part.exterior, *part.interiors]
    return [part] if isinstance(part, LineString) else []


def label(text: Both, *, of: str, at: tuple[float, float], angle_deg: float = 0.0) -> Markup:
    """Write a text in both languages; the page's language decides which of them shows.

    Parameters
    ----------
    text
        What to write.
    of
        Class of the text.
    at
        Place on the sheet, in its units.
    angle_deg
        Turn clockwise, in degrees.

    Returns
    -------
    Markup
        One text element a language; a single one where both say the same.
    """
    if text.th == text.en:
        return _NAME.format("", of, *at, angle_deg, text.th)
    spoken = Markup(' lang="{}"').format
    return Markup().join(
        _NAME.format(spoken(language), of, *at, angle_deg, text.read(language))
        for language in ("th", "en")
    )


def round_step(span: float, *, most: int) -> float:
    """Give a step of 1, 2 or 5 times a power of ten that divides a span into few parts.

    Parameters
    ----------
    span
        Length to divide, > 0.
    most
        Most parts wanted, at least 1.

    Returns
    -------
    float
        The smallest such step.

    Examples
    --------
    >>> round_step(730.0, most=5), round_step(10, most=10)
    (200.0, 1.0)
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power * most >= span)
