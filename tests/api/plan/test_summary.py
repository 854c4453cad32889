"""The closing summary: complete, and in the language asked for."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

import api.plan.outputs
from api.plan.summary import summarise
from tests.api.plan.sample import phrases, sample_plan

FILES = {name: Path("out") / name for name in api.plan.outputs.FILES}


def told(language):
    return summarise(sample_plan(), FILES, phrases=phrases(), language=language)


def test_a_commander_reads_figures_names_times_and_files():
    text = told("en")
    for part in (
        "night of 22 November 2025",
        "430 m of 570 m (75%)",
        "Thalang Road, near Yaowarat Road: 31 incidents (31.0%)",
        "115 m of street newly seen (proven limit 118 m)",
        "Foot patrol, 20:00–21:30: 2 stops",
        "20:05 Thalang Road (Hotspot)",
        "synthetic data",
    ):
        assert part in text, part
    assert all(str(path) in text for path in FILES.values())


def test_thai_speaks_thai_and_counts_years_in_the_buddhist_era():
    text = told("th")
    assert "22 พฤศจิกายน 2568" in text
    assert "จุดอับกล้อง" in text
    assert "Thalang" not in text


def test_how_surely_anybody_is_foreseen_is_rounded_against_us():
    """98.765 % of the value, 50.01 % of a night without a patrol."""
    text = told("en")
    assert "drawn from 12 plans: their expected value is 98.7% of the best" in text
    assert "more than 75.0% sure of a unit" in text
    assert "more than 50.1% sure that no one" in text
    assert "Wanted were 99% of the value with at most 75% and 75%" in text
    assert "สุ่มจาก 12 แผน" in told("th")


def test_a_mixture_that_keeps_all_says_no_more():
    plan = sample_plan()
    plan = replace(plan, figures=replace(plan.figures, mixture_kept=True))
    assert "Wanted were" not in summarise(plan, FILES, phrases=phrases(), language="en")


def test_unnamed_streets_are_called_so():
    assert "Unnamed street: 150 m" in told("en")


def test_all_tours_are_told_in_one_line():
    tours = {name: Path("out") / name for name in ("tour-boat.gpx", "tour-foot.gpx")}
    text = summarise(sample_plan(), {**FILES, **tours}, phrases=phrases(), language="en")
    (line,) = [line for line in text.splitlines() if ".gpx" in line]
    assert line.split(maxsplit=1) == [
        "out/tour-*.gpx",
        "one tour a unit, for GPS devices and phones",
    ]


def test_cameras_inside_buildings_are_named():
    plan = replace(sample_plan(), cameras_inside=("camera-7", "camera-9"))
    text = summarise(plan, FILES, phrases=phrases(), language="en")
    assert "Cameras inside a building by their data" in text
    assert "camera-7, camera-9" in text
    assert "inside a building" not in told("en")


def of(plan, language="en"):
    return summarise(plan, FILES, phrases=phrases(), language=language)


def without_visits():
    plan = sample_plan()
    layers = {name: plan.layers[name].iloc[:0] for name in ("patrol_tours", "patrol_stops")}
    figures = replace(plan.figures, mixture_plans=1, predictability=0.0, uncovered=0.0)
    return replace(plan, layers={**plan.layers, **layers}, figures=figures)


def test_a_night_without_visits_claims_no_surprise():
    text = of(without_visits())
    assert "No unit makes a visit in the plan found" in text
    for claim in ("more than", "0.0%", "1 plans", "Wanted were"):
        assert claim not in text, claim
    assert "ไม่มีหน่วยใดแวะจุดใด" in of(without_visits(), "th")
    breaks = sample_plan().layers["patrol_stops"].assign(kind="break")
    plan = without_visits()
    assert of(replace(plan, layers={**plan.layers, "patrol_stops": breaks})).count("No unit") == 1


def test_one_plan_with_visits_is_told_with_its_figures():
    plan = sample_plan()
    text = of(replace(plan, figures=replace(plan.figures, mixture_plans=1)))
    assert "One plan alone was found for tonight: its value is 98.7% of the best" in text
    assert "more than 50.1% sure that no one" in text
    assert "1 plans" not in text


def test_units_that_stay_and_places_left_out_are_named_with_the_reason():
    text = told("en")
    assert "- Boat: stays at its post" in text
    assert "Places left without a visit tonight: 1." in text
    assert "- Soi Rommani (the units have no time left for it)" in text
    assert "เรือ: อยู่ประจำจุด" in told("th")
    assert "ซอยรมณีย์ (เวลาของหน่วยไม่พอ)" in told("th")
    plan = sample_plan()
    busy = plan.duty.assign(note_th="", note_en="")
    assert "Boat" not in of(replace(plan, duty=busy))
    assert "without a visit" not in of(replace(plan, unserved=plan.unserved.iloc[:0]))


def test_of_many_the_first_are_told_and_the_others_counted():
    plan = sample_plan()
    unserved = pd.concat([plan.unserved] * 9, ignore_index=True)
    unserved["weight"] = range(9)
    unserved["name_en"] = [f"Place {number}" for number in range(9)]
    duty = pd.concat([plan.duty] * 12, ignore_index=True)
    text = of(replace(plan, unserved=unserved, duty=duty))
    assert [f"Place {number}" in text for number in range(9)] == [False] * 6 + [True] * 3
    assert "and 6 more (in plan.json)" in text
    assert text.count("stays at its post") == 5
    assert "and 7 more units (in cards.html)" in text
    assert "และอีก 6 จุด" in of(replace(plan, unserved=unserved, duty=duty), "th")
