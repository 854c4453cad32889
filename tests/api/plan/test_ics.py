"""The calendar of shifts: by RFC 5545, with the right instants, and the same for the same plan."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import icalendar
import pandas as pd
import pytest

import api.plan.ics
from api.bilingual import Phrases
from api.plan.ics import write_calendar
from api.words import Words
from tests.api.plan.calendar_reader import events, instant, read_calendar
from tests.api.plan.sample import HOSTILE, changed, phrases, sample_plan

AWKWARD = 'a;b,c\\d\\n "e": \r\nสายตรวจ\x00' + HOSTILE
SHOWN = 'a;b,c\\d\\n "e": \nสายตรวจ\ufffd' + HOSTILE


def read(plan=None):
    plan = plan or sample_plan()
    told = write_calendar(plan, phrases=Phrases(Words.load(), plan.timezone))
    return read_calendar(told.encode("utf-8"))


def abroad(zone, start, *, hours=8):
    """Give the sample with its one tour in another zone."""
    begin = pd.Timestamp(start)
    plan = replace(sample_plan(), timezone=ZoneInfo(zone), tonight=begin.date())
    end = begin + timedelta(hours=hours)
    return changed(plan, "patrol_tours", starts_at=[begin], ends_at=[end])


def check_instants(plan):
    calendar = read(plan)
    (event,) = events(calendar)
    (tour,) = plan.layers["patrol_tours"].to_dict("records")
    assert instant(calendar, event, "DTSTART") == tour["starts_at"]
    assert instant(calendar, event, "DTEND") == tour["ends_at"]


def test_a_tour_is_an_event_on_the_clocks_of_the_zone():
    (event,) = events(read())
    assert event["DTSTART"] == ({"TZID": "Asia/Bangkok"}, "20251122T200000")
    assert event["DTEND"] == ({"TZID": "Asia/Bangkok"}, "20251122T213000")
    assert event["SUMMARY"][1] == "สายตรวจเดินเท้า / Foot patrol"
    assert event["LOCATION"][1] == "เมืองทดลอง / Made-up Town"
    assert event["CLASS"][1] == "CONFIDENTIAL"
    lat, lon = map(float, event["GEO"][1].split(";"))
    assert (lat, lon) == pytest.approx((7.883782, 98.383121), abs=1e-6)


@pytest.mark.parametrize("zone", ["Asia/Bangkok", "Europe/London", "America/New_York"])
def test_a_library_reads_the_same_calendar(zone):
    plan = abroad(zone, "2026-03-28 20:00+00:00")
    told = write_calendar(plan, phrases=Phrases(Words.load(), plan.timezone))
    calendar = icalendar.Calendar.from_ical(told.encode("utf-8"))
    (event,) = calendar.walk("VEVENT")
    (tour,) = plan.layers["patrol_tours"].to_dict("records")
    assert not event.errors
    assert event.start.tzinfo is not None
    assert (event.start, event.end) == (tour["starts_at"], tour["ends_at"])
    assert event["SUMMARY"] == "สายตรวจเดินเท้า / Foot patrol"
    (ours,) = events(read(plan))
    assert event["DESCRIPTION"] == ours["DESCRIPTION"][1]


def test_the_description_tells_every_stop_with_its_times():
    (event,) = events(read())
    assert event["DESCRIPTION"][1].split("\n")[-2:] == [
        "1. 20:05–20:15 ถนนถลาง / Thalang Road (จุดเสี่ยง / Hotspot)",
        "2. 20:40–20:50 ถนนถลาง / Thalang Road (จุดอับกล้อง / Blind spot)",
    ]


def test_the_description_tells_who_comes_too():
    (event,) = events(read(changed(sample_plan(), "patrol_stops", with_units=["boat", ""])))
    first, second = event["DESCRIPTION"][1].split("\n")[-2:]
    assert first.endswith("(จุดเสี่ยง / Hotspot; พร้อมเรือ / together with Boat)")
    assert "together" not in second


@pytest.mark.parametrize("synthetic", [True, False])
def test_an_event_says_whether_its_data_is_synthetic(synthetic):
    (event,) = events(read(changed(sample_plan(), "patrol_tours", synthetic=synthetic)))
    assert ("synthetic data" in event["DESCRIPTION"][1]) is synthetic
    assert "do not publish" in event["DESCRIPTION"][1]


def test_awkward_names_come_back_whole():
    plan = changed(sample_plan(), "patrol_tours", name_th=AWKWARD, name_en=AWKWARD)
    (event,) = events(read(plan))
    assert event["SUMMARY"][1] == SHOWN


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("_folded", lambda line: "\r\n ".join(line[i : i + 74] for i in range(0, len(line), 74))),
        ("_folded", lambda line: line),
        ("_text", lambda value: value),
        ("_text", lambda value: value.replace("\n", "\\n")),
    ],
)
def test_the_reader_refuses_a_calendar_written_wrong(monkeypatch, part, wrong):
    monkeypatch.setattr(api.plan.ics, part, wrong)
    with pytest.raises((AssertionError, AttributeError)):
        test_awkward_names_come_back_whole()


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Asia/Bangkok", "2026-03-01T11:00:18Z"),
        ("UTC", "2026-03-01T18:00Z"),
        ("Europe/London", "2026-03-28T20:00Z"),
        ("Europe/London", "2026-10-24T19:00Z"),
        ("Europe/London", "2026-10-25T00:30Z"),
        ("Europe/London", "2026-10-25T01:30Z"),
        ("America/New_York", "2026-11-01T05:59Z"),
        ("Australia/Lord_Howe", "2026-04-04T14:45Z"),
        ("Asia/Kathmandu", "2026-07-01T12:00Z"),
    ],
)
def test_instants_are_read_by_the_rules_in_the_file(zone, start):
    check_instants(abroad(zone, start))


def test_a_change_of_clocks_that_is_left_out_would_be_seen(monkeypatch):
    monkeypatch.setattr(api.plan.ics, "pairwise", lambda _: [])
    with pytest.raises(AssertionError):
        check_instants(abroad("Europe/London", "2026-03-28T20:00Z"))


def test_the_same_plan_gives_the_same_bytes():
    first, second = (write_calendar(sample_plan(), phrases=phrases()) for _ in range(2))
    assert first == second


def test_a_units_event_is_the_same_in_every_plan_of_the_night_and_in_no_other():
    def uid(plan):
        return events(read(plan))[0]["UID"][1]

    plan = sample_plan()
    late = changed(
        plan, "patrol_tours", ends_at=plan.layers["patrol_tours"]["ends_at"] + pd.Timedelta("1h")
    )
    assert uid(plan) == uid(replace(plan, seed=8)) == uid(late)
    others = [
        replace(plan, tonight=plan.tonight + timedelta(days=1)),
        replace(plan, zone="elsewhere"),
        changed(plan, "patrol_tours", unit="boat"),
    ]
    assert len({uid(plan), *map(uid, others)}) == 4


def test_a_night_without_tours_is_a_calendar_without_events():
    plan = sample_plan()
    layers = {name: plan.layers[name].iloc[:0] for name in ("patrol_tours", "patrol_stops")}
    calendar = read(replace(plan, layers={**plan.layers, **layers}))
    assert events(calendar) == []
    assert [name for name, _, _ in calendar[2]] == ["VTIMEZONE"]
