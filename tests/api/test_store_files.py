"""Layers between the store and files: all of it out, and only what keeps its contract in."""

import json
import zipfile

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal

from api.store import BROUGHT_LAYERS, Store
from api.store_files import export_zone, import_layer
from geo.errors import LayerError, NotFoundError, ParameterError
from geo.formats import read_layer, write_layer
from tests.api.sample import PROVENANCE, ZONE, frame
from tests.api.store.conftest import NOW

CRS = "EPSG:32647"


@pytest.fixture
def town(tmp_path, root):
    """Return a store with the lamps and places of the repository's zone."""
    store = Store(tmp_path / "town.sqlite")
    for name in ("boundary", "lamps", "places", "cameras"):
        file = next((root / "data" / "old_town").glob(f"{name}.*"))
        layer = read_layer(file, name, crs=CRS)
        store.put_layer(ZONE, name, layer, kind="layer", provenance=PROVENANCE)
    yield store
    store.close()


def content(store, layer):
    return store.items(ZONE, layer, view="full", limit=10_000).features


@pytest.mark.parametrize("name", ["town.gpkg", "town"])
def test_what_was_exported_is_imported_as_it_was(town, tmp_path, name):
    out = tmp_path / name
    counts = export_zone(town, ZONE, out, now=NOW)
    assert counts == {record.name: record.count for record in town.layers(ZONE)}
    written = [out] if out.suffix else [out, *out.iterdir()]
    assert not any(file.stat().st_mode & 0o077 for file in written)
    copy = Store(tmp_path / "copy.sqlite")
    copy.put_layer(ZONE, "lamps", lamps_like(town), kind="layer", provenance=PROVENANCE)
    boundary = town.frame(ZONE, "boundary")
    copy.put_layer(ZONE, "boundary", boundary, kind="layer", provenance=PROVENANCE)
    for layer in counts.keys() - {"boundary"}:
        file = out if out.suffix else out / f"{layer}.geojson"
        done = import_layer(copy, ZONE, layer, file, crs=CRS, now=NOW)
        assert done.rows == counts[layer] > 0
        assert done.changes == (counts[layer] - (layer == "lamps"), 0, 0)
        record = copy.layer(ZONE, layer)
        expected, found = town.frame(ZONE, layer), copy.frame(ZONE, layer)
        assert_geodataframe_equal(
            expected.loc[found.index, found.columns], found, check_less_precise=True
        )
        assert record.provenance["inputs"]["file"] == file.name
    copy.close()


def entries(store):
    with store.audit.whole() as audit:
        return list(audit.entries())


def lamps_like(store):
    return store.frame(ZONE, "lamps").iloc[:1]


def test_restricted_layers_and_values_of_any_kind_are_exported(store, tmp_path):
    layer = frame([{"id": "a", "geometry": None, "list": [1, "สอง"], "map": {"ก": None}}])
    store.put_layer(ZONE, "findings", layer, kind="product", provenance=PROVENANCE)
    counts = export_zone(store, ZONE, tmp_path / "out", now=NOW)
    assert (counts["incidents"], counts["cameras"]) == (1, 3)
    (written,) = json.loads((tmp_path / "out" / "findings.geojson").read_text())["features"]
    assert json.loads(written["properties"]["list"]) == [1, "สอง"]
    assert json.loads(written["properties"]["map"]) == {"ก": None}
    assert len(gpd.read_file(tmp_path / "out" / "cameras.geojson")) == 3
    (entry,) = entries(store)
    assert (entry.action, entry.zone) == ("export", ZONE)


def test_a_file_in_an_archive_is_imported(town, tmp_path):
    export_zone(town, ZONE, tmp_path / "town", now=NOW)
    archive = tmp_path / "town.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in (tmp_path / "town").iterdir():
            file.write(path, f"town/{path.name}")
    before = content(town, "lamps")
    import_layer(town, ZONE, "lamps", archive, crs=CRS, now=NOW)
    assert content(town, "lamps") == before
    with pytest.raises(LayerError, match="one file named incidents"):
        import_layer(town, ZONE, "incidents", archive, crs=CRS, now=NOW)


