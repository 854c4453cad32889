"""What a search for camera sites has found, told as layers, lines, tables and figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from shapely import MultiLineString

from analytics.blindspots import blind_spots, coverage_of
from api.crossings import junction_m, with_crossings
from api.sites.result import (
    SitesFigures,
    SitesGround,
    SitesParams,
    SitesResult,
    StreetLines,
    Tables,
)
from api.sites.survey import survey_figures, survey_layer, survey_lines
from api.sites.tables import (
    communities_table,
    coverage_changes,
    grounds_table,
    tasks_table,
    wanted_table,
)
from api.sites.tasks import has_lens, is_judged, task_footprints
from api.zone_results import facts_of
from geo.register import has_consent
from geo.zone import Zone
from planning.site_problem import SiteProblem
from planning.sites import CameraSites

MASKED: Final = ("yard", "school_yard")
"""Kinds of ground that are masked in the pictures of new cameras."""

FORBIDDEN: Final = ("living_quarters",)
"""Kinds of ground that no new camera may look into."""


@dataclass(frozen=True, eq=False)
class Standing:
    """The streets, and what the standing cameras see of them as things are.

    Attributes
    ----------
    streets
        Street edges of the zone.
    seen
        What each camera that stands sees now.
    inside
        Cameras that stand inside a building, by id.
    """

    streets: GeoDataFrame
    seen: GeoSeries
    inside: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Found:
    """What the search has come to.

    Attributes
    ----------
    zone
        The zone.
    params
        Parameters of the search.
    standing
        What is seen without new cameras.
    problem
        What the choice was made among.
    sites
        The choice.
    curve
        What other budgets would buy.
    survey
        Points of the streets with the probability that a standing camera sees them.
    synthetic
        Whether anything it rests on is synthetic.
    """

    zone: Zone
    params: SitesParams
    standing: Standing
    problem: SiteProblem
    sites: CameraSites
    curve: pd.DataFrame
    survey: GeoDataFrame
    synthetic: bool

    @property
    def streets(self) -> GeoDataFrame:
        """Street edges of the zone.

        Returns
        -------
        GeoDataFrame
            One a row.
        """
        return self.standing.streets

    @property
    def before(self) -> GeoSeries:
        """What the standing cameras see.

        Returns
        -------
        GeoSeries
            A field of view a camera.
        """
        return self.standing.seen

    @property
    def after(self) -> GeoSeries:
        """What the standing and the new cameras see.

        Returns
        -------
        GeoSeries
            A field of view a camera.
        """
        return self.with_first(len(self.sites.layer))

    def with_first(self, count: int) -> GeoSeries:
        """Give what the standing cameras see, and the new ones of best rank.

        Parameters
        ----------
        count
            Number of new cameras.

        Returns
        -------
        GeoSeries
            A field of view a camera.
        """
        new = self.sites.fields_of_view.iloc[:count]
        return GeoSeries([*self.before, *new], crs=self.streets.crs)


def grounds_of(zone: Zone, kinds: Iterable[str]) -> GeoDataFrame:
    """Give the grounds of some kinds.

    Parameters
    ----------
    zone
        The zone.
    kinds
        Kinds of ground.

    Returns
    -------
    GeoDataFrame
        The grounds.
    """
    return zone.grounds[zone.grounds["kind"].isin(list(kinds))]


def tell_sites(
    found: Found,
    tasks: Mapping[str, float],
    *,
    day: date,
    seed: int,
    inputs: Mapping[str, str],
) -> SitesResult:
    """Tell what was found: layers, lines, tables and figures.

    Parameters
    ----------
    found
        What the search has come to.
    tasks
        Pixels per metre of each task of the standard.
    day
        Day of the computation.
    seed
        Seed of the search.
    inputs
        SHA-256 of each file read.

    Returns
    -------
    SitesResult
        The result.
    """
    zone, params, streets, sites = found.zone, found.params, found.streets, found.sites
    before, after = found.before, found.after
    private = grounds_of(zone, [*MASKED, *FORBIDDEN])
    prints = task_footprints(zone, sites, tasks, params=params, private=private)
    return SitesResult(
        **facts_of(zone),
        crs=zone.crs,
        day=day,
        seed=seed,
        params=params,
        inputs=inputs,
        synthetic=found.synthetic,
        cameras_inside=found.standing.inside,
        layers={
            "camera_sites": _with_exact_gains(found),
            "site_fields_of_view": _views_layer(found),
            "site_footprints": prints.layer(synthetic=found.synthetic),
            "blind_before": _blind_layer(found, before, "before"),
            "blind_after": _blind_layer(found, after, "after"),
            "seen_probability": survey_layer(found.survey, synthetic=found.synthetic),
        },
        lines=_street_lines(found),
        ground=_ground(zone, streets, private),
        tables=Tables(
            tasks=tasks_table(sites.layer, prints, streets),
            coverage=coverage_changes(streets, zone.cameras, before, sites, prints),
            grounds=grounds_table(zone, sites, masked=MASKED, forbidden=FORBIDDEN),
            wanted=wanted_table(zone.sos_points, before, after, needed=params.sos_cameras),
            communities=communities_table(zone, streets, before, after, params=params),
            curve=found.curve,
        ),
        figures=_figures(found, day),
        survey=survey_figures(found.survey, zone, params),
    )


def _with_exact_gains(found: Found) -> GeoDataFrame:
    """Give the sites with the exact length that each adds to those before it, and where it is."""
    layer = found.sites.layer
    blind_m = [
        coverage_of(found.streets, found.with_first(count)).blind_m
        for count in range(len(layer) + 1)
    ]
    gains = [before - after for before, after in pairwise(blind_m)]
    return layer.assign(
        gain_m=pd.array(gains, dtype="float64"),
        junction_m=junction_m(layer, found.zone.streets),
        synthetic=found.synthetic,
    )


def _views_layer(found: Found) -> GeoDataFrame:
    columns = {"rank": found.sites.layer["rank"], "synthetic": found.synthetic}
    return GeoDataFrame(columns, geometry=found.sites.fields_of_view, crs=found.streets.crs)


def _blind_layer(found: Found, fields: GeoSeries, when: str) -> GeoDataFrame:
    spots = with_crossings(blind_spots(found.streets, fields), found.zone.streets)
    labels = [f"blind-{when}-{rank:03d}" for rank in spots["rank"]]
    spots.index = pd.Index(labels, name="id", dtype="str")
    return spots.assign(synthetic=found.synthetic)


def _street_lines(found: Found) -> StreetLines:
    lines = found.streets.geometry.to_numpy()
    standing, everyone = shapely.union_all(found.before), shapely.union_all(found.after)
    blind = shapely.difference(lines, standing)
    return StreetLines(
        seen_before=_lines(shapely.intersection(lines, standing)),
        blind_before=_lines(blind),
        newly_seen=_lines(shapely.intersection(blind, everyone)),
        blind_after=_lines(shapely.difference(blind, everyone)),
        by_survey=survey_lines(found.survey, found.streets),
    )


def _lines(shapes: NDArray[np.object_]) -> MultiLineString:
    """Collect the lines of several shapes; points, where a line only touches, are dropped."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return MultiLineString([part for part in parts if part.length > 0])


