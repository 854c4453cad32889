"""What the terminal tells: the same as the report, in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from api.hotspots.outputs import OUTPUTS


@pytest.fixture(scope="module")
def tell(phrases):
    files = {name: Path("out") / name for name in OUTPUTS.names}

    def tell(result, language="en"):
        return OUTPUTS.summarise(result, files, phrases=phrases, language=language)

    return tell


def test_figures_stretches_forecast_and_files_are_told(tell, result):
    text = tell(result)
    first = result.layers["hotspot_stretches"].iloc[0]
    for part in (
        "Small Town: where and when incidents are reported",
        "Computed from synthetic data",
        f"Reported incidents: {result.figures.reported}; left out, as the police",
        f"discovered them: {result.figures.discovered}",
        f"   1 {first['name_en']}, near {first['near_en']}: {first['incidents']} incidents",
        f"rank between {first['rank_low']:.0f} and {first['rank_high']:.0f}",
        "For 7 days from 1 March 2026, about",
        f"{100 * result.audit.distance:.0f}% of their time",
        "out/hotspots.html",
        "out/hotspots.gpkg",
        "out/hotspots.json",
    ):
        assert part in text, part


def test_what_is_left_out_of_the_record_is_told(tell, result):
    text = tell(replace(result, figures=replace(result.figures, age_days=30, outside=4, later=2)))
    for part in ("30 days older", "outside the zone are left out: 4.", "left out: 2."):
        assert part in text, part


def test_no_map_is_spoken_of_where_there_is_none(tell, result):
    assert "cells are where" not in tell(result)


def test_thai_is_spoken_where_it_is_asked_for(tell, result):
    text = tell(result, "th")
    assert "เมืองเล็ก: แจ้งเหตุที่ใดมาก" in text
    assert "incidents" not in text


def test_what_is_not_known_is_not_told(tell, result):
    text = tell(replace(result, audit=None))
    assert "no plan.json in the folder" in text
    claims = replace(result.claims, statement="tested", reason="few_incidents")
    text = tell(replace(result, claims=claims))
    assert "in no order" in text
    assert "rank between" not in text


def test_the_forecast_never_stands_without_its_worth(tell, result):
    untold = replace(result.forecast, reason="too_few_to_test")
    empty = replace(result.tables, forecast=result.tables.forecast.iloc[:0])
    text = tell(replace(result, forecast=untold, tables=empty))
    assert "too little data to tell how good this forecast is" in text
