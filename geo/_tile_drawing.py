"""Shapes of one piece drawn on a tile, as its bytes: clipped, simplified and rounded, compiled.

Rings are clipped after Sutherland and Hodgman (1974) and simplified after Douglas and Peucker
(1973). A ring that comes out crossing or touching itself is not drawn here but left over, and so
is all that has several pieces or holes: whoever draws those has a whole geometry library.
"""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from geo._tile_bytes import LINE, POINT, POLYGON
from geo._tile_message import put_varint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Shapes = NDArray[np.object_]

LEFT_OVER: Final = -1
"""Size of a shape that was not drawn."""

# Each edge is put to every other: of longer rings another method finds sooner whether they cross.
_LONGEST_RING = 64
_NOT_AT_ALL = -1.0
_CORNERS = 3
_SIDES = 4
_COMMANDS_BYTES = 16
_POINT_BYTES = 4


class Outlines(NamedTuple):
    """The coordinates of many shapes, one after the other.

    Attributes
    ----------
    xy
        Coordinates, shape (n, 2).
    starts
        Where each shape begins, and where the last ends.
    kinds
        POINT, LINE or POLYGON; 0 for a shape of several pieces, which has no coordinates here.
    """

    xy: Floats
    starts: Ints
    kinds: NDArray[np.int8]

    @classmethod
    def of(cls, shapes: Shapes) -> "Outlines":
        """Lay shapes out.

        Parameters
        ----------
        shapes
            Geometries, none of them empty.

        Returns
        -------
        outlines
            Their coordinates.
        """
        kinds = np.zeros(len(shapes), dtype=np.int8)
        types = shapely.get_type_id(shapes)
        kinds[types == shapely.GeometryType.POINT] = POINT
        kinds[types == shapely.GeometryType.LINESTRING] = LINE
        whole = shapely.get_num_interior_rings(shapes) == 0
        kinds[(types == shapely.GeometryType.POLYGON) & whole] = POLYGON
        count = np.where(kinds > 0, shapely.get_num_coordinates(shapes), 0)
        starts = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        return cls(shapely.get_coordinates(shapes[kinds > 0]), starts, kinds)


class Frame(NamedTuple):
    """Where a tile lies, and how it is drawn.

    Attributes
    ----------
    west, north
        Its corner.
    unit
        Side of a unit of its coordinates, as long as what the corner is measured in.
    low, high
        Least and greatest coordinate of what is drawn.
    tolerance
        How far, in units, a line may go astray for being simplified.
    """

    west: float
    north: float
    unit: float
    low: float
    high: float
    tolerance: float


class _Scratch(NamedTuple):
    """Room for one shape on its way: exact points, before and after a cut, and those on the grid.

    Attributes
    ----------
    here, other
        Exact points.
    grid
        Points on whole coordinates.
    kept
        Which points stay.
    spans
        Spans of points that are still to be simplified.
    """

    here: Floats
    other: Floats
    grid: Ints
    kept: Flags
    spans: Ints


@njit(cache=True, nogil=True)
def draw(outlines: Outlines, rows: Ints, over: Flags, frame: Frame) -> tuple[Bytes, Ints]:
    """Draw shapes on a tile.

    Parameters
    ----------
    outlines
        The shapes.
    rows
        Which are drawn.
    over
        Whether each reaches over what is drawn of the tile.
    frame
        The tile.

    Returns
    -------
    written
        The commands of section 4.3, shape after shape.
    sizes
        Bytes of each shape; 0 where nothing of it is left on the grid, `LEFT_OVER` where it is not
        drawn.
    """
    longest, room = 0, 0
    for row in rows:
        count = outlines.starts[row + 1] - outlines.starts[row]
        longest = max(longest, count)
        room += _COMMANDS_BYTES + _POINT_BYTES * max(count, _LONGEST_RING)
    written = np.empty(room, dtype=np.uint8)
    sizes = np.empty(len(rows), dtype=np.int64)
    room_of_one = 6 * longest + 16  # each of four cuts may add half as many points as there were
    scratch = _Scratch(
        np.empty((room_of_one, 2)),
        np.empty((room_of_one, 2)),
        np.empty((room_of_one, 2), dtype=np.int64),
        np.empty(room_of_one, dtype=np.bool_),
        np.empty((room_of_one, 2), dtype=np.int64),
    )
    at = 0
    for place, row in enumerate(rows):
        after = _put_shape(written, at, outlines, row, over[place], frame, scratch)
        sizes[place] = after - at if after >= 0 else LEFT_OVER
        at = max(at, after)
    return written[:at], sizes


