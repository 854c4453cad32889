"""Whatever happens to a layer in store and folder, in any order: nothing is lost without a word.

A lamp carries a height that tells who wrote it last. The model says which of two layers counts,
and where somebody must be asked; after every step store, commands and jobs must say the same.
"""

import copy
import datetime as dt
import json
import shutil
import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from api.inputs import layer_digests
from api.keeping import keep_layers
from api.store import BROUGHT_LAYERS, Store, import_zone
from api.store.backup import restore_backup, write_backup
from api.store.moving import move_zone
from api.store_files import import_layer
from api.zone_now import clashes, zone_now
from geo.errors import ConflictError
from geo.zone import Zone
from tests.api.small_zone import CRS, write_zone

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NAMES = ("small", "other")
_LAMP = {"lit": True, "synthetic": True}
_PLACE = [98.3831658, 7.8838271]
WINNING = (".geojson", ".csv")  # the first that is there is read


@dataclass
class Sides:
    """What a layer should be: heights, or none where it is empty or there is no file."""

    files: dict[str, float]
    stored: float | None
    own: bool = False
    looked_at: tuple[str, float] | None = None
    imported: float | None = None  # height of the GeoJSON file that the layer was imported from

    @property
    def file(self):
        return next(((kind, self.files[kind]) for kind in WINNING if kind in self.files), None)

    @property
    def clash(self):
        of_file = self.file is not None and self.file == (".geojson", self.imported)
        return self.own and self.file != self.looked_at and not of_file

    @property
    def counting(self):
        return self.stored if self.own else self.file and self.file[1]

    def take(self, file):
        self.stored = None if file is None else file[1]
        self.own, self.looked_at, self.imported = False, file, None


def text_of(kind, height):
    if kind == ".csv":
        lon, lat = _PLACE
        return f"id,lon,lat,height_m,lit,synthetic\nlamp-1,{lon},{lat},{height},true,true\n"
    feature = feature_of(height)
    feature["properties"]["id"] = "lamp-1"
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def feature_of(height):
    geometry = {"type": "Point", "coordinates": _PLACE}
    properties = {"height_m": height, **_LAMP}
    return {"type": "Feature", "id": "lamp-1", "properties": properties, "geometry": geometry}


