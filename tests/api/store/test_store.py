"""The store: what goes in comes out, in order, whole, and only what may be served."""

import json
import signal
import subprocess
import sys
import threading

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point

from api.store import Box, Store
from api.store import writing as module
from geo.errors import NotFoundError, ParameterError, SourceError
from tests.api.sample import PROVENANCE, ZONE, products, zone_layers


def read(store, layer, **options):
    page = store.items(ZONE, layer, **({"limit": 10_000} | options))
    return [json.loads(text) for text in page.features], page.number_matched


def points(count, prefix):
    return gpd.GeoDataFrame(
        {"writer": prefix},
        geometry=[Point(98.38 + n / 10_000, 7.88) for n in range(count)],
        index=[f"{prefix}{n}" for n in range(count)],
        crs="EPSG:4326",
    )


def test_a_layer_comes_back_in_order_with_geometry_and_properties(store):
    frame = zone_layers()["streets"]
    features, matched = read(store, "streets")
    assert matched == len(frame) == 3
    assert [feature["id"] for feature in features] == list(frame.index)
    back = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326").to_crs(frame.crs)
    assert shapely.hausdorff_distance(
        back.geometry.to_numpy(), frame.geometry.to_numpy()
    ).max() == pytest.approx(0, abs=0.002)
    assert features[0]["properties"]["name_th"] == "ถนนถลาง"
    assert features[0]["properties"]["oneway"] is False
    assert features[2]["properties"]["width_m"] is None


def test_a_record_tells_kind_version_bounds_and_provenance(store):
    record = store.layer(ZONE, "hotspots")
    assert (record.kind, record.count, record.public_count) == ("product", 1, 1)
    assert record.provenance["seed"] == 7
    assert record.created_at.isoformat() == "2026-03-01T12:00:00+00:00"
    expected = products()["hotspots"].to_crs(epsg=4326).total_bounds
    assert record.bounds == pytest.approx(tuple(expected), abs=1e-7)
    assert [record.name for record in store.layers(ZONE)] == sorted([*zone_layers(), *products()])
    assert store.layers("elsewhere") == []


def test_pages_follow_each_other_without_gap(store):
    whole, matched = read(store, "buildings")
    pages = [read(store, "buildings", limit=5, offset=start) for start in (0, 5, 10, 15)]
    assert [feature for page, _ in pages for feature in page] == whole
    assert {count for _, count in pages} == {matched} == {12}


def test_pages_of_a_box_follow_each_other_too(store):
    box = Box(*store.layer(ZONE, "buildings").bounds)
    pages = [read(store, "buildings", bbox=box, limit=5, offset=start)[0] for start in (0, 5, 10)]
    assert [feature for page in pages for feature in page] == read(store, "buildings")[0]


def test_incidents_and_private_cameras_are_withheld(store):
    cameras, matched = read(store, "cameras")
    assert [feature["id"] for feature in cameras] == ["cam-programme", "cam-municipal"]
    assert matched == 2
    assert read(store, "incidents") == ([], 0)
    assert store.layer(ZONE, "incidents").bounds is None
    assert [f["id"] for f in read(store, "fields_of_view")[0]] == ["cam-programme", "cam-municipal"]
    with pytest.raises(NotFoundError):
        store.item(ZONE, "cameras", "cam-private")
    assert read(store, "cameras", view="full")[1] == 3
    assert "cam-private" in store.item(ZONE, "cameras", "cam-private", view="full")[1]


def test_fields_of_view_of_unknown_owners_are_withheld(empty_store):
    frame = products()["fields_of_view"].drop(columns="owner_kind")
    record = empty_store.put_layer(
        ZONE, "fields_of_view", frame, kind="product", provenance=PROVENANCE
    )
    assert (record.count, record.public_count) == (3, 0)


def test_a_feature_without_geometry_is_listed_but_meets_no_box(store):
    features, _ = read(store, "fields_of_view")
    assert features[1]["geometry"] is None
    found, matched = read(store, "fields_of_view", bbox=Box(-180, -90, 180, 90))
    assert [feature["id"] for feature in found] == ["cam-programme"]
    assert matched == 1


def test_an_empty_layer_is_stored(empty_store):
    frame = zone_layers()["lamps"].iloc[:0]
    empty_store.put_layer(ZONE, "lamps", frame, kind="layer", provenance=PROVENANCE)
    assert read(empty_store, "lamps") == ([], 0)


