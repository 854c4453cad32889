"""The angular sweep behind `geo.visibility`: what one point sees among walls.

What a camera sees ends, in every direction, at the nearest of the walls that face it and the chords
of its range arc: their lower envelope in polar coordinates (Hershberger 1989). Merging by pairs,
each by an angular sweep, takes O(n log n) for n walls that do not cross. An ordered tree of walls
under the ray (Asano 1985; Suri and O'Rourke 1986) does too, but its order breaks where walls cross
or coincide; a merge splits an interval there. Angles count from the start of the wedge. Directions
are vectors, compared without trigonometry: a wall has a pole P, with P . z = 1 on its line; along u
the point seen is u / (P . u), and of two walls that with the larger P . u is nearer.

References
----------
Asano, T. (1985). An efficient algorithm for finding the visibility polygon for a polygonal region
with holes. Transactions of the IECE of Japan E68(9), 557-559.
Hershberger, J. (1989). Finding the upper envelope of n line segments in O(n log n) time.
Information Processing Letters 33(4), 169-174.
Suri, S. and O'Rourke, J. (1986). Worst-case optimal algorithms for constructing visibility
polygons with holes. Proceedings of the 2nd Symposium on Computational Geometry, 14-23.
"""

import math
from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ray = tuple[float, float, float]  # angle from the start of the wedge, and a vector that way
Wedge = tuple[Ray, Ray]  # its first and its last ray
Spot = tuple[float, float]
Pair = tuple[int, int]
P = ParamSpec("P")
R = TypeVar("R")

TAU = 2.0 * math.pi
# Columns of a camera: position, first angle of its wedge (anticlockwise from east) and its span in
# radians, range, number of chords of its arc, and the length below which two points are one.
X, Y, START, SPAN, RANGE, CHORDS, RESOLUTION = range(7)
GAP, SOLID = range(2)  # the first rows of seen walls: nothing in the way, ground at the camera
ROWS, RUNS = range(2)  # what `Envelopes.written` counts


class Scene(NamedTuple):
    """The walls of all footprints.

    Attributes
    ----------
    walls
        A row per wall, ground to its left: a corner before it, its tail and its head, as x and y.
    starts
        For each footprint its first row of `walls`; at last the number of walls.
    """

    walls: Floats
    starts: Ints


class Envelopes(NamedTuple):
    """Polar envelopes, one after another; each covers the whole wedge.

    Attributes
    ----------
    rays
        A row per breakpoint: its angle from the start of the wedge, and a vector (x, y) that way.
    nearest
        For each breakpoint, the wall seen from there to the next.
    starts
        For each envelope its first row, and last the row after all; its last row ends the wedge.
    written
        Numbers of rows written and of envelopes ended.
    """

    rays: Floats
    nearest: Ints
    starts: Ints
    written: Ints


