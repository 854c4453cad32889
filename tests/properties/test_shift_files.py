"""What holds for every name and instant in the files that officers take along."""

import csv
from dataclasses import replace
from io import StringIO
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.bilingual import Phrases
from api.plan.ics import write_calendar
from api.plan.printable import printable
from api.plan.shifts import write_shift_table
from api.tour_files import tour_file
from api.words import Words
from tests.api.plan.calendar_reader import events, instant, read_calendar
from tests.api.plan.sample import changed, sample_plan

PLAN = sample_plan()
WORDS = Words.load()
ZONES = ("Asia/Bangkok", "Europe/London", "America/New_York", "Australia/Lord_Howe")
# Folding is what long runs of three-octet characters try, escaping what the marks try.
texts = st.text(min_size=1, max_size=60) | st.text('ถนลา้ี;,\\\n:" =', min_size=1, max_size=200)
instants = st.integers(1_767_225_600, 1_798_675_200).map(
    lambda seconds: pd.Timestamp(seconds, unit="s", tz="UTC")
)


def calendar_of(plan):
    told = write_calendar(plan, phrases=Phrases(WORDS, plan.timezone))
    return read_calendar(told.encode("utf-8"))


@settings(max_examples=60)
@given(texts)
def test_every_name_comes_back_from_the_calendar(name):
    plan = changed(PLAN, "patrol_tours", name_th=name, name_en=name)
    (event,) = events(calendar_of(plan))
    assert event["SUMMARY"][1] == printable(name)


@settings(max_examples=60)
@given(st.sampled_from(ZONES), instants, st.integers(60, 36 * 3600))
@example("Europe/London", pd.Timestamp("2026-10-25T00:59:59Z"), 3600)
def test_every_instant_comes_back_from_the_calendar(zone, start, seconds):
    end = start + pd.Timedelta(seconds, "s")
    plan = replace(PLAN, timezone=ZoneInfo(zone), tonight=start.tz_convert(zone).date())
    calendar = calendar_of(changed(plan, "patrol_tours", starts_at=[start], ends_at=[end]))
    (event,) = events(calendar)
    assert instant(calendar, event, "DTSTART") == start
    assert instant(calendar, event, "DTEND") == end


@settings(max_examples=60)
@given(texts)
def test_every_name_comes_back_from_the_table_and_none_is_computed(name):
    told = write_shift_table(changed(PLAN, "patrol_stops", name_en=name))
    first, _ = csv.DictReader(StringIO(told.removeprefix("\ufeff"), newline=""), strict=True)
    cell = first["name_en"]
    assert cell[0] not in "=+-@\t"
    assert cell in {printable(name), f"'{printable(name)}"}


@given(st.text(max_size=30), st.text(max_size=30))
@example("foot 1", "foot-1")
@example("A", "a")
def test_two_units_never_share_a_file(one, other):
    assert (tour_file(one) == tour_file(other)) is (one == other)
