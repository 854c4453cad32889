"""The choice of camera sites as a covering problem: what each candidate adds, and what it must not.

Streets are cut into short pieces with a point each. What has to be covered are the points that no
standing camera sees, each worth the metres it stands for, and the points that are to be seen by
several cameras, worth what their planner says. What candidates see is computed once; the same
problem then serves every budget.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from shapely import Polygon

from analytics.blindspots import street_coverage
from geo.errors import InfeasiblePlanError, LayerError, ParameterError
from planning._community_shares import asked_of, shortage
from planning._site_input import checked_candidates, layer_faults, parameter_faults
from planning.privacy import FORBIDDEN_TOLERANCE_M2, covered_m2, masked_fields
from planning.siting import SitingResult, maximal_coverage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SiteProblem:
    """A choice of sites, ready to be solved for any budget: made by `prepare`.

    Attributes
    ----------
    candidates
        Places and facings to choose from, with their cost.
    fields
        What each would see, masked grounds cut out.
    masked_m2
        Area that masks cut out of each.
    points
        What has to be covered: Points with `street` (none where a point is wanted for itself),
        `length_m` of street (0 likewise), `weight`, and `folds`, the number of further cameras
        that must see it.
    cover
        Which candidate sees which point, shape (candidates, points).
    fixed
        Rows of the candidates that are built in any case, ascending.
    forbidden
        Rows of the candidates that look into forbidden ground and are never chosen, ascending.
    communities
        A row per community with any street: `name_th`, `name_en` (empty where not given),
        `street_m`, `seen_m` by the standing cameras, and `least_m`, the least that must be seen.
    members
        Which point lies in which community, shape (communities, points).
    """

    candidates: gpd.GeoDataFrame
    fields: gpd.GeoSeries
    masked_m2: Floats
    points: gpd.GeoDataFrame
    cover: csr_array
    fixed: NDArray[np.intp]
    forbidden: NDArray[np.intp]
    communities: pd.DataFrame
    members: csr_array

    @classmethod
    def prepare(
        cls,
        streets: gpd.GeoDataFrame,
        buildings: gpd.GeoDataFrame,
        seen: gpd.GeoSeries,
        candidates: gpd.GeoDataFrame,
        *,
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
    ) -> "SiteProblem":
        """Compute what every candidate sees and what that is worth.

        Parameters
        ----------
        streets
            Streets to watch, in a metric CRS; every other layer is in the same.
        buildings
            Footprints that hide what is behind them.
        seen
            Fields of view of the cameras that stand.
        candidates
            Places and facings to choose from: Points with azimuth_deg, fov_deg and range_m, `cost`
            > 0 where they do not cost 1 each, and unique labels.
        boundary
            Outline of the zone: a candidate outside it is a fault.
        street_weight
            What a metre of each street counts, >= 0, by the streets' labels, for example its
            density of incidents; 1 each by default.
        wanted
            Points to be watched for themselves, such as SOS points and school gates: `folds`, the
            number of cameras that must see each, >= 1, standing ones included; `weight`, the metres
            of street that it counts for, >= 0.
        masked
            Grounds that are masked in the picture of every new camera, such as yards. A mask hides
            the ground under it and nothing else; the ground behind it is seen.
        forbidden
            Grounds that no new camera may look into, such as a temple's living quarters, masked or
            not: a candidate that sees more than `FORBIDDEN_TOLERANCE_M2` of them is never chosen.
        communities
            Polygons of which each must have its share of street seen.
        least_share
            Share of the length of street in each community that must be seen, standing cameras
            included, from 0 to 1; 0 where there are none.
        fixed
            Labels of candidates that are built in any case.
        spacing_m
            Distance between the points that stand for the streets, > 0.
        workers
            Number of threads that compute fields of view, >= 1.

        Returns
        -------
        problem
            The problem.

        Raises
        ------
        ParameterError
            Numbers are out of range, weights do not fit the streets, fixed candidates are unknown
            or look into forbidden ground.
        LayerError
            Layers hold no valid shapes in one metric CRS or lack columns, candidates stand outside
            the zone or inside buildings, or costs are not above 0; with every fault.
        """
        fixed = list(dict.fromkeys(fixed))
        wrong = parameter_faults(
            streets,
            candidates,
            street_weight=street_weight,
            communities=communities,
            least_share=least_share,
            fixed=fixed,
            spacing_m=spacing_m,
        )
        if wrong:
            raise ParameterError("\n".join(wrong))
        faults = layer_faults(
            streets,
            candidates=candidates,
            wanted=wanted,
            communities=communities,
            grounds={"masked": masked, "forbidden": forbidden},
        )
        candidates, views, more = checked_candidates(
            candidates, buildings, boundary=boundary, workers=workers
        )
        if faults or more:
            raise LayerError([*faults, *more])
        built = np.sort(candidates.index.get_indexer(fixed))
        fields, masked_m2 = _masked(views, masked)
        watched = street_coverage(streets, seen, spacing_m=spacing_m)
        points = _points(watched, street_weight, wanted, seen)
        areas, members = _communities(communities, watched, points, least_share)
        return cls(
            candidates=candidates,
            fields=fields,
            masked_m2=masked_m2,
            points=points,
            cover=_cover(fields, points),
            fixed=built,
            forbidden=_forbidden(views, forbidden, built),
            communities=areas,
            members=members,
        )

    @property
    def fixed_cost(self) -> float:
        """Cost of the fixed candidates together.

        Returns
        -------
        cost
            Their cost, which no budget may be below.
        """
        return float(self.candidates["cost"].iloc[self.fixed].sum())

    def solve(
        self,
        *,
        budget: float,
        seed: int,
        time_limit_s: float,
        keep_going: Callable[[], bool] = lambda: True,
    ) -> SitingResult:
        """Choose sites within a budget.

        Parameters
        ----------
        budget
            Most that the sites may cost together, fixed ones included, >= 0.
        seed
            Seed of the search.
        time_limit_s
            Seconds the search may take, > 0.
        keep_going
            Asked between steps; where it says false, the search stops with what it has.

        Returns
        -------
        result
            Rows of the chosen candidates, what they cover in metres (weighted where weights were
            given), and a bound on what any choice can cover.

        Raises
        ------
        ParameterError
            Numbers are out of range, or the fixed candidates cost more than the budget.
        InfeasiblePlanError
            No choice within the budget gives every community its share; the one that goes short is
            named.
        """
        lacks_m = (self.communities["least_m"] - self.communities["seen_m"]).to_numpy(np.float64)
        short = np.flatnonzero(lacks_m > 0)
        lacking = self.communities.iloc[short].assign(lacks_m=lacks_m[short])
        asked = asked_of(self.cover, self.points, lacking, self.members[short])
        try:
            result = maximal_coverage(
                asked.cover,
                asked.weight,
                budget=budget,
                cost=self.candidates["cost"].to_numpy(),
                fixed=self.fixed.tolist(),
                forbidden=self.forbidden.tolist(),
                folds=asked.folds,
                shares=asked.shares,
                time_limit_s=time_limit_s,
                seed=seed,
                keep_going=keep_going,
            )
        except InfeasiblePlanError as error:
            raise InfeasiblePlanError(shortage(str(error), lacking)) from error
        return self._without_twins(result) if asked.twins else result

    def _without_twins(self, result: SitingResult) -> SitingResult:
        """Count what is covered without the slivers that twins add; the bound holds without."""
        views = self.cover[result.chosen].sum(axis=0)
        counted = views >= self.points["folds"].to_numpy()
        covered = float(self.points["weight"].to_numpy()[counted].sum())
        bound = max(result.upper_bound, covered)
        return replace(
            result,
            covered=covered,
            upper_bound=bound,
            gap=(bound - covered) / bound if bound > 0 else 0.0,
        )


def _masked(views: gpd.GeoSeries, masked: gpd.GeoDataFrame | None) -> tuple[gpd.GeoSeries, Floats]:
    if masked is None or masked.empty:
        return views, np.zeros(len(views))
    return masked_fields(views, masked.geometry)


def _forbidden(
    views: gpd.GeoSeries, forbidden: gpd.GeoDataFrame | None, fixed: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the candidates that see forbidden ground; refuse fixed ones among them."""
    if forbidden is None or forbidden.empty:
        return np.empty(0, dtype=np.intp)
    area_m2 = covered_m2(views, forbidden.geometry)
    refused = area_m2 > FORBIDDEN_TOLERANCE_M2
    faults = [
        f"Expected `fixed` candidates that look into no forbidden ground, got "
        f"{views.index[row]!r}, which sees {area_m2[row]:.1f} m2 of it."
        for row in fixed.tolist()
        if refused[row]
    ]
    if faults:
        raise ParameterError("\n".join(faults))
    return np.flatnonzero(refused)


