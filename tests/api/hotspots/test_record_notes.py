"""What is said of the record: each thing only where it is so."""

from dataclasses import replace

import pytest

from api.hotspots.record_notes import record_notes

NOTES = {
    "age_days": (8, "The latest incident on record is 8 days older"),
    "later": (1200, "after the start of this day are left out: 1,200."),
    "outside": (3, "outside the zone are left out: 3."),
}


def notes(result, phrases, **figures):
    given = replace(result, figures=replace(result.figures, **figures))
    return [note.read("en") for note in record_notes(given, phrases)]


def test_a_fresh_and_whole_record_needs_no_word(result, phrases):
    assert notes(result, phrases, age_days=7, later=0, outside=0) == []


@pytest.mark.parametrize("name", NOTES)
def test_each_is_told_where_it_is_so(result, phrases, name):
    value, part = NOTES[name]
    told = notes(result, phrases, **{"age_days": 0, "later": 0, "outside": 0, name: value})
    assert len(told) == 1
    assert part in told[0]
