"""Prints how many requests a second the service answers, beside tipg and a plain constant.

    .venv/bin/python -m tests.api.service_figures [--seconds 3] [--rounds 3] [--requests 100000]

All read the same 5,000 footprints: ours from SQLite and from PostGIS, tipg from a table of PostGIS.
Each is one uvicorn process, pressed by one wrk of one thread and eight connections, one after the
other in turn; the figures are medians of the rounds. The constant is a plain ASGI application that
answers as many bytes as ours does. CPU us are the microseconds that the processes of a service, its
database's among them, spend on a request: on a machine that is busy otherwise, these tell more.
"""

import argparse
import os
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx
import numpy as np

from api.ogc.text import compact
from geo.tile_grid import tile_at
from tests.api.postgres import postgres_cluster
from tests.api.service_peers import (
    EAST,
    NORTH,
    SOUTH,
    TABLE,
    WEST,
    buildings,
    fill_store,
    fill_table,
    press,
    running,
)

COUNT, SEED = 5_000, 4
OURS, THEIRS = f"/ogc/collections/{TABLE}/items", f"/collections/public.{TABLE}/items"


def say(text):
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def boxes(count, *, side):
    """Return boxes with sides of a share of the town's, anywhere in it."""
    rng = np.random.default_rng(SEED)
    wide, high = (EAST - WEST) * side, (NORTH - SOUTH) * side
    corners = zip(
        rng.uniform(WEST, EAST - wide, count), rng.uniform(SOUTH, NORTH - high, count), strict=True
    )
    return [f"{w:.6f},{s:.6f},{w + wide:.6f},{s + high:.6f}" for w, s in corners]


def cases():
    """Return paths of ours and of tipg by what is asked for."""
    ids = [f"b{number}" for number in np.random.default_rng(SEED).integers(0, COUNT, 1_000)]
    queries = {
        f"10 in a box, {side:.0%} of the sides": [
            f"?bbox={corners}&limit=10" for corners in boxes(1_000, side=side)
        ]
        for side in (0.1, 0.3)
    }
    return {
        **{
            name: ([OURS + query for query in found], [THEIRS + query for query in found])
            for name, found in queries.items()
        },
        "one feature": ([f"{OURS}/{one}" for one in ids], [f"{THEIRS}/{one}" for one in ids]),
        "a cold tile, zoom 16": tiles(),
    }


def tiles():
    """Return paths of the tiles that cover the town, of ours and of tipg."""
    first, last = tile_at(WEST, NORTH, 16), tile_at(EAST, SOUTH, 16)
    places = [
        (row, column)
        for row in range(first.row, last.row + 1)
        for column in range(first.column, last.column + 1)
    ]
    ours = f"/ogc/collections/{TABLE}/tiles/WebMercatorQuad/16"
    theirs = f"/collections/public.{TABLE}/tiles/WebMercatorQuad/16"
    return (
        [f"{ours}/{row}/{column}" for row, column in places],
        # tipg names the column before the row.
        [f"{theirs}/{column}/{row}" for row, column in places],
    )


def median_load(loads):
    """Return the median of each figure over the rounds."""
    names = ("per_second", "cpu_us", "p50_ms", "p99_ms", "failed")
    return {name: statistics.median(getattr(load, name) for load in loads) for name in names}


def show(asked, peer, loads, base):
    """Print a row of the table, with its ratios to the peer that it is held against."""
    found = median_load(loads)
    failed = sum(load.failed for load in loads)
    more, less = found["per_second"] / base["per_second"], base["cpu_us"] / found["cpu_us"]
    say(
        f"{asked:30}{peer:10}{found['per_second']:9,.0f}{found['p50_ms']:8.2f}{found['p99_ms']:8.2f}"
        f"{found['cpu_us']:9,.0f}{failed:7}{more:8.2f}{less:8.2f}"
    )


def compare(peers, folder, *, asked, seconds, rounds, headers=()):
    """Press peers in turn and print them; the ratio is to the peer that comes last."""
    loads = {peer: [] for peer in peers}
    for _ in range(rounds):
        for peer, (served, paths) in peers.items():
            told = headers if peer != "constant" else ()
            loads[peer].append(press(served, paths, folder, seconds=seconds, headers=told))
    base = median_load(loads[list(peers)[-1]])
    for peer, found in loads.items():
        show(asked, peer, found, base)
    return {peer: median_load(found) for peer, found in loads.items()}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=100_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgres_cluster())
        frame = buildings(COUNT, seed=SEED)
        table, served = cluster.new(), cluster.new()
        fill_table(table, frame)
        fill_store(folder / "store.sqlite", frame)
        fill_store(served, frame)
        start(stack, folder, (table, served), options)


