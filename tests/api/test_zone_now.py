"""A zone as it is now: one truth for commands, jobs and the service, and nobody's work lost."""

import datetime as dt
import json
from contextlib import closing
from itertools import product

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from api.inputs import layer_digests
from api.keeping import keep_layers
from api.settings import Settings
from api.store import BROUGHT_LAYERS, Store, import_zone
from api.store_files import import_layer
from api.zone_now import Clash, clashes, own_layers, read_zone, zone_now
from geo.errors import ConflictError, LayerError, NotFoundError
from geo.formats import read_layer, write_layer
from geo.zone import Zone
from tests.api.small_zone import CRS, write_zone

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def folder(tmp_path):
    return write_zone(tmp_path / "zones" / "small")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(place, folder):
    with closing(Store(place)) as store:
        take(store, folder)
        yield store


def take(store, folder, **how):
    files = layer_digests(folder, BROUGHT_LAYERS)
    return import_zone(store, Zone.load(folder), created_at=NOW, files=files, **how)


def change(store, layer, feature_id, **properties):
    _, text, version = store.item("small", layer, feature_id, view="full")
    feature = json.loads(text)
    feature["properties"] |= properties
    store.put_feature("small", layer, feature, if_version=version)


def rewrite(folder, layer, **columns):
    """Change a file of the folder."""
    (file,) = folder.glob(f"{layer}.*")
    write_layer(file, read_layer(file, layer, crs=CRS).assign(**columns))


def found(store, folder):
    return clashes(store.layers("small"), layer_digests(folder, BROUGHT_LAYERS))


def entries(store):
    with store.audit.whole() as audit:
        return [(entry.action, entry.target) for entry in audit.entries()]


# --- what is read


def test_what_nobody_edited_is_read_from_the_folder(store, folder):
    rewrite(folder, "cameras", status="down")
    now = zone_now(store, folder)
    assert (now.folder, now.stored) == (folder, {})
    assert set(now.zone.cameras["status"]) == {"down"}


def test_an_edit_in_the_store_is_what_is_read(store, folder):
    change(store, "cameras", "camera-1", status="down")
    change(store, "incidents", "incident-3", category="burglary")
    before = Zone.load(folder)
    now = zone_now(store, folder)
    versions = {name: store.layer("small", name).version for name in ("cameras", "incidents")}
    assert now.stored == versions
    read = now.zone
    assert read.cameras["status"].to_dict() == {**before.cameras["status"], "camera-1": "down"}
    assert read.incidents.loc["incident-3", "category"] == "burglary"
    pd.testing.assert_series_equal(read.incidents["occurred_at"], before.incidents["occurred_at"])
    kept = read.cameras.drop(columns="status")[before.cameras.columns.drop("status")]
    assert_geodataframe_equal(
        kept, before.cameras.drop(columns="status"), check_less_precise=True, check_dtype=False
    )
    assert_geodataframe_equal(read.streets, before.streets)
    assert (Zone.load(folder).cameras["status"] == before.cameras["status"]).all()