class TwoZones(RuleBasedStateMachine):
    """Two zones, in one store until one is moved, and everything that changes their lamps."""

    zones = st.sampled_from(NAMES)
    kinds = st.sampled_from(WINNING)

    def __init__(self):
        super().__init__()
        self.ends = ExitStack()
        self.place = Path(self.ends.enter_context(tempfile.TemporaryDirectory()))
        self.heights = (round(2.0 + number / 100, 2) for number in count())
        self.model, self.before, self.stores, self.backups = {}, {}, {}, {}

    def teardown(self):
        self.ends.close()

    def open(self, file):
        return self.ends.enter_context(closing(Store(self.place / file)))

    def folder(self, zone):
        return self.place / "zones" / zone

    @initialize()
    def begin(self):
        store = self.open("first.sqlite")
        for zone in NAMES:
            folder = self.folder(zone)
            shutil.copytree(TwoZones.template, folder)
            about = (folder / "zone.toml").read_text(encoding="utf-8").replace("small", zone)
            (folder / "zone.toml").write_text(about, encoding="utf-8")
            self.stores[zone], self.model[zone] = store, Sides({}, None)
            self.write_file(zone, ".geojson")
            self.start(zone)

    # --- the folder

    @rule(zone=zones, kind=kinds)
    def write_file(self, zone, kind):
        height = next(self.heights)
        text = text_of(kind, height)
        (self.folder(zone) / f"lamps{kind}").write_text(text, encoding="utf-8")
        self.model[zone].files[kind] = height

    @rule(zone=zones, kind=kinds)
    def remove_file(self, zone, kind):
        (self.folder(zone) / f"lamps{kind}").unlink(missing_ok=True)
        self.model[zone].files.pop(kind, None)

    # --- the store

    @rule(zone=zones)
    def edit(self, zone):
        store, sides, height = self.stores[zone], self.model[zone], next(self.heights)
        version = None if sides.stored is None else self.version(zone)
        store.put_feature(zone, "lamps", feature_of(height), if_version=version)
        sides.stored, sides.own = height, True

    @rule(zone=zones)
    def delete(self, zone):
        if self.model[zone].stored is not None:
            version = self.version(zone)
            self.stores[zone].delete_feature(zone, "lamps", "lamp-1", if_version=version)
            self.model[zone].stored, self.model[zone].own = None, True

    @rule(zone=zones)
    def edit_what_was_edited_meanwhile(self, zone):
        if self.model[zone].stored is not None:
            version = self.version(zone)
            self.edit(zone)
            late = feature_of(next(self.heights))
            with pytest.raises(ConflictError):
                self.stores[zone].put_feature(zone, "lamps", late, if_version=version)

    @rule(zone=zones, own_file=st.booleans())
    def import_file(self, zone, own_file):
        sides, path = self.model[zone], self.folder(zone) / "lamps.geojson"
        if not own_file or sides.file is None or sides.file[0] != ".geojson":
            height, path = next(self.heights), self.place / "lamps.geojson"
            path.write_text(text_of(".geojson", height), encoding="utf-8")
        else:
            height = sides.file[1]
        import_layer(self.stores[zone], zone, "lamps", path, crs=CRS, now=NOW)
        sides.stored, sides.own, sides.imported = height, True, height

    def version(self, zone):
        return self.stores[zone].item(zone, "lamps", "lamp-1", view="full")[2]

    # --- the service starts; a command may come between its reading and its writing

    @rule(
        zone=zones,
        between=st.sampled_from(["edit", "write_file", "remove_file", "import_file", None]),
        kind=kinds,
    )
    def start(self, zone, between=None, kind=".geojson"):
        folder, sides = self.folder(zone), self.model[zone]
        file = sides.file
        files = layer_digests(folder, BROUGHT_LAYERS)
        read = Zone.load(folder)
        if between in {"edit", "import_file"}:
            getattr(self, between)(zone, *([False] if between == "import_file" else []))
        elif between is not None:
            getattr(self, between)(zone, kind)
        import_zone(self.stores[zone], read, created_at=NOW, files=files)
        if not sides.own:
            sides.take(file)

    # --- somebody says which counts

    @rule(zone=zones, which=st.sampled_from(["store", "folder"]), named=st.booleans())
    def keep(self, zone, which, named):
        sides, store, folder = self.model[zone], self.stores[zone], self.folder(zone)
        keep_layers(store, folder, which, dry_run=True, now=NOW)
        if named and not sides.own:
            return
        layer = "lamps" if named else None
        kept = keep_layers(store, folder, which, layer=layer, now=NOW)
        assert list(kept) == (["lamps"] if named or sides.clash else [])
        if kept and which == "folder":
            sides.take(sides.file)
        elif kept:
            sides.looked_at = sides.file

    # --- stores come and go

    @rule(zone=zones)
    def back_up(self, zone):
        store = self.stores[zone]
        there = {name: self.model[name] for name in NAMES if self.stores[name] is store}
        file = self.place / f"{Path(store.engine.place).stem}.backup"
        write_backup(store.engine, file, made_at=NOW)
        self.backups[store.engine.place] = file, copy.deepcopy(there)

    @rule(zone=zones)
    def restore(self, zone):
        store = self.stores[zone]
        if store.engine.place in self.backups:
            file, told = self.backups[store.engine.place]
            restore_backup(store.engine, file, replace=True)
            for name, before in copy.deepcopy(told).items():
                if self.stores[name] is store:
                    before.files = self.model[name].files
                    self.model[name] = before

    @rule(zone=zones)
    def move(self, zone):
        target = self.open(f"{zone}-{next(self.heights)}.sqlite")
        move_zone(self.stores[zone].engine, target.engine, zone)
        self.stores[zone] = target

    # --- what must hold

    @invariant()
    def all_say_the_same(self):
        for zone, sides in self.model.items():
            store, folder = self.stores[zone], self.folder(zone)
            assert heights(store.frame(zone, "lamps")) == told(sides.stored)
            found = clashes(store.layers(zone), layer_digests(folder, BROUGHT_LAYERS))
            assert [clash.layer for clash in found] == (["lamps"] if sides.clash else [])
            if sides != self.before.get(zone):  # reading a whole zone is what takes time
                now = zone_now(store, folder)
                assert heights(now.zone.lamps) == told(sides.counting)
                assert set(now.stored) == ({"lamps"} if sides.own else set())
        self.before = copy.deepcopy(self.model)


def heights(lamps):
    return [] if lamps.empty else lamps["height_m"].to_list()


def told(height):
    return [] if height is None else [height]


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory):
    folder = write_zone(tmp_path_factory.mktemp("template") / "small")
    for name in ("buildings", "cameras", "incidents", "places", "sos_points"):
        next(folder.glob(f"{name}.*")).unlink()  # no step asks for them
    TwoZones.template = folder


def run(examples, **more):
    how = settings(
        max_examples=examples,
        stateful_step_count=10,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        **more,
    )
    run_state_machine_as_test(TwoZones, settings=how)


@pytest.mark.slow
def test_nothing_is_lost_in_any_order():
    run(6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "fault"),
    [("api.store.zones.is_own", lambda _: False), ("api.zone_now._is_of", lambda *_: True)],
    ids=["a start takes all", "no file clashes"],
)
def test_what_is_lost_would_be_found(monkeypatch, place, fault):
    monkeypatch.setattr(place, fault)
    with pytest.raises(AssertionError):
        run(
            40, derandomize=True, database=None, phases=[Phase.generate], report_multiple_bugs=False
        )
