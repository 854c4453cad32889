"""A zone as it is now: what was edited in the store reaches what is computed from the zone."""

import datetime as dt
import json
from contextlib import closing

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from api.store import Store, import_zone
from api.zone_now import folder_now
from geo.zone import Zone
from tests.api.small_zone import write_zone

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path):
    return write_zone(tmp_path / "zones" / "small")


@pytest.fixture
def store(store_place, folder):
    with closing(Store(store_place)) as store:
        import_zone(store, Zone.load(folder), created_at=NOW)
        yield store


def change(store, layer, feature_id, **properties):
    _, text, version = store.item("small", layer, feature_id, view="full")
    feature = json.loads(text)
    feature["properties"] |= properties
    store.put_feature("small", layer, feature, if_version=version)


def test_what_nobody_edited_is_read_where_it_stands(store, folder):
    with folder_now(store, "small", folder) as now:
        assert now == folder


def test_an_edit_in_the_store_is_what_is_loaded(store, folder):
    change(store, "cameras", "camera-1", status="down")
    change(store, "incidents", "incident-3", category="burglary")
    before = Zone.load(folder)
    with folder_now(store, "small", folder) as now:
        loaded = Zone.load(now)
    assert not now.exists()
    assert loaded.cameras["status"].to_dict() == {
        **before.cameras["status"],
        "camera-1": "down",
    }
    assert loaded.incidents.loc["incident-3", "category"] == "burglary"
    pd.testing.assert_series_equal(
        loaded.incidents["occurred_at"], before.incidents["occurred_at"], check_dtype=False
    )
    kept = loaded.cameras.drop(columns="status")[before.cameras.columns.drop("status")]
    assert_geodataframe_equal(
        kept, before.cameras.drop(columns="status"), check_less_precise=True, check_dtype=False
    )
    assert_geodataframe_equal(loaded.streets, before.streets)
    assert (Zone.load(folder).cameras["status"] == before.cameras["status"]).all()


def test_a_layer_that_was_emptied_is_empty(store, folder):
    _, _, version = store.item("small", "lamps", "lamp-1", view="full")
    store.delete_feature("small", "lamps", "lamp-1", if_version=version)
    with folder_now(store, "small", folder) as now:
        assert Zone.load(now).lamps.empty
    assert len(Zone.load(folder).lamps) == 1
