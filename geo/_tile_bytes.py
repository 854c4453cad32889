"""The bytes of Mapbox vector tiles, written by numpy for all features of a tile at once.

Mapbox Vector Tile Specification 2.1 (https://github.com/mapbox/vector-tile-spec/tree/master/2.1),
in the wire format of protocol buffers.
"""

import struct
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

# Section 4.3.4.2: the type of a geometry by its dimension; the numbers of points, lines, polygons.
POINT, LINE, POLYGON = 1, 2, 3
_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 15
_SEVEN_BITS: Final = 7
_LARGEST_VARINT: Final = 10


def varint(number: int) -> bytes:
    """Write one number below 2^64.

    Parameters
    ----------
    number
        The number, >= 0.

    Returns
    -------
    written
        Seven bits a byte, the lowest first.

    Examples
    --------
    >>> varint(300).hex()
    'ac02'
    """
    return _SMALL[number] if number < _KNOWN else _varint(number)


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004  # seven bits
        written.append(number & 0x7F | 0x80)
        number >>= _SEVEN_BITS
    written.append(number)
    return bytes(written)


# Lengths and ids of most features are written from here: each tile has thousands.
_KNOWN: Final = 1 << 12
_SMALL: Final = [_varint(number) for number in range(_KNOWN)]


def field(number: int, content: bytes) -> bytes:
    """Write a field of a message whose content says its own length.

    Parameters
    ----------
    number
        Number of the field, below 16.
    content
        Its content.

    Returns
    -------
    written
        Key, length and content.
    """
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def value(found: str | bool | float) -> bytes:  # noqa: FBT001  # it is a value, not a switch
    """Write a value of a property, section 4.1.

    Parameters
    ----------
    found
        Text, flag, whole or other number.

    Returns
    -------
    written
        The value's message.
    """
    match found:
        case bool():
            return bytes([7 << 3, found])
        case int() if 0 <= found < 2**63:
            return bytes([5 << 3]) + varint(found)
        case int() if -(2**63) <= found < 0:
            return bytes([6 << 3]) + varint(-2 * found - 1)
        case int() | float():
            return bytes([3 << 3 | 1]) + struct.pack("<d", float(found))
        case _:
            return field(1, found.encode())


def split(numbers: Ints, ends: Ints) -> list[bytes]:
    """Write many lists of numbers.

    Parameters
    ----------
    numbers
        All numbers, each >= 0 and below 2^63, list after list.
    ends
        Where each list ends among the numbers.

    Returns
    -------
    lists
        The bytes of each list.
    """
    rest = numbers.astype(np.uint64)
    size = np.ones(len(rest), dtype=np.int64)
    for more in range(1, _LARGEST_VARINT):
        longer = rest >> np.uint64(_SEVEN_BITS * more) > 0
        if not longer.any():
            break
        size += longer
    after = np.cumsum(size)
    written = np.empty(int(after[-1]) if len(after) else 0, dtype=np.uint8)
    start = after - size
    for place in range(int(size.max(initial=0))):
        here = np.flatnonzero(size > place)
        seven = (rest[here] >> np.uint64(_SEVEN_BITS * place)) & np.uint64(0x7F)
        more_follow = (size[here] > place + 1).astype(np.uint64) << np.uint64(_SEVEN_BITS)
        written[start[here] + place] = seven | more_follow
    whole, cuts = written.tobytes(), np.concatenate([[0], after])[ends].tolist()
    return [whole[a:b] for a, b in zip([0, *cuts], cuts, strict=False)]


