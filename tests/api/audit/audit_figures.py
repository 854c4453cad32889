"""What the audit costs and finds, printed by `python -m tests.api.audit.audit_figures`.

Appending is timed beside a bare write transaction of one row on the same store, in turns; tampering
is tried at random places, with the store's file in hand and without the key.
"""

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.audit.keys import SigningKey
from api.audit.verification import verify_audit
from api.identity import Principal
from api.store.audit import AuditLog
from api.store.audit_records import NOTHING_BEFORE, Head
from api.store.opening import open_engine
from tests.api.postgres import postgres_cluster

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
OFFICER = Principal("officer-1", "officer")
SIGNED_EVERY = 64


def say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def timed(call, times):
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def cost(place, times):
    """Return milliseconds of a bare transaction and of an appended entry, taking turns."""
    engine = open_engine(place)
    log = AuditLog(engine)
    with engine.writing() as session:
        session.run("CREATE TABLE bare (text text)")

    def bare():
        with engine.writing() as session:
            session.run("INSERT INTO bare VALUES (:text)", text="x" * 300)

    def append():
        log.append(NOW, OFFICER, "read", "old_town", "incidents", {"format": "tile"})

    rounds = [(timed(bare, times), timed(append, times)) for _ in range(5)]
    engine.close()
    return tuple(1000 * sorted(column)[2] for column in zip(*rounds, strict=True))


def history(place, count):
    """Return the entries and signed heads of a log of so many entries, and its key."""
    key = SigningKey(Ed25519PrivateKey.generate())
    engine = open_engine(place)
    log = AuditLog(engine)

    def head_of(entry):
        bare = Head(entry.seq, entry.hash, entry.at, key.public, "")
        return replace(bare, signature=key.sign(bare.signed()))

    for number in range(count):
        log.append(NOW, OFFICER, "read", "old_town", f"cameras/cam-{number}", {"count": number})
        if number % SIGNED_EVERY == SIGNED_EVERY - 1 or number == count - 1:
            log.sign(head_of)
    with log.whole() as whole:
        entries, heads = list(whole.entries()), whole.heads()
    engine.close()
    return entries, heads, key.public


def rehashed(entry, **changes):
    changed = replace(entry, **changes)
    return replace(changed, hash=changed.digest())


def edited(entries, at, _):
    entries[at] = replace(entries[at], subject="another")


def edited_with_a_new_hash(entries, at, _):
    entries[at] = rehashed(entries[at], subject="another")


def deleted(entries, at, _):
    del entries[at]


def truncated(entries, at, _):
    del entries[at:]


def inserted(entries, at, _):
    entries.insert(at, rehashed(entries[at], action="forged"))


def swapped(entries, at, other):
    entries[at], entries[other] = entries[other], entries[at]


def remade_to_the_end(entries, at, _):
    previous = entries[at - 1].hash if at else NOTHING_BEFORE
    for place in range(at, len(entries)):
        entries[place] = rehashed(entries[place], previous=previous, subject="another")
        previous = entries[place].hash


KINDS = (
    *(edited, edited_with_a_new_hash, deleted, truncated, inserted, swapped, remade_to_the_end),
)


def tampering(entries, heads, key, *, times, seed):
    """Yield for each kind how often it was tried, found, and the first bad entry was named."""
    rng = random.Random(seed)  # noqa: S311 - places to tamper with, no secret
    for kind in KINDS:
        found = named = 0
        for _ in range(times):
            at, other = sorted(rng.sample(range(len(entries)), 2))
            tampered = [*entries]
            kind(tampered, at, other)
            findings = verify_audit(tampered, heads, named_key=key).findings
            found += bool(findings)
            named += bool(findings) and findings[0].since <= at + 1 <= findings[0].seq
        yield kind.__name__.replace("_", " "), times, found, named


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=2000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_cluster(durable=True) as cluster:
        places = {"SQLite": Path(folder) / "cost.sqlite", "PostgreSQL": cluster.new()}
        say("store        bare write   appended entry   ratio")
        for name, place in places.items():
            bare, entry = cost(place, 40)
            say(f"{name:<12} {bare:7.2f} ms     {entry:7.2f} ms     {entry / bare:5.2f}")
        entries, heads, key = history(Path(folder) / "history.sqlite", options.entries)
    began = time.perf_counter()
    verdict = verify_audit(entries, heads, named_key=key)
    rate = len(entries) / (time.perf_counter() - began)
    assert not verdict.findings
    say(f"\nverified {verdict.entries:,} entries, {len(heads)} heads: {rate:,.0f} entries a second")
    say(f"\n{'tampering':<24} tried   found   first bad entry named")
    rows = tampering(entries, heads, key, times=options.times, seed=options.seed)
    for kind, tried, found, named in rows:
        say(f"{kind:<24} {tried:5}   {found:5}   {named:5}")


if __name__ == "__main__":
    main()
