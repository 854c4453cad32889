import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from analytics.reported_incidents import reported_incidents
from geo.errors import Fault, LayerError
from geo.zone import Zone

CRS = "EPSG:32647"
POLICE_WORK = "an incident (checks, searches and arrests are police work, not incidents)"


def incidents(**columns):
    rows = len(next(iter(columns.values())))
    return gpd.GeoDataFrame(columns, geometry=[Point(n, 0) for n in range(rows)], crs=CRS)


def test_only_reported_rows_are_kept_in_their_order_with_all_they_hold():
    layer = incidents(
        category=["theft", "assault", "theft"], reporting=["reported", "discovered", "reported"]
    )
    layer.index = pd.Index(["c", "b", "a"], name="id")
    kept = reported_incidents(layer)
    assert list(kept.index) == ["c", "a"]
    pd.testing.assert_frame_equal(kept, layer[layer["reporting"] == "reported"])


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_any_text_column_will_do_and_blanks_around_a_word_do_not_hide_it(dtype):
    told = pd.Series(["reported", " reported ", "discovered"], dtype=dtype)
    assert len(reported_incidents(incidents(reporting=told))) == 2


def test_incidents_that_do_not_tell_how_they_became_known_all_count():
    layer = incidents(category=["theft", None])
    assert len(reported_incidents(layer)) == 2
    assert len(reported_incidents(layer[:0])) == 0
    assert len(reported_incidents(incidents(category=[]).assign(reporting=[]))) == 0


def test_police_work_is_refused_with_every_row_and_field_at_once():
    layer = incidents(
        category=["theft", "ID check", "arrest", "theft", "ID check"],
        reporting=["reported", "reported", None, "told", "discovered"],
    )
    with pytest.raises(LayerError) as error:
        reported_incidents(layer, source="night.csv")
    assert error.value.faults == (
        Fault("night.csv", POLICE_WORK, "'ID check'", 2, "category"),
        Fault("night.csv", POLICE_WORK, "'arrest'", 3, "category"),
        Fault("night.csv", "a value", "nothing", 3, "reporting"),
        Fault("night.csv", "one of reported, discovered", "'told'", 4, "reporting"),
        Fault("night.csv", POLICE_WORK, "'ID check'", 5, "category"),
    )


def test_a_discovered_check_is_refused_too_though_it_would_not_count():
    with pytest.raises(LayerError, match="police work"):
        reported_incidents(incidents(category=["check"], reporting=["discovered"]))


def test_the_incidents_of_the_zone_pass(root):
    layer = Zone.load(root / "data" / "old_town").incidents
    kept = reported_incidents(layer)
    assert 0 < len(kept) < len(layer)
    assert set(kept["reporting"]) == {"reported"}
