"""What the report says of the forecast, and of its worth: never the one without the other."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.rolling_evaluation import LEAST_KNOWN
from api.bilingual import Both, Phrases
from api.hotspots.foresight import SIMPLE
from api.hotspots.result import HotspotsResult

_FEW_EXPECTED = 10.0  # fewer are told with a digit after the point
_HEADLINE_SHARE = 0.10  # of the area, by which the worth of the forecast is told in a sentence


class Told(NamedTuple):
    """The words of the forecast.

    Attributes
    ----------
    expected
        What is expected.
    worth
        What that was worth in the past, or why nothing can be told of it; none where nothing is
        forecast.
    verdict
        How it compares with the best simple method; none where nothing was measured.
    rows
        Each share of the area with its measures.
    """

    expected: Both
    worth: Both | None
    verdict: Both | None
    rows: list[dict[Any, Any]]


def forecast_told(result: HotspotsResult, phrases: Phrases) -> Told:
    """Tell what the forecast expects and what it was worth.

    Parameters
    ----------
    result
        Hotspots with their forecast.
    phrases
        Words to speak with.

    Returns
    -------
    Told
        The words.
    """
    figures = result.forecast
    if not result.figures.reported:
        return Told(phrases.say("hotspots.forecast_none"), None, None, [])
    if math.isnan(figures.expected):
        return Told(phrases.say("hotspots.forecast_few", least=LEAST_KNOWN), None, None, [])
    expected = phrases.say(
        "hotspots.forecast_expected",
        day=phrases.day(result.day),
        days=result.params.days,
        expected=f"{figures.expected:,.{figures.expected < _FEW_EXPECTED:d}f}",
    )
    if figures.reason:
        why = phrases.say(f"untold.{figures.reason}")
        return Told(expected, phrases.say("hotspots.forecast_untold", why=why), None, [])
    table = result.tables.forecast.to_dict("records")
    chosen = min(table, key=lambda row: abs(row["area_share"] - _HEADLINE_SHARE))
    shares = {
        name: phrases.percent(chosen[column])
        for name, column in {
            "share": "area_share",
            "hit": "hit_rate",
            "low": "low",
            "high": "high",
            "base": "baseline_rate",
            "base_low": "baseline_low",
            "base_high": "baseline_high",
        }.items()
    }
    worth = phrases.say(
        "hotspots.forecast_measured",
        origins=figures.origins,
        methods=len(SIMPLE),
        days=result.params.days,
        events=f"{figures.events:,}",
        level=phrases.percent(result.params.level),
        baseline=phrases.known("baseline", figures.baseline),
        **shares,
    )
    return Told(expected, worth, _verdict(table, chosen, phrases), table)


def _verdict(table: list[dict[Any, Any]], chosen: Mapping[Any, Any], phrases: Phrases) -> Both:
    """Compare with the best simple method; where that was ahead at any share, nothing else."""
    behind = [f"{100 * row['area_share']:g}%" for row in table if row["difference_high"] < 0]
    if behind:
        return phrases.say("hotspots.forecast_worse", shares=", ".join(behind))
    ahead = chosen["difference_low"] > 0
    return phrases.say("hotspots.forecast_better" if ahead else "hotspots.forecast_alike")
