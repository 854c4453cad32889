"""The main job: from a zone's folder to tonight's plan, step by step.

The steps are pure and nothing is written on the way, so that stopping them leaves nothing behind.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries

from analytics.hot_hours import find_hot_hours
from analytics.hotspot_forecast import forecast_factors
from analytics.hotspots import Hotspots, find_hotspots
from api.bilingual import Phrases
from api.crossings import with_crossings
from api.inputs import streets_within
from api.plan.beats import (
    beat_of_places,
    beats_layer,
    number_of_beats,
    own_beats,
    share_streets,
)
from api.plan.demand import word_demand
from api.plan.duty import on_duty
from api.plan.inputs import PlanInputs
from api.plan.result import FINDINGS, PRODUCTS, Figures, PlanParams, PlanResult
from api.plan.sight import Sight, look
from api.plan.visits import numbered
from api.words import Words
from api.zone_results import facts_of
from geo.zone import Zone
from planning.beats import Beats
from planning.patrol import PatrolPlan
from planning.patrol_demand import Findings, weigh_demand, weight_by_kind
from planning.patrol_mixture import PatrolMixture, plan_mixture
from planning.patrol_response import response_promise
from planning.patrol_wishes import Night
from planning.sites import CameraSites, site_cameras

STEPS: Final = ("fields_of_view", "blind_spots", "hotspots", "camera_sites", "beats", "patrol")
"""Names of the steps of `run_plan`, in order."""

# The lengths of stops are drawn apart from what the plan draws by the same seed.
_LENGTHS: Final = 1
# Which plan is carried out is drawn apart from what the plans are made from.
_DRAW: Final = 2


class _Survey(NamedTuple):
    """What is known of the zone before anybody is sent out."""

    streets: GeoDataFrame
    incidents: GeoDataFrame
    sight: Sight
    spots: Hotspots
    hotspots: GeoDataFrame
    sites: CameraSites
    beats: Beats


class _Patrols(NamedTuple):
    """What is wanted of the patrols, the plans found, and the one drawn for tonight."""

    demand: GeoDataFrame
    weights: pd.DataFrame
    mixture: PatrolMixture
    tonight: PatrolPlan


def run_plan(
    inputs: PlanInputs,
    *,
    seed: int,
    params: PlanParams | None = None,
    workers: int = 1,
    progress: Callable[[str], None] = lambda _: None,
    advance: Callable[[int, int], None] = lambda _done, _of: None,
) -> PlanResult:
    """Compute a plan.

    Parameters
    ----------
    inputs
        What it is made from.
    seed
        Seed of every random choice, 0 or greater.
    params
        Parameters of the job; the defaults where none.
    workers
        Number of processes that patrol plans are computed in, >= 1.
    progress
        Called with the name of each of `STEPS` as it begins.
    advance
        Told how many parts of how many of a long step are done.

    Returns
    -------
    PlanResult
        The plan.

    Raises
    ------
    ZoneError
        A step cannot be done with these inputs.
    """
    params = params or PlanParams()
    survey = _survey(inputs, seed=seed, params=params, progress=progress)
    progress("patrol")
    phrases = Phrases(Words.load(), ZoneInfo(inputs.zone.timezone))
    night = Night.of_units(inputs.units, least_gap_s=params.patrol.least_gap_s)
    demand = _demand(inputs, survey, night=night, seed=seed, params=params, phrases=phrases)
    mixture = plan_mixture(
        inputs.zone,
        inputs.units,
        demand[demand["offered"]],
        params=params.patrol,
        rules=inputs.rules,
        mixture=params.mixture,
        seed=seed,
        workers=workers,
        progress=advance,
    )
    tonight = mixture.draw(int(np.random.SeedSequence([seed, _DRAW]).generate_state(1)[0]))
    patrols = _Patrols(demand, weight_by_kind(demand, night=night), mixture, tonight)
    return _result(inputs, survey, patrols, seed=seed, params=params, phrases=phrases)


def _survey(
    inputs: PlanInputs, *, seed: int, params: PlanParams, progress: Callable[[str], None]
) -> _Survey:
    """Find what cameras see, where incidents concentrate, the next cameras, and the beats."""
    zone = inputs.zone
    streets = streets_within(zone.streets, zone.boundary.buffer(params.boundary_tolerance_m))
    sight = look(zone, streets, spacing_m=params.spacing_m, progress=progress)

    progress("hotspots")
    # Beyond the zone an incident would count at whatever street of it is nearest.
    near = zone.incidents[zone.incidents.dwithin(zone.boundary, params.boundary_tolerance_m)]
    spots = find_hotspots(zone.streets, near, bandwidth_m=params.bandwidth_m, count=params.hotspots)
    hotspots = with_crossings(spots.table, zone.streets)

    progress("camera_sites")
    sites = site_cameras(
        streets,
        zone.buildings,
        sight.fields,
        budget=params.camera_sites,
        seed=seed,
        time_limit_s=params.siting_time_limit_s,
    )

    progress("beats")
    beats = share_streets(
        streets,
        near,
        beats=params.beats or number_of_beats(inputs.units, streets),
        bandwidth_m=params.bandwidth_m,
    )
    return _Survey(streets, near, sight, spots, hotspots, sites, beats)


def _demand(
    inputs: PlanInputs,
    survey: _Survey,
    *,
    night: Night,
    seed: int,
    params: PlanParams,
    phrases: Phrases,
) -> GeoDataFrame:
    """Weigh what is worth a visit tonight, and say it in both languages."""
    zone = inputs.zone
    known = Findings(
        streets=survey.streets,
        hotspots=survey.hotspots,
        hot_hours=_hot_hours(survey.incidents, survey.spots, night, zone=zone, seed=seed),
        blind_spots=survey.sight.blind,
        sos_points=zone.sos_points,
        events=inputs.events,
        requests=inputs.requests,
    )
    rng = np.random.default_rng([seed, _LENGTHS])
    weighed = weigh_demand(known, night=night, params=params.demand, rng=rng)
    return word_demand(weighed, known, night=night, phrases=phrases)


def _result(
    inputs: PlanInputs,
    survey: _Survey,
    patrols: _Patrols,
    *,
    seed: int,
    params: PlanParams,
    phrases: Phrases,
) -> PlanResult:
    """Put together what files and pages are written from."""
    zone, patrol = inputs.zone, patrols.tonight
    stops = _stops(patrol, patrols.demand)
    stops = stops.assign(beat=beat_of_places(stops, survey.streets, survey.beats))
    own = own_beats(stops, [unit.id for unit in inputs.units if unit.on_foot], survey.beats)
    findings = {
        "fields_of_view": _fields_layer(survey.sight.cameras, survey.sight.fields),
        "blind_spots": survey.sight.blind,
        "hotspots": survey.hotspots,
        "camera_sites": survey.sites.layer,
        "patrol_tours": patrol.tours_layer(),
        "patrol_stops": stops,
        "beats": beats_layer(survey.beats, own, phrases),
    }
    return PlanResult(
        **facts_of(zone),
        crs=zone.crs,
        boundary=zone.boundary,
        tonight=inputs.tonight,
        seed=seed,
        params=params,
        inputs=inputs.digests,
        layers={**_zone_layers(zone), **_marked(findings, _basis(inputs))},
        cameras_inside=survey.sight.inside,
        demand=patrols.demand,
        demand_weights=patrols.weights,
        unserved=patrol.unserved,
        duty=on_duty(patrol, own),
        figures=_figures(zone, survey, patrols),
    )


def _hot_hours(
    incidents: GeoDataFrame, hotspots: Hotspots, night: Night, *, zone: Zone, seed: int
) -> pd.DataFrame:
    starts_at = pd.Timestamp(night.starts_at)
    # Shifts one after another may fill more than a day: hours repeat after it.
    ends_at = min(pd.Timestamp(night.ends_at), starts_at + pd.Timedelta(days=1))
    told = find_hot_hours(
        incidents,
        hotspots.rank_of,
        starts_at=starts_at,
        ends_at=ends_at,
        timezone=zone.timezone,
        seed=seed,
    )
    factors = forecast_factors(hotspots, incidents, starts_at=starts_at, ends_at=ends_at)
    return told.assign(forecast_factor=factors)


def _stops(patrol: PatrolPlan, demand: GeoDataFrame) -> GeoDataFrame:
    """Give the stops with the numbers of their places, and the kind of demand that each serves."""
    kind = demand["kind"].to_dict()
    stops = [stop for tour in patrol.tours for stop in tour.stops]
    # Stops that nobody asked for stand on streets that no other stop leads through.
    purpose = [kind.get(stop.point, "presence") if stop.kind == "visit" else "" for stop in stops]
    return numbered(patrol.stops_layer()).assign(purpose=purpose)


def _fields_layer(cameras: GeoDataFrame, seen: GeoSeries) -> GeoDataFrame:
    layer = cameras[["place_th", "place_en", "owner_kind"]].set_geometry(seen)
    return layer[~layer.is_empty]


def _zone_layers(zone: Zone) -> dict[str, GeoDataFrame]:
    return {name: getattr(zone, name) for name in PRODUCTS if name not in FINDINGS}


def _basis(inputs: PlanInputs) -> dict[str, bool]:
    """Say of each finding whether something it was computed from is synthetic."""
    zone = inputs.zone
    synthetic = {
        name: bool(getattr(zone, name)["synthetic"].any())
        for name in ("buildings", "cameras", "lamps", "incidents", "sos_points")
    }
    sight = synthetic["buildings"] or synthetic["cameras"] or synthetic["lamps"]
    made_up = (
        any(unit.synthetic for unit in inputs.units)
        or any(event.synthetic for event in inputs.events)
        or any(request.synthetic for request in inputs.requests)
    )
    patrol = sight or synthetic["incidents"] or synthetic["sos_points"] or made_up
    return {
        "fields_of_view": sight,
        "blind_spots": sight,
        "hotspots": synthetic["incidents"],
        "camera_sites": sight,
        "patrol_tours": patrol,
        "patrol_stops": patrol,
        "beats": synthetic["incidents"],
    }


def _marked(
    findings: Mapping[str, GeoDataFrame], synthetic: Mapping[str, bool]
) -> dict[str, GeoDataFrame]:
    """Give every finding an index "id" and say whether it rests on synthetic data."""
    marked = {}
    for name, frame in findings.items():
        layer = frame.assign(synthetic=synthetic[name])
        if layer.index.name != "id":
            labels = [f"{name}-{row + 1:02d}" for row in range(len(layer))]
            layer.index = pd.Index(labels, name="id", dtype="str")
        marked[name] = layer
    return marked


def _figures(zone: Zone, survey: _Survey, patrols: _Patrols) -> Figures:
    sight, patrol, mixture = survey.sight, patrols.tonight, patrols.mixture
    promise = response_promise(patrol, zone, among=survey.streets.index)
    reported = int(survey.incidents["reporting"].eq("reported").sum())
    working = int(zone.cameras["status"].eq("up").sum())
    return Figures(
        street_m=sight.coverage.total_m,
        blind_m=sight.coverage.blind_m,
        points_seen_share=sight.points_seen_share,
        cameras_up=working,
        cameras_down=len(zone.cameras) - working,
        incidents_reported=reported,
        incidents_discovered=len(survey.incidents) - reported,
        sites_gain_m=survey.sites.result.covered,
        sites_bound_m=survey.sites.result.upper_bound,
        patrol_m=float(patrol.tours_layer()["length_m"].sum()),
        patrol_stops=sum(len(tour.stops) for tour in patrol.tours),
        patrol_served_share=patrol.share_served,
        unserved=len(patrol.unserved),
        mixture_plans=len(mixture.plans),
        mixture_value_share=mixture.value_share,
        mixture_kept=mixture.keeps_all,
        predictability=mixture.predictability,
        uncovered=mixture.uncovered,
        response_worst_s=_if_finite(promise.worst_s),
        response_share_s=_if_finite(promise.share_s),
        response_unattended=len(promise.unattended),
        beat_imbalance=survey.beats.imbalance,
        beat_bound=survey.beats.bound,
    )


def _if_finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
