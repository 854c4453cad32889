"""A straight street without houses, made for tests: what each camera sees is plain to the eye."""

import geopandas as gpd
import pandas as pd
import shapely
from shapely import LineString

from planning.site_problem import SiteProblem
from tests.planning.grid_town import TOWN_CRS, at

NO_HOUSES = gpd.GeoDataFrame({"geometry": []}, geometry="geometry")
NOTHING_SEEN = gpd.GeoSeries([], crs=TOWN_CRS)
LIMITS = {"seed": 0, "time_limit_s": 10.0}


def street(length=200, *, pieces=2):
    """Return a street that runs east from the corner of the town, cut into equal pieces."""
    step = length / pieces
    lines = [LineString([at(step * i, 0), at(step * (i + 1), 0)]) for i in range(pieces)]
    labels = [f"s-{i}" for i in range(pieces)]
    return gpd.GeoDataFrame(
        {"name_th": "ถนนตรง", "name_en": "Straight Street"},
        geometry=lines,
        crs=TOWN_CRS,
        index=labels,
    )


def cameras(*starts, range_m=50.0, cost=None):
    """Return cameras in the middle of the street that look east over `range_m`, named a, b, c."""
    columns = {"azimuth_deg": 90.0, "fov_deg": 60.0, "range_m": range_m}
    if cost is not None:
        columns["cost"] = cost
    return gpd.GeoDataFrame(
        columns,
        geometry=[at(start, 0) for start in starts],
        crs=TOWN_CRS,
        index=[chr(ord("a") + number) for number in range(len(starts))],
    )


def ground(west, east, *, south=-30, north=30):
    return layer(shapely.box(*at(west, south).coords[0], *at(east, north).coords[0]))


def layer(*shapes, **columns):
    table = pd.DataFrame(columns, index=range(len(shapes)))
    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=TOWN_CRS)


def wanted(*places, folds=2, weight=1000.0):
    return layer(*[at(x, 0) for x in places], folds=folds, weight=weight)


def communities(*spans):
    """Return communities from west to east, each a span of the street, named after its number."""
    shapes = [ground(west, east).geometry[0] for west, east in spans]
    names = [f"Community {number}" for number in range(1, len(spans) + 1)]
    frame = layer(*shapes, name_th=[f"ชุมชน {name[-1]}" for name in names], name_en=names)
    return frame.set_axis([f"c-{number}" for number in range(1, len(spans) + 1)])


def prepared(candidates, *, streets=None, houses=NO_HOUSES, seen=NOTHING_SEEN, **options):
    streets = street() if streets is None else streets
    return SiteProblem.prepare(streets, houses, seen, candidates, **options)


def solved(candidates, *, budget, **options):
    problem = prepared(candidates, **options)
    result = problem.solve(budget=budget, **LIMITS)
    return result, "".join(problem.candidates.index[result.chosen])
