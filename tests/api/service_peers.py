"""The services that are measured side by side: ours, tipg, and a constant from plain ASGI."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import psycopg
import shapely

from api.store import Store
from tests.api.sample import PROVENANCE, ZONE
from tests.conftest import ROOT, missing

WEST, SOUTH, EAST, NORTH = 98.380, 7.878, 98.394, 7.892
TABLE = "buildings"


def buildings(count, *, seed):
    """Return footprints as large as houses, all over a town."""
    rng = np.random.default_rng(seed)
    west, south = rng.uniform(WEST, EAST, count), rng.uniform(SOUTH, NORTH, count)
    wide, deep = rng.uniform(4e-5, 2e-4, count), rng.uniform(4e-5, 2e-4, count)
    about = {
        "kind": rng.choice(["shophouse", "house", "school"], count),
        "height_m": rng.uniform(3, 20, count).round(1),
        "synthetic": True,
    }
    index = pd.Index([f"b{number}" for number in range(count)], name="id")
    shapes = shapely.box(west, south, west + wide, south + deep)
    return gpd.GeoDataFrame(about, geometry=shapes, index=index, crs="EPSG:4326")


def fill_store(place, frame):
    """Put the footprints into a store of ours."""
    store = Store(place)
    store.put_layer(ZONE, TABLE, frame, kind="layer", provenance=PROVENANCE)
    store.close()


def fill_table(url, frame):
    """Put the footprints into a table of PostGIS, indexed as tipg's documentation asks."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        connection.execute(
            f"CREATE TABLE {TABLE} (id text PRIMARY KEY, kind text, height_m double precision,"
            " synthetic boolean, geom geometry(Polygon, 4326))"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} VALUES (%s, %s, %s, %s, ST_GeomFromText(%s, 4326))",  # noqa: S608
                [
                    (name, row.kind, row.height_m, bool(row.synthetic), row.geometry.wkt)
                    for name, row in frame.iterrows()
                ],
            )
        connection.execute(f"CREATE INDEX ON {TABLE} USING gist (geom)")
        connection.execute("ANALYZE")


@dataclass
class Served:
    """A service in a process of its own: its address, process id, and database on a server."""

    address: str
    process: int
    database: str = ""

    def cpu_s(self):
        """Return the CPU seconds that its processes spent, those of its database among them."""
        spent = _cpu_s(self.process)
        if self.database:
            spent += sum(map(_cpu_s, _backends(self.database.rsplit("/", 1)[1])))
        return spent

    def resident_kib(self):
        """Return the memory that its process holds."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return next(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )


def _cpu_s(process):
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _backends(database):
    """Return the processes of PostgreSQL that serve a database, which stands in their titles."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            title = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if title.startswith(b"postgres:") and database.encode() in title:
            found.append(int(folder.name))
    return found


@contextmanager
def running(application, *, ready, database="", log=None, **environment):
    """Serve an application by uvicorn in a process of its own; each request is logged to a file."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    flags = [] if log else ["--log-level", "warning", "--no-access-log"]
    flags += ["--factory"] if application.endswith("_service") else []
    out = None if log is None else log.open("w")
    process = subprocess.Popen(
        [*command, *flags],
        cwd=ROOT,
        env=os.environ | {name: str(value) for name, value in environment.items()},
        stdout=out,
        stderr=out,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert process.poll() is None, f"{application} did not start"
            try:
                httpx.get(address + ready)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield Served(address, process.pid, database)
    finally:
        process.terminate()
        process.wait()
        if out is not None:
            out.close()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Load:
    """What wrk measured."""

    per_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float
    failed: int
    requests: int


_SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("WRK_PATHS")) do paths[#paths + 1] = line end
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"us":%d,"p50":%f,"p99":%f,"failed":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def press(served, paths, folder, *, seconds, connections=8, headers=()):
    """Ask for paths in turn, as fast as they are answered, by wrk."""
    if which("wrk") is None:
        missing("wrk")
    (folder / "paths").write_text("\n".join(paths) + "\n")
    (folder / "wrk.lua").write_text(_SCRIPT)
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(folder / "wrk.lua")]
    command += [part for header in headers for part in ("-H", header)]
    before = served.cpu_s()
    done = subprocess.run(
        [*command, served.address],
        env=os.environ | {"WRK_PATHS": str(folder / "paths")},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(re.search(r"^\{.*\}$", done.stdout, re.MULTILINE)[0])
    return Load(
        per_second=told["requests"] / told["us"] * 1e6,
        cpu_us=(served.cpu_s() - before) / told["requests"] * 1e6,
        p50_ms=told["p50"] / 1e3,
        p99_ms=told["p99"] / 1e3,
        failed=told["failed"],
        requests=told["requests"],
    )
