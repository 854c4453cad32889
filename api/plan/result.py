"""The result of the main job: layers and figures, ready to be written and told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from api.zone_results import SeededResult
from planning.demand_params import DemandParams
from planning.mixture_params import MixtureParams
from planning.patrol import PatrolParams

FINDINGS: Final = (
    "fields_of_view",
    "blind_spots",
    "hotspots",
    "camera_sites",
    "patrol_tours",
    "patrol_stops",
    "beats",
)
"""Layers that a plan computes."""

PRODUCTS: Final = (
    *("streets", "buildings", "cameras", "places", "sos_points", "lamps"),
    *FINDINGS,
)
"""Layers of a plan. Incidents are not among them: only what was counted from them leaves."""


@dataclass(frozen=True)
class PlanParams:
    """What the main job can be told to do differently.

    Attributes
    ----------
    bandwidth_m
        Standard deviation of the incident density along streets, in metres.
    boundary_tolerance_m
        Streets count as the zone's as far as this beyond its boundary, which is approximate, in
        metres.
    spacing_m
        Distance between the points at which street coverage is counted, in metres.
    hotspots
        Number of hotspots ranked.
    camera_sites
        Number of cameras to place.
    beats
        Number of beats; as many as there are units on foot where none.
    siting_time_limit_s
        Longest time the search for camera sites may take, in seconds.
    demand
        Weights of the places a patrol is wanted at.
    patrol
        Rules of each patrol plan.
    mixture
        What the mixture of plans keeps that tonight's is drawn from.
    """

    bandwidth_m: float = 60.0
    boundary_tolerance_m: float = 20.0
    spacing_m: float = 2.0
    hotspots: int = 10
    camera_sites: int = 5
    beats: int | None = None
    siting_time_limit_s: float = 10.0
    demand: DemandParams = field(default_factory=DemandParams)
    patrol: PatrolParams = field(default_factory=PatrolParams)
    mixture: MixtureParams = field(default_factory=MixtureParams)


@dataclass(frozen=True)
class Figures:
    """What the plan comes down to.

    Attributes
    ----------
    street_m
        Length of all streets in metres.
    blind_m
        Length of street no working camera sees, in metres.
    points_seen_share
        Share in [0, 1] of evenly spaced street points that at least one working camera sees.
    cameras_up, cameras_down
        Cameras that work and that do not.
    incidents_reported, incidents_discovered
        Incidents by how they came to notice; only the reported ones are counted in hotspots.
    sites_gain_m
        Street that all proposed camera sites together would newly see, in metres.
    sites_bound_m
        Proven upper bound on what any choice of as many sites could newly see, in metres.
    patrol_m
        Length of all tours in metres.
    patrol_stops
        Stops of all tours.
    patrol_served_share
        Share in [0, 1] of the weight of all visits wanted tonight that the tours make.
    unserved
        Places that wanted a patrol and got none.
    mixture_plans
        Plans that tonight's was drawn from.
    mixture_value_share
        Their expected value as a share of the best plan's, in [0, 1].
    mixture_kept
        Whether the mixture keeps its value and both limits below at once.
    predictability
        Largest probability that some unit is at a place within a clock hour of the night.
    uncovered
        Largest probability that no tour passes a street.
    response_worst_s
        Longest time from the nearest free unit to any point of any street at any minute, in
        seconds; none where some point cannot be reached or nobody is ever free.
    response_share_s
        Time within which 95 % of all street and time is reached.
    response_unattended
        Minutes of the night at which nobody is free.
    beat_imbalance
        Largest deviation of a beat's load from the mean, as a share of the mean.
    beat_bound
        Imbalance that no way to share the streets out among so many beats can beat.
    """

    street_m: float
    blind_m: float
    points_seen_share: float
    cameras_up: int
    cameras_down: int
    incidents_reported: int
    incidents_discovered: int
    sites_gain_m: float
    sites_bound_m: float
    patrol_m: float
    patrol_stops: int
    patrol_served_share: float
    unserved: int
    mixture_plans: int
    mixture_value_share: float
    mixture_kept: bool
    predictability: float
    uncovered: float
    response_worst_s: float | None
    response_share_s: float | None
    response_unattended: int
    beat_imbalance: float
    beat_bound: float

    @property
    def blind_share(self) -> float:
        """Share of street length that no working camera sees.

        Returns
        -------
        float
            Share in [0, 1].
        """
        return self.blind_m / self.street_m

    @property
    def sites_gap(self) -> float:
        """How far the proposed sites may fall short of the best possible.

        Returns
        -------
        float
            Share in [0, 1] of the bound; 0 is proven best.
        """
        return 1 - self.sites_gain_m / self.sites_bound_m if self.sites_bound_m else 0.0


@dataclass(frozen=True)
class PlanResult(SeededResult):
    """Tonight's plan for one zone.

    Attributes
    ----------
    boundary
        Polygon of the zone, in metres.
    tonight
        Evening the plan is for, on the zone's calendar.
    params
        Parameters of the job.
    layers
        Layers by name, in metres, indexed by `id`; every name of `PRODUCTS`.
    cameras_inside
        Working cameras that stand inside a building by their data, and so see nothing; by `id`.
    demand
        Places where a patrol was wanted and why, as `api.plan.demand.word_demand` gives them.
    demand_weights
        What their weights are made of, as `planning.patrol_demand.weight_by_kind` tells it.
    unserved
        Places where a patrol was wanted that none visits, and why, as
        `planning.patrol_plan.PatrolPlan` names them.
    duty
        Units of the night, as `api.plan.duty.on_duty` lists them.
    figures
        What the plan comes down to.
    """

    boundary: BaseGeometry
    tonight: date
    params: PlanParams
    layers: Mapping[str, GeoDataFrame]
    cameras_inside: tuple[str, ...]
    demand: GeoDataFrame
    demand_weights: pd.DataFrame
    unserved: pd.DataFrame
    duty: GeoDataFrame
    figures: Figures
