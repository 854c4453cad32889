"""Commands on a zone that was changed in the store: what they read, ask and say."""

import json
from contextlib import closing

import pyogrio
import pytest

import api.night
from api.inputs import layer_digests
from api.store import BROUGHT_LAYERS, Store, import_zone
from geo.errors import ParameterError
from geo.formats import read_layer, write_layer
from geo.zone import Zone
from tests.api.commanding import told
from tests.api.hanoi import CRS as HANOI_CRS
from tests.api.hanoi import add_made_up, write_van_mieu
from tests.api.small_zone import CRS
from tests.api.store.conftest import NOW

COMMANDS = {
    "plan": [],
    "sites": [],
    "hotspots": [],
    "dosage": ["plan", "track.gpx"],
    "impact": [
        "areas.geojson",
        "--before",
        "2026-01-01/2026-01-31",
        "--after",
        "2026-02-01/2026-02-28",
    ],
}


def take(place, folder):
    with closing(Store(place)) as store:
        files = layer_digests(folder, BROUGHT_LAYERS)
        import_zone(store, Zone.load(folder), created_at=NOW, files=files)


def change(place, zone, layer, feature_id, **properties):
    with closing(Store(place)) as store:
        _, text, version = store.item(zone, layer, feature_id, view="full")
        feature = json.loads(text)
        feature["properties"] |= properties
        store.put_feature(zone, layer, feature, if_version=version)


def frame_at(place, zone, layer):
    with closing(Store(place)) as store:
        return store.frame(zone, layer)


@pytest.fixture
def place(tmp_path, folder):
    """Return a store with the small zone of the folder, in which a camera was set down."""
    place = tmp_path / "store.sqlite"
    take(place, folder)
    change(place, "small", "cameras", "camera-1", status="down")
    return place


def rewrite(folder, crs=CRS, **columns):
    file = folder / "cameras.geojson"
    write_layer(file, read_layer(file, "cameras", crs=crs).assign(**columns))


@pytest.mark.slow
def test_a_plan_is_of_the_camera_as_it_was_edited(run, folder, place, tmp_path):
    result = run("plan", "--zone", folder, "--date", "2026-03-01", "--seed", "1")
    assert result.exit_code == 0, result.stderr
    document = json.loads((tmp_path / "out" / "small" / "plan.json").read_text(encoding="utf-8"))
    with closing(Store(place)) as store:
        cameras = store.layer("small", "cameras")
        findings = store.layer("small", "fields_of_view")
    assert document["inputs"]["store/cameras"] == cameras.version
    assert findings.provenance["inputs"] == document["inputs"]
    assert not any(name.startswith("cameras.") for name in document["inputs"])
    assert cameras.provenance["edited"] == 1
    assert frame_at(place, "small", "cameras").loc["camera-1", "status"] == "down"
    layers = tmp_path / "out" / "small" / "layers.gpkg"
    working = pyogrio.read_dataframe(layers, layer="fields_of_view")
    assert len(working) == findings.count == 1  # of three, one stands down in the file too


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_asks_where_both_changed_and_writes_nothing(
    run, folder, place, tmp_path, command
):
    rewrite(folder, range_m=30.0)
    before = place.read_bytes()
    result = run(command, *COMMANDS[command], "--zone", folder)
    assert result.exit_code == 1
    assert "Expected one cameras layer of zone 'small', got two" in told(result)
    for which in ("store", "folder"):
        assert f"smartzone data keep {which} --zone {folder}" in told(result)
    assert not (tmp_path / "out").exists()
    assert place.read_bytes() == before


@pytest.fixture
def seen(monkeypatch):
    """Return what plans are made from, each of which then is not computed."""
    inputs = []

    def stop(given, **_):
        inputs.append(given)
        raise ParameterError("Expected no more.")

    monkeypatch.setattr(api.night, "run_plan", stop)
    return inputs