def commands(shapes: Shapes, kind: int) -> list[bytes]:
    """Write geometries of one dimension, section 4.3.

    Parameters
    ----------
    shapes
        Geometries on whole coordinates of a tile, y southwards, of one dimension each.
    kind
        POINT, LINE or POLYGON.

    Returns
    -------
    written
        The commands of each; empty where nothing of it is left on the grid.
    """
    parts, part_of = shapely.get_parts(shapes, return_index=True)
    if kind == POLYGON:
        parts, ring_of = shapely.get_rings(parts, return_index=True)
        inner = np.append(False, ring_of[1:] == ring_of[:-1])[: len(parts)]
        part_of = part_of[ring_of]
    exact, line_of = shapely.get_coordinates(parts, return_index=True)
    xy = exact.astype(np.int64)
    if kind == POINT:
        return _points(xy, part_of, len(shapes))
    moves = np.append(True, (xy[1:] != xy[:-1]).any(axis=1) | (line_of[1:] != line_of[:-1]))
    xy, line_of = xy[moves[: len(xy)]], line_of[moves[: len(xy)]]
    if kind == POLYGON:
        xy, line_of = _oriented(xy, line_of, inner)
    vertices = np.bincount(line_of, minlength=len(parts))
    kept = (vertices >= kind)[line_of] if len(line_of) else np.zeros(0, dtype=bool)
    xy, line_of = xy[kept], line_of[kept]
    return _lines(xy, line_of, part_of, len(shapes), closed=kind == POLYGON)


def _oriented(xy: Ints, ring_of: Ints, inner: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Turn rings as section 4.3.3.3 asks, leave out their last point and those without area."""
    if not len(ring_of):
        return xy, ring_of
    first = np.flatnonzero(np.append(True, ring_of[1:] != ring_of[:-1]))
    last = np.append(first[1:], len(ring_of)) - 1
    after = np.arange(1, len(ring_of) + 1)
    after[last] = last
    cross = xy[:, 0] * xy[after, 1] - xy[after, 0] * xy[:, 1]
    area = np.zeros(len(inner), dtype=np.int64)
    np.add.at(area, ring_of, cross)
    turned = ((area > 0) == inner)[ring_of]
    mirror = np.repeat(first + last, last - first + 1) - np.arange(len(ring_of))
    order = np.where(turned, mirror, np.arange(len(ring_of)))
    closing = np.zeros(len(ring_of), dtype=bool)
    closing[last] = True
    kept = ~closing & (area[ring_of] != 0)
    return xy[order][kept], ring_of[kept]


def _points(xy: Ints, shape_of: Ints, count: int) -> list[bytes]:
    points = np.bincount(shape_of, minlength=count)
    deltas = _deltas(xy, shape_of)
    ends = np.cumsum(2 * points + (points > 0))
    numbers = np.empty(int(ends[-1]) if count else 0, dtype=np.int64)
    head = (ends - (2 * points + (points > 0)))[points > 0]
    numbers[head] = points[points > 0] << 3 | _MOVE_TO
    rest = np.ones(len(numbers), dtype=bool)
    rest[head] = False
    numbers[rest] = deltas.ravel()
    return split(numbers, ends)


def _lines(xy: Ints, line_of: Ints, shape_of: Ints, count: int, *, closed: bool) -> list[bytes]:
    """Write lines or rings: a move, the further points, and a close where they are rings."""
    lines, vertices = np.unique(line_of, return_counts=True)
    size = 2 * vertices + 2 + closed
    start = np.cumsum(size) - size
    numbers = np.empty(int(size.sum()), dtype=np.int64)
    rest = np.ones(len(numbers), dtype=bool)
    for place, command in ((start, 1 << 3 | _MOVE_TO), (start + 3, vertices - 1 << 3 | _LINE_TO)):
        numbers[place] = command
        rest[place] = False
    if closed:
        numbers[start + size - 1] = _CLOSE_PATH
        rest[start + size - 1] = False
    numbers[rest] = _deltas(xy, shape_of[line_of]).ravel()
    ends = np.cumsum(np.bincount(shape_of[lines], weights=size, minlength=count)).astype(np.int64)
    return split(numbers, ends)


def _deltas(xy: Ints, shape_of: Ints) -> Ints:
    """Return each point from the one before in its feature, in zigzag, section 4.3.2."""
    step = np.diff(xy, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    fresh = np.append(True, shape_of[1:] != shape_of[:-1])[: len(xy)]
    step[fresh] = xy[fresh]
    return np.asarray((step << 1) ^ (step >> 63))