def start(stack, folder, urls, options):
    """Start the peers and press them."""
    table, served = urls
    ours = "tests.api.served_apps:our_service"
    file = folder / "store.sqlite"
    near = stack.enter_context(running(ours, ready="/healthz", BENCH_STORE=file))
    cold = stack.enter_context(
        running("tests.api.served_apps:our_cold_service", ready="/healthz", BENCH_STORE=file)
    )
    far = stack.enter_context(running(ours, ready="/healthz", database=served, BENCH_STORE=served))
    theirs = {"DATABASE_URL": table, "TIPG_DB_SCHEMAS": compact(["public"])}
    tipg = stack.enter_context(running("tipg.main:app", ready="/healthz", database=table, **theirs))
    say(
        f"{'asked':30}{'of':10}{'req/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'CPU us':>9}{'failed':>7}"
        f"{'req/s':>8}{'CPU':>8}  (ratios)"
    )
    pace = {"seconds": options.seconds, "rounds": options.rounds}
    for asked, (our_paths, their_paths) in cases().items():
        sides = {"SQLite": near, "PostGIS": far} if "tile" not in asked else {"SQLite": cold}
        peers = {name: (served, our_paths) for name, served in sides.items()}
        peers["tipg"] = (tipg, their_paths)
        compare(peers, folder, asked=asked, **pace)
    at_hand(folder, near, tipg, pace)
    known(stack, folder, near, pace)
    memory(folder, near, requests=options.requests)


def at_hand(folder, near, tipg, pace):
    """Print what browsers and map programs ask for: packed answers, and tiles again and again."""
    ours, theirs = cases()["10 in a box, 10% of the sides"]
    packed = {"headers": ("Accept-Encoding: gzip",), **pace}
    compare(
        {"SQLite": (near, ours), "tipg": (tipg, theirs)},
        folder,
        asked="10 in a box, 10%, packed",
        **packed,
    )
    ours, theirs = tiles()
    peers = {"SQLite": (near, ours), "tipg": (tipg, theirs)}
    compare(peers, folder, asked="a tile again, packed", **packed)


def known(stack, folder, near, pace):
    """Print what it costs to say that nothing has changed."""
    path = f"{OURS}?bbox={boxes(1, side=0.1)[0]}&limit=10"
    answer = httpx.get(near.address + path, headers={"Accept-Encoding": "identity"})
    size = len(answer.content)
    constant = stack.enter_context(
        running("tests.api.served_apps:constant", ready="/", BENCH_BYTES=size)
    )
    peers = {"SQLite": (near, [path]), "constant": (constant, ["/"])}
    headers = (f"If-None-Match: {answer.headers['etag']}",)
    compare(peers, folder, asked="304, a page that is known", headers=headers, **pace)
    ours, store = "tests.api.served_apps:our_logging_service", folder / "store.sqlite"
    logging = stack.enter_context(
        running(ours, ready="/healthz", log=folder / "ours.log", BENCH_STORE=store)
    )
    plain = stack.enter_context(
        running("tests.api.served_apps:constant", ready="/", log=folder / "c.log", BENCH_BYTES=size)
    )
    peers = {"SQLite": (logging, [path]), "constant": (plain, ["/"])}
    compare(peers, folder, asked="304, both with their logs", headers=headers, **pace)


def memory(folder, near, *, requests):
    """Print how memory grows over many requests of every kind."""
    paths = [path for paths, _ in cases().values() for path in paths]
    press(near, paths, folder, seconds=2)  # what may be kept in memory is in it from here on
    before, asked, failed = near.resident_kib(), 0, 0
    while asked < requests:
        load = press(near, paths, folder, seconds=2)
        asked, failed = asked + load.requests, failed + load.failed
    after = near.resident_kib()
    say(
        f"memory before and after {asked:,} more requests ({failed} failed): "
        f"{before / 1024:.1f} and {after / 1024:.1f} MiB ({after - before:+,} KiB)"
    )


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
