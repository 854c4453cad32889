"""Where a patrol is wanted tonight, how much, how long, and why in words.

A weight is worth one per cent of the reported incidents, so that everything else is said in that
currency. Stops at hotspots last a quarter of an hour: C. S. Koper, "Just enough
police presence", Justice Quarterly 12(4), 1995, found the effect of a visit to grow until 15
minutes. The other weights are choices of policy, not estimates; all are parameters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

import shapely
from geopandas import GeoDataFrame
from shapely import Point

from api.bilingual import Both, Phrases, rows
from geo.errors import ParameterError
from geo.shapes import middle


@dataclass(frozen=True)
class DemandParams:
    """How much each reason for a visit weighs, and how long a visit lasts.

    Attributes
    ----------
    hotspot_weight
        Weight of one per cent of the reported incidents.
    hotspot_dwell_s
        Length of a stop at a hotspot, in seconds.
    blind_spots
        Number of the longest blind spots that are visited.
    blind_weight_per_m
        Weight of a metre of street no camera sees.
    blind_dwell_s
        Length of a stop at a blind spot, in seconds.
    sos_weight
        Weight of an SOS point.
    sos_dwell_s
        Length of a stop at an SOS point, in seconds.
    presence_weight
        Weight of being seen once in a named street that has no other reason.
    presence_dwell_s
        Length of such a stop, in seconds.
    presence_radius_m
        A street within this distance of another wanted stop needs no stop of its own, in metres.
    """

    hotspot_weight: float = 1.0
    hotspot_dwell_s: float = 900.0
    blind_spots: int = 12
    blind_weight_per_m: float = 0.01
    blind_dwell_s: float = 300.0
    sos_weight: float = 1.0
    sos_dwell_s: float = 300.0
    presence_weight: float = 0.5
    presence_dwell_s: float = 300.0
    presence_radius_m: float = 60.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value >= 0:
                raise ParameterError(f"Expected `{name}` >= 0, got {value}.")


class _Wish(TypedDict):
    name_th: str
    name_en: str
    weight: float
    dwell_s: float
    reason_th: str
    reason_en: str
    geometry: Point


def patrol_demand(
    *,
    streets: GeoDataFrame,
    hotspots: GeoDataFrame,
    blind_spots: GeoDataFrame,
    sos_points: GeoDataFrame,
    phrases: Phrases,
    params: DemandParams,
) -> GeoDataFrame:
    """List the places a patrol should visit tonight.

    Parameters
    ----------
    streets
        Streets of the zone, in metres.
    hotspots
        Ranked hotspots with their `share` of reported incidents.
    blind_spots
        Stretches of street no working camera sees, longest first.
    sos_points
        SOS points.
    phrases
        Words to name places and reasons with.
    params
        Weights and lengths of stops.

    Returns
    -------
    GeoDataFrame
        Points in the streets' coordinates: `name_th`, `name_en`, `weight` in per cent of the
        reported incidents or what is worth as much, `dwell_s` in seconds, `reason_th`, `reason_en`.
    """
    wishes = [
        *_of_hotspots(hotspots, phrases, params),
        *_of_blind_spots(blind_spots.head(params.blind_spots), phrases, params),
        *_of_sos_points(sos_points, phrases, params),
    ]
    wishes += _of_presence(streets, [wish["geometry"] for wish in wishes], phrases, params)
    columns = [*_Wish.__annotations__]
    return GeoDataFrame(wishes, columns=columns, geometry="geometry", crs=streets.crs)


def _of_hotspots(hotspots: GeoDataFrame, phrases: Phrases, params: DemandParams) -> Iterator[_Wish]:
    for row, shape in zip(rows(hotspots), hotspots.geometry, strict=True):
        share = phrases.percent(row["share"], digits=1)
        reason = phrases.say("demand.hotspot", rank=row["rank"], share=share)
        weight = 100 * row["share"] * params.hotspot_weight
        yield _wish(phrases.place(row), weight, params.hotspot_dwell_s, reason, middle(shape))


def _of_blind_spots(
    blind_spots: GeoDataFrame, phrases: Phrases, params: DemandParams
) -> Iterator[_Wish]:
    for row, shape in zip(rows(blind_spots), blind_spots.geometry, strict=True):
        reason = phrases.say("demand.blind_spot", length=phrases.metres(row["length_m"]))
        weight = row["length_m"] * params.blind_weight_per_m
        yield _wish(phrases.place(row), weight, params.blind_dwell_s, reason, middle(shape))


def _of_sos_points(
    sos_points: GeoDataFrame, phrases: Phrases, params: DemandParams
) -> Iterator[_Wish]:
    for row, shape in zip(rows(sos_points), sos_points.geometry, strict=True):
        reason = phrases.say("demand.sos_point")
        yield _wish(phrases.name(row), params.sos_weight, params.sos_dwell_s, reason, shape)


def _of_presence(
    streets: GeoDataFrame, wanted: list[Point], phrases: Phrases, params: DemandParams
) -> Iterator[_Wish]:
    elsewhere = shapely.MultiPoint(wanted)
    named = streets[streets["name_en"].ne("") | streets["name_th"].ne("")]
    for _, edges in named.groupby(["name_th", "name_en"], sort=True):
        lines = edges.geometry.to_numpy()
        if wanted and shapely.distance(elsewhere, lines).min() <= params.presence_radius_m:
            continue
        name, reason = phrases.name(edges.iloc[0].to_dict()), phrases.say("demand.presence")
        centre = middle(shapely.MultiLineString(list(lines)))
        yield _wish(name, params.presence_weight, params.presence_dwell_s, reason, centre)


def _wish(name: Both, weight: float, dwell_s: float, reason: Both, place: Point) -> _Wish:
    return _Wish(
        name_th=name.th,
        name_en=name.en,
        weight=float(weight),
        dwell_s=dwell_s,
        reason_th=reason.th,
        reason_en=reason.en,
        geometry=place,
    )
