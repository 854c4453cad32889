"""Events: numbered in their order, and never changed or deleted."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from geo.errors import ParameterError, SourceError

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_events_come_back_in_their_order(kept, zone):
    payload = {"ที่": "ถนนถลาง", "n": [1, None, 2.5]}
    bangkok = NOON.astimezone(dt.timezone(dt.timedelta(hours=7)))
    first = kept.events.append(zone, "sos", payload, at=bangkok)
    kept.events.append(f"{zone}x", "sos", {}, at=NOON)
    second = kept.events.append(zone, "position", {}, at=NOON - dt.timedelta(days=1))
    assert first < second
    one, two = kept.events.after(first - 1, 10, zone=zone)
    assert (one.seq, one.kind, one.payload, one.at) == (first, "sos", payload, NOON)
    assert (two.seq, two.zone) == (second, zone)
    assert kept.events.after(first, 10, zone=zone) == [two]
    assert kept.events.after(second, 10) == []
    assert len(kept.events.after(first - 1, 2)) == 2
    assert [event.seq for event in kept.events.after(first - 1, 1)] == [first]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET payload = '{}'",
        "UPDATE events SET seq = seq + 1000",
        "DELETE FROM events",
        "DELETE FROM events WHERE seq = 1",
    ],
)
def test_nothing_changes_or_deletes_an_event(kept, zone, sql):
    kept.events.append(zone, "sos", {"n": 1}, at=NOON)
    before = kept.events.after(0, 1_000)
    with pytest.raises(SourceError), kept.engine.writing() as session:
        session.run(sql.replace("seq = 1", "seq >= 1"))
    assert kept.events.after(0, 1_000) == before


def test_a_database_server_refuses_to_empty_the_table(kept, zone):
    kept.events.append(zone, "sos", {}, at=NOON)
    with pytest.raises(SourceError), kept.engine.writing() as session:
        session.run("TRUNCATE events")
    assert kept.events.after(0, 1)


def test_a_reader_that_follows_misses_none_while_many_append(kept, zone):
    seen, last = [], kept.events.append(zone, "start", {}, at=NOON)

    def append(number):
        return kept.events.append(zone, "sos", {"number": number}, at=NOON)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(append, number) for number in range(40)]
        done = False
        while not done:
            done = all(one.done() for one in running)  # and only then read for the last time
            while found := kept.events.after(last, 7, zone=zone):
                seen += [event.payload["number"] for event in found]
                last = found[-1].seq
    assert sorted(seen) == list(range(40))
    assert len({one.result() for one in running}) == 40


def test_what_is_no_event_is_refused(kept, zone):
    with pytest.raises(ParameterError, match="`at`"):
        kept.events.append(zone, "sos", {}, at=NOON.replace(tzinfo=None))
    for payload in ({"at": NOON}, {"n": float("nan")}):
        with pytest.raises(ParameterError, match="`payload`"):
            kept.events.append(zone, "sos", payload, at=NOON)
    with pytest.raises(ParameterError, match="`limit`"):
        kept.events.after(0, 0)
