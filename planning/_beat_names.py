"""How a person says where a beat is: the streets in it, and those between which it lies."""

import math
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planning._beat_input import Town

_LANGUAGES = {
    "th": ("ถนนไม่มีชื่อ", "ระหว่าง", "ติดกับ", " ", "และ", "ไม่ติดกับเขตตรวจอื่น"),
    "en": ("unnamed street", "between ", "beside ", ", ", " and ", "beside no other beat"),
}


Both = tuple[str, ...]
"""The name of a street in every language: streets are told apart by both, and said in either."""


class _Said(NamedTuple):
    """The names of a beat in every language.

    Attributes
    ----------
    inside
        Names of its streets, the one with most length in the beat first.
    around
        Names of the streets that bound it, clockwise from north as seen from its middle.
    outermost
        Of these, the one met farthest out in each quarter of the compass, clockwise from north.
    """

    inside: tuple[Both, ...]
    around: tuple[Both, ...]
    outermost: tuple[Both, ...]


class _End(NamedTuple):
    """A junction where a beat ends.

    Attributes
    ----------
    azimuth_deg
        Direction from the middle of the beat.
    away_m
        Distance from there.
    names
        Names of the streets that bound the beat here.
    """

    azimuth_deg: float
    away_m: float
    names: list[Both]


def names_of_beats(
    streets: gpd.GeoDataFrame, town: Town, owner: NDArray[np.intp], beats: int
) -> pd.DataFrame:
    """Name the streets in each beat and around it.

    A beat ends where its streets meet those of another. The street that bounds it there is the one
    that crosses: of another beat if it does not go on under the same name inside, else its own; a
    street that merely goes on is named where nothing crosses.

    Parameters
    ----------
    streets
        The streets, with `name_th` and `name_en` where they are known.
    town
        The same, to be shared out.
    owner
        Beat of each street, from 0.
    beats
        Number of beats.

    Returns
    -------
    names
        A beat a row: `names_th` and `names_en`, `bounds_th` and `bounds_en` (tuples of names), and
        `between_th` and `between_en`, what a person says of the outermost of them, four at most.
    """
    own = (_names(streets, language, words[0]) for language, words in _LANGUAGES.items())
    name = list(zip(*own, strict=True))
    said = [_said(town, owner == beat, name) for beat in range(beats)]
    columns: dict[str, list[tuple[str, ...] | str]] = {}
    for number, (language, words) in enumerate(_LANGUAGES.items()):
        columns[f"names_{language}"] = [_in_one(one.inside, number) for one in said]
        columns[f"bounds_{language}"] = [_in_one(one.around, number) for one in said]
        columns[f"between_{language}"] = [
            _sentence(_in_one(one.outermost, number), words) for one in said
        ]
    return pd.DataFrame(columns)


def _in_one(names: tuple[Both, ...], language: int) -> tuple[str, ...]:
    """Return names in one language, each once."""
    return tuple(dict.fromkeys(both[language] for both in names))


def _names(streets: gpd.GeoDataFrame, language: str, unnamed: str) -> list[str]:
    """Return the name of each street, in the other language where only that one is known."""
    name = pd.Series("", index=range(len(streets)))
    for other in (language, *(set(_LANGUAGES) - {language})):
        if f"name_{other}" in streets:
            known = streets[f"name_{other}"].fillna("").astype(str).str.strip()
            name = name.where(name != "", known.to_numpy())
    return name.where(name != "", unnamed).tolist()


def _said(town: Town, inside: NDArray[np.bool_], name: list[Both]) -> _Said:
    graph = town.graph
    length: dict[Both, float] = {}
    for street in np.flatnonzero(inside).tolist():
        length[name[street]] = length.get(name[street], 0.0) + float(graph.length_m[street])
    longest_first = sorted(length, key=lambda both: (-length[both], both))
    ends = sorted(_ends(town, inside, name))
    around = dict.fromkeys(one for end in ends for one in end.names)
    farthest: dict[int, _End] = {}
    for end in ends:
        # A quarter reaches 45 degrees to either side of north, east, south or west.
        quarter = int((end.azimuth_deg + 45.0) // 90.0) % 4
        if quarter not in farthest or end.away_m > farthest[quarter].away_m:
            farthest[quarter] = end
    outermost = dict.fromkeys(farthest[quarter].names[0] for quarter in sorted(farthest))
    return _Said(tuple(longest_first), tuple(around), tuple(outermost))


def _ends(town: Town, inside: NDArray[np.bool_], name: list[Both]) -> list[_End]:
    """Return the junctions where a beat meets others, and what bounds it there."""
    graph = town.graph
    own_ends = np.union1d(graph.tail[inside], graph.head[inside])
    other_ends = np.union1d(graph.tail[~inside], graph.head[~inside])
    middle = graph.xy[own_ends].mean(axis=0)
    ends = []
    for node in np.intersect1d(own_ends, other_ends).tolist():
        meets = np.flatnonzero((graph.tail == node) | (graph.head == node)).tolist()
        own = {name[street] for street in meets if inside[street]}
        other = {name[street] for street in meets if not inside[street]}
        crossing = (other - own) or (own - other) or own
        east, north = (graph.xy[node] - middle).tolist()
        azimuth_deg = math.degrees(math.atan2(east, north)) % 360.0
        ends.append(_End(azimuth_deg, math.hypot(east, north), sorted(crossing)))
    return ends


def _sentence(bounds: tuple[str, ...], words: tuple[str, ...]) -> str:
    _, between, beside, comma, last, nothing = words
    if not bounds:
        return nothing
    if len(bounds) == 1:
        return beside + bounds[0]
    # Thai sets a space before its "and" only where more than two are listed.
    pause = comma if len(bounds) > 2 and not last.startswith(" ") else ""  # noqa: PLR2004
    return between + comma.join(bounds[:-1]) + pause + last + bounds[-1]
