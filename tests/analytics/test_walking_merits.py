"""Stretches of street: what is counted on them, how coarsely, and what they cannot tell."""

import numpy as np
import pytest
import shapely
from geopandas import GeoDataFrame

from analytics import walking_merits as module
from analytics.walking_merits import MERITS, walking_merits
from geo.errors import LayerError, ParameterError
from geo.zone import Zone

CRS = "EPSG:32647"


def layer(shapes, **columns):
    return GeoDataFrame(columns, geometry=shapes, crs=CRS)


def town(**changed):
    """A street of 200 m along x, lit at its start, watched at its end, lively in its middle."""
    layers = {
        "cameras": layer(
            [shapely.Point(200, 0)],
            azimuth_deg=[270.0],
            fov_deg=[90.0],
            range_m=[50.0],
            owner_kind=["municipal"],
        ),
        "buildings": layer([shapely.box(0, 10, 200, 20)]),
        "lamps": layer([shapely.Point(0, 3), shapely.Point(160, 3)], lit=[True, False]),
        "places": layer([shapely.Point(100, 5)]),
    }
    return layers | changed


STREETS = layer([shapely.LineString([(0, 0), (200, 0)]), shapely.LineString([(0, 0), (0, -30)])])


def test_stretches_tell_what_speaks_for_them():
    stretches = walking_merits(STREETS, **town())
    assert stretches["street"].tolist() == [0, 0, 0, 0, 1]
    assert stretches["from_m"].tolist() == [0, 50, 100, 150, 0]
    assert stretches["to_m"].tolist() == [50, 100, 150, 200, 30]
    assert stretches["lit"].tolist() == [0.5, 0, 0, 0, 0.5]
    assert stretches["watched"].tolist() == [0, 0, 0, 1, 0]
    assert stretches["lively"].tolist() == [0.25, 1, 1, 0.25, 0]


def test_a_camera_that_is_not_in_public_view_is_refused_by_row():
    cameras = town()["cameras"]
    wrong = cameras.assign(owner_kind=["private"])
    with pytest.raises(LayerError, match=r"row 1, `owner_kind`: expected an owner of the public"):
        walking_merits(STREETS, **town(cameras=wrong))


@pytest.mark.parametrize("stretch_m", [0.0, -1.0, 24.9, float("nan")])
def test_a_length_out_of_its_range_is_refused(stretch_m):
    with pytest.raises(ParameterError, match="stretch_m"):
        walking_merits(STREETS, **town(), stretch_m=stretch_m)


def test_shares_are_quarters_of_stretches_that_cover_each_street(root):
    zone = Zone.load(root / "data" / "old_town")
    public = zone.cameras[zone.cameras["owner_kind"] != "private"]
    stretches = walking_merits(
        zone.streets,
        cameras=public,
        buildings=zone.buildings,
        lamps=zone.lamps,
        places=zone.places,
    )
    assert (stretches[list(MERITS)] * 4 % 1 == 0).all(axis=None)
    length = (stretches["to_m"] - stretches["from_m"]).groupby(stretches["street"]).sum()
    expected = zone.streets.geometry.length
    np.testing.assert_allclose(length[expected.index], expected)
    assert (stretches["to_m"] - stretches["from_m"]).max() <= 50
    assert 0 < stretches["watched"].mean() < 1


def test_turning_a_camera_a_little_tells_nothing():
    """The field ends 2 m farther along the street, and no stretch says so."""
    told = [
        walking_merits(STREETS, **town(cameras=town()["cameras"].assign(range_m=range_m)))
        for range_m in (48.5, 50.0, 51.5)
    ]
    assert told[0].equals(told[1])
    assert told[1].equals(told[2])


def test_shares_that_were_not_coarse_would_tell(monkeypatch):
    monkeypatch.setattr(module, "coarse", lambda share: share)
    told = [
        walking_merits(STREETS, **town(cameras=town()["cameras"].assign(range_m=range_m)))
        for range_m in (42.0, 50.0)
    ]
    assert not told[0].equals(told[1])
