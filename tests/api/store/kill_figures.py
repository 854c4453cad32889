"""Kills writers, and the database server, at random moments, and looks for what was lost.

A child process writes and tells of each write once it is acknowledged; it is killed with SIGKILL at
a random moment, often in the middle of a write, sometimes while it makes the store. In every other
round on PostgreSQL it is the server that is killed. Then the store is opened again: each scenario
must hold exactly what was acknowledged, or that and the one write that was on its way, never a part
of one.

    python -m tests.api.store.kill_figures [--times 100] [--store sqlite|postgres] [--seed 0]
"""

import argparse
import itertools
import json
import logging
import os
import select
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from api.audit.verification import verify_audit
from api.store import Box, Store
from api.store.audit import MACHINE
from api.store.features import fingerprint
from geo.errors import NotFoundError, SourceError
from tests.api.postgres import postgres_cluster
from tests.api.store.conftest import NOW
from tests.api.store.contract.features import dots, lamp, put

ZONE = "killed"
EVERYWHERE = Box(-180, -90, 180, 90)
LONGEST_S = 0.3  # from the first write of a writer, or its birth, to its end
HASTY = 0.2  # share of the rounds in which it may be killed before its first write
PLACES = 10  # rounds on one store before a new one


class Layers:
    """A whole layer is replaced by one of another size, together with a second one."""

    name = "layers"

    def write(self, store, turn):
        frames = {name: dots(self._ids(turn), turn=turn) for name in ("lamps", "streets")}
        store.put_layers(ZONE, frames, kind="layer", provenance={"created_at": NOW})

    def found(self, store):
        turns = set()
        for name in ("lamps", "streets"):
            features = checked(store, name)
            turns |= {feature["properties"]["turn"] for feature in features} or {0}
            if features:
                expected = set(self._ids(features[0]["properties"]["turn"]))
                assert {feature["id"] for feature in features} == expected, "a part of a layer"
        assert len(turns) == 1, "two layers of different writes"
        return turns.pop()

    def _ids(self, turn):
        return [f"t{turn}", *(f"n{number}" for number in range(20 + turn % 50))]


class Features:
    """A feature is added, replaced or deleted, by its version."""

    name = "features"

    def write(self, store, turn):
        if turn == 1:
            put(store, ZONE, "places", dots(["counter"], turn=1))
            return
        version = store.item(ZONE, "places", "counter", view="full")[2]
        store.put_feature(ZONE, "places", lamp("counter", turn=turn), if_version=version)

    def found(self, store):
        features = checked(store, "places")
        return features[0]["properties"]["turn"] if features else 0


class Events:
    """An event is appended."""

    name = "events"

    def write(self, store, turn):
        store.events.append(ZONE, "sos", {"turn": turn}, at=NOW)

    def found(self, store):
        turns = [event.payload["turn"] for event in store.events.after(0, 10**6, zone=ZONE)]
        assert turns == list(range(1, len(turns) + 1)), "an event is missing or twice there"
        return len(turns)


class Audit:
    """An entry is appended to the chain of the audit."""

    name = "audit"

    def write(self, store, turn):
        store.audit.append(NOW, MACHINE, "change", ZONE, "layer/lamps", {"count": turn})

    def found(self, store):
        with store.audit.whole() as audit:
            verdict = verify_audit(audit.entries(), audit.heads(), named_key=audit.key())
        assert not verdict.findings, "the chain is broken"
        return verdict.entries


SCENARIOS = (Layers(), Features(), Events(), Audit())


@dataclass
class Tally:
    """What came of the rounds of one kind."""

    rounds: int = 0
    acknowledged: int = 0
    on_the_way: int = 0
    lost: int = 0
    torn: list[str] = field(default_factory=list)


def checked(store, layer):
    """Read a layer, once it is sure that its row and its index tell the truth about it."""
    try:
        page = store.items(ZONE, layer, view="full", limit=10**6)
    except NotFoundError:
        return []
    features = [json.loads(text) for text in page.features]
    assert page.layer.count == page.layer.public_count == len(features), "a false count"
    inside = store.items(ZONE, layer, bbox=EVERYWHERE, limit=10**6)
    assert inside.features == page.features, "an index that does not know its features"
    with store.engine.reading() as session:
        rows = session.rows(
            "SELECT f.version AS version, f.public_version AS shown FROM features AS f JOIN layers"
            " AS l ON l.id = f.layer_id WHERE l.zone = :zone AND l.name = :name ORDER BY position",
            zone=ZONE,
            name=layer,
        )
    assert [row["version"] for row in rows] == [fingerprint(text) for text in page.features]
    told = "\n".join(f"{row['version']} {row['shown']}" for row in rows)
    assert page.layer.version == fingerprint(told), "a false version"
    return features


