"""The dosage of a night: from a plan and the tracks of its units to the result.

Positions stay in here: what leaves are sums of minutes per street, hotspot, stop and unit.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from analytics.dosage import (
    STOP_MIN,
    audit_stops,
    dosage_by_hotspot,
    dosage_by_street,
    minutes_by_street,
    stays,
    stop_stretches,
)
from analytics.passages import minutes_of, stretches_of
from analytics.planned_passages import planned_passages
from api.dosage.plan import VISIT, PlannedNight
from api.dosage.result import LEAST_MIN, DosageParams, DosageResult, Tables, band_of
from api.zone_results import Ground, facts_of
from geo.errors import Fault, LayerError
from geo.map_matching import Match, match_track
from geo.street_graph import StreetGraph
from geo.zone import Zone

STEPS: Final = ("matching", "dosage")
"""Names of the steps of `run_dosage`, in order."""


class _Sides(NamedTuple):
    """Passages planned and spent."""

    planned: pd.DataFrame
    spent: pd.DataFrame


def run_dosage(
    zone: Zone,
    plan: PlannedNight,
    tracks: Mapping[str, GeoDataFrame],
    *,
    params: DosageParams | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> DosageResult:
    """Set the minutes that units spent beside those planned for them.

    Parameters
    ----------
    zone
        The zone, whose streets the plan was made for.
    plan
        The plan of the night.
    tracks
        Positions of each unit that has a track, with `at`, in the zone's coordinates.
    params
        How tracks are read.
    progress
        Called with the name of each of `STEPS` as it begins.

    Returns
    -------
    DosageResult
        Sums per street, hotspot, stop and unit.

    Raises
    ------
    LayerError
        There is no track, or one is of another night or elsewhere; every one is named.
    """
    params = params or DosageParams()
    progress("matching")
    graph = StreetGraph.from_streets(zone.streets)
    tonight = _tonight(plan, tracks, params)
    matches = {unit: match_track(graph, own, params=params.match) for unit, own in tonight.items()}
    _refuse_elsewhere(matches, zone)

    progress("dosage")
    tours = plan.tours[plan.tours["unit"].isin(list(matches))]
    stops = plan.stops[plan.stops["unit"].isin(list(matches))]
    spent = [match.passages.assign(unit=unit) for unit, match in matches.items()]
    sides = _Sides(planned_passages(graph, tours, stops), pd.concat(spent, ignore_index=True))
    tables = Tables(
        streets=_streets_table(zone, sides),
        hotspots=_hotspots_table(graph, plan, sides, params),
        stops=_stops_table(graph, stops, sides, params),
        units=_units_table(plan, matches, tracks, tonight, sides),
    )
    return DosageResult(
        **facts_of(zone),
        night=plan.night,
        synthetic=plan.synthetic,
        without_track={unit: name for unit, name in plan.units.items() if unit not in matches},
        params=params,
        ground=Ground(zone.boundary, _mapped(zone, sides), zone.buildings),
        hotspots=plan.hotspots[["rank", plan.hotspots.geometry.name]],
        tables=tables,
    )


def _tonight(
    plan: PlannedNight, tracks: Mapping[str, GeoDataFrame], params: DosageParams
) -> dict[str, GeoDataFrame]:
    """Return the positions of each unit around its tour; refuse tracks that have none then."""
    margin = pd.Timedelta(seconds=params.margin_s)
    tours = plan.tours.set_index("unit")
    kept = {
        unit: track[
            track["at"].between(
                tours.loc[unit, "starts_at"] - margin, tours.loc[unit, "ends_at"] + margin
            )
        ].reset_index(drop=True)
        for unit, track in tracks.items()
    }
    faults = [
        Fault(
            f"track of {unit}",
            f"positions around its tour of the night of {plan.night}",
            f"none of {len(tracks[unit]):,}",
        )
        for unit, track in kept.items()
        if not len(track)
    ]
    if not tracks:
        faults.append(Fault("tracks", "at least one track", "none"))
    if faults:
        raise LayerError(faults)
    return kept


def _refuse_elsewhere(matches: Mapping[str, Match], zone: Zone) -> None:
    faults = [
        Fault(f"track of {unit}", f"time on the streets of {zone.name}", "none")
        for unit, match in matches.items()
        if match.passages.empty
    ]
    if faults:
        raise LayerError(faults)


def _named(table: pd.DataFrame, layer: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put the names of a layer beside its labels."""
    names = [name for name in ("rank", "name_th", "name_en", "near_th", "near_en") if name in layer]
    return table.merge(pd.DataFrame(layer[names]), left_on=by, right_index=True, how="left")


