"""A unit's shift in pieces: when it moves by itself, when with another, and when it stays."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from planning._patrol_spans import Span

TravelTime = Callable[[int, int], float]
"""Seconds from one row of the ways' places to another."""


class Segment(NamedTuple):
    """Some time in which units move together, or one by itself.

    Attributes
    ----------
    units
        Numbers of the units, the leader first: the slowest, whose pace and streets suit all.
    start
        Row of the ways' places from which they leave.
    end
        Row of the place to which they come back.
    earliest_s
        When they may leave, in seconds from the night's beginning.
    latest_s
        When they must be back.
    """

    units: tuple[int, ...]
    start: int
    end: int
    earliest_s: float
    latest_s: float


class Stay(NamedTuple):
    """Some time that a unit spends at its post because of a rule.

    Attributes
    ----------
    unit
        Number of the unit.
    earliest_s
        When it begins, in seconds from the night's beginning.
    latest_s
        When it ends.
    note_th
        Why, in Thai.
    note_en
        Why, in English.
    """

    unit: int
    earliest_s: float
    latest_s: float
    note_th: str
    note_en: str


class Shift(NamedTuple):
    """The pieces of a unit's shift.

    Attributes
    ----------
    segments
        Times in which it moves, in their order.
    stays
        Times in which it stays, in their order.
    holds
        Whether it is in time wherever it must be, at its end post too.
    """

    segments: list[Segment]
    stays: list[Stay]
    holds: bool


class _Piece(NamedTuple):
    earliest_s: float
    latest_s: float
    joint: Segment | None
    span: Span


def lay_out(
    unit: int,
    spans: Sequence[Span],
    *,
    end: int,
    travel: TravelTime,
    joint: Segment | None = None,
) -> Shift:
    """Divide a unit's shift into what it does by itself, together with another, and at its post.

    Before it stays or meets another at its own post it comes back there, unless it will not move
    any more: then it goes to its end post at once.

    Parameters
    ----------
    unit
        Number of the unit; its post is the row of the same number.
    spans
        When it may move by itself.
    end
        Row of its end post.
    travel
        Travel times of the unit by itself.
    joint
        When it moves with another, if it does.

    Returns
    -------
    shift
        Its pieces.
    """
    pieces = _pieces(spans, joint)
    segments: list[Segment] = []
    stays: list[Stay] = []
    place, holds = unit, True
    for number, piece in enumerate(pieces):
        following = pieces[number + 1 :]
        if piece.joint is not None:
            holds = holds and travel(place, piece.joint.start) <= 0
            segments.append(piece.joint)
            place = piece.joint.end
        elif piece.span.forbidding:
            stays.append(_stay(unit, piece))
        else:
            target = _target(unit, following, end)
            holds = holds and travel(place, target) <= piece.latest_s - piece.earliest_s
            segments.append(Segment((unit,), place, target, piece.earliest_s, piece.latest_s))
            place = target
    return Shift(segments, stays, holds and travel(place, end) <= 0)


def _pieces(spans: Sequence[Span], joint: Segment | None) -> list[_Piece]:
    if joint is None:
        return [_Piece(span.earliest_s, span.latest_s, None, span) for span in spans]
    pieces = [_Piece(joint.earliest_s, joint.latest_s, joint, spans[0])]
    for span in spans:
        pieces += [
            _Piece(earliest_s, latest_s, None, span)
            for earliest_s, latest_s in (
                (span.earliest_s, min(span.latest_s, joint.earliest_s)),
                (max(span.earliest_s, joint.latest_s), span.latest_s),
            )
            if earliest_s < latest_s
        ]
    return sorted(pieces, key=lambda piece: piece.earliest_s)


def _target(unit: int, following: Sequence[_Piece], end: int) -> int:
    """Return where a unit goes by itself, by what follows."""
    if following and following[0].joint is not None:
        return following[0].joint.start
    moves_again = any(piece.joint is not None or not piece.span.forbidding for piece in following)
    return unit if moves_again else end


def _stay(unit: int, piece: _Piece) -> Stay:
    names_th = " · ".join(rule.name_th for rule in piece.span.forbidding)
    names_en = "; ".join(rule.name_en for rule in piece.span.forbidding)
    return Stay(
        unit,
        piece.earliest_s,
        piece.latest_s,
        f"อยู่ประจำจุด: {names_th} และไม่มีหน่วยใดไปด้วยได้ในเวลานั้น",
        f"Stays at its post: {names_en}, and no unit can go with it then",
    )