def _points(
    watched: gpd.GeoDataFrame,
    street_weight: "pd.Series[float] | None",
    wanted: gpd.GeoDataFrame | None,
    seen: gpd.GeoSeries,
) -> gpd.GeoDataFrame:
    """Return the points of street that nobody sees, and the wanted ones that lack cameras."""
    unseen = watched[watched["seen_by"] == 0]
    length_m = unseen["length_m"].to_numpy(np.float64)
    worth = 1.0 if street_weight is None else street_weight.loc[unseen["street"]].to_numpy(float)
    table = pd.DataFrame(
        {"street": unseen["street"], "length_m": length_m, "weight": length_m * worth, "folds": 1}
    )
    shapes = unseen.geometry.to_numpy()
    if wanted is not None and len(wanted):
        places = wanted.geometry.to_numpy()
        by = shapely.STRtree(places).query(seen.to_numpy(), predicate="intersects")[1]
        folds = wanted["folds"].to_numpy(np.int64) - np.bincount(by, minlength=len(places))
        more = pd.DataFrame(
            {"length_m": 0.0, "weight": wanted["weight"].to_numpy(np.float64), "folds": folds}
        )
        table = pd.concat([table, more[folds > 0]], ignore_index=True)
        shapes = np.concatenate([shapes, places[folds > 0]])
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=shapes, crs=watched.crs)


