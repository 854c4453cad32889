"""What only the register of cameras may hold enters a store by no road."""

import gzip
import hashlib
import json
from contextlib import closing

import pytest

import api.ogc.changes
import api.store.backup
import api.store.exposure
from api.jobs.orders import Outcome, Terms
from api.jobs.pool import JobPool
from api.store import Store
from api.store.backup import restore_backup, write_backup
from api.store.tables import read_tables
from api.store_files import import_layer
from geo.errors import ParameterError, SourceError
from geo.formats import write_layer
from tests.api.jobs.pools import ended, submit
from tests.api.jobs.stand_in import ROOT
from tests.api.sample import PROVENANCE, ZONE, fill, products, zone_layers
from tests.api.signing import filled, guarded, signed_in
from tests.api.store.conftest import NOW

TOLD = {"contact": "office-7", "consent": "given", "retention_days": 30, "colour": "grey"}
UNHELD = ("office-7", '"contact"', '"consent"', '"retention_days"')
PATH = "/ogc/collections/cameras/items/cam-municipal"


def cameras():
    """Return cameras of every owner that tell what only the register may."""
    return zone_layers()["cameras"].assign(**TOLD)


def all_of(store):
    """Return every row of every table as text."""
    with store.engine.reading() as session:
        tables = read_tables(session)
        return json.dumps([list(table.rows(session)) for table in tables], ensure_ascii=False)


def unheld(store):
    """Return what a store holds and may not; every text stands in JSON, so in quotes."""
    text = all_of(store).replace('\\"', '"')
    assert '"colour":"grey"' in text
    return [word for word in UNHELD if word in text]


def test_layers_that_are_put_into_it(store_place):
    with closing(Store(store_place)) as store:
        put_layers(store)
        assert unheld(store) == []
        with pytest.raises(ParameterError, match="'register', which stands in its zone's folder"):
            store.put_layer(ZONE, "register", cameras(), kind="layer", provenance=PROVENANCE)
        assert "register" not in {record.name for record in store.layers(ZONE)}


def put_layers(store):
    """Put cameras and what they see into a store."""
    fields = products()["fields_of_view"].assign(**TOLD)
    layers = {"cameras": cameras(), "fields_of_view": fields}
    store.put_layers(ZONE, layers, kind="layer", provenance=PROVENANCE)


def test_a_file_that_is_imported(tmp_path):
    with closing(Store(tmp_path / "store.sqlite")) as store:
        fill(store)
        cameras_file = tmp_path / "cameras.geojson"
        write_layer(cameras_file, cameras().to_crs(epsg=4326))
        import_layer(store, ZONE, "cameras", cameras_file, crs="EPSG:32647", now=NOW)
        assert unheld(store) == []


def work(_, tell):
    """Do the work of a job whose products tell too much."""
    tell.expect(["zone"])
    return Outcome("{}", {"cameras": cameras()}, {"seed": 7})


@pytest.mark.slow
def test_a_job(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # so that the job's process finds the work
    place = tmp_path / "store.sqlite"
    with closing(Store(place)) as store:
        job = submit(store)
        pool = JobPool(store, Terms(str(place), ROOT / "data", f"{__name__}:work"), slots=1)
        pool.start()
        try:
            assert ended(store, job).state == "successful"
        finally:
            pool.stop()
        assert unheld(store) == []


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Return the place of a store and a function that sends to its service as the commander."""
    place = filled(tmp_path_factory.mktemp("kept_out") / "store.sqlite", change=grey)
    with guarded(place) as client:
        own = signed_in(client, "commander-1")

        def send(method, path, media_type, content):
            told = own | {"Content-Type": media_type, "If-Match": "*"}
            return client.request(method, path, json=content, headers=told)

        yield place, client.get(PATH, headers=own).json(), send


def grey(store):
    """Fill a store with cameras whose colour is known."""
    fill(store)
    layer = zone_layers()["cameras"].assign(colour="grey")
    store.put_layer(ZONE, "cameras", layer, kind="layer", provenance=PROVENANCE)


CHANGES = {
    "add": ("POST", "application/geo+json"),
    "replace": ("PUT", "application/geo+json"),
    "change": ("PATCH", "application/merge-patch+json"),
}


def changed(service, how, name):
    """Send a camera with one more property, and return the answer."""
    _, camera, send = service
    method, media_type = CHANGES[how]
    properties = camera["properties"] | {name: TOLD[name]}
    feature = {key: camera[key] for key in ("type", "id", "geometry")} | {"properties": properties}
    if how == "add":
        feature["id"] = f"new-{name}"
    path = PATH.rpartition("/")[0] if how == "add" else PATH
    body = {"properties": {name: TOLD[name]}} if how == "change" else feature
    return send(method, path, media_type, body)


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_over_http(service, how):
    for name in ("contact", "consent", "retention_days"):
        answer = changed(service, how, name)
        assert answer.status_code == 422
        (fault,) = answer.json()["faults"]
        assert f"`{name}`" in fault
        assert "only the register holds" in fault
        assert str(TOLD[name]) not in answer.text
    with closing(Store(service[0])) as store:
        assert unheld(store) == []


def doctored(source, target, **more):
    """Write a backup again with more properties of a camera, its checksum as it would be."""
    with gzip.open(source, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    added = "".join(f',"{name}":{json.dumps(value)}' for name, value in more.items())
    escaped = json.dumps(f'"owner_kind":"municipal"{added}')[1:-1].encode()
    text = b"".join(lines[:-1]).replace(rb"\"owner_kind\":\"municipal\"", escaped)
    end = json.loads(lines[-1]) | {"sha256": hashlib.sha256(text).hexdigest()}
    with gzip.open(target, "wb") as file:
        file.write(text + json.dumps(end, separators=(",", ":")).encode() + b"\n")


def test_a_doctored_backup(store_place, tmp_path):
    with closing(Store(tmp_path / "own.sqlite")) as own:
        grey(own)
        write_backup(own.engine, tmp_path / "backup", made_at=NOW)
    doctored(tmp_path / "backup", tmp_path / "doctored", contact="office-7")
    doctored(tmp_path / "backup", tmp_path / "harmless", size="small")
    with closing(Store(store_place)) as store:
        with pytest.raises(SourceError, match="only the register of cameras may hold, got contact"):
            restore_backup(store.engine, tmp_path / "doctored")
        assert store.layers(ZONE) == []
        restore_backup(store.engine, tmp_path / "harmless")
        assert unheld(store) == []
        assert '"size":"small"' in all_of(store).replace('\\"', '"')


def test_a_gate_that_is_left_open_would_be_found(service, tmp_path, monkeypatch):
    for module in (api.store.exposure, api.store.backup, api.ogc.changes):
        monkeypatch.setattr(module, "REGISTER_ONLY", frozenset())
    with closing(Store(tmp_path / "open.sqlite")) as store:
        put_layers(store)
        assert unheld(store) == list(UNHELD)
        write_backup(store.engine, tmp_path / "backup", made_at=NOW)
        with closing(Store(tmp_path / "other.sqlite")) as other:
            restore_backup(other.engine, tmp_path / "backup")
            assert unheld(other) == list(UNHELD)
    assert changed(service, "add", "contact").status_code == 201
    with closing(Store(service[0])) as store:
        assert unheld(store) == ["office-7", '"contact"']
