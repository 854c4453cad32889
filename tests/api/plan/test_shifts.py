"""The shift table: what a spreadsheet reads from it, and what it must not compute."""

import codecs
import csv
from io import StringIO

import pytest

import api.plan.shifts
from api.plan.shifts import write_shift_table
from tests.api.plan.sample import changed, sample_plan


def table(plan=None):
    data = write_shift_table(plan or sample_plan()).encode("utf-8")
    assert data.startswith(codecs.BOM_UTF8)
    assert data.endswith(b"\r\n")
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_a_row_a_stop_with_both_languages_on_the_clocks_of_the_zone():
    assert write_shift_table(sample_plan()).count("\r\n") == 3
    first, second = table()
    assert first == {
        "unit": "foot",
        "unit_th": "สายตรวจเดินเท้า",
        "unit_en": "Foot patrol",
        "order": "1",
        "kind": "visit",
        "with_units": "",
        "place": "1",
        "beat": "1",
        "arrival": "2025-11-22 20:05:00",
        "departure": "2025-11-22 20:15:00",
        "timezone": "Asia/Bangkok",
        "name_th": "ถนนถลาง",
        "name_en": "Thalang Road",
        "reason_th": "จุดเสี่ยง",
        "reason_en": "Hotspot",
        "synthetic": "true",
    }
    assert (second["order"], second["arrival"]) == ("2", "2025-11-22 20:40:00")


def test_breaks_and_company_are_told():
    plan = changed(sample_plan(), "patrol_stops", kind=["visit", "break"], with_units=["a, b", ""])
    first, second = table(plan)
    assert (first["kind"], first["with_units"]) == ("visit", "a, b")
    assert (second["kind"], second["with_units"]) == ("break", "")


def test_real_data_is_not_called_synthetic():
    rows = table(changed(sample_plan(), "patrol_stops", synthetic=[True, False]))
    assert [row["synthetic"] for row in rows] == ["true", "false"]


@pytest.mark.parametrize("text", ['"quoted", with comma', "two\nlines", "ถนน;ถลาง", "", "a=b"])
def test_texts_come_back_as_they_were(text):
    assert table(changed(sample_plan(), "patrol_stops", name_en=text))[0]["name_en"] == text


HOSTILE = ["=1+1", "+66", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")']


def check_nothing_is_computed(text):
    columns = {"name_th": text, "name_en": text, "reason_th": text, "reason_en": text}
    columns["with_units"] = text
    plan = changed(sample_plan(), "patrol_stops", **columns)
    plan = changed(plan, "patrol_tours", name_th=text, name_en=text)
    for row in table(plan):
        told = [*(row[name] for name in columns), row["unit_th"], row["unit_en"]]
        assert told == [f"'{text}"] * 7


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_computed(text):
    check_nothing_is_computed(text)


def test_a_formula_let_through_would_be_seen(monkeypatch):
    monkeypatch.setattr(api.plan.shifts, "_shown", lambda cell: cell)
    with pytest.raises(AssertionError):
        check_nothing_is_computed(HOSTILE[0])