@njit(cache=True, nogil=True)
def _put_shape(  # noqa: PLR0917  # compiled code takes no keywords quickly
    written: Bytes,
    at: int,
    outlines: Outlines,
    row: int,
    over: bool,  # noqa: FBT001
    frame: Frame,
    scratch: _Scratch,
) -> int:
    """Write a shape; return where it ends, or `LEFT_OVER`."""
    kind = outlines.kinds[row]
    if kind == 0 or (over and kind != POLYGON):
        return LEFT_OVER
    start, here = outlines.starts[row], scratch.here
    count = outlines.starts[row + 1] - start
    for step in range(count):
        here[step, 0] = (outlines.xy[start + step, 0] - frame.west) / frame.unit
        here[step, 1] = (frame.north - outlines.xy[start + step, 1]) / frame.unit
    if kind != POLYGON:
        points = _simplified(scratch, count, frame.tolerance)
        return _put_line(written, at, scratch.grid, points, kind)
    if over:
        count = _clipped(scratch, count, frame.low, frame.high)
    points = _ring(scratch, count, frame.tolerance)
    return _put_ring(written, at, scratch.grid, points) if points >= 0 else LEFT_OVER


@njit(cache=True, nogil=True)
def _clipped(scratch: _Scratch, count: int, low: float, high: float) -> int:
    """Cut a closed ring by the sides of a square, in place; return how many points it has."""
    here, other = scratch.here, scratch.other
    count -= 1
    for side in range(_SIDES):
        axis = side % 2
        bound = low if side < 2 else high  # noqa: PLR2004
        sign = 1.0 if side < 2 else -1.0  # noqa: PLR2004
        found = 0
        for step in range(count):
            after = step + 1 if step + 1 < count else 0
            a = sign * (here[step, axis] - bound)
            b = sign * (here[after, axis] - bound)
            if a >= 0.0:
                other[found, 0], other[found, 1] = here[step, 0], here[step, 1]
                found += 1
            if (a > 0.0 and b < 0.0) or (a < 0.0 and b > 0.0):
                share = a / (a - b)
                across = 1 - axis
                other[found, axis] = bound
                other[found, across] = here[step, across] + share * (
                    here[after, across] - here[step, across]
                )
                found += 1
        count = found
        for step in range(count):
            here[step, 0], here[step, 1] = other[step, 0], other[step, 1]
    if count:
        here[count, 0], here[count, 1] = here[0, 0], here[0, 1]
        count += 1
    return count


@njit(cache=True, nogil=True)
def _ring(scratch: _Scratch, count: int, tolerance: float) -> int:
    """Put a closed ring on the grid, simplified where it can be; return how many points it has."""
    grid = scratch.grid
    points = _open(grid, _simplified(scratch, count, tolerance))
    if _is_sound(grid, points):
        return points
    points = _open(grid, _simplified(scratch, count, _NOT_AT_ALL))
    if points < _CORNERS:
        return 0  # all its corners round to two: whatever way it is drawn, it has no area
    return points if _is_sound(grid, points) else LEFT_OVER


@njit(cache=True, nogil=True)
def _open(grid: Ints, points: int) -> int:
    """Return how many points a ring has without those at its end that repeat the first."""
    while points > 1 and grid[points - 1, 0] == grid[0, 0] and grid[points - 1, 1] == grid[0, 1]:
        points -= 1
    return points


@njit(cache=True, nogil=True)
def _simplified(scratch: _Scratch, count: int, tolerance: float) -> int:
    """Put a line on the grid without points that it can do without; return how many it has."""
    here, grid, kept, stack = scratch.here, scratch.grid, scratch.kept, scratch.spans
    for step in range(count):
        kept[step] = tolerance < 0.0 or step == 0 or step == count - 1
    depth = 0
    if tolerance >= 0.0 and count > 2:  # noqa: PLR2004
        stack[0, 0], stack[0, 1] = 0, count - 1
        depth = 1
    while depth:
        depth -= 1
        first, last = stack[depth, 0], stack[depth, 1]
        farthest, worst = first, tolerance * tolerance
        for step in range(first + 1, last):
            away = _away(here, step, first, last)
            if away > worst:
                farthest, worst = step, away
        if farthest > first:
            kept[farthest] = True
            stack[depth, 0], stack[depth, 1] = first, farthest
            stack[depth + 1, 0], stack[depth + 1, 1] = farthest, last
            depth += 2
    points = 0
    for step in range(count):
        if kept[step]:
            x, y = int(np.floor(here[step, 0] + 0.5)), int(np.floor(here[step, 1] + 0.5))
            if points == 0 or x != grid[points - 1, 0] or y != grid[points - 1, 1]:
                grid[points, 0], grid[points, 1] = x, y
                points += 1
    return points