def test_the_same_content_keeps_its_version_and_other_content_changes_it(store):
    before = store.layer(ZONE, "lamps").version
    frame = zone_layers()["lamps"]
    later = PROVENANCE | {"created_at": "2026-03-02T00:00:00+07:00"}
    same = store.put_layer(ZONE, "lamps", frame, kind="layer", provenance=later)
    assert same.version == before
    assert same.created_at.isoformat() == "2026-03-01T17:00:00+00:00"
    frame.loc["l1", "lit"] = False
    changed = store.put_layer(ZONE, "lamps", frame, kind="layer", provenance=later)
    assert changed.version != before
    assert read(store, "lamps")[0][1]["properties"]["lit"] is False


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.set_crs(None, allow_override=True), "CRS"),
        (lambda f: f.rename(index={"l1": "l0"}), "'l0' twice"),
        (lambda f: f.set_crs(4326, allow_override=True), "on the earth"),
    ],
)
def test_a_frame_that_cannot_be_stored_is_named_and_the_old_one_stays(store, change, message):
    before = read(store, "lamps")
    with pytest.raises(ParameterError, match=message):
        store.put_layer(
            ZONE, "lamps", change(zone_layers()["lamps"]), kind="layer", provenance=PROVENANCE
        )
    assert read(store, "lamps") == before


@pytest.mark.parametrize("created_at", [None, "yesterday", "2026-03-01T12:00:00"])
def test_provenance_needs_an_aware_instant(empty_store, created_at):
    with pytest.raises(ParameterError, match="aware instant"):
        empty_store.put_layer(
            ZONE,
            "lamps",
            zone_layers()["lamps"],
            kind="layer",
            provenance={"created_at": created_at},
        )


@pytest.mark.parametrize("options", [{"limit": 0}, {"offset": -1}, {"offset": 2**63}])
def test_paging_out_of_range_is_refused(store, options):
    with pytest.raises(ParameterError, match=next(iter(options))):
        read(store, "lamps", **options)


def test_an_unknown_layer_or_item_is_not_found(store):
    with pytest.raises(NotFoundError, match="tunnels"):
        store.items(ZONE, "tunnels", limit=1)
    with pytest.raises(NotFoundError, match="l99"):
        store.item(ZONE, "lamps", "l99")


def test_readers_never_see_part_of_a_replacement(empty_store):
    versions = {"a": points(300, "a"), "b": points(170, "b")}
    counts = {name: len(frame) for name, frame in versions.items()}

    def put(name):
        empty_store.put_layer(ZONE, "lamps", versions[name], kind="layer", provenance=PROVENANCE)

    put("a")
    writing = threading.Event()
    writing.set()
    seen, wrong = set(), []

    def watch():
        while writing.is_set():
            features, matched = read(empty_store, "lamps")
            writers = {feature["properties"]["writer"] for feature in features}
            seen.update(writers)
            if len(writers) != 1 or {len(features), matched} != {counts[min(writers)]}:
                wrong.append((writers, len(features), matched))

    readers = [threading.Thread(target=watch) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        put("ba"[turn % 2])
    writing.clear()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen == {"a", "b"}


def interrupt(store, monkeypatch, act):
    """Let the store call `act` with the position of each feature as it is being inserted."""
    connection = store.engine._idle[-1]
    connection.create_function("act", 1, lambda position: act(position) or position)
    insert = module._INSERT.replace("(:layer, :position", "(:layer, act(:position)")
    monkeypatch.setattr(module, "_INSERT", insert)


def test_an_error_in_the_middle_of_writing_leaves_all_layers_as_they_were(store, monkeypatch):
    before = {name: read(store, name) for name in ("lamps", "streets")}

    def fail(position):
        if position == 6:
            raise RuntimeError

    interrupt(store, monkeypatch, fail)
    frames = {"lamps": points(3, "new"), "streets": points(5, "new")}
    with pytest.raises(SourceError, match="user-defined function"):
        store.put_layers(ZONE, frames, kind="layer", provenance=PROVENANCE)
    assert {name: read(store, name) for name in before} == before


KILLED = """
import os, signal, sys
from pathlib import Path
import pytest
from api.store import Store
from tests.api.sample import PROVENANCE, ZONE
from tests.api.store.test_store import interrupt, points
store = Store(Path(sys.argv[1]))
store.layers(ZONE)
def kill(position):
    if position == 700:
        print("inserting", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
interrupt(store, pytest.MonkeyPatch(), kill)
store.put_layer(ZONE, "lamps", points(1000, "new"), kind="layer", provenance=PROVENANCE)
"""


def test_a_process_killed_in_the_middle_of_writing_leaves_the_old_layer(tmp_path, root):
    path = tmp_path / "store.sqlite"
    store = Store(path)
    store.put_layer(ZONE, "lamps", points(400, "old"), kind="layer", provenance=PROVENANCE)
    before = read(store, "lamps")
    store.close()
    done = subprocess.run(
        [sys.executable, "-c", KILLED, path], cwd=root, check=False, stdout=subprocess.PIPE
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"inserting\n")
    again = Store(path)
    assert read(again, "lamps") == before
    again.put_layer(ZONE, "lamps", points(3, "new"), kind="layer", provenance=PROVENANCE)
    assert read(again, "lamps")[1] == 3
    again.close()
