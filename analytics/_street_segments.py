"""Streets as straight segments: where along a street a field of view begins and ends, and back.

Offsets add up segment by segment, so that a line which crosses, meets or retraces itself counts on
each pass, and the end of a segment has exactly the offset of the beginning of the next.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._intervals import ROUNDING_M, Floats, Intervals, Ints

Shapes = NDArray[np.object_]


class Views(NamedTuple):
    """Parts of streets within fields of view.

    Attributes
    ----------
    parts
        The parts of streets; those of one street and field are disjoint.
    field
        Field of each part, by position.
    """

    parts: Intervals
    field: Ints


@dataclass(frozen=True)
class StreetSegments:
    """The straight segments of streets, street by street from start to end.

    Attributes
    ----------
    tail_xy
        Where each segment begins, shape (segments, 2).
    head_xy
        Where each segment ends, shape (segments, 2).
    parts
        The part of its street that each segment is.
    length_m
        Length of each street.
    """

    tail_xy: Floats
    head_xy: Floats
    parts: Intervals
    length_m: Floats

    @classmethod
    def of_lines(cls, lines: Shapes) -> Self:
        """Take streets apart.

        Parameters
        ----------
        lines
            LineStrings, one a street.

        Returns
        -------
        segments
            Their segments of a length > 0.
        """
        xy, line = shapely.get_coordinates(lines, return_index=True)
        step = np.hypot(*np.diff(xy, axis=0).T)
        segment = np.flatnonzero((line[1:] == line[:-1]) & (step > 0.0))
        street = line[segment].astype(np.int64)
        to_m = pd.Series(step[segment]).groupby(street).cumsum().to_numpy(dtype=np.float64)
        last = np.append(street[1:] != street[:-1], True)[: street.size]
        from_m = np.zeros_like(to_m)
        from_m[1:] = np.where(last[:-1], 0.0, to_m[:-1])
        length_m = np.zeros(lines.size)
        length_m[street[last]] = to_m[last]
        return cls(xy[segment], xy[segment + 1], Intervals(street, from_m, to_m), length_m)

    def within(self, fields: Shapes) -> Views:
        """Find the parts of the streets that lie in each field, on its boundary too.

        Parameters
        ----------
        fields
            Valid Polygons or MultiPolygons, possibly empty.

        Returns
        -------
        views
            The parts, by street, then field, then place; those of one street and field are
            disjoint. Where a street only touches a field at a point there is none.
        """
        shapely.prepare(fields)
        field, segment = self._tree.query(fields, predicate="intersects")
        whole = shapely.covers(fields[field], self._lines[segment])
        cut = ~whole
        pieces, pair = self._cut(segment[cut], fields[field[cut]])
        found = self.parts.taken(segment[whole]).joined(pieces)
        field = np.append(field[whole], field[cut][pair])
        # A sweep over the parts of one street and field joins what goes on from segment to segment.
        both = found.street * fields.size + field
        parts = Intervals(both, found.from_m, found.to_m).overlapping()
        street, field = np.divmod(parts.street, max(fields.size, 1))
        return Views(Intervals(street, parts.from_m, parts.to_m), field)

    def drawn(self, parts: Intervals) -> Shapes:
        """Draw parts of the streets.

        Parameters
        ----------
        parts
            Parts of a length > 0.

        Returns
        -------
        lines
            A LineString each, with every vertex of its street on the way.
        """
        # All streets in a row: each begins, to the last bit, where the one before it ends.
        base = np.append(0.0, np.cumsum(self.length_m))
        begins = base[self.parts.street] + self.parts.from_m
        first = np.searchsorted(begins, base[parts.street] + parts.from_m, side="right") - 1
        last = np.searchsorted(begins, base[parts.street] + parts.to_m, side="left") - 1
        number = np.arange(len(parts))
        inner = last - first
        owner = np.repeat(number, inner)
        vertex = np.arange(owner.size) - np.repeat(np.cumsum(inner) - inner, inner) + first[owner]
        xy = np.concatenate(
            [self._at(first, parts.from_m), self.head_xy[vertex], self._at(last, parts.to_m)]
        )
        of_part = np.concatenate([number, owner, number])
        order = np.argsort(of_part, kind="stable")
        return np.asarray(shapely.linestrings(xy[order], indices=of_part[order]), dtype=object)

    @cached_property
    def _lines(self) -> Shapes:
        ends = np.stack([self.tail_xy, self.head_xy], axis=1)
        return np.asarray(shapely.linestrings(ends), dtype=object)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._lines)

    def _cut(self, segment: Ints, fields: Shapes) -> tuple[Intervals, Ints]:
        """Return the parts of segments within the fields beside them, and the pair of each part."""
        found, pair = shapely.get_parts(
            shapely.intersection(self._lines[segment], fields), return_index=True
        )
        line = shapely.get_type_id(found) == shapely.GeometryType.LINESTRING
        found, pair = found[line], pair[line]
        owner = segment[pair]
        begin, end = (
            self._offset(owner, shapely.get_coordinates(shapely.get_point(found, place)))
            for place in (0, -1)
        )
        parts = Intervals(self.parts.street[owner], np.minimum(begin, end), np.maximum(begin, end))
        return parts, pair

    def _offset(self, segment: Ints, xy: Floats) -> Floats:
        """Return the offsets along the street of places on segments; at their ends, theirs."""
        from_m, to_m = self.parts.from_m[segment], self.parts.to_m[segment]
        offset = from_m + np.hypot(*(xy - self.tail_xy[segment]).T)
        offset = np.where(offset - from_m <= ROUNDING_M, from_m, offset)
        return np.where(to_m - offset <= ROUNDING_M, to_m, offset)

    def _at(self, segment: Ints, offset_m: Floats) -> Floats:
        """Return the places at offsets along the street, on segments that hold them."""
        from_m, to_m = self.parts.from_m[segment], self.parts.to_m[segment]
        along = ((offset_m - from_m) / (to_m - from_m))[:, None]
        ahead = self.head_xy[segment]
        xy = self.tail_xy[segment] + along * (ahead - self.tail_xy[segment])
        return np.where(along >= 1.0, ahead, xy)
