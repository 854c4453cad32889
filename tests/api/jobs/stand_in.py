"""A light process that stands in for the real computations: it does what its inputs say.

`steps` and `pause_s` say how long it takes; `end` how it ends: well, by an error of smartzone, by
an unexpected one, by taking too much memory, or by the death of its process. Every process that
works writes one line with its id to the file `trace`, and another when it is through.
"""

import os
import signal
import sys
import time
from pathlib import Path

import geopandas as gpd
from shapely import Point

from api.jobs.orders import Outcome
from geo.errors import InfeasiblePlanError

WORK = "tests.api.jobs.stand_in:work"
ROOT = Path(__file__).resolve().parents[3]
DETAIL = "somebody's place"


def work(order, tell):
    asked = order.inputs
    _trace(asked, f"begin {order.job} {os.getpid()}")
    if asked.get("children"):
        _begin_another(asked)
    steps = asked.get("steps", 2)
    tell.expect(["zone", "patrol"])
    for step in ("zone", "patrol"):
        tell.begin(step)
        for done in range(steps):
            time.sleep(asked.get("pause_s", 0))
            tell.advance(done + 1, steps)
    _end(asked.get("end", "well"))
    _trace(asked, f"end {order.job} {os.getpid()}")
    layer = f"made_{order.job.replace('-', '')}" if asked.get("own_layer") else "patrol_stops"
    frame = gpd.GeoDataFrame(
        {"job": [order.job] * 3},
        geometry=[Point(98.38 + i / 1e3, 7.88) for i in range(3)],
        crs=4326,
    )
    sys.stdout.write("anything may print without harm\n")
    return Outcome('{"made": true}', {layer: frame}, {"inputs": {"a": "0" * 64}, "seed": 7})


def _end(how):
    if how == "infeasible":
        raise InfeasiblePlanError("No plan obeys the rules.")
    if how == "bug":
        raise KeyError(DETAIL)
    if how == "memory":
        held = [bytearray(1 << 24) for _ in range(1 << 10)]
        raise AssertionError(f"{len(held)} parts fitted")
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)


def _begin_another(asked):
    """Fork a process that would go on for long, as a computation's own pool may."""
    if os.fork() == 0:
        _trace(asked, f"child {os.getpid()}")
        time.sleep(300)
        os._exit(0)


def _trace(asked, text):
    if "trace" in asked:
        with Path(asked["trace"]).open("a", encoding="utf-8") as file:
            file.write(text + "\n")
