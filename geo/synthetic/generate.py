"""All synthetic layers of a zone from one seed."""

import zlib
from datetime import date
from typing import Final

import numpy as np
from geopandas import GeoDataFrame
from shapely import Polygon

from geo.errors import ParameterError
from geo.synthetic.buildings import build_up
from geo.synthetic.cameras import place_cameras, place_sos_points
from geo.synthetic.incidents import IncidentParams, draw_incidents
from geo.synthetic.lamps import place_lamps

DEFAULT_SEED: Final = 2569
FIRST_DAY: Final = date(2024, 9, 1)
LAST_DAY: Final = date(2026, 8, 31)
# File of each layer in a zone's folder.
FILES: Final = {
    "buildings": "buildings.geojson",
    "grounds": "grounds.geojson",
    "cameras": "cameras.geojson",
    "sos_points": "sos_points.geojson",
    "lamps": "lamps.geojson",
    "incidents": "incidents.csv",
}


def generate_layers(
    streets: GeoDataFrame,
    boundary: Polygon,
    places: GeoDataFrame,
    *,
    seed: int,
    first_day: date = FIRST_DAY,
    last_day: date = LAST_DAY,
    params: IncidentParams | None = None,
) -> dict[str, GeoDataFrame]:
    """Generate every layer that has no public source.

    Each layer has its own stream of chance, so that a change to one leaves the others as they
    are. The same arguments give the same layers.

    Parameters
    ----------
    streets
        Street edges, metric; one street is Thalang Road, which bears the programme's cameras.
    boundary
        Area of the zone, metric.
    places
        Places with their `kind`, metric.
    seed
        Seed of all chance; 0 or greater.
    first_day, last_day
        Period of the incidents, both days included, in local time.
    params
        Strengths of the incident process; the defaults where none.

    Returns
    -------
    dict
        The layers buildings, grounds, cameras, sos_points, lamps and incidents by their names,
        in the streets' reference system, every feature marked `synthetic`.

    Raises
    ------
    ParameterError
        If the seed is negative, the period is empty, Thalang Road is missing or leaves the
        boundary, or no street lies inside it.
    """
    if seed < 0:
        raise ParameterError(f"Expected `seed` >= 0, got {seed}.")
    buildings, grounds = build_up(streets, boundary, places, rng=_stream(seed, "buildings"))
    return {
        "buildings": buildings,
        "grounds": grounds,
        "cameras": place_cameras(streets, boundary, rng=_stream(seed, "cameras")),
        "sos_points": place_sos_points(streets, boundary),
        "lamps": place_lamps(streets, boundary, rng=_stream(seed, "lamps")),
        "incidents": draw_incidents(
            streets,
            boundary,
            places,
            first_day=first_day,
            last_day=last_day,
            params=params or IncidentParams(),
            rng=_stream(seed, "incidents"),
        ),
    }


def _stream(seed: int, layer: str) -> np.random.Generator:
    """Open the stream of chance of one layer, independent of the others."""
    name = zlib.crc32(layer.encode())
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(name,)))