def test_a_shapefile_in_an_archive_is_imported(town, tmp_path):
    write_layer(tmp_path / "lamps.shp", town.frame(ZONE, "lamps").iloc[:5])
    archive = tmp_path / "lamps.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in tmp_path.glob("lamps.*"):
            if path != archive:
                file.write(path, path.name)
    assert import_layer(town, ZONE, "lamps", archive, crs=CRS, now=NOW).rows == 5


def test_what_only_the_register_may_hold_is_left_out_of_cameras(town, tmp_path):
    cameras = town.frame(ZONE, "cameras").assign(contact="office-7", colour="grey")
    write_layer(tmp_path / "cameras.geojson", cameras)
    import_layer(town, ZONE, "cameras", tmp_path / "cameras.geojson", crs=CRS, now=NOW)
    columns = set(town.frame(ZONE, "cameras").columns)
    assert "colour" in columns
    assert "contact" not in columns


def test_every_fault_is_told_and_nothing_loaded(town, tmp_path):
    text = "id,lon,lat,lit\nn1,98.39,7.88,maybe\nn1,200,7.88,true\n"
    (tmp_path / "lamps.csv").write_text(text)
    with zipfile.ZipFile(tmp_path / "lamps.zip", "w") as file:
        file.write(tmp_path / "lamps.csv", "lamps.csv")
    before = content(town, "lamps"), entries(town)
    for name in ("lamps.csv", "lamps.zip"):
        with pytest.raises(LayerError) as refused:
            import_layer(town, ZONE, "lamps", tmp_path / name, crs=CRS, now=NOW)
        assert len(refused.value.faults) >= 3
        assert all(str(tmp_path / name) in fault.source for fault in refused.value.faults)
    assert (content(town, "lamps"), entries(town)) == before


def test_an_import_is_in_the_audit_or_nowhere(town, tmp_path, monkeypatch):
    write_layer(tmp_path / "lamps.geojson", town.frame(ZONE, "lamps").iloc[:3])

    def fail(*_):
        raise ParameterError("no")

    before = content(town, "lamps")
    with monkeypatch.context() as broken:
        broken.setattr("api.store_files.append_within", fail)
        with pytest.raises(ParameterError):
            import_layer(town, ZONE, "lamps", tmp_path / "lamps.geojson", crs=CRS, now=NOW)
    assert content(town, "lamps") == before
    import_layer(town, ZONE, "lamps", tmp_path / "lamps.geojson", crs=CRS, now=NOW)
    *_, entry = entries(town)
    assert (entry.action, entry.target) == ("import", "layer/lamps")
    assert town.layer(ZONE, "lamps").count == 3


def test_other_layers_and_zones_are_refused(town, tmp_path):
    for layer in ("boundary", "register", "hotspots", "tunnels"):
        assert layer not in BROUGHT_LAYERS
        with pytest.raises(NotFoundError, match="`--layer`"):
            import_layer(town, ZONE, layer, tmp_path / "x.csv", crs=CRS, now=NOW)
    with pytest.raises(NotFoundError, match="a zone of the store"):
        import_layer(town, "elsewhere", "lamps", tmp_path / "x.csv", crs=CRS, now=NOW)
    with pytest.raises(NotFoundError, match="a zone of the store"):
        export_zone(town, "elsewhere", tmp_path / "out", now=NOW)
    with pytest.raises(ParameterError, match=r"\.gpkg"):
        export_zone(town, ZONE, tmp_path / "out.shp", now=NOW)


def test_what_lies_off_the_zone_or_its_part_of_the_earth_is_refused(town, tmp_path):
    far = town.frame(ZONE, "cameras").iloc[:2]
    write_layer(tmp_path / "cameras.geojson", far.set_geometry(far.translate(0.3, 0)))
    with pytest.raises(LayerError) as refused:
        import_layer(town, ZONE, "cameras", tmp_path / "cameras.geojson", now=NOW)
    assert len(refused.value.faults) == 2
    lamps = town.frame(ZONE, "lamps")
    write_layer(tmp_path / "lamps.geojson", lamps.set_geometry(lamps.translate(20, 0)))
    with pytest.raises(LayerError):
        import_layer(town, ZONE, "lamps", tmp_path / "lamps.geojson", now=NOW)
