"""The closing summary: complete, and in the language asked for."""

from dataclasses import replace
from pathlib import Path

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
