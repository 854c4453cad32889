"""The week of the report: how many incidents happen in each hour of each weekday."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from api.bilingual import Phrases
from api.drawing import label

_LEFT, _TOP = 108.0, 22.0  # room for the weekdays and the hours
_WIDE, _HIGH = 28.0, 24.0  # of a cell
_SHADES = 5
_HOURS = 24
_HOURS_APART = 3  # every so many hours are written

_SVG = Markup(
    '<svg class="week" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}">{}</svg>'
)
_CELL = Markup(
    '<rect class="hour shade-{shade}" x="{x:.1f}" y="{y:.1f}" width="{wide}" height="{high}"/>'
    '<text class="count shade-{shade}" x="{middle:.1f}" y="{y:.1f}" dy="1.25em">{count:.0f}</text>'
)


def shade_edges(week: pd.DataFrame) -> list[float]:
    """Give where one shade ends and the next begins.

    Parameters
    ----------
    week
        Incidents, as `times.coarsened` gives them: not empty.

    Returns
    -------
    list of float
        Upper edges in incidents, rising; the last is the most that an hour has.
    """
    most = float(week.to_numpy().max()) if week.size else 0.0
    return [most * part / _SHADES for part in range(1, _SHADES + 1)]


def draw_week(week: pd.DataFrame, *, phrases: Phrases, titled: str) -> Markup:
    """Draw the week as a table of shades, each hour with its number of incidents.

    Parameters
    ----------
    week
        Incidents, as `times.coarsened` gives them: not empty.
    phrases
        Words to speak with.
    titled
        Element of the page that names the drawing.

    Returns
    -------
    Markup
        An SVG.
    """
    counts = week.to_numpy()
    shades = np.searchsorted(shade_edges(week), counts, side="left") + 1
    days, parts = counts.shape
    wide = _WIDE * _HOURS / parts
    drawn = [
        _CELL.format(
            shade=shades[day, part] if counts[day, part] > 0 else 0,
            x=_LEFT + part * wide,
            y=_TOP + day * _HIGH,
            wide=wide - 1,
            high=_HIGH - 1,
            middle=_LEFT + (part + 0.5) * wide,
            count=counts[day, part],
        )
        for day, part in np.ndindex(counts.shape)
    ]
    names = [
        phrases.say("hotspots.all_days" if days == 1 else f"weekday.d{day}") for day in range(days)
    ]
    drawn += [
        label(name, of="day", at=(_LEFT - 8, _TOP + (day + 0.5) * _HIGH))
        for day, name in enumerate(names)
    ]
    drawn += [
        label(phrases.say("hotspots.hour", hour=hour), of="at", at=(_LEFT + hour * _WIDE, 10.0))
        for hour in range(0, _HOURS, _HOURS_APART)
    ]
    size = (_LEFT + _HOURS * _WIDE + 8, _TOP + days * _HIGH + 4)
    return _SVG.format(*size, titled, Markup().join(drawn))
