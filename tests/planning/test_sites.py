"""Sites for new cameras in a town of square blocks."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.blindspots import street_coverage
from geo.errors import LayerError, ParameterError
from planning.candidates import camera_candidates
from planning.sites import site_cameras
from tests.planning.grid_town import TOWN_CRS, grid_buildings, grid_streets

LIMITS = {"seed": 0, "time_limit_s": 10.0}
NOTHING = gpd.GeoSeries([], crs=TOWN_CRS)


def seen_m(streets, fields):
    points = street_coverage(streets, fields)
    return points.loc[points["seen_by"] > 0, "length_m"].sum()


@pytest.fixture(scope="module")
def sites():
    return site_cameras(grid_streets(), grid_buildings(), NOTHING, budget=6, **LIMITS)


def test_gains_add_up_to_what_is_newly_seen(sites):
    """Recounted through street coverage, rank by rank."""
    streets = grid_streets()
    before = 0.0
    for rank, gain_m in zip(sites.layer["rank"], sites.layer["gain_m"], strict=True):
        now = seen_m(streets, sites.fields_of_view.iloc[:rank])
        assert gain_m == pytest.approx(now - before)
        before = now
    assert before == pytest.approx(sites.result.covered)
    assert sites.layer["gain_m"].is_monotonic_decreasing
    assert sites.layer["rank"].tolist() == list(range(1, 7))


def test_better_than_any_random_choice(sites):
    rng = np.random.default_rng(0)
    streets, buildings = grid_streets(), grid_buildings()
    everything = site_cameras(streets, buildings, NOTHING, budget=500, **LIMITS)
    fields = everything.fields_of_view
    for _ in range(10):
        some = fields.iloc[rng.choice(len(fields), 6, replace=False)]
        assert seen_m(streets, some) <= sites.result.covered + 1e-6


def test_what_is_seen_already_counts_nothing():
    streets = grid_streets()
    south = gpd.GeoSeries([shapely.box(*streets.total_bounds).buffer(5)], crs=TOWN_CRS)
    done = site_cameras(streets, grid_buildings(), south, budget=3, **LIMITS)
    assert done.layer.empty
    assert done.result.covered == 0.0


def test_weights_draw_the_cameras():
    streets = grid_streets()
    weight = pd.Series(0.0, index=streets.index)
    weight["row-0-0"] = 3.0
    chosen = site_cameras(
        streets, grid_buildings(), NOTHING, budget=2, street_weight=weight, **LIMITS
    )
    line = streets.geometry["row-0-0"]
    assert (chosen.layer.distance(line) < 70).all()
    assert chosen.result.covered == pytest.approx(3 * line.length, rel=0.05)


def test_weights_of_every_street_are_asked_for():
    streets = grid_streets()
    with pytest.raises(ParameterError, match="`street_weight` of every street"):
        site_cameras(
            streets,
            grid_buildings(),
            NOTHING,
            budget=2,
            street_weight=pd.Series(1.0, index=streets.index[1:]),
            **LIMITS,
        )


def test_columns_and_labels(sites):
    wanted = ["rank", "name_th", "name_en", "street", "azimuth_deg", "fov_deg", "range_m"]
    assert sites.layer.columns.tolist() == [*wanted, "gain_m", "synthetic", "geometry"]
    assert sites.layer.index.tolist()[0] == "site-01"
    assert sites.layer.index.equals(sites.fields_of_view.index)


def test_candidates_with_nothing_but_their_views():
    bare = camera_candidates(grid_streets(), grid_buildings())
    bare = bare[["azimuth_deg", "fov_deg", "range_m", "geometry"]]
    chosen = site_cameras(
        grid_streets(), grid_buildings(), NOTHING, budget=2, candidates=bare, **LIMITS
    )
    wanted = ["rank", "azimuth_deg", "fov_deg", "range_m", "gain_m", "geometry"]
    assert chosen.layer.columns.tolist() == wanted
    with pytest.raises(LayerError, match="`azimuth_deg`: expected the column"):
        site_cameras(
            grid_streets(),
            grid_buildings(),
            NOTHING,
            budget=2,
            candidates=bare.drop(columns="azimuth_deg"),
            **LIMITS,
        )


def test_streets_without_names_or_buildings():
    streets = grid_streets().drop(columns=["name_th", "name_en"])
    empty = gpd.GeoDataFrame({"geometry": []}, geometry="geometry")
    chosen = site_cameras(streets, empty, NOTHING, budget=2, **LIMITS)
    assert chosen.layer["name_en"].tolist() == ["Unnamed lane"] * 2