def _streets_table(zone: Zone, sides: _Sides) -> pd.DataFrame:
    return _named(dosage_by_street(*sides), zone.streets, "street")


def _hotspots_table(
    graph: StreetGraph, plan: PlannedNight, sides: _Sides, params: DosageParams
) -> pd.DataFrame:
    stretches = stretches_of(graph, plan.hotspots.geometry)
    table = _named(dosage_by_hotspot(*sides, stretches), plan.hotspots, "line")
    found = stays(sides.spent, stretches, bridge_s=params.bridge_s)
    found = found[found["minutes"] >= LEAST_MIN]
    lengths = {
        "under_10": found["minutes"] < STOP_MIN[0],
        "from_10_to_16": found["minutes"].between(*STOP_MIN),
        "over_16": found["minutes"] > STOP_MIN[1],
    }
    key = [found["unit"], found["line"]]
    for name, counted in lengths.items():
        counts = counted.groupby(key).sum()
        labels = pd.MultiIndex.from_frame(table[["unit", "line"]])
        table[name] = counts.reindex(labels, fill_value=0).to_numpy(dtype=np.int64)
    return table.sort_values(["rank", "unit"], kind="stable", ignore_index=True)


def _stops_table(
    graph: StreetGraph, stops: GeoDataFrame, sides: _Sides, params: DosageParams
) -> pd.DataFrame:
    stops = stops[stops["kind"].eq(VISIT)]
    at = stop_stretches(graph, stops.geometry, reach_m=params.at_stop_m)
    found = [stays(side, at, bridge_s=params.bridge_s) for side in sides]
    audit = audit_stops(stops, *found, tolerance_s=params.tolerance_s)
    told = pd.DataFrame(stops[["order", "name_th", "name_en"]]).join(audit)
    return told.sort_values(["unit", "order"], kind="stable", ignore_index=True)


def _units_table(
    plan: PlannedNight,
    matches: Mapping[str, Match],
    tracks: Mapping[str, GeoDataFrame],
    tonight: Mapping[str, GeoDataFrame],
    sides: _Sides,
) -> pd.DataFrame:
    planned = pd.Series(minutes_of(sides.planned)).groupby(sides.planned["unit"].to_numpy()).sum()
    names = plan.units
    return pd.DataFrame(
        {
            "unit": unit,
            "name_th": names[unit].th,
            "name_en": names[unit].en,
            "planned_min": planned[unit],
            "spent_min": match.seen_s / 60,
            "gap_min": match.gap_s / 60,
            "away_min": match.away_s / 60,
            "outside_min": _minutes(tracks[unit]) - _minutes(tonight[unit]),
            "error_m": match.sigma_m,
        }
        for unit, match in matches.items()
    )


def _minutes(track: GeoDataFrame) -> float:
    return float((track["at"].iloc[-1] - track["at"].iloc[0]).total_seconds() / 60)


def _mapped(zone: Zone, sides: _Sides) -> GeoDataFrame:
    planned, spent = (minutes_by_street(side, zone.streets) for side in sides)
    pairs = zip(planned, spent, strict=True)
    return zone.streets.assign(
        planned_min=planned, spent_min=spent, band=[band_of(*pair) for pair in pairs]
    )