def _ground(zone: Zone, streets: GeoDataFrame, private: GeoDataFrame) -> SitesGround:
    shown = zone.cameras["owner_kind"].isin(["programme", "municipal"])
    return SitesGround(
        boundary=zone.boundary,
        streets=streets,
        buildings=zone.buildings,
        private=private,
        cameras=zone.cameras.loc[shown, ["azimuth_deg", "owner_kind", "status", "geometry"]],
    )


def _figures(found: Found, day: date) -> SitesFigures:
    cameras, result = found.zone.cameras, found.sites.result
    working = cameras["status"].eq("up")
    dim = working & ~cameras["night_vision"] & found.params.night
    refused = _without_consent(found.zone, day)
    lens = has_lens(cameras)
    covered = coverage_of(found.streets, found.before)
    return SitesFigures(
        street_m=covered.total_m,
        blind_before_m=covered.blind_m,
        blind_after_m=coverage_of(found.streets, found.after).blind_m,
        covered_m=result.covered,
        upper_bound_m=result.upper_bound,
        spent=result.spent,
        by_number=bool(found.problem.candidates["cost"].eq(1.0).all()),
        cheapest=_cheapest(found.problem),
        candidates=len(found.problem.candidates),
        refused=len(found.problem.forbidden),
        cameras_up=int(working.sum()),
        cameras_down=int((~working).sum()) - refused,
        cameras_without_consent=refused,
        cameras_dim=int(dim.sum()),
        cameras_without_lens=int((~lens).sum()),
        cameras_too_low=int((lens & ~is_judged(cameras, found.params)).sum()),
        sites_unjudged=int((~is_judged(found.sites.layer, found.params)).sum()),
    )


def _cheapest(problem: SiteProblem) -> float:
    """Find the least cost of a candidate that may be chosen and sees anything that counts."""
    useful = problem.cover @ problem.points["weight"].to_numpy(np.float64) > 0
    useful[problem.forbidden] = False
    return float(problem.candidates["cost"].to_numpy(np.float64)[useful].min(initial=np.inf))


def _without_consent(zone: Zone, day: date) -> int:
    """Count the cameras that are down for want of consent alone: by the register, they work."""
    register = zone.register
    willing = register["status"].eq("up") & ~has_consent(register, on=day)
    down = zone.cameras.index[zone.cameras["status"].eq("down")]
    return int(register.index[willing].isin(down).sum())
