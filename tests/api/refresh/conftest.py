"""A zone that has nothing but its outline, and a stand-in for the Overpass server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.refresh.stand_in import StandIn, serving

OUTLINE = [
    [98.3875, 7.8835],
    [98.3905, 7.8835],
    [98.3905, 7.8865],
    [98.3875, 7.8865],
    [98.3875, 7.8835],
]


@pytest.fixture
def overpass() -> Iterator[StandIn]:
    with serving() as state:
        yield state


@pytest.fixture
def zone_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "small_zone"
    folder.mkdir()
    (folder / "zone.toml").write_text(
        'name = "small_zone"\nname_th = "โซนเล็ก"\nname_en = "Small zone"\n'
        'crs = "EPSG:32647"\ntimezone = "Asia/Bangkok"\n',
        encoding="utf-8",
    )
    geometry = {"type": "Polygon", "coordinates": [OUTLINE]}
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    document = {"type": "FeatureCollection", "features": [feature]}
    (folder / "boundary.geojson").write_text(json.dumps(document), encoding="utf-8")
    return folder