def _compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile to machine code that lets other threads run; the code is kept between runs."""
    compiler = numba.njit(cache=True, nogil=True, error_model="numpy")
    return cast("Callable[P, R]", compiler(function))


@_compiled
def _room(envelopes: int, rows: int) -> Envelopes:
    """Return room for so many envelopes of so many rows in all."""
    rays, nearest = np.empty((rows, 3)), np.empty(rows, np.int64)
    return Envelopes(rays, nearest, np.zeros(envelopes + 1, np.int64), np.zeros(2, np.int64))


@_compiled
def _ray(envelope: Envelopes, row: int) -> Ray:
    """Return the ray of a breakpoint."""
    return envelope.rays[row, 0], envelope.rays[row, 1], envelope.rays[row, 2]


@_compiled
def _put(into: Envelopes, ray: Ray, wall: int) -> None:
    """Write one breakpoint."""
    row = into.written[ROWS]
    into.rays[row, 0], into.rays[row, 1], into.rays[row, 2] = ray
    into.nearest[row] = wall
    into.written[ROWS] = row + 1


@_compiled
def _extend(into: Envelopes, ray: Ray, wall: int) -> None:
    """Write one breakpoint, unless the wall before it just goes on."""
    row = into.written[ROWS]
    if row == into.starts[into.written[RUNS]] or into.nearest[row - 1] != wall:
        _put(into, ray, wall)


@_compiled
def _end(into: Envelopes, ray: Ray) -> None:
    """Write the last breakpoint of an envelope."""
    _put(into, ray, GAP)
    into.written[RUNS] += 1
    into.starts[into.written[RUNS]] = into.written[ROWS]


@_compiled
def _edge_of_wedge(camera: Floats, angle: float) -> Ray:
    """Return the ray at an angle from the start of the wedge."""
    return angle, math.cos(camera[START] + angle), math.sin(camera[START] + angle)


@_compiled
def _towards(camera: Floats, x: float, y: float) -> Ray:
    """Return the ray along (x, y); its angle is in [0, tau]."""
    return (math.atan2(y, x) - camera[START]) % TAU, x, y


@_compiled
def _add(into: Envelopes, wedge: Wedge, wall: int, low: Ray, high: Ray) -> None:
    """Add the envelope of one wall alone, as two where it passes the start of the wedge."""
    start, stop = wedge
    passes = low[0] > high[0]
    for begin, end in ((low, stop if passes else high), (start if passes else high, high)):
        if begin[0] < min(end[0], stop[0]):
            if begin[0] > 0.0:
                _put(into, start, GAP)
            _put(into, begin, wall)
            if end[0] < stop[0]:
                _put(into, end, GAP)
            _end(into, stop)


@_compiled
def _square_distance(camera: Floats, wall: Floats) -> float:
    """Return the square of how far a camera stands from a wall."""
    x, y = wall[2] - camera[X], wall[3] - camera[Y]
    dx, dy = wall[4] - wall[2], wall[5] - wall[3]
    along = min(1.0, max(0.0, -(x * dx + y * dy) / (dx * dx + dy * dy)))
    return float((x + along * dx) ** 2 + (y + along * dy) ** 2)


@_compiled
def _set_wall(seen: Floats, wall: int, a: Spot, b: Spot) -> None:
    """Enter the wall from a to b: its pole and its ends."""
    cross = a[0] * b[1] - a[1] * b[0]
    seen[wall, 0], seen[wall, 1] = (b[1] - a[1]) / cross, (a[0] - b[0]) / cross
    seen[wall, 2], seen[wall, 3], seen[wall, 4], seen[wall, 5] = a[0], a[1], b[0], b[1]


@_compiled
def _ground(wall: Floats, camera: Floats) -> tuple[Ray, Ray]:
    """Return the first and last ray into ground at the camera, the same at the head of a wall."""
    x, y, near = camera[X], camera[Y], camera[RESOLUTION]
    out_x, out_y = wall[4] - wall[2], wall[5] - wall[3]
    back_x, back_y = -out_x, -out_y
    if math.hypot(wall[4] - x, wall[5] - y) <= near:
        back_x, back_y = out_x, out_y
    elif math.hypot(wall[2] - x, wall[3] - y) <= near:
        back_x, back_y = wall[0] - wall[2], wall[1] - wall[3]
    return _towards(camera, out_x, out_y), _towards(camera, back_x, back_y)


@_compiled
def _end_of_ground(camera: Floats, scene: Scene, block: int, low: Ray) -> Ray:
    """Return where ground of a building, whose rings may touch there, ends from a ray on."""
    end = low
    for number in range(scene.starts[block], scene.starts[block + 1]):
        wall = scene.walls[number]
        if _square_distance(camera, wall) <= camera[RESOLUTION] ** 2:
            begin, high = _ground(wall, camera)
            nearer = (high[0] - low[0]) % TAU < (end[0] - low[0]) % TAU
            if begin != high and (nearer or end == low):
                end = high
    return end


@_compiled
def _gather(camera: Floats, scene: Scene, blocks: Ints, seen: Floats, into: Envelopes) -> int:
    """Add every wall of some footprints that can hide something; return the rows of `seen`."""
    count = SOLID + 1
    wedge = _edge_of_wedge(camera, 0.0), _edge_of_wedge(camera, camera[SPAN])
    square_near, square_range = camera[RESOLUTION] ** 2, camera[RANGE] ** 2
    for block in blocks:
        for number in range(scene.starts[block], scene.starts[block + 1]):
            wall = scene.walls[number]
            a = (wall[2] - camera[X], wall[3] - camera[Y])
            b = (wall[4] - camera[X], wall[5] - camera[Y])
            # A wall run anticlockwise is seen from behind: something nearer hides it already.
            cross = a[0] * b[1] - a[1] * b[0]
            square_length = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2
            if cross >= 0.0 and cross * cross > square_near * square_length:
                continue
            square_distance = _square_distance(camera, wall)
            if square_distance <= square_near:
                low, high = _ground(wall, camera)
                if low != high:
                    _add(into, wedge, SOLID, low, _end_of_ground(camera, scene, block, low))
                continue
            if cross >= 0.0 or square_distance >= square_range:
                continue
            low, high = _towards(camera, b[0], b[1]), _towards(camera, a[0], a[1])
            # A wall that passes the start of the wedge has its low end over half a turn after its
            # high end. Little after, and rounding has reversed one seen end on: it hides nothing.
            if 0.0 <= low[0] - high[0] <= 1.0:
                continue
            _add(into, wedge, count, low, high)
            _set_wall(seen, count, a, b)
            count += 1
    return count


@_compiled
def _rim(camera: Floats, seen: Floats, count: int) -> Envelopes:
    """Return the envelope of the range arc; its chords are entered as walls from `count` on."""
    chords = int(camera[CHORDS])
    rim = _room(1, chords + 1)
    last = (0.0, 0.0)
    for chord in range(chords + 1):
        angle, x, y = _edge_of_wedge(camera, camera[SPAN] * (chord / chords))
        spot = (camera[RANGE] * x, camera[RANGE] * y)
        if chord > 0:
            _set_wall(seen, count + chord - 1, spot, last)
        _put(rim, (angle, spot[0], spot[1]), count + chord)
        last = spot
    rim.starts[1] = chords + 1
    return rim


@_compiled
def _gain(seen: Floats, pair: Pair, ray: Ray) -> float:
    """Return a number that is positive where the first wall is nearer along a ray."""
    one, two = pair
    if one == two:
        return 0.0
    if one == SOLID or two == GAP:
        return 1.0
    if two == SOLID or one == GAP:
        return -1.0
    pole_x, pole_y = seen[one, 0] - seen[two, 0], seen[one, 1] - seen[two, 1]
    return float(pole_x * ray[1] + pole_y * ray[2])


@_compiled
def _nearer(seen: Floats, pair: Pair, here: Ray, there: Ray, into: Envelopes) -> None:
    """Write the nearer of two walls from here to there."""
    gain, next_gain = _gain(seen, pair, here), _gain(seen, pair, there)
    crossed = min(gain, next_gain) < 0.0 < max(gain, next_gain)
    near, far = pair if (gain if crossed else gain + next_gain) >= 0.0 else (pair[1], pair[0])
    _extend(into, here, near)
    if crossed:
        # The gain is linear in the direction, so this mean of both is where it vanishes.
        x = abs(next_gain) * here[1] + abs(gain) * there[1]
        y = abs(next_gain) * here[2] + abs(gain) * there[2]
        turn = math.atan2(here[1] * y - here[2] * x, here[1] * x + here[2] * y)
        _extend(into, (min(there[0], here[0] + max(0.0, turn)), x, y), far)


@_compiled
def _merge(one: Envelopes, two: Envelopes, runs: Pair, seen: Floats, into: Envelopes) -> None:
    """Sweep over two envelopes at once, each one of many, and write the nearer of both."""
    i, j = one.starts[runs[0]], two.starts[runs[1]]
    last_one, last_two = one.starts[runs[0] + 1] - 1, two.starts[runs[1] + 1] - 1
    here = _ray(one, i)
    while i < last_one and j < last_two:
        pair = (one.nearest[i], two.nearest[j])
        next_one, next_two = one.rays[i + 1, 0], two.rays[j + 1, 0]
        there = _ray(one, i + 1) if next_one <= next_two else _ray(two, j + 1)
        if there[0] > here[0]:
            _nearer(seen, pair, here, there, into)
        i += next_one <= there[0]
        j += next_two <= there[0]
        here = there
    _end(into, here)


@_compiled
def _merge_all(leaves: Envelopes, seen: Floats) -> Envelopes:
    """Merge envelopes by pairs until one is left."""
    while leaves.written[RUNS] > 1:
        runs = leaves.written[RUNS]
        # An interval between two breakpoints is written as two where its walls cross.
        merged = _room((runs + 1) // 2, 2 * leaves.written[ROWS])
        for run in range(0, runs, 2):
            # An odd one is merged with itself, which copies it.
            _merge(leaves, leaves, (run, min(run + 1, runs - 1)), seen, merged)
        leaves = merged
    return leaves


@_compiled
def _hit(seen: Floats, wall: int, ray: Floats) -> Spot:
    """Return the point of a wall that lies along a ray, exactly where that is one of its ends."""
    x, y = ray[1], ray[2]
    if (x == seen[wall, 2] and y == seen[wall, 3]) or (x == seen[wall, 4] and y == seen[wall, 5]):
        return x, y
    scale = seen[wall, 0] * x + seen[wall, 1] * y
    return x / scale, y / scale


@_compiled
def _trace(
    camera: Floats, envelope: Envelopes, seen: Floats, points: list[Spot], ends: list[int]
) -> None:
    """Write the closed rings around what a camera sees, parted by ground at it, and its ends."""
    pieces, around = envelope.written[ROWS] - 1, camera[SPAN] >= TAU
    begin, parted, first = 0, False, len(points)
    for piece in range(pieces):
        if envelope.nearest[piece] == SOLID:
            begin, parted = (piece if around else 0), True
    for step in range(pieces + 1):
        piece = (begin + step) % pieces
        wall = envelope.nearest[piece]
        if step == pieces or wall == SOLID:
            if len(points) > first:
                points.append(points[first])
                ends.append(len(points))
                first = len(points)
            continue
        low, high = envelope.rays[piece], envelope.rays[piece + 1]
        (ax, ay), (bx, by) = _hit(seen, wall, low), _hit(seen, wall, high)
        # Narrower than coordinates can tell is a crack between walls, or a wall seen end on.
        width = (high[0] - low[0]) * max(math.hypot(ax, ay), math.hypot(bx, by))
        if width > camera[RESOLUTION]:
            if len(points) == first and (parted or not around):
                points.append((camera[X], camera[Y]))
            points.append((camera[X] + ax, camera[Y] + ay))
            points.append((camera[X] + bx, camera[Y] + by))


@_compiled
def _envelope(camera: Floats, scene: Scene, blocks: Ints, seen: Floats) -> Envelopes:
    """Return the envelope of some footprints and the range arc; enter their walls as seen."""
    leaves = _room(2 * seen.shape[0], 8 * seen.shape[0])
    count = _gather(camera, scene, blocks, seen, leaves)
    rim = _rim(camera, seen, count)
    if leaves.written[RUNS] == 0:
        return rim
    walls = _merge_all(leaves, seen)
    whole = _room(1, 2 * (walls.written[ROWS] + rim.written[ROWS]))
    _merge(walls, rim, (0, 0), seen, whole)
    return whole


@_compiled
def sweep(
    cameras: Floats, scene: Scene, blocks: Ints, block_starts: Ints
) -> tuple[Floats, Ints, Ints]:
    """Trace what each camera sees among its footprints: from its row of `block_starts` to the next.

    Returns the vertices of closed rings, which may repeat, their number after each ring, and the
    number of rings after each camera.
    """
    points, ends, rings = [(0.0, 0.0) for _ in range(0)], [0 for _ in range(0)], []
    for number in range(cameras.shape[0]):
        camera = cameras[number]
        near = blocks[block_starts[number] : block_starts[number + 1]]
        walls = int((scene.starts[near + 1] - scene.starts[near]).sum())
        seen = np.empty((SOLID + 1 + walls + int(camera[CHORDS]), 6))
        _trace(camera, _envelope(camera, scene, near, seen), seen, points, ends)
        rings.append(len(ends))
    spots = np.empty((len(points), 2))
    for row, spot in enumerate(points):
        spots[row, 0], spots[row, 1] = spot
    return spots, np.array(ends, np.int64), np.array(rings, np.int64)
