"""A refresh against a stand-in of the Overpass protocol: what it writes, what a failure leaves."""

import json
import socket
from pathlib import Path

import geopandas as gpd
import osmnx
import pyogrio
import pytest
from shapely import Point

from api.refresh import STEPS, Overpass, refresh_zone
from geo.errors import LayerError, NotFoundError, ParameterError, SourceError
from geo.formats import write_layer
from geo.osm import ATTRIBUTION
from geo.zone import Zone
from tests.api.refresh.stand_in import BUSY, OVERLOADED, StandIn


def server_of(state: StandIn) -> Overpass:
    return Overpass(state.url, wait_s=0.0)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_zone_of_nothing_but_an_outline_gets_its_layers(
    overpass: StandIn, zone_folder: Path
) -> None:
    steps: list[str] = []
    refreshed = refresh_zone(zone_folder, server=server_of(overpass), progress=steps.append)
    zone = Zone.load(zone_folder)
    assert steps == list(STEPS)
    assert (refreshed.streets, refreshed.buildings, refreshed.places) == (5, 1, 2)
    assert [path.name for path in refreshed.files] == [
        "streets.gpkg",
        "buildings.gpkg",
        "places.gpkg",
    ]
    assert (len(zone.streets), len(zone.buildings), len(zone.places)) == (5, 1, 2)
    assert sorted(path.name for path in zone_folder.iterdir()) == [
        "boundary.geojson",
        "buildings.gpkg",
        "places.gpkg",
        "streets.gpkg",
        "zone.toml",
    ]


def test_the_address_may_name_the_interpreter(overpass: StandIn, zone_folder: Path) -> None:
    server = Overpass(overpass.url + "/interpreter/", wait_s=0.0)
    assert refresh_zone(zone_folder, server=server).streets == 5


def test_every_row_names_its_source_and_licence(overpass: StandIn, zone_folder: Path) -> None:
    refresh_zone(zone_folder, server=server_of(overpass))
    for layer in ("streets", "buildings", "places"):
        rows = pyogrio.read_dataframe(zone_folder / f"{layer}.gpkg")
        assert set(rows["source"]) == {ATTRIBUTION}


def test_names_classes_directions_and_heights_come_from_the_tags(
    overpass: StandIn, zone_folder: Path
) -> None:
    refresh_zone(zone_folder, server=server_of(overpass))
    zone = Zone.load(zone_folder)
    thalang = zone.streets[zone.streets["name_en"] == "Thalang Road"]
    assert len(thalang) == 2
    assert set(thalang["name_th"]) == {"ถนนถลาง"}
    assert set(thalang["width_m"]) == {7.0}
    assert zone.streets.set_index("street_class")["oneway"].to_dict() == {
        "residential": False,
        "tertiary": False,
        "service": True,
    }
    assert zone.buildings["height_m"].tolist() == [6.0]
    assert dict(zip(zone.places["kind"], zone.places["name_th"], strict=True)) == {
        "police": "สถานีตำรวจ",
        "hotel": "",
    }


def test_the_refreshed_files_win_over_those_the_zone_came_with(
    overpass: StandIn, zone_folder: Path
) -> None:
    own = gpd.GeoDataFrame(
        {"id": ["own"], "kind": ["temple"]}, geometry=[Point(98.389, 7.885)], crs=4326
    )
    write_layer(zone_folder / "places.csv", own)
    refresh_zone(zone_folder, server=server_of(overpass))
    assert "own" not in Zone.load(zone_folder).places.index


@pytest.mark.parametrize("refusal", [BUSY, OVERLOADED])
def test_a_busy_server_is_asked_again_after_its_status(
    overpass: StandIn, zone_folder: Path, refusal: tuple[int, str, str]
) -> None:
    overpass.refusals = [refusal]
    refreshed = refresh_zone(zone_folder, server=server_of(overpass))
    assert refreshed.streets == 5
    assert len(overpass.queries) == 3
    assert overpass.queries[0] == overpass.queries[1]
    assert overpass.status_asked == 1


