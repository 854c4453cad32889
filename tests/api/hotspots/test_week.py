"""The week as a drawing: every hour has its shade."""

import re

import numpy as np
import pandas as pd

from api.hotspots.times import coarsened
from api.hotspots.week import draw_week, shade_edges

WEEK = pd.DataFrame(np.arange(7 * 24, dtype=float).reshape(7, 24))


def drawn(week, phrases):
    return str(draw_week(week, phrases=phrases, titled="week"))


def test_every_hour_has_its_number_and_its_shade(phrases):
    svg = drawn(WEEK, phrases)
    cells = re.findall(
        r'<rect class="hour shade-(\d)"[^>]*/><text class="count[^>]*>(\d+)</text>', svg
    )
    assert [int(count) for _, count in cells] == list(range(7 * 24))
    edges = shade_edges(WEEK)
    for shade, count in cells:
        fitting = 0 if count == "0" else 1 + sum(int(count) > edge for edge in edges)
        assert int(shade) == fitting, count
    assert [shade for shade, _ in cells][-1] == "5"


def test_days_and_hours_are_named_in_both_languages(phrases):
    svg = drawn(WEEK, phrases)
    for part in ("วันจันทร์", "Monday", "Sunday", "21 น.", "21:00"):
        assert part in svg, part
    assert "All days" in drawn(coarsened(WEEK, "hours"), phrases)


def test_cells_do_not_overlap_and_stay_on_the_drawing(phrases):
    for times in ("weekday_hours", "hours", "day_parts"):
        svg = drawn(coarsened(WEEK, times), phrases)
        wide, high = (float(n) for n in re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
        boxes = [
            tuple(float(n) for n in numbers)
            for numbers in re.findall(
                r'<rect class="hour[^"]*" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" '
                r'height="([\d.]+)"',
                svg,
            )
        ]
        assert max(x + w for x, _, w, _ in boxes) <= wide
        assert max(y + h for _, y, _, h in boxes) <= high
        area = sum(w * h for _, _, w, h in boxes)
        assert area > 0.8 * (wide - 90) * (high - 30)


def test_a_week_without_incidents_has_no_shade(phrases):
    svg = drawn(WEEK * 0, phrases)
    assert set(re.findall(r"hour shade-(\d)", svg)) == {"0"}