@njit(cache=True, nogil=True)
def _away(here: Floats, step: int, first: int, last: int) -> float:
    """Return the square of the distance from a point to the segment between two others."""
    wide, high = here[last, 0] - here[first, 0], here[last, 1] - here[first, 1]
    x, y = here[step, 0] - here[first, 0], here[step, 1] - here[first, 1]
    length = wide * wide + high * high
    share = min(max((x * wide + y * high) / length, 0.0), 1.0) if length > 0.0 else 0.0
    x, y = x - share * wide, y - share * high
    return float(x * x + y * y)


@njit(cache=True, nogil=True)
def _is_sound(grid: Ints, points: int) -> bool:
    """Tell whether a ring has an area and neither crosses nor touches itself."""
    if points < _CORNERS or points > _LONGEST_RING or _area(grid, points) == 0:
        return False
    for one in range(points):
        after = one + 1 if one + 1 < points else 0
        if _turns_back(grid, one, after, after + 1 if after + 1 < points else 0):
            return False
        for two in range(one + 2, points):
            following = two + 1 if two + 1 < points else 0
            if following != one and _meet(grid, one, after, two, following):
                return False
    return True


@njit(cache=True, nogil=True)
def _turns_back(grid: Ints, a: int, b: int, c: int) -> bool:
    """Tell whether an edge lies on the one before it."""
    if _side(grid, a, b, c) != 0:
        return False
    x = (grid[b, 0] - grid[a, 0]) * (grid[c, 0] - grid[b, 0])
    y = (grid[b, 1] - grid[a, 1]) * (grid[c, 1] - grid[b, 1])
    return bool(x + y < 0)


@njit(cache=True, nogil=True)
def _meet(grid: Ints, a: int, b: int, c: int, d: int) -> bool:
    """Tell whether two segments have a point in common."""
    for axis in range(2):
        if max(grid[a, axis], grid[b, axis]) < min(grid[c, axis], grid[d, axis]):
            return False
        if max(grid[c, axis], grid[d, axis]) < min(grid[a, axis], grid[b, axis]):
            return False
    apart = _side(grid, a, b, c) * _side(grid, a, b, d)
    return apart <= 0 and _side(grid, c, d, a) * _side(grid, c, d, b) <= 0


@njit(cache=True, nogil=True)
def _side(grid: Ints, a: int, b: int, c: int) -> int:
    """Return on which side of a line a point lies: 1, 0 or -1."""
    turn = (grid[b, 0] - grid[a, 0]) * (grid[c, 1] - grid[a, 1]) - (grid[b, 1] - grid[a, 1]) * (
        grid[c, 0] - grid[a, 0]
    )
    return int(turn > 0) - int(turn < 0)


@njit(cache=True, nogil=True)
def _area(grid: Ints, points: int) -> int:
    """Return twice the area of a ring, positive where it turns as an outer ring does."""
    area = 0
    for one in range(points):
        after = one + 1 if one + 1 < points else 0
        area += grid[one, 0] * grid[after, 1] - grid[after, 0] * grid[one, 1]
    return area


@njit(cache=True, nogil=True)
def _put_line(written: Bytes, at: int, grid: Ints, points: int, kind: int) -> int:
    """Write a point or a line, if it is one; return where it ends."""
    if points < kind:
        return at
    at = _put_point(written, put_varint(written, at, 1 << 3 | 1), grid[0, 0], grid[0, 1])
    if points > 1:
        at = put_varint(written, at, (points - 1) << 3 | 2)
    for step in range(1, points):
        x, y = grid[step, 0] - grid[step - 1, 0], grid[step, 1] - grid[step - 1, 1]
        at = _put_point(written, at, x, y)
    return at


@njit(cache=True, nogil=True)
def _put_ring(written: Bytes, at: int, grid: Ints, points: int) -> int:
    """Write an outer ring, section 4.3.3.3, if there is one; return where it ends."""
    if points == 0:
        return at
    if _area(grid, points) < 0:
        for one in range(1, (points + 1) // 2):
            other = points - one
            for axis in range(2):
                grid[one, axis], grid[other, axis] = grid[other, axis], grid[one, axis]
    at = _put_line(written, at, grid, points, LINE)
    return put_varint(written, at, 1 << 3 | 7)


@njit(cache=True, nogil=True)
def _put_point(written: Bytes, at: int, x: int, y: int) -> int:
    at = put_varint(written, at, (x << 1) ^ (x >> 63))
    return put_varint(written, at, (y << 1) ^ (y >> 63))
