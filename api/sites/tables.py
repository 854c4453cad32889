"""The tables of the planner's report: tasks, coverage, ground, SOS points, communities, budgets."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries

from analytics.blindspots import street_coverage
from analytics.coverage_tables import coverage_table
from api.sites.result import PROPOSED, SitesParams
from api.sites.tasks import Footprints
from geo.pixel_density import reach_m
from geo.visibility import fields_of_view
from geo.zone import Zone
from planning.privacy import covered_m2
from planning.site_problem import SiteProblem
from planning.sites import CameraSites

IN_VIEW = ""
"""Task under which whatever lies in a field of view counts."""

_LENGTHS = {"seen_m": "{}_m", "seen_twice_m": "twice_{}_m"}
_POINTS = 10  # budgets of a curve
_TO = 2.0  # a curve goes on to so many times the budget
_TOLERANCE = 1e-9


def tasks_table(sites: GeoDataFrame, prints: Footprints, streets: GeoDataFrame) -> pd.DataFrame:
    """Tell how far, and how much street, each new camera sees at each task.

    Parameters
    ----------
    sites
        The new cameras.
    prints
        Ground they see, by task.
    streets
        Street edges of the zone.

    Returns
    -------
    pandas.DataFrame
        A row per site and task, from the lowest density up: site, task, px_per_m, reach_m,
        street_m.
    """
    lines = streets.geometry.to_numpy()
    rows = []
    for task, density in prints.px_per_m.items():
        for site, ground in prints.new[task].items():
            camera = sites.loc[site]
            reach = float(reach_m(camera["fov_deg"], camera["resolution_px"], density))
            street_m = float(shapely.length(shapely.intersection(lines, ground)).sum())
            rows.append((site, task, density, min(reach, float(camera["range_m"])), street_m))
    table = pd.DataFrame(rows, columns=["site", "task", "px_per_m", "reach_m", "street_m"])
    return table.sort_values(["site", "px_per_m"], kind="stable", ignore_index=True)


def coverage_changes(
    streets: GeoDataFrame,
    cameras: GeoDataFrame,
    seen: GeoSeries,
    sites: CameraSites,
    prints: Footprints,
) -> pd.DataFrame:
    """Tell how much street is seen at each task and by whose cameras, before and after.

    Parameters
    ----------
    streets
        Street edges of the zone.
    cameras
        The cameras that stand.
    seen
        What each of them sees now.
    sites
        The new cameras.
    prints
        Ground by task.

    Returns
    -------
    pandas.DataFrame
        A row per task and owner: task (`IN_VIEW` first), px_per_m (not a number of `IN_VIEW`),
        owner ("" for anyone), before_m, after_m, twice_before_m, twice_after_m.
    """
    standing = {IN_VIEW: seen, **prints.standing}
    new = {IN_VIEW: sites.fields_of_view, **prints.new}
    everyone = {
        task: GeoSeries(pd.concat([fields, new[task]]), crs=fields.crs)
        for task, fields in standing.items()
    }
    owners = pd.concat(
        [cameras["owner_kind"], pd.Series(PROPOSED, index=sites.layer.index, dtype="str")]
    )
    before = _lengths(coverage_table(streets, standing, owners), "before")
    after = _lengths(coverage_table(streets, everyone, owners), "after")
    table = after.join(before, how="left").fillna(0.0).reset_index()
    columns = [name.format(when) for name in _LENGTHS.values() for when in ("before", "after")]
    table["px_per_m"] = table["task"].map(dict(prints.px_per_m)).astype("float64")
    return table[["task", "px_per_m", "owner", *columns]]


def _lengths(table: pd.DataFrame, when: str) -> pd.DataFrame:
    named = {column: name.format(when) for column, name in _LENGTHS.items()}
    return table.set_index(["task", "owner"])[list(named)].rename(columns=named)


def grounds_table(
    zone: Zone, sites: CameraSites, *, masked: Sequence[str], forbidden: Sequence[str]
) -> pd.DataFrame:
    """Tell which private ground there is and how much of it is masked.

    Parameters
    ----------
    zone
        The zone.
    sites
        The new cameras.
    masked, forbidden
        Kinds of ground with either rule.

    Returns
    -------
    pandas.DataFrame
        A row per kind that the zone has: kind, role, grounds, masked_m2.
    """
    views = fields_of_view(sites.layer, zone.buildings)
    roles = {**dict.fromkeys(masked, "masked"), **dict.fromkeys(forbidden, "forbidden")}
    rows = []
    for kind, role in roles.items():
        own = zone.grounds[zone.grounds["kind"] == kind]
        if len(own):
            area_m2 = float(covered_m2(views, own.geometry).sum()) if role == "masked" else 0.0
            rows.append((kind, role, len(own), area_m2))
    return pd.DataFrame(rows, columns=["kind", "role", "grounds", "masked_m2"])


def wanted_table(
    points: GeoDataFrame, before: GeoSeries, after: GeoSeries, *, needed: int
) -> pd.DataFrame:
    """Count the cameras that see each SOS point.

    Parameters
    ----------
    points
        SOS points.
    before, after
        Fields of view without and with the new cameras.
    needed
        Cameras that are wanted to see each.

    Returns
    -------
    pandas.DataFrame
        A row per point: name_th, name_en, needed, before, after.
    """
    tree = shapely.STRtree(points.geometry.to_numpy())
    counts = {
        when: np.bincount(
            tree.query(fields.to_numpy(), predicate="intersects")[1], minlength=len(points)
        )
        for when, fields in (("before", before), ("after", after))
    }
    names = pd.DataFrame(points[["name_th", "name_en"]])
    return names.assign(needed=needed, **counts).reset_index(drop=True)


def communities_table(
    zone: Zone, streets: GeoDataFrame, before: GeoSeries, after: GeoSeries, *, params: SitesParams
) -> pd.DataFrame:
    """Tell how much of each community's street is seen, counted as the search counts it.

    Parameters
    ----------
    zone
        The zone.
    streets
        Street edges of the zone.
    before, after
        Fields of view without and with the new cameras.
    params
        Spacing of the points of street, and the least share.

    Returns
    -------
    pandas.DataFrame
        A row per community with any street: name_th, name_en, street_m, before_m, after_m, and
        met, whether the least share is reached.
    """
    rows = []
    watched = {
        when: street_coverage(streets, fields, spacing_m=params.spacing_m)
        for when, fields in (("before_m", before), ("after_m", after))
    }
    for name_th, name_en, area in zip(
        zone.communities["name_th"],
        zone.communities["name_en"],
        zone.communities.geometry,
        strict=True,
    ):
        points = watched["before_m"]
        within = points.intersects(area)
        street_m = float(points.loc[within, "length_m"].sum())
        seen = {
            when: float(table.loc[within & table["seen_by"].gt(0), "length_m"].sum())
            for when, table in watched.items()
        }
        met = seen["after_m"] >= params.least_share * street_m * (1 - _TOLERANCE)
        if street_m > 0:
            rows.append((name_th, name_en, street_m, seen["before_m"], seen["after_m"], met))
    columns = ["name_th", "name_en", "street_m", "before_m", "after_m", "met"]
    return pd.DataFrame(rows, columns=columns)


def curve_budgets(problem: SiteProblem, budget: float) -> list[float]:
    """Choose the budgets of the cost curve.

    Parameters
    ----------
    problem
        The choice of sites.
    budget
        Budget of the report.

    Returns
    -------
    list of float
        Budgets from small to twice that of the report, that one among them; numbers of cameras,
        and at least up to 10, where each costs 1.
    """
    costs = problem.candidates["cost"].to_numpy(np.float64)
    if (costs == 1.0).all():
        most = max(int(_TO * math.ceil(budget)), _POINTS)
        step = math.ceil(most / _POINTS)
        steps = {float(number) for number in range(step, most + 1, step)}
    else:
        top = _TO * budget or float(np.median(costs)) * _POINTS
        steps = {top * part / _POINTS for part in range(1, _POINTS + 1)}
    least = problem.fixed_cost * (1 - _TOLERANCE)
    return sorted(each for each in {*steps, budget} if each >= least)