def write_on(place, pipe):
    """Write without end, and tell of each write once it is acknowledged."""
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # it tells of its server's end
    store = Store(place)
    turns = {scenario.name: scenario.found(store) for scenario in SCENARIOS}
    while True:
        for scenario in SCENARIOS:
            turns[scenario.name] += 1
            scenario.write(store, turns[scenario.name])
            os.write(pipe, f"{scenario.name} {turns[scenario.name]}\n".encode())


def born(place):
    """Start a writer; return its process and the pipe that it tells on."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        write_on(place, writing)
    except SourceError as error:  # which is right only where its server was killed
        os.write(writing, f"! {error}\n".encode())
    except Exception:  # noqa: BLE001  # whatever ends a writer is told before it ends
        traceback.print_exc()
    finally:
        os._exit(1)


def told_on(pipe):
    """Return the last write of each scenario that was acknowledged, their number, and the error."""
    with os.fdopen(pipe, "rb") as file:
        lines = file.read().decode().splitlines()
    acknowledged = dict(line.split() for line in lines if not line.startswith("!"))
    errors = [line for line in lines if line.startswith("!")]
    return {name: int(turn) for name, turn in acknowledged.items()}, len(lines), errors


def one_round(place, before, tally, *, delay_s, hasty=False, cluster=None):
    """Let a writer write for a while, kill it or its server, and look at what is there."""
    child, pipe = born(place)
    if not hasty:
        select.select([pipe], [], [], 60)
    time.sleep(delay_s)
    if cluster is not None:
        cluster.kill()
        cluster.start()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    acknowledged, count, errors = told_on(pipe)
    tally.rounds += 1
    tally.acknowledged += count - len(errors)
    tally.torn += errors if cluster is None else []
    store = Store(place)
    try:
        return {
            one.name: judged(one, store, acknowledged.get(one.name, before[one.name]), tally)
            for one in SCENARIOS
        }
    finally:
        store.close()
        tally.torn += damage(place)


def judged(scenario, store, acknowledged, tally):
    """Compare what a scenario finds with what was acknowledged; return what it finds."""
    try:
        found = scenario.found(store)
    except AssertionError as error:
        tally.torn.append(f"{scenario.name}: {error}")
        return acknowledged
    tally.lost += max(0, acknowledged - found)
    tally.on_the_way += found == acknowledged + 1
    if found > acknowledged + 1:
        tally.torn.append(f"{scenario.name}: a write that nobody told of")
    return found


def damage(place):
    """Return what SQLite's own checks say of a file; nothing of a server."""
    if str(place).startswith("postgresql"):
        return []
    with closing(sqlite3.connect(place)) as connection:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        return [f"file: {row}" for row in found if row != ("ok",)] + [
            f"reference: {row}" for row in connection.execute("PRAGMA foreign_key_check")
        ]


@contextmanager
def places(kind):
    """Lend a maker of places for new stores, and the server that they are on, if any."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="smartzone-") as folder:
            numbers = itertools.count()
            yield lambda: Path(folder, f"{next(numbers)}.sqlite"), None
    else:
        with postgres_cluster(durable=True) as cluster:
            yield cluster.new, cluster


def run(kind, times, rng):
    """Kill so many times, and return the tallies by what was killed."""
    tallies = {"writer": Tally()} | ({"server": Tally()} if kind == "postgres" else {})
    with places(kind) as (new, cluster):
        for turn in range(times):
            if turn % PLACES == 0:
                place, state = new(), {scenario.name: 0 for scenario in SCENARIOS}
            killed = "server" if cluster is not None and turn % 2 else "writer"
            state = one_round(
                place,
                state,
                tallies[killed],
                delay_s=rng.uniform(0, LONGEST_S),
                hasty=rng.uniform() < HASTY,
                cluster=cluster if killed == "server" else None,
            )
    return tallies


def say(text):
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main():
    """Print the table; status 1 where anything was lost or torn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    say("store     killed   times   acknowledged   there though on the way   lost   torn")
    good = True
    for kind in asked.store or ["sqlite", "postgres"]:
        for killed, tally in run(kind, asked.times, np.random.default_rng(asked.seed)).items():
            say(
                f"{kind:<9} {killed:<8} {tally.rounds:>5} {tally.acknowledged:>14}"
                f" {tally.on_the_way:>25} {tally.lost:>6} {len(tally.torn):>6}"
            )
            for fault in tally.torn:
                say(f"  {fault}")
            good &= tally.acknowledged > 0 and not (tally.lost or tally.torn)
    say(f"After each kill: {', '.join(scenario.name for scenario in SCENARIOS)}.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
