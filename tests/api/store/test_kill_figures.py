"""Nothing that was acknowledged is lost when a writer or its server is killed."""

import subprocess
import sys

import numpy as np
import pytest

from api.store import Store
from tests.api.store.contract.features import dots, put
from tests.api.store.kill_figures import SCENARIOS, ZONE, Tally, judged


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_was_acknowledged_is_there_after_a_kill(root, kind, request):
    if kind == "postgres":
        request.getfixturevalue("postgres")  # skips where there is none
    seed = str(np.random.default_rng().integers(10**6))
    command = ["-m", "tests.api.store.kill_figures", "--times", "5", "--store", kind]
    done = subprocess.run(
        [sys.executable, *command, "--seed", seed],
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (seed, done.stdout, done.stderr)
    assert done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(kind)]
    assert [row[1] for row in rows] == (["writer"] if kind == "sqlite" else ["writer", "server"])
    assert all(int(row[3]) > 0 for row in rows)


@pytest.fixture
def written(tmp_path):
    """Return a store in which every scenario has written twice."""
    store = Store(tmp_path / "store.sqlite")
    for scenario in SCENARIOS:
        for turn in (1, 2):
            scenario.write(store, turn)
    yield store
    store.close()


def test_what_is_there_is_found_lost_or_on_the_way(written):
    for scenario in SCENARIOS:
        tally = Tally()
        assert judged(scenario, written, 2, tally) == 2
        assert tally == Tally()
        judged(scenario, written, 1, tally)
        assert tally == Tally(on_the_way=1)
        judged(scenario, written, 5, tally)
        assert tally == Tally(on_the_way=1, lost=3)
        judged(scenario, written, 0, tally)
        assert tally.torn == [f"{scenario.name}: a write that nobody told of"]


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("UPDATE layers SET count = count + 1", "layers"),
        ("UPDATE layers SET version = 'x' WHERE name = 'places'", "features"),
        ("DELETE FROM features WHERE feature_id = 'n3'", "layers"),
        ("DELETE FROM feature_bounds", "features"),
        ("UPDATE features SET feature = replace(feature, '2', '3')", "features"),
        ("INSERT INTO events SELECT 9, zone, kind, payload, at FROM events LIMIT 1", "events"),
    ],
)
def test_half_a_write_is_found(written, sql, name):
    with written.engine.writing() as session:
        session.run(sql)
    scenario = next(one for one in SCENARIOS if one.name == name)
    tally = Tally()
    judged(scenario, written, 2, tally)
    assert len(tally.torn) == 1


def test_layers_of_different_writes_are_found(written):
    put(written, ZONE, "streets", dots(["t3", *(f"n{n}" for n in range(23))], turn=3))
    tally = Tally()
    judged(SCENARIOS[0], written, 2, tally)
    assert tally.torn == ["layers: two layers of different writes"]


HASTY = """
import sys
from pathlib import Path
from tests.api.store.kill_figures import SCENARIOS, Events, Tally, one_round
Events.write = lambda *_: None
tally = Tally()
one_round(Path(sys.argv[1]), {one.name: 0 for one in SCENARIOS}, tally, delay_s=0.1)
print(tally.lost > 0, tally.torn)
"""


def test_a_write_that_is_acknowledged_too_soon_is_found(root, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", HASTY, tmp_path / "store.sqlite"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("True []\n", "")
