"""Lots: how a frontage is divided before anything is built on it.

Along the streets of the historic core a frontage carries rows of shophouses wall to wall, each
row of one front, depth and height as if built at once; elsewhere single buildings stand apart.
All dimensions are assumptions in the range usually given for the Straits shophouse (a narrow
front, a great depth, two or three storeys), not surveys.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.synthetic.frontage import Frontage
from geo.synthetic.obstacles import Obstacles

STEP_M = 0.5
KERB_M = 0.2
FIVE_FOOT_WAY_M = 2.0
FRONT_M = (4.0, 6.0)
DEPTH_M = (18.0, 40.0)
# Every lot keeps the least yard free behind it; the rows with a proper yard are a share.
YARD_M = (2.0, 9.0)
YARD_SHARE = 0.25
HOUSES_IN_ROW = (4, 12)
# Some rows have no five-foot way: their pavement lies open to the sky.
COVERED_SHARE = 0.85
PASSAGE_SHARE = 0.25
PASSAGE_M = (1.5, 3.0)
DETACHED_SHARE = 0.85
DETACHED_FRONT_M = (8.0, 16.0)
DETACHED_DEPTH_M = (8.0, 20.0)
DETACHED_GAP_M = (2.0, 6.0)
SETBACK_M = (2.5, 6.0)
REACH_M = DEPTH_M[1] + YARD_M[1] + 1.0


@dataclass(frozen=True)
class Lot:
    """One plot along a frontage, between two cuts at right angles to the street.

    Attributes
    ----------
    start_m, end_m
        Stations of the two cuts along the frontage.
    kerb_m, front_m, back_m, rear_m
        Distances from the edge of the street's surface to the front of the five-foot way, the
        front and the back of the house and the end of the yard. `kerb_m` equals `front_m` where
        there is no five-foot way, `rear_m` equals `back_m` where there is no yard.
    kind
        Kind of the building: shophouse or detached.
    height_m
        Height of the building.
    """

    start_m: float
    end_m: float
    kerb_m: float
    front_m: float
    back_m: float
    rear_m: float
    kind: str
    height_m: float

    @property
    def offsets_m(self) -> tuple[float, float, float, float]:
        """The four distances from the street's edge.

        Returns
        -------
        offsets
            Metres, nearest first.
        """
        return self.kerb_m, self.front_m, self.back_m, self.rear_m


def shophouse_lots(side: Frontage, obstacles: Obstacles, *, rng: np.random.Generator) -> list[Lot]:
    """Divide a frontage into rows of shophouses, with a passage here and there.

    Parameters
    ----------
    side
        The frontage.
    obstacles
        What the lots keep clear of.
    rng
        Source of chance.

    Returns
    -------
    lots
        Lots in the order of the frontage; lots of one row share their cuts.
    """
    front = KERB_M + FIVE_FOOT_WAY_M
    room = _room_m(side, obstacles, front)
    lots: list[Lot] = []
    station = 0.0
    while station < side.line.length:
        width = round(float(rng.uniform(*FRONT_M)), 1)
        depth, yard = _half_metres(rng, DEPTH_M), _half_metres(rng, YARD_M)
        height = _height_m(int(rng.choice([2, 3], p=[0.75, 0.25])), rng)
        kerb = KERB_M if rng.random() < COVERED_SHARE else front
        has_yard = rng.random() < YARD_SHARE
        for _ in range(int(rng.integers(*HOUSES_IN_ROW))):
            free = _free_m(room, station, station + width)
            deep = min(depth, _down(free - YARD_M[0]))
            if deep < DEPTH_M[0]:
                station += STEP_M
                continue
            back = round(front + deep, 3)
            rear = round(back + min(yard, _down(free - deep)), 3) if has_yard else back
            cuts = station, station + width
            lots.append(Lot(*cuts, kerb, front, back, rear, "shophouse", height))
            station += width
        if rng.random() < PASSAGE_SHARE:
            station += float(rng.uniform(*PASSAGE_M))
    return lots


def detached_lots(side: Frontage, obstacles: Obstacles, *, rng: np.random.Generator) -> list[Lot]:
    """Set single buildings along a frontage, each apart from the next.

    Parameters
    ----------
    side
        The frontage.
    obstacles
        What the lots keep clear of.
    rng
        Source of chance.

    Returns
    -------
    lots
        Lots in the order of the frontage; no two touch.
    """
    front = round(float(rng.uniform(*SETBACK_M)), 1)
    room = _room_m(side, obstacles, front)
    lots: list[Lot] = []
    station = float(rng.uniform(*DETACHED_GAP_M))
    while station < side.line.length:
        width = float(rng.uniform(*DETACHED_FRONT_M))
        depth = float(rng.uniform(*DETACHED_DEPTH_M))
        height = _height_m(int(rng.choice([1, 2, 3, 4, 5], p=[0.2, 0.4, 0.2, 0.12, 0.08])), rng)
        deep = min(depth, _free_m(room, station, station + width) - 1.0)
        if deep < DETACHED_DEPTH_M[0]:
            station += 2 * STEP_M
            continue
        if rng.random() < DETACHED_SHARE:
            back = front + deep
            cuts = station, station + width
            lots.append(Lot(*cuts, front, front, back, back, "detached", height))
        station += width + float(rng.uniform(*DETACHED_GAP_M))
    return lots


def _room_m(side: Frontage, obstacles: Obstacles, front_m: float) -> NDArray[np.float64]:
    """Measure the free depth at every step of a frontage."""
    stations = np.arange(0.0, side.line.length, STEP_M)
    return obstacles.room_m(side.at(stations, front_m), side.normals(stations), REACH_M)


def _free_m(room: NDArray[np.float64], start_m: float, end_m: float) -> float:
    """Give the depth that is free all along a stretch; 0 past the frontage's end."""
    first, last = int(start_m / STEP_M), int(np.ceil(end_m / STEP_M))
    return 0.0 if last >= len(room) else float(room[first : last + 1].min())


def _down(length_m: float) -> float:
    """Round down to a whole step, so that walls either line up or clearly do not."""
    return float(STEP_M * np.floor(length_m / STEP_M))


def _half_metres(rng: np.random.Generator, span_m: tuple[float, float]) -> float:
    """Draw a length of whole steps from a span, both ends included."""
    low, high = (round(bound / STEP_M) for bound in span_m)
    return float(STEP_M * rng.integers(low, high + 1))


def _height_m(storeys: int, rng: np.random.Generator) -> float:
    """Give a height for a number of storeys: a high ground floor, 3.3 m each above, a roof."""
    return round(4.0 + 3.3 * (storeys - 1) + float(rng.uniform(0.8, 1.8)), 1)