def test_a_file_that_does_not_count_may_be_faulty(store, folder):
    change(store, "lamps", "lamp-1", lit=False)
    (folder / "lamps.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(LayerError):
        Zone.load(folder)
    assert not zone_now(store, folder).zone.lamps["lit"].any()


def test_a_layer_that_was_emptied_is_empty(store, folder):
    _, _, version = store.item("small", "lamps", "lamp-1", view="full")
    store.delete_feature("small", "lamps", "lamp-1", if_version=version)
    assert zone_now(store, folder).zone.lamps.empty
    assert len(Zone.load(folder).lamps) == 1


def test_what_breaks_its_contract_in_the_store_is_told_as_the_layer_it_is(store, folder):
    feature = json.loads(store.item("small", "cameras", "camera-1", view="full")[1])
    feature["geometry"]["coordinates"][0] += 0.5  # as no file of the zone could have it
    version = store.item("small", "cameras", "camera-1", view="full")[2]
    store.put_feature("small", "cameras", feature, if_version=version)
    with pytest.raises(LayerError, match="the layer cameras, 'camera-1', `geometry`"):
        zone_now(store, folder)


# --- what a command reads


def test_a_command_reads_what_the_jobs_read_and_the_audit_tells(store, place, folder):
    settings = Settings.load(store=str(place))
    assert read_zone(settings, str(folder)).stored == {}
    assert ("read", "layers") not in entries(store)
    change(store, "cameras", "camera-1", status="down")
    read = read_zone(settings, str(folder))
    assert read.zone.cameras.loc["camera-1", "status"] == "down"
    assert read.stored == zone_now(store, folder).stored
    assert entries(store)[-1] == ("read", "layers")


def test_where_both_changed_a_command_asks_and_names_both_ways(store, place, folder):
    change(store, "cameras", "camera-1", status="down")
    rewrite(folder, "cameras", range_m=30.0)
    settings = Settings.load(store=str(place))
    with pytest.raises(ConflictError) as refused:
        read_zone(settings, str(folder))
    told = str(refused.value)
    assert "cameras layer of zone 'small'" in told
    assert "edits: 1" in told
    assert f"{folder} (cameras.geojson)" in told
    for which in ("store", "folder"):
        assert f"`smartzone data keep {which} --zone {folder}`" in told


def test_without_a_store_there_is_the_folder_and_no_store_is_made(folder, tmp_path):
    settings = Settings.load(store=str(tmp_path / "none.sqlite"))
    read = read_zone(settings, str(folder))
    assert (read.stored, len(read.zone.cameras)) == ({}, 3)
    assert not (tmp_path / "none.sqlite").exists()


def test_a_folder_without_streets_is_told_as_that(store, folder):
    (folder / "streets.geojson").unlink()
    with pytest.raises(LayerError, match="expected streets, or a gazetteer"):
        zone_now(store, folder)


# --- what clashes


@pytest.mark.parametrize(("edited", "rewritten"), [*product([False, True], repeat=2)])
def test_only_what_changed_on_both_sides_clashes(store, folder, edited, rewritten):
    if edited:
        change(store, "cameras", "camera-1", status="down")
        change(store, "cameras", "camera-2", status="down")
    if rewritten:
        rewrite(folder, "cameras", range_m=30.0)
    expected = [Clash("cameras", 2, ("cameras.geojson",))] if edited and rewritten else []
    assert found(store, folder) == expected
    assert own_layers(store.layers("small")) == (["cameras"] if edited else [])


def test_a_file_written_anew_without_a_change_is_none(store, folder):
    change(store, "cameras", "camera-1", status="down")
    (folder / "cameras.geojson").write_bytes((folder / "cameras.geojson").read_bytes())
    assert found(store, folder) == []


def test_a_file_that_went_or_came_is_a_change(store, folder):
    change(store, "lamps", "lamp-1", lit=False)
    (folder / "lamps.geojson").unlink()
    assert found(store, folder) == [Clash("lamps", 1, ())]


def test_an_imported_layer_clashes_once_the_folder_changes(store, folder, tmp_path):
    file = tmp_path / "lamps.csv"
    file.write_text("id,lon,lat\nnew,98.3834,7.8838\n", encoding="utf-8")
    import_layer(store, "small", "lamps", file, crs=CRS, now=NOW)
    assert found(store, folder) == []
    rewrite(folder, "lamps", lit=False)
    assert found(store, folder) == [Clash("lamps", 0, ("lamps.geojson",))]
    import_layer(store, "small", "lamps", folder / "lamps.geojson", crs=CRS, now=NOW)
    assert found(store, folder) == []


def test_of_an_older_store_nobody_knows_and_so_somebody_is_asked(store, folder):
    import_zone(store, Zone.load(folder), created_at=NOW)
    assert found(store, folder) == []
    change(store, "cameras", "camera-1", status="down")
    assert found(store, folder) == [Clash("cameras", 1, ("cameras.geojson",))]


# --- which counts


@pytest.fixture
def both(store, folder):
    """Change cameras and lamps in the store, and only cameras in the folder."""
    change(store, "cameras", "camera-1", status="down")
    change(store, "lamps", "lamp-1", lit=False)
    rewrite(folder, "cameras", range_m=[40.0, 40.0, 30.0])
    return store


def content(store):
    return {name: store.items("small", name, view="full", limit=99).features for name in LAYERS}


LAYERS = ("cameras", "lamps")


def test_a_start_of_the_service_overwrites_nothing(both, folder):
    before = content(both)
    assert take(both, folder) == []
    assert content(both) == before
    assert len(found(both, folder)) == 1


def test_what_runs_by_itself_goes_on_with_the_store(both, folder):
    assert set(zone_now(both, folder).stored) == {"cameras", "lamps"}
    assert zone_now(both, folder).zone.cameras.loc["camera-1", "status"] == "down"


def test_the_store_may_count_and_nobody_is_asked_again_until_the_next_change(both, folder):
    before = content(both)
    kept = keep_layers(both, folder, "store", now=NOW)
    assert {name: tuple(changes) for name, changes in kept.items()} == {"cameras": (0, 2, 0)}
    assert content(both) == before
    assert found(both, folder) == []
    assert entries(both)[-1] == ("keep", "layer/cameras")
    rewrite(folder, "cameras", range_m=20.0)
    assert len(found(both, folder)) == 1


def test_the_folder_may_count_and_no_other_layer_with_it(both, folder):
    before = content(both)
    assert list(keep_layers(both, folder, "folder", now=NOW)) == ["cameras"]
    assert found(both, folder) == []
    assert own_layers(both.layers("small")) == ["lamps"]
    assert content(both)["lamps"] == before["lamps"]
    cameras = both.frame("small", "cameras")
    assert cameras["range_m"].to_list() == [40.0, 40.0, 30.0]
    assert cameras["status"].to_list() == ["up", "up", "down"]
    assert zone_now(both, folder).stored.keys() == {"lamps"}


@pytest.mark.parametrize("which", ["store", "folder"])
def test_a_dry_run_tells_the_same_and_changes_nothing(both, folder, which):
    before = both.layers("small"), content(both), entries(both)
    told = keep_layers(both, folder, which, dry_run=True, now=NOW)
    assert (both.layers("small"), content(both), entries(both)) == before
    assert keep_layers(both, folder, which, now=NOW) == told


def test_a_layer_may_be_named(both, folder):
    assert list(keep_layers(both, folder, "folder", layer="lamps", now=NOW)) == ["lamps"]
    assert both.frame("small", "lamps")["lit"].all()
    assert [clash.layer for clash in found(both, folder)] == ["cameras"]
    with pytest.raises(NotFoundError, match="changed in the store, cameras, got 'places'"):
        keep_layers(both, folder, "folder", layer="places", now=NOW)


def test_an_overwriting_import_would_be_found(both, folder, monkeypatch):
    """Plant the fault that a start of the service takes every layer of the folder."""
    monkeypatch.setattr("api.store.zones.is_own", lambda _: False)
    assert "cameras" in take(both, folder)


@pytest.fixture
def either(store_place, folder):
    """Return the store on a file, then on a server."""
    with closing(Store(store_place)) as store:
        take(store, folder)
        yield store


def test_on_both_stores_edits_count_clash_and_are_kept_as_somebody_says(either, folder):
    change(either, "cameras", "camera-1", status="down")
    change(either, "incidents", "incident-3", category="burglary")
    read = zone_now(either, folder)
    assert set(read.stored) == {"cameras", "incidents"}
    assert read.zone.incidents.loc["incident-3", "category"] == "burglary"
    rewrite(folder, "cameras", range_m=30.0)
    rewrite(folder, "incidents", severity=3)
    assert [clash.layer for clash in found(either, folder)] == ["cameras", "incidents"]
    assert take(either, folder) == []
    keep_layers(either, folder, "store", layer="incidents", now=NOW)
    assert [clash.layer for clash in found(either, folder)] == ["cameras"]
    keep_layers(either, folder, "folder", now=NOW)
    assert found(either, folder) == []
    read = zone_now(either, folder)
    assert set(read.stored) == {"incidents"}
    assert set(read.zone.cameras["range_m"]) == {30.0}
    assert read.zone.incidents.loc["incident-3", "category"] == "burglary"
    told = ("keep", "layer/incidents"), ("import", "layers")
    assert tuple(entries(either)[-2:]) == told