def _cover(fields: gpd.GeoSeries, points: gpd.GeoDataFrame) -> csr_array:
    site, point = shapely.STRtree(points.geometry.to_numpy()).query(
        fields.to_numpy(), predicate="intersects"
    )
    pairs = np.ones(len(site), dtype=bool), (site, point)
    return csr_array(pairs, shape=(len(fields), len(points)))


def _communities(
    communities: gpd.GeoDataFrame | None,
    watched: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    least_share: float,
) -> tuple[pd.DataFrame, csr_array]:
    """Measure the streets of each community; what lies on the border of two counts for both."""
    if communities is None:
        communities = gpd.GeoDataFrame(geometry=[], crs=watched.crs)
    areas = communities.geometry.to_numpy()
    length_m = watched["length_m"].to_numpy(np.float64)
    street_m = _within(areas, watched) @ length_m
    seen_m = _within(areas, watched) @ (length_m * (watched["seen_by"].to_numpy() > 0))
    named = pd.DataFrame(communities).reindex(columns=["name_th", "name_en"]).astype(object)
    table = named.where(named.notna(), "").assign(
        street_m=street_m, seen_m=seen_m, least_m=least_share * street_m
    )
    streets = points["length_m"].to_numpy() > 0
    members = csr_array(_within(areas, points).multiply(streets))
    return table[street_m > 0], members[np.flatnonzero(street_m > 0)]


def _within(areas: NDArray[np.object_], points: gpd.GeoDataFrame) -> csr_array:
    area, point = shapely.STRtree(points.geometry.to_numpy()).query(areas, predicate="intersects")
    pairs = np.ones(len(area), dtype=bool), (area, point)
    return csr_array(pairs, shape=(len(areas), len(points)))