def test_whoever_says_which_counts_is_not_asked_again(run, folder, place, seen):
    rewrite(folder, range_m=30.0)
    dry = run("data", "keep", "folder", "--zone", folder, "--dry-run")
    assert "would add 0, change 3 and remove 0 in the store; nothing was changed" in dry.stdout
    run("plan", "--zone", folder)
    assert seen == []

    kept = run("data", "keep", "store", "--zone", folder)
    assert (kept.exit_code, kept.stdout.split(":")[0]) == (0, "cameras")
    assert "Expected no more" in told(run("plan", "--zone", folder))
    assert seen[-1].zone.cameras["range_m"].to_list() == [40.0, 40.0, 40.0]
    assert seen[-1].zone.cameras.loc["camera-1", "status"] == "down"

    rewrite(folder, range_m=25.0)
    kept = run("data", "keep", "folder", "--zone", folder, "--lang", "th")
    assert "ใช้ไฟล์ในโฟลเดอร์" in kept.stdout
    run("plan", "--zone", folder)
    assert seen[-1].zone.cameras["range_m"].to_list() == [25.0, 25.0, 25.0]
    assert seen[-1].zone.cameras.loc["camera-1", "status"] == "up"
    assert "No layer was changed both" in run("data", "keep", "store", "--zone", folder).stdout


def test_an_import_may_be_tried_without_changing_anything(run, folder, place, tmp_path):
    file = tmp_path / "lamps.csv"
    file.write_text("id,lon,lat\nnew,98.3834,7.8838\n", encoding="utf-8")
    before = frame_at(place, "small", "lamps")
    asked = ("data", "import", file, "--layer", "lamps", "--zone", "small")
    dry = run(*asked, "--dry-run")
    assert dry.exit_code == 0, dry.stderr
    assert "would add 1, change 0 and remove 1; nothing was changed" in dry.stdout
    assert frame_at(place, "small", "lamps").equals(before)
    assert "1 added, 0 changed, 1 removed" in run(*asked).stdout
    assert list(frame_at(place, "small", "lamps").index) == ["new"]


def test_what_is_misspelt_is_told(run, folder, place, tmp_path):
    assert run("data", "keep", "both", "--zone", folder).exit_code == 2
    wrong = run("data", "keep", "store", "--zone", folder, "--layer", "lamps")
    assert "`--layer` among those changed in the store, cameras, got 'lamps'" in told(wrong)
    absent = run("data", "keep", "store", "--zone", folder, "--store", tmp_path / "none.sqlite")
    assert absent.exit_code == 1
    assert not (tmp_path / "none.sqlite").exists()


@pytest.fixture(scope="module")
def van_mieu(reference, tmp_path_factory):
    folder = write_van_mieu(tmp_path_factory.mktemp("zones") / "van_mieu", reference)
    add_made_up(folder)
    return folder


@pytest.mark.slow
def test_each_zone_of_a_store_is_read_and_asked_for_by_itself(run, folder, place, van_mieu, seen):
    take(place, van_mieu)
    change(place, "van_mieu", "cameras", "camera-2", status="down")
    run("plan", "--zone", van_mieu)
    assert seen[-1].zone.cameras["status"].to_list() == ["up", "down", "up", "up"]
    assert seen[-1].digests["store/cameras"]
    assert "streets.gpkg" in seen[-1].digests

    rewrite(folder, range_m=30.0)
    assert "of zone 'small', got two" in told(run("plan", "--zone", folder))
    assert "Expected no more" in told(run("plan", "--zone", van_mieu))

    rewrite(van_mieu, HANOI_CRS, range_m=30.0)
    assert run("data", "keep", "folder", "--zone", van_mieu).exit_code == 0
    run("plan", "--zone", van_mieu)
    assert set(seen[-1].zone.cameras["range_m"]) == {30.0}
    assert "of zone 'small', got two" in told(run("plan", "--zone", folder))
    assert frame_at(place, "small", "cameras").loc["camera-1", "status"] == "down"

    places = frame_at(place, "van_mieu", "places").iloc[:2]
    file = place.with_name("places.gpkg")
    write_layer(file, places)
    imported = run("data", "import", file, "--layer", "places", "--zone", "van_mieu")
    assert imported.exit_code == 0, imported.stderr
    run("plan", "--zone", van_mieu)
    assert len(seen[-1].zone.places) == 2
