"""Where the next cameras should stand: the sites that show most of the street nobody sees yet."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import Polygon

from geo.errors import InfeasiblePlanError, ParameterError
from planning._arguments import faults_of_seed, is_above_zero, is_finite
from planning._site_input import parameter_faults
from planning._siting_input import ROUNDING
from planning.camera_types import LENS
from planning.candidates import camera_candidates
from planning.site_problem import SiteProblem
from planning.siting import SitingResult

_WHERE = ("name_th", "name_en", "street", "kind", "camera_type", "camera_type_th")
_LENS = ("azimuth_deg", *LENS, "focal_mm", "sensor_width_mm", "sensor_height_mm", "night_vision")


@dataclass(frozen=True)
class CameraSites:
    """Sites for new cameras.

    Attributes
    ----------
    layer
        Points, the most useful first: rank (from 1), candidate (its label), name_th, name_en,
        street, kind, camera_type, camera_type_th, cost, azimuth_deg, fov_deg, range_m and the rest
        of the lens, gain_m (metres of street that this camera adds to those ranked before it and to
        the cameras that stand), masked_m2 (ground that masks cut out of its view), wanted_points
        (points wanted for themselves that it sees while they still lack a camera), synthetic.
        Columns that describe a candidate only where the candidates have them.
    fields_of_view
        What each site would see, masked grounds cut out, labelled as the layer is.
    result
        The choice among the candidates, in metres (weighted where weights were given), with the
        bound that proves how near to the best it is.
    """

    layer: gpd.GeoDataFrame
    fields_of_view: gpd.GeoSeries
    result: SitingResult


def site_cameras(
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    seen: gpd.GeoSeries,
    *,
    budget: float,
    seed: int,
    time_limit_s: float,
    candidates: gpd.GeoDataFrame | None = None,
    boundary: Polygon | None = None,
    street_weight: "pd.Series[float] | None" = None,
    wanted: gpd.GeoDataFrame | None = None,
    masked: gpd.GeoDataFrame | None = None,
    forbidden: gpd.GeoDataFrame | None = None,
    communities: gpd.GeoDataFrame | None = None,
    least_share: float = 0.0,
    fixed: Iterable[Hashable] = (),
    spacing_m: float = 2.0,
    workers: int = 1,
    keep_going: Callable[[], bool] = lambda: True,
) -> CameraSites:
    """Choose sites for new cameras.

    Parameters
    ----------
    streets
        Streets to watch, in a metric CRS.
    buildings
        Footprints that hide what is behind them.
    seen
        Fields of view of the cameras that stand.
    budget
        Most that the new cameras may cost together, fixed ones included, >= 0; their number where
        each costs 1.
    seed
        Seed of the search.
    time_limit_s
        Seconds the search among the candidates may take, > 0.
    candidates
        Places and facings to choose from: Points with azimuth_deg, fov_deg and range_m, and `cost`
        > 0 where they do not cost 1 each; those of `camera_candidates` by default.
    boundary
        Outline of the zone, outside which no camera stands.
    street_weight
        What a metre of each street counts, >= 0, by the streets' labels, for example its density of
        incidents; 1 each by default.
    wanted
        Points to be watched for themselves, with `folds` and `weight`.
    masked
        Grounds that are masked in the picture of every new camera.
    forbidden
        Grounds that no new camera may look into.
    communities
        Polygons of which each must have its share of street seen.
    least_share
        Share of the length of street in each community that must be seen, from 0 to 1; 0 where
        there are none.
    fixed
        Labels of candidates that are built in any case.
    spacing_m
        Distance between the points that stand for the streets, > 0.
    workers
        Number of threads that compute fields of view, >= 1.
    keep_going
        Asked between steps of the search; where it says false, the search stops with what it has.

    Returns
    -------
    sites
        Sites in the order of what each adds; fewer than the budget where no more adds anything.

    Raises
    ------
    ParameterError
        Weights do not fit the streets, numbers are out of range, fixed candidates are unknown,
        cost more than the budget or look into forbidden ground.
    LayerError
        Layers are not as `SiteProblem.prepare` takes them, with every fault.
    InfeasiblePlanError
        No choice within the budget gives every community its share.

    See Also
    --------
    planning.site_problem.SiteProblem.prepare : What the options mean, in full.
    """
    if candidates is None:
        candidates = camera_candidates(streets, buildings, boundary=boundary)
    fixed = list(fixed)
    faults = _faults_of_search([budget], seed, time_limit_s) + parameter_faults(
        streets,
        candidates,
        street_weight=street_weight,
        communities=communities,
        least_share=least_share,
        fixed=fixed,
        spacing_m=spacing_m,
    )
    if faults:
        raise ParameterError("\n".join(faults))
    problem = SiteProblem.prepare(
        streets,
        buildings,
        seen,
        candidates,
        boundary=boundary,
        street_weight=street_weight,
        wanted=wanted,
        masked=masked,
        forbidden=forbidden,
        communities=communities,
        least_share=least_share,
        fixed=fixed,
        spacing_m=spacing_m,
        workers=workers,
    )
    return choose_sites(
        problem, budget=budget, seed=seed, time_limit_s=time_limit_s, keep_going=keep_going
    )


def choose_sites(
    problem: SiteProblem,
    *,
    budget: float,
    seed: int,
    time_limit_s: float,
    keep_going: Callable[[], bool] = lambda: True,
) -> CameraSites:
    """Choose sites for new cameras from a problem that is prepared.

    Parameters
    ----------
    problem
        What each candidate adds, and what it must not.
    budget
        Most that the sites may cost together, fixed ones included, >= 0.
    seed
        Seed of the search.
    time_limit_s
        Seconds the search may take, > 0.
    keep_going
        Asked between steps of the search; where it says false, the search stops with what it has.

    Returns
    -------
    sites
        Sites in the order of what each adds.

    Raises
    ------
    ParameterError
        Numbers are out of range, or the fixed candidates cost more than the budget.
    InfeasiblePlanError
        No choice within the budget gives every community its share.
    """
    result = problem.solve(
        budget=budget, seed=seed, time_limit_s=time_limit_s, keep_going=keep_going
    )
    added = _ranked(problem, result.chosen)
    rows = added["row"].to_numpy()
    candidates = problem.candidates.iloc[rows]
    labels = [f"site-{rank:02d}" for rank in range(1, len(rows) + 1)]
    described = [*_WHERE, "cost", *_LENS]
    layer = candidates[[name for name in described if name in candidates]].copy()
    layer.insert(0, "rank", np.arange(1, len(rows) + 1))
    layer.insert(1, "candidate", candidates.index)
    layer["gain_m"] = added["gain_m"].to_numpy()
    layer["masked_m2"] = problem.masked_m2[rows]
    layer["wanted_points"] = added["wanted_points"].to_numpy()
    if "synthetic" in candidates:
        layer["synthetic"] = candidates["synthetic"]
    layer = layer.set_geometry(candidates.geometry)
    layer.index = pd.Index(labels, name="id", dtype="str")
    return CameraSites(layer, problem.fields.iloc[rows].set_axis(layer.index), result)


def cost_curve(
    problem: SiteProblem,
    budgets: Sequence[float],
    *,
    seed: int,
    time_limit_s: float,
    known: Mapping[float, SitingResult] = MappingProxyType({}),
    keep_going: Callable[[], bool] = lambda: True,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> pd.DataFrame:
    """Tell what each budget buys.

    More money never buys less: where the search for a larger budget ends with less than a smaller
    one bought, the smaller choice stands; and no budget has a bound above that of a larger one.

    Parameters
    ----------
    problem
        What each candidate adds, and what it must not.
    budgets
        Budgets to try, each >= 0 and enough for the fixed candidates.
    seed
        Seed of each search.
    time_limit_s
        Seconds each search may take, > 0.
    known
        Choices for some of the budgets, which are taken as they are: searches that the time limit
        cuts short may end apart, even with one budget and seed.
    keep_going
        Asked between steps; where it says false, the budgets not begun are left out.
    progress
        Called after each budget with the number of those done and of all.

    Returns
    -------
    curve
        A row per budget, ascending: `budget`; `sites`, how many are chosen; `covered_m` and
        `upper_bound_m`, in metres (weighted where weights were given); `gap`, what is left between
        them as a share of the bound. Budgets that cannot give every community its share have none.

    Raises
    ------
    ParameterError
        Numbers are out of range, or the fixed candidates cost more than a budget; all are named.
    InfeasiblePlanError
        No budget gives every community its share.
    """
    faults = _faults_of_search(budgets, seed, time_limit_s) or [
        f"Expected `budget` of the fixed candidates, {problem.fixed_cost:g}, or more, got {budget}."
        for budget in budgets
        if problem.fixed_cost > budget * (1 + ROUNDING)
    ]
    if faults:
        raise ParameterError("\n".join(faults))
    results = {budget: known[budget] for budget in budgets if budget in known}
    refused: InfeasiblePlanError | None = None
    ascending = sorted({*budgets} - {*results})
    for done, budget in enumerate(ascending, start=1):
        if not keep_going():
            break
        try:
            results[budget] = problem.solve(
                budget=budget, seed=seed, time_limit_s=time_limit_s, keep_going=keep_going
            )
        except InfeasiblePlanError as error:
            refused = error
        progress(done, len(ascending))
    if refused is not None and not results:
        raise refused
    return _monotone(dict(sorted(results.items())))


def _monotone(results: Mapping[float, SitingResult]) -> pd.DataFrame:
    """Let no budget cover less than a smaller one, nor be bounded above a larger one."""
    rows = [(budget, len(each.chosen), each.covered) for budget, each in results.items()]
    for number in range(1, len(rows)):
        if rows[number - 1][2] >= rows[number][2]:
            rows[number] = (rows[number][0], *rows[number - 1][1:])
    curve = pd.DataFrame(rows, columns=["budget", "sites", "covered_m"])
    bounds = np.array([each.upper_bound for each in results.values()], dtype=np.float64)
    # What a smaller budget buys, a larger one could: its bound holds for the smaller too.
    bounds = np.minimum.accumulate(bounds[::-1])[::-1]
    curve["upper_bound_m"] = np.maximum(bounds, curve["covered_m"])
    curve["gap"] = (1 - curve["covered_m"] / curve["upper_bound_m"]).where(bounds > 0, 0.0)
    return curve


def _faults_of_search(budgets: Sequence[float], seed: int, time_limit_s: float) -> list[str]:
    faults = [
        f"Expected `budget` >= 0, got {budget}."
        for budget in budgets
        if not (is_finite(budget) and budget >= 0)
    ]
    if not is_above_zero(time_limit_s):
        faults.append(f"Expected `time_limit_s` > 0, got {time_limit_s}.")
    return [*faults, *faults_of_seed(seed)]


def _ranked(problem: SiteProblem, chosen: NDArray[np.intp]) -> pd.DataFrame:
    """Order the chosen by what each adds to those before it, nearest to its folds where equal."""
    cover = problem.cover[chosen]
    weight = problem.points["weight"].to_numpy(np.float64)
    length_m = problem.points["length_m"].to_numpy(np.float64)
    lacking = problem.points["folds"].to_numpy(np.int64).copy()
    share = weight / lacking
    left = np.arange(len(chosen))
    order = []
    while len(left):
        adds = (cover @ (weight * (lacking == 1)))[left]
        nears = (cover @ (share * (lacking > 0)))[left]
        place = int(np.lexsort((-nears, -adds))[0])
        sees = cover[[left[place]]].indices
        order.append(
            {
                "row": chosen[left[place]],
                "gain_m": float(length_m[sees[lacking[sees] == 1]].sum()),
                "wanted_points": int(((lacking[sees] > 0) & (length_m[sees] == 0)).sum()),
            }
        )
        lacking[sees] -= 1
        left = np.delete(left, place)
    columns = {"row": "int64", "gain_m": "float64", "wanted_points": "int64"}
    return pd.DataFrame(order, columns=list(columns)).astype(columns)
