"""Beats of a zone: its streets shared out evenly, and the units on foot that are at home in them.

A beat is there for a unit to know its people and for people to know their unit. So it is the same
every night as long as streets, reports and the number of units are. Tours are not bound to beats.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from scipy.optimize import linear_sum_assignment
from shapely import GeometryCollection, MultiLineString, Point
from shapely.ops import nearest_points

from analytics.network_density import network_density
from api.bilingual import Phrases, rows
from geo.street_graph import StreetGraph
from planning.beats import Beats, BeatWeights, make_beats
from planning.units import Unit

NO_BEAT: Final = 0
"""In place of the number of a beat where there is none."""

_SEED: Final = 0
# A search that ends after so many stages gives the same beats on every computer; one that a clock
# ends does not. The clock is for networks on which a stage takes long.
_STAGES: Final = 400
_TIME_LIMIT_S: Final = 30.0


def number_of_beats(units: Collection[Unit], streets: GeoDataFrame) -> int:
    """Tell how many beats a zone is shared out into.

    Parameters
    ----------
    units
        Units of the night.
    streets
        Street edges that meet only at shared end points.

    Returns
    -------
    int
        One for each unit on foot, but at least one, and one for each loose piece of the streets,
        and no more than there are streets.
    """
    pieces = int(StreetGraph.from_streets(streets).components().max()) + 1
    walkers = sum(unit.on_foot for unit in units)
    return min(max(walkers, pieces), len(streets))


def share_streets(
    streets: GeoDataFrame, incidents: GeoDataFrame, *, beats: int, bandwidth_m: float
) -> Beats:
    """Share streets out among beats by the density of reported incidents and by length.

    Parameters
    ----------
    streets
        Street edges that meet only at shared end points, in metres.
    incidents
        Incidents; what police discovered does not count. Where none was reported, length alone
        is shared out.
    beats
        Number of beats.
    bandwidth_m
        Standard deviation of the density along streets, in metres.

    Returns
    -------
    Beats
        The beats, their imbalance and its bound.

    Raises
    ------
    ZoneError
        The streets cannot be shared out so.
    """
    reported = incidents[incidents["reporting"] == "reported"]
    weights = BeatWeights() if len(reported) else BeatWeights(risk=0.0, length=1.0)
    stage = count()
    return make_beats(
        streets,
        network_density(streets, reported, bandwidth_m=bandwidth_m),
        beats=beats,
        seed=_SEED,
        time_limit_s=_TIME_LIMIT_S,
        weights=weights,
        keep_going=lambda: next(stage) < _STAGES,
    )


def beat_of_places(places: GeoDataFrame, streets: GeoDataFrame, beats: Beats) -> "pd.Series[int]":
    """Tell in which beat each place lies.

    Parameters
    ----------
    places
        Points, in metres.
    streets
        The streets that were shared out.
    beats
        Their beats.

    Returns
    -------
    Series
        Number of the beat of the nearest street, labelled as the places are.
    """
    _, nearest = streets.sindex.nearest(places.geometry, return_all=False)
    number = beats.beat.to_numpy()[nearest]
    return pd.Series(number, index=places.index, name="beat", dtype="int64")


def own_beats(stops: GeoDataFrame, walkers: Sequence[str], beats: Beats) -> dict[str, int]:
    """Give units beats of their own: together they spend the most time there that is possible.

    The assignment is exact (Crouse, D. F. (2016). On implementing 2D rectangular assignment
    algorithms. IEEE Transactions on Aerospace and Electronic Systems 52 (4), 1679-1696).

    Parameters
    ----------
    stops
        Stops of all tours with their `beat`.
    walkers
        Ids of the units that get a beat.
    beats
        The beats.

    Returns
    -------
    dict
        Beat by unit; a unit has none where there are fewer beats than units.
    """
    visits = stops[stops["kind"].eq("visit")]
    seconds = (visits["leaves_at"] - visits["arrives_at"]).dt.total_seconds()
    spent = pd.crosstab(visits["unit"], visits["beat"], values=seconds, aggfunc="sum").fillna(0.0)
    spent = spent.reindex(index=list(walkers), columns=beats.frame.index, fill_value=0.0)
    unit, beat = linear_sum_assignment(spent.to_numpy(), maximize=True)
    return dict(
        zip(
            np.array(walkers, dtype=object)[unit].tolist(),
            beats.frame.index.to_numpy()[beat].tolist(),
            strict=True,
        )
    )


def beats_layer(beats: Beats, own: Mapping[str, int], phrases: Phrases) -> GeoDataFrame:
    """Give the beats as a layer.

    Parameters
    ----------
    beats
        The beats.
    own
        Beat of each unit that has one.
    phrases
        Words to speak with.

    Returns
    -------
    GeoDataFrame
        A beat a row: `beat` (its number), `name_th` and `name_en`, `between_th` and `between_en`
        (where it is, as a person says it), `streets_th` and `streets_en` (the longest first),
        `length_m`, `length_share`, `risk_share`, `load_share`, `units` (ids, with commas), `tint`
        (number of a colour from 0, another for every two beats that touch).
    """
    told = []
    for row in rows(beats.frame):
        number = int(row["id"])
        name = phrases.say("beat.name", beat=number)
        told.append(
            {
                "beat": number,
                "name_th": name.th,
                "name_en": name.en,
                **{key: row[key] for key in ("between_th", "between_en")},
                "streets_th": " ".join(row["names_th"]),
                "streets_en": ", ".join(row["names_en"]),
                **{key: row[key] for key in ("length_m", "length_share")},
                **{key: row[key] for key in ("risk_share", "load_share")},
                "units": ", ".join(unit for unit, beat in own.items() if beat == number),
            }
        )
    shapes = list(beats.frame.geometry)
    layer = GeoDataFrame(told, geometry=shapes, crs=beats.frame.crs)
    return layer.assign(tint=_tints(shapes))


def _tints(shapes: list[MultiLineString]) -> list[int]:
    tints: list[int] = []
    for order, shape in enumerate(shapes):
        near = {tints[other] for other in range(order) if shape.intersects(shapes[other])}
        # Of those that no neighbour has, the one used least so far.
        free = set(range(max(tints, default=0) + 2)) - near
        known = free & set(tints) or free
        tints.append(min(known, key=lambda tint: (tints.count(tint), tint)))
    return tints


def beats_drawn(layer: GeoDataFrame, duty: GeoDataFrame, *, colours: Sequence[str]) -> GeoDataFrame:
    """Make the layer of beats ready to be drawn.

    Parameters
    ----------
    layer
        Beats as `beats_layer` gives them.
    duty
        Units of the night, as `api.plan.duty.on_duty` lists them.
    colours
        Colours to draw from.

    Returns
    -------
    GeoDataFrame
        The layer with `colour`, `walker_th` and `walker_en` (whose beat it is), and in each
        geometry the place of its number.
    """
    shapes = layer.geometry.to_numpy()
    walkers = duty.set_index("unit")
    whose = [[name for name in units.split(", ") if name] for units in layer["units"]]
    return layer.assign(
        colour=[colours[tint % len(colours)] for tint in layer["tint"]],
        **{
            f"walker_{language}": [
                ", ".join(walkers.loc[name, f"name_{language}"] for name in names)
                for names in whose
            ]
            for language in ("th", "en")
        },
    ).set_geometry([GeometryCollection([shape, _middle(shape)]) for shape in shapes], crs=layer.crs)


def _middle(streets: MultiLineString) -> Point:
    """Find the point on streets that is nearest to their middle."""
    return nearest_points(streets, streets.centroid)[0]
