"""Requests a second beside tipg on PostGIS and a plain constant; `service_figures` has the table.

`extra_info` (in the file of --benchmark-json) holds our requests per second and the ratios. As a
plain test it asks few times, and sees that all answer and none fails.
"""

import pytest

from tests.api.postgres import postgres_cluster
from tests.api.service_figures import cases, compare
from tests.api.service_peers import buildings, fill_store, fill_table, running

pytestmark = [pytest.mark.benchmark(group="service"), pytest.mark.slow]


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    """Return our service on SQLite and tipg on PostGIS, over the same footprints."""
    folder, frame = tmp_path_factory.mktemp("bench"), buildings(5_000, seed=4)
    fill_store(folder / "store.sqlite", frame)
    with postgres_cluster() as cluster:
        table = cluster.new()
        fill_table(table, frame)
        ours = {"BENCH_STORE": folder / "store.sqlite"}
        theirs = {"DATABASE_URL": table, "TIPG_DB_SCHEMAS": '["public"]'}
        with (
            running("tests.api.served_apps:our_service", ready="/healthz", **ours) as near,
            running("tipg.main:app", ready="/healthz", database=table, **theirs) as tipg,
        ):
            yield near, tipg, folder


@pytest.mark.parametrize("asked", ["10 in a box, 10% of the sides", "one feature"])
def test_service(benchmark, peers, asked):
    near, tipg, folder = peers
    ours, theirs = cases()[asked]
    sides = {"SQLite": (near, ours), "tipg": (tipg, theirs)}
    pace = {"seconds": 5, "rounds": 3} if benchmark.enabled else {"seconds": 1, "rounds": 1}
    found = benchmark.pedantic(compare, (sides, folder), {"asked": asked, **pace}, rounds=1)
    assert found["SQLite"]["failed"] == found["tipg"]["failed"] == 0
    benchmark.extra_info |= {
        "requests per second": round(found["SQLite"]["per_second"]),
        "ours / tipg": round(found["SQLite"]["per_second"] / found["tipg"]["per_second"], 2),
        "CPU of tipg / ours": round(found["tipg"]["cpu_us"] / found["SQLite"]["cpu_us"], 2),
    }
