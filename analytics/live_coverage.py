"""Coverage that follows single cameras as they go down, come back, turn, arrive or leave.

What each camera sees is kept: the exact intervals of the streets and the points within its field.
A change computes the changed camera's own part alone. Counts and lengths are then told anew from
what is kept, by the very sums that a full computation makes, so that both agree to the last bit.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon

from analytics._coverage_input import FIELDS, examine_coverage, repeated_labels
from analytics._intervals import Flags, Floats, Intervals, Ints
from analytics._street_segments import Shapes, StreetSegments
from analytics.blindspots import Coverage, street_coverage
from geo.errors import LayerError, NotFoundError, ParameterError
from geo.shapes import examine_shapes


class _Ground(NamedTuple):
    """What cameras look at; it never changes."""

    streets: pd.Index
    segments: StreetSegments
    points: gpd.GeoDataFrame
    tree: shapely.STRtree


class _Kept(NamedTuple):
    """What cameras see: parts of streets and points, each with the position of the camera."""

    parts: Intervals
    of_part: Ints
    point: Ints
    of_point: Ints

    @classmethod
    def seen(cls, ground: _Ground, fields: Shapes, *, first: int = 0) -> Self:
        """Look with cameras numbered from `first`."""
        parts, of_part = ground.segments.within(fields)
        of_point, point = ground.tree.query(fields, predicate="intersects")
        return cls(parts, of_part + first, point, of_point + first)

    def by(self, cameras: Flags) -> Self:
        """Keep what the flagged cameras see."""
        part, point = cameras[self.of_part], cameras[self.of_point]
        return type(self)(
            self.parts.taken(part), self.of_part[part], self.point[point], self.of_point[point]
        )

    def joined(self, more: Self) -> Self:
        return type(self)(
            self.parts.joined(more.parts),
            np.append(self.of_part, more.of_part),
            np.append(self.point, more.point),
            np.append(self.of_point, more.of_point),
        )


@dataclass(frozen=True, eq=False)
class LiveCoverage:
    """Coverage of streets by cameras that change one at a time.

    A value: every change returns another, which shares with this one all that did not change.
    """

    _labels: pd.Index
    _on: Flags
    _ground: _Ground
    _kept: _Kept

    def __post_init__(self) -> None:
        self._on.setflags(write=False)

    @classmethod
    def of(
        cls, streets: gpd.GeoDataFrame, fields: gpd.GeoSeries, *, spacing_m: float = 2.0
    ) -> Self:
        """Compute the coverage by all cameras, each of them on.

        Parameters
        ----------
        streets
            Lines in a projected CRS, one a street.
        fields
            Polygons, one a camera, possibly empty, in the CRS of `streets`; labels of the index
            are unique.
        spacing_m
            Largest distance between neighbouring points of a street, > 0.

        Returns
        -------
        LiveCoverage
            The coverage.

        Raises
        ------
        ParameterError
            If `spacing_m` is out of its range.
        LayerError
            If a layer does not hold valid shapes of its kind, the CRS of the streets is not
            projected, that of the fields differs, or labels of cameras repeat.
        """
        lines, areas, faults = examine_coverage(streets, fields)
        faults += repeated_labels(areas.index, source=FIELDS)
        if faults:
            raise LayerError(faults)
        points = street_coverage(streets, areas.iloc[:0], spacing_m=spacing_m)
        ground = _Ground(
            lines.index,
            StreetSegments.of_lines(lines.to_numpy()),
            points,
            shapely.STRtree(points.geometry.to_numpy()),
        )
        on = np.ones(len(areas), dtype=np.bool_)
        return cls(areas.index, on, ground, _Kept.seen(ground, areas.to_numpy()))

    @property
    def cameras(self) -> "pd.Series[bool]":
        """Which cameras are on.

        Returns
        -------
        pandas.Series
            Whether each camera is on, labelled as the cameras are.
        """
        return pd.Series(self._on, index=self._labels, name="on", copy=True)

    @property
    def seen_m(self) -> float:
        """Length of street that is seen.

        Returns
        -------
        seen_m
            Length within at least one field of view of a camera that is on, in metres.
        """
        return self.coverage.seen_m

    @property
    def blind_m(self) -> float:
        """Length of street that is not seen.

        Returns
        -------
        blind_m
            Length within no field of view of a camera that is on, in metres.
        """
        return self.coverage.blind_m

    @cached_property
    def coverage(self) -> Coverage:
        """All streets together.

        Returns
        -------
        Coverage
            What `coverage_of` gives for the cameras that are on, to the last bit.
        """
        return Coverage.of_lengths(self._ground.segments.length_m, self._seen_m)

    @property
    def streets(self) -> pd.DataFrame:
        """Each street by itself.

        Returns
        -------
        pandas.DataFrame
            `total_m`, `seen_m` and `blind_m` of each street, labelled as the streets are.
        """
        total_m = self._ground.segments.length_m
        return pd.DataFrame(
            {"total_m": total_m, "seen_m": self._seen_m, "blind_m": total_m - self._seen_m},
            index=self._ground.streets,
        )

    @property
    def points(self) -> gpd.GeoDataFrame:
        """All points along the streets, each with the number of cameras that see it.

        Returns
        -------
        geopandas.GeoDataFrame
            What `street_coverage` gives for the cameras that are on.
        """
        return self._ground.points.assign(seen_by=self._seen_by)

    def switch(self, camera: Hashable, *, on: bool) -> Self:
        """Return the coverage with a camera switched on or off.

        Parameters
        ----------
        camera
            Label of the camera.
        on
            Whether it is on.

        Returns
        -------
        LiveCoverage
            The coverage; what the camera sees is kept while it is off.

        Raises
        ------
        NotFoundError
            If there is no such camera.
        """
        flags = self._on.copy()
        flags[self._position(camera)] = on
        return replace(self, _on=flags)

    def replaced(self, camera: Hashable, field: Polygon | MultiPolygon) -> Self:
        """Return the coverage with a camera that was moved or turned.

        Parameters
        ----------
        camera
            Label of the camera; on or off as it was.
        field
            What it sees now, possibly empty, in the CRS of the streets.

        Returns
        -------
        LiveCoverage
            The coverage.

        Raises
        ------
        NotFoundError
            If there is no such camera.
        LayerError
            If the field is no valid Polygon or MultiPolygon.
        """
        position = self._position(camera)
        new = self._look(camera, field, position)
        others = np.arange(len(self._on)) != position
        return replace(self, _kept=self._kept.by(others).joined(new))

    def added(self, camera: Hashable, field: Polygon | MultiPolygon) -> Self:
        """Return the coverage with one camera more, which is on.

        Parameters
        ----------
        camera
            Label of the camera.
        field
            What it sees, possibly empty, in the CRS of the streets.

        Returns
        -------
        LiveCoverage
            The coverage.

        Raises
        ------
        ParameterError
            If there is such a camera.
        LayerError
            If the field is no valid Polygon or MultiPolygon.
        """
        labels = self._labels.append(pd.Index([camera]))
        if not labels.is_unique:
            raise ParameterError(f"Expected `camera` with a label of its own, got {camera!r}.")
        new = self._look(camera, field, len(self._on))
        on = np.append(self._on, True)
        return replace(self, _labels=labels, _on=on, _kept=self._kept.joined(new))

    def removed(self, camera: Hashable) -> Self:
        """Return the coverage without a camera.

        Parameters
        ----------
        camera
            Label of the camera.

        Returns
        -------
        LiveCoverage
            The coverage.

        Raises
        ------
        NotFoundError
            If there is no such camera.
        """
        others = np.arange(len(self._on)) != self._position(camera)
        number = np.cumsum(others) - 1
        kept = self._kept.by(others)
        kept = kept._replace(of_part=number[kept.of_part], of_point=number[kept.of_point])
        return replace(self, _labels=self._labels[others], _on=self._on[others], _kept=kept)

    @cached_property
    def _seen_m(self) -> Floats:
        on = self._on[self._kept.of_part]
        return self._kept.parts.taken(on).overlapping().lengths(len(self._ground.streets))

    @cached_property
    def _seen_by(self) -> Ints:
        on = self._on[self._kept.of_point]
        return np.bincount(self._kept.point[on], minlength=len(self._ground.points))

    def _position(self, camera: Hashable) -> int:
        found = self._labels.get_loc(camera) if camera in self._labels else None
        # Part of a label of several levels, or of a date, is found as a slice or flags.
        if not isinstance(found, int):
            raise NotFoundError(f"Expected a camera of the coverage, got {camera!r}.")
        return found

    def _look(self, camera: Hashable, field: Polygon | MultiPolygon, number: int) -> _Kept:
        one = gpd.GeoSeries([field], index=[camera])
        areas, faults = examine_shapes(
            one, ("Polygon", "MultiPolygon"), source=FIELDS, may_be_empty=True
        )
        if faults:
            raise LayerError(faults)
        return _Kept.seen(self._ground, areas.to_numpy(), first=number)
