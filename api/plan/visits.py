"""The places patrols stop at: numbered, with every visit of the night."""

import pandas as pd
from geopandas import GeoDataFrame

from api.bilingual import rows

_SAME_PLACE_M = 0.1


def numbered(stops: GeoDataFrame) -> GeoDataFrame:
    """Give the places of stops numbers, so that report and map call them the same.

    Parameters
    ----------
    stops
        Stops of all tours, in metres.

    Returns
    -------
    GeoDataFrame
        The stops with `place`: the number of the place from 1, in the order of the first visits;
        stops within a decimetre share it.
    """
    by_time = stops.sort_values(["arrives_at", "unit"], kind="stable")
    cells = (by_time.get_coordinates() / _SAME_PLACE_M).round()
    number = pd.factorize(pd.MultiIndex.from_frame(cells))[0] + 1
    return stops.assign(place=pd.Series(number, index=by_time.index))


def visited_places(stops: GeoDataFrame, tours: GeoDataFrame) -> GeoDataFrame:
    """Gather numbered stops by place: a patrol comes back to a place several times a night.

    Parameters
    ----------
    stops
        Stops of all tours with the number of their `place`.
    tours
        Tours with the names of their units.

    Returns
    -------
    GeoDataFrame
        The first visit of each place by number, or its first stop where nobody pays it a visit, and
        `visits`: all its stops by time, each with the name of the unit (`unit_th`, `unit_en`).
    """
    names = {
        tour["unit"]: {"unit_th": tour["name_th"], "unit_en": tour["name_en"]}
        for tour in rows(tours)
    }
    by_place = stops.sort_values(["place", "arrives_at", "unit"], kind="stable")
    visits: dict[int, list[dict[str, object]]] = {}
    for stop in rows(by_place):
        visits.setdefault(stop["place"], []).append({**stop, **names[stop["unit"]]})
    first = by_place.assign(pauses=by_place["kind"].ne("visit"))
    first = first.sort_values(["place", "pauses"], kind="stable").drop(columns="pauses")
    return first[~first["place"].duplicated()].assign(visits=list(visits.values()))
