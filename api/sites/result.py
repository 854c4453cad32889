"""The result of the search for camera sites: layers, tables and figures, ready to be written."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd
from geopandas import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from api.zone_results import Ground, SeededResult

LAYERS: Final = (
    "camera_sites",
    "site_fields_of_view",
    "site_footprints",
    "blind_before",
    "blind_after",
    "seen_probability",
)
"""Layers of the result, as they are written. No camera that stands is among them."""

PROPOSED: Final = "proposed"
"""Owner of the new cameras in the tables of coverage."""

_EXACT: Final = 1e-9  # relative: what sums of the same lengths may differ by


@dataclass(frozen=True)
class SitesParams:
    """What the search for sites can be told to do differently.

    Attributes
    ----------
    budget
        Most that the new cameras may cost together; their number where each costs 1. At least 0.
    night
        Whether the cameras that stand are taken as they see at night, or by day.
    standard
        Standard whose pixel densities the tasks of a camera are read from.
    target_height_m
        Height above the ground at which people are judged at these tasks, in metres, at least 0:
        that of a face.
    fixed
        Candidates that are chosen in any case, by id.
    least_share
        Share in [0, 1] of the street of each community that must be seen.
    sos_cameras
        Cameras that must see an SOS point before it counts as watched, at least 1.
    sos_weight_m
        Metres of street that a watched SOS point counts for.
    boundary_tolerance_m
        Streets count as the zone's as far as this beyond its boundary, which is approximate, in
        metres.
    spacing_m
        Distance between the points of street that are counted in the search, in metres.
    lamp_reach_m
        How far from a lit lamp a camera without night vision sees at night, in metres.
    position_error_m
        Standard deviation of either coordinate of a standing camera, in metres, from 0 to 1,000,
        where its survey does not state its own. An assumption.
    azimuth_error_deg
        Standard deviation of the direction of a standing camera, in degrees, from 0 to 180,
        likewise.
    draws
        Draws that the probabilities of being seen are estimated from, at least 1.
    time_limit_s
        Longest time a search may take, in seconds: that for the sites, and one for each budget of
        the cost curve. They mostly end long before, with a proof.
    """

    budget: float = 5.0
    night: bool = True
    standard: str = "EN 62676-4:2015"
    target_height_m: float = 1.6
    fixed: tuple[str, ...] = ()
    least_share: float = 0.0
    sos_cameras: int = 1
    sos_weight_m: float = 20.0
    boundary_tolerance_m: float = 20.0
    spacing_m: float = 2.0
    lamp_reach_m: float = 15.0
    position_error_m: float = 1.0
    azimuth_error_deg: float = 3.0
    draws: int = 200
    time_limit_s: float = 10.0


@dataclass(frozen=True)
class SitesFigures:
    """What the sites come down to.

    Attributes
    ----------
    street_m
        Length of all streets in metres.
    blind_before_m, blind_after_m
        Length of street that no camera sees, in metres: by the cameras that stand, and with the
        new ones among them.
    covered_m
        What the search counted: metres of street newly seen, and `sos_weight_m` for each SOS point
        newly watched.
    upper_bound_m
        What no choice within the budget can exceed, counted in the same way.
    spent
        Cost of the new cameras.
    by_number
        Whether each of the candidates costs 1, so that the budget is a number of cameras.
    cheapest
        Least cost of a candidate that may be chosen and sees anything that counts; infinite where
        none does.
    candidates
        Places and facings that the choice was made among.
    refused
        Of these, the ones that no choice may hold, for they look into forbidden ground.
    cameras_up, cameras_down
        Cameras that work, and that are down for another reason than consent.
    cameras_without_consent
        Cameras that would work but do not count, since their owner's consent is missing or has run
        out.
    cameras_dim
        Working cameras that see only near lit lamps at night; 0 by day.
    cameras_without_lens
        Cameras whose lens or resolution is not known, so that no task is counted for them.
    cameras_too_low
        Other cameras that hang no higher than the height people are judged at; likewise.
    sites_unjudged
        New cameras of which no task is counted, for either reason.
    """

    street_m: float
    blind_before_m: float
    blind_after_m: float
    covered_m: float
    upper_bound_m: float
    spent: float
    by_number: bool
    cheapest: float
    candidates: int
    refused: int
    cameras_up: int
    cameras_down: int
    cameras_without_consent: int
    cameras_dim: int
    cameras_without_lens: int
    cameras_too_low: int
    sites_unjudged: int

    @property
    def newly_seen_m(self) -> float:
        """Length of street that only the new cameras see.

        Returns
        -------
        float
            Metres.
        """
        return self.blind_before_m - self.blind_after_m

    @property
    def gap(self) -> float:
        """How far the choice may fall short of the best possible.

        Returns
        -------
        float
            Share in [0, 1] of the bound; 0 is proven best.
        """
        short = self.upper_bound_m - self.covered_m
        return short / self.upper_bound_m if short > _EXACT * self.upper_bound_m else 0.0

    @property
    def gap_told(self) -> float:
        """The gap as it is told: in tenths of a per cent, rounded to the safe side.

        Returns
        -------
        float
            Share in [0, 1].
        """
        return math.ceil(self.gap * 1000 - _EXACT) / 1000


@dataclass(frozen=True)
class SurveyFigures:
    """How sure the survey of the standing cameras makes what they see.

    Attributes
    ----------
    draws
        Draws of errors that it rests on.
    cameras
        Cameras that work, which alone are drawn.
    own_position, own_azimuth
        Of these, the ones whose survey states its own error of place, and of direction.
    nearly_always_m
        Length of street in metres that a camera sees in 95 % of the draws or more.
    in_doubt_m
        Length seen in 5 % of the draws or more, and in less than 95 %.
    nearly_never_m
        Length seen in less than 5 %.
    expected_m
        Length seen in a draw, on the mean of all.
    as_surveyed_m
        Length seen if the survey is exact, counted at the same points.
    largest_standard_error
        Greatest standard error that sampling leaves in the probability of any point, in [0, 1].
    """

    draws: int
    cameras: int
    own_position: int
    own_azimuth: int
    nearly_always_m: float
    in_doubt_m: float
    nearly_never_m: float
    expected_m: float
    as_surveyed_m: float
    largest_standard_error: float


@dataclass(frozen=True)
class StreetLines:
    """The streets as the maps draw them.

    Attributes
    ----------
    seen_before
        Lines within the view of a camera that stands.
    blind_before
        The other lines.
    newly_seen
        Lines that only new cameras see.
    blind_after
        Lines that no camera sees even then.
    by_survey
        The streets again, by how sure it is that a standing camera sees them: lines by
        "nearly_always", "in_doubt" and "nearly_never", as `SurveyFigures` measures them.
    """

    seen_before: BaseGeometry
    blind_before: BaseGeometry
    newly_seen: BaseGeometry
    blind_after: BaseGeometry
    by_survey: Mapping[str, BaseGeometry]


@dataclass(frozen=True)
class SitesGround(Ground):
    """What the maps stand on: its streets are cut to the zone.

    Attributes
    ----------
    private
        Ground that is masked or must not be seen: `kind` and shapes.
    cameras
        Cameras that stand, those of programme and municipality alone: azimuth_deg, owner_kind,
        status.
    """

    private: GeoDataFrame
    cameras: GeoDataFrame


@dataclass(frozen=True)
class Tables:
    """What the report lists besides the layers.

    Attributes
    ----------
    tasks
        A row per site and task, from the lowest pixel density up: site, task, px_per_m, reach_m
        (distance at which the density is just reached), street_m (metres of street seen so well).
    coverage
        A row per task and owner ("" for anyone): task ("" for whatever is in view), px_per_m (not
        a number there), owner, before_m, after_m, and twice_before_m, twice_after_m by two cameras
        or more.
    grounds
        A row per kind of private ground: kind, role ("masked" or "forbidden"), grounds (number),
        masked_m2 (taken out of the views of the new cameras).
    wanted
        A row per SOS point: name_th, name_en, needed, before and after (cameras that see it).
    communities
        A row per community: name_th, name_en, street_m, before_m, after_m (metres seen), met.
    curve
        A row per budget: budget, sites, covered_m, upper_bound_m, gap.
    """

    tasks: pd.DataFrame
    coverage: pd.DataFrame
    grounds: pd.DataFrame
    wanted: pd.DataFrame
    communities: pd.DataFrame
    curve: pd.DataFrame


@dataclass(frozen=True)
class SitesResult(SeededResult):
    """Sites for new cameras in one zone.

    Attributes
    ----------
    day
        Day of the computation, on the zone's calendar.
    params
        Parameters of the search.
    synthetic
        Whether anything it was computed from is synthetic.
    cameras_inside
        Standing cameras that stand inside a building by their data, and so see nothing; by `id`.
    layers
        Layers by name, in metres, indexed by `id`; every name of `LAYERS`.
    lines
        The streets, seen and blind.
    ground
        What the maps stand on.
    tables
        What the report lists besides.
    figures
        What it comes down to.
    survey
        How sure the survey of the standing cameras makes what they see.
    """

    day: date
    params: SitesParams
    synthetic: bool
    cameras_inside: tuple[str, ...]
    layers: Mapping[str, GeoDataFrame]
    lines: StreetLines
    ground: SitesGround
    tables: Tables
    figures: SitesFigures
    survey: SurveyFigures