def test_the_pauses_grow(
    overpass: StandIn, zone_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    overpass.refusals = [BUSY, BUSY, BUSY]
    refresh_zone(zone_folder, server=Overpass(overpass.url, wait_s=8.0))
    assert [pause for pause in pauses if pause >= 8.0] == [8.0, 16.0, 32.0]


def test_a_server_that_stays_busy_is_given_up(overpass: StandIn, zone_folder: Path) -> None:
    before = contents(zone_folder)
    overpass.refusals = [BUSY] * 9
    with pytest.raises(SourceError, match=r"free slot .* within 4 attempts, got 429"):
        refresh_zone(zone_folder, server=server_of(overpass))
    assert len(overpass.queries) == 4
    assert contents(zone_folder) == before


BROKEN_OFF = {"elements": [], "remark": 'runtime error: Query timed out in "query" at line 1'}
HALF_NODE = {"elements": [{"type": "node", "id": 1}, {"type": "way", "id": 2, "nodes": [1, 1]}]}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "text/html", "<html>Welcome to the hotel network</html>"), "got no JSON"),
        ((200, "application/json", '{"elements": [{"type": "no'), "got no JSON"),
        ((200, "application/json", '{"version": 0.6}'), "JSON without elements"),
        ((200, "application/json", "[1, 2]"), "JSON without elements"),
        ((200, "application/json", json.dumps(BROKEN_OFF)), "broken-off query: runtime error"),
        ((200, "application/json", json.dumps(HALF_NODE)), "an element without"),
        ((200, "application/json", '{"elements": []}'), "Expected streets inside the boundary"),
        ((400, "text/html", "<html>parse error</html>"), "got 400"),
        ((500, "text/html", "<html>down</html>"), "got 500"),
    ],
)
def test_an_answer_that_is_none_leaves_the_folder_as_it_was(
    overpass: StandIn, zone_folder: Path, answer: tuple[int, str, str], message: str
) -> None:
    before = contents(zone_folder)
    overpass.refusals = [answer]
    with pytest.raises(SourceError, match=message):
        refresh_zone(zone_folder, server=server_of(overpass))
    assert contents(zone_folder) == before


def test_a_failure_between_streets_and_features_leaves_the_folder_as_it_was(
    overpass: StandIn, zone_folder: Path
) -> None:
    refresh_zone(zone_folder, server=server_of(overpass))
    before = contents(zone_folder)
    overpass.fails_features = True
    with pytest.raises(SourceError, match="got 500"):
        refresh_zone(zone_folder, server=server_of(overpass))
    assert contents(zone_folder) == before


def test_a_file_that_cannot_be_swapped_in_brings_the_others_back(
    overpass: StandIn, zone_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_zone(zone_folder, server=server_of(overpass))
    (zone_folder / "places.gpkg").unlink()
    before = contents(zone_folder)
    overpass.elements = overpass.elements[:-1]
    replace = Path.replace

    def full_disk(self: Path, target: Path) -> Path:
        if Path(target) == zone_folder / "places.gpkg":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(SourceError, match="no space left"):
        refresh_zone(zone_folder, server=server_of(overpass))
    assert contents(zone_folder) == before
    assert not (zone_folder / "places.gpkg").exists()


def test_a_server_out_of_reach_is_named_at_once(zone_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        with pytest.raises(SourceError, match=f"Expected an Overpass server at {url}"):
            refresh_zone(zone_folder, server=Overpass(url))


def test_osmnx_is_left_as_it_was_and_nothing_is_cached(
    overpass: StandIn, zone_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    before = {name: value for name, value in vars(osmnx.settings).items() if name[0] != "_"}
    resolve = socket.getaddrinfo
    refresh_zone(zone_folder, server=server_of(overpass))
    assert {name: vars(osmnx.settings)[name] for name in before} == before
    assert socket.getaddrinfo is resolve
    assert list(Path().iterdir()) == []


def test_a_map_without_buildings_and_places_leaves_the_zones_own(
    overpass: StandIn, zone_folder: Path
) -> None:
    overpass.elements = [one for one in overpass.elements if one["id"] in range(1, 7)]
    overpass.elements += [
        {"type": "way", "id": 100, "nodes": [1, 5, 2], "tags": {"highway": "residential"}}
    ]
    refreshed = refresh_zone(zone_folder, server=server_of(overpass))
    assert [path.name for path in refreshed.files] == ["streets.gpkg"]
    assert (refreshed.buildings, refreshed.places) == (0, 0)


def test_a_folder_that_is_no_zone(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"zone\.toml"):
        refresh_zone(tmp_path)


def test_a_zone_without_a_boundary(zone_folder: Path) -> None:
    (zone_folder / "boundary.geojson").unlink()
    with pytest.raises(LayerError, match="expected the boundary, got no such file"):
        refresh_zone(zone_folder)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "overpass-api.de/api"}, "`url` to begin with http"),
        ({"timeout_s": 0.0}, "`timeout_s` > 0, got 0"),
        ({"attempts": 0}, "`attempts` >= 1, got 0"),
        ({"wait_s": -1.0}, "`wait_s` >= 0, got -1"),
    ],
)
def test_parameters_out_of_range(options: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Overpass(**options)
