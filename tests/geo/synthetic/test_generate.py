import re
import tomllib

import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from geo.errors import ParameterError
from geo.formats import read_layer, write_layer
from geo.layers import check_layer
from geo.synthetic import FILES, IncidentParams, generate_layers
from tests.geo.synthetic.conftest import CRS, places_of, streets_of

MAX_BYTES = 600_000


@pytest.fixture(scope="module")
def village():
    x, y = 432_000, 871_000
    streets = streets_of(
        ("Thalang Road", "tertiary", 8.0, [(x, y), (x + 370, y)]),
        ("Soi Romanee", "living_street", 5.0, [(x + 370, y), (x + 370, y + 150)]),
    )
    boundary = shapely.box(x - 30, y - 120, x + 430, y + 200)
    return streets, boundary, places_of(("market", x + 100, y + 30))


def bytes_of(layers, folder):
    written = {}
    for name, file in FILES.items():
        write_layer(folder / file, layers[name])
        written[name] = (folder / file).read_bytes()
    return written


@pytest.mark.parametrize("name", FILES)
def test_the_committed_files_are_what_the_generator_writes(name, layers, root, tmp_path):
    path = root / "data" / "old_town" / FILES[name]
    assert path.stat().st_size < MAX_BYTES
    committed = read_layer(path, name, crs=CRS)
    write_layer(tmp_path / FILES[name], layers[name])
    written = read_layer(tmp_path / FILES[name], name, crs=CRS)
    attributes = committed.columns.drop("geometry")
    assert_frame_equal(pd.DataFrame(committed[attributes]), pd.DataFrame(written[attributes]))
    # Half a unit of the seventh decimal either way, in metres.
    assert shapely.equals_exact(committed.geometry, written.geometry, tolerance=0.012).all()
    assert committed["synthetic"].all()


def test_the_notes_give_the_numbers_of_the_files(layers, root):
    notes = (root / "data" / "old_town" / "SYNTHETIC.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([\w.]+)` \| ([\d,]+) \|", notes, flags=re.MULTILINE))
    counts = {FILES[name]: f"{len(frame):,}" for name, frame in layers.items()}
    for table in ("unit", "rule", "event", "request"):
        by_hand = (root / "data" / "old_town" / f"{table}s.toml").read_text(encoding="utf-8")
        counts[f"{table}s.toml"] = str(len(tomllib.loads(by_hand)[table]))
    assert listed == counts


def test_the_notes_count_the_incidents_of_thalang_road(old_town, root):
    folder = root / "data" / "old_town"
    notes = " ".join((folder / "SYNTHETIC.md").read_text(encoding="utf-8").split())
    told = re.search(
        r"within (\d+) m of the middle of Thalang Road, between (\d+) and (\d+) h, "
        r"there are (\d+) incidents on Sundays and (\d+) to (\d+) on each other weekday",
        notes,
    )
    assert told is not None
    near_m, first, last, *numbers = map(int, told.groups())
    streets = old_town[0]
    middle = streets[streets["name_en"] == "Thalang Road"].union_all()
    incidents = read_layer(folder / FILES["incidents"], "incidents", crs=CRS)
    times = incidents["occurred_at"].dt.tz_convert("Asia/Bangkok")
    evening = (incidents.distance(middle) <= near_m) & times.dt.hour.between(first, last - 1)
    by_day = times[evening].dt.day_of_week.value_counts().reindex(range(7), fill_value=0)
    assert numbers == [by_day[6], by_day[:6].min(), by_day[:6].max()]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(village, tmp_path):
    first, again, other = (
        bytes_of(generate_layers(*village, seed=seed), tmp_path) for seed in (5, 5, 6)
    )
    assert first == again
    # SOS points stand where the programme's places are, whatever the seed.
    assert [name for name in FILES if first[name] == other[name]] == ["sos_points"]


def test_a_change_to_one_layer_leaves_the_others_alone(village, tmp_path):
    plain = bytes_of(generate_layers(*village, seed=5), tmp_path)
    busier = bytes_of(
        generate_layers(*village, seed=5, params=IncidentParams(per_day=3.0)), tmp_path
    )
    assert [name for name in FILES if plain[name] != busier[name]] == ["incidents"]


def test_every_layer_keeps_its_contract_and_says_it_is_synthetic(village):
    layers = generate_layers(*village, seed=1)
    assert set(layers) == set(FILES)
    for name, frame in layers.items():
        assert frame.crs == village[0].crs
        assert check_layer(frame, name, source=name)["synthetic"].all()


def test_what_is_given_stays_as_it_was(village):
    streets, boundary, places = village
    before = streets.copy(), places.copy()
    generate_layers(streets, boundary, places, seed=1)
    assert streets.equals(before[0])
    assert places.equals(before[1])


def test_a_negative_seed_is_refused(village):
    with pytest.raises(ParameterError, match=r"Expected `seed` >= 0, got -1\."):
        generate_layers(*village, seed=-1)
