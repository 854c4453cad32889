"""The cost curve of the planner's report: what each budget could show, and what none could."""

from collections.abc import Iterator
from typing import NamedTuple, Self

import pandas as pd
from markupsafe import Markup

from api.bilingual import Phrases
from api.drawing import label, round_step

_WIDTH, _HEIGHT = 720.0, 290.0
_LEFT, _RIGHTMOST = 86.0, _WIDTH - 16.0
_TOP, _LOWEST = 26.0, _HEIGHT - 48.0
_TICKS_X, _TICKS_Y = 10, 6

_SVG = Markup(
    '<svg class="curve" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}">{}</svg>'
)
_TICK_X = Markup(
    '<path class="grid" d="M{0:.1f} {1:.1f}V{2:.1f}"/><text class="tick" x="{0:.1f}" '
    'y="{2:.1f}" dy="1.3em">{3:g}</text>'
)
_TICK_Y = Markup(
    '<path class="grid" d="M{0:.1f} {1:.1f}H{2:.1f}"/><text class="tick left" '
    'x="{0:.1f}" y="{1:.1f}" dx="-6" dy=".35em">{3:,g}</text>'
)
_BOUND = Markup('<path class="bound-mark" d="M{:.1f} {:.1f}m-4 -4h8v8h-8Z"/>')
_COVERED = Markup('<circle class="covered" cx="{:.1f}" cy="{:.1f}" r="2.4"/>')
_LINE = Markup('<path class="{}" d="{}"/>')
_CHOSEN = Markup('<path class="chosen" d="M{0:.1f} {1:.1f}V{2:.1f}"/>')


def draw_curve(
    curve: pd.DataFrame, *, budget: float, by_number: bool, phrases: Phrases, titled: str
) -> Markup:
    """Plot what is newly seen, and its upper bound, against the budget.

    Parameters
    ----------
    curve
        Rows of budget, covered_m and upper_bound_m, budgets ascending.
    budget
        Budget of the choice, which is marked.
    by_number
        Whether the budget is a number of cameras; otherwise it is a cost.
    phrases
        Words to speak with.
    titled
        Element of the page that names the plot.

    Returns
    -------
    Markup
        An SVG: dots on full steps for what is seen, which any larger budget buys too; squares on
        dashed steps for the bound, which holds for any smaller budget too.
    """
    axes = _Axes.of(curve, budget)
    drawn = [
        *_grid(axes, whole=by_number),
        *_mark(axes, budget, phrases),
        *_steps_of(curve, axes),
        label(
            phrases.say("sites.curve_number" if by_number else "sites.curve_cost"),
            of="axis",
            at=((_LEFT + _RIGHTMOST) / 2, _HEIGHT - 12),
        ),
        label(
            phrases.say("sites.curve_seen"),
            of="axis",
            at=(14, (_TOP + _LOWEST) / 2),
            angle_deg=-90,
        ),
    ]
    return _SVG.format(_WIDTH, _HEIGHT, titled, Markup().join(drawn))


class _Axes(NamedTuple):
    """What the plot spans: budgets from 0 to `across`, and metres from 0 to a round number."""

    across: float
    top_m: float
    step_m: float

    @classmethod
    def of(cls, curve: pd.DataFrame, budget: float) -> Self:
        across = max(float(curve["budget"].max()), budget) or 1.0
        most_m = max(float(curve["upper_bound_m"].max()), 1.0)
        step_m = round_step(most_m, most=_TICKS_Y)
        return cls(across, -(-most_m // step_m) * step_m, step_m)

    def x(self, budget: float) -> float:
        return _LEFT + (_RIGHTMOST - _LEFT) * budget / self.across

    def y(self, length_m: float) -> float:
        return _LOWEST - (_LOWEST - _TOP) * length_m / self.top_m


def _grid(axes: _Axes, *, whole: bool) -> Iterator[Markup]:
    step = round_step(axes.across, most=_TICKS_X)
    for budget in _ticks(axes.across, max(step, 1.0) if whole else step):
        yield _TICK_X.format(axes.x(budget), _TOP, _LOWEST, budget)
    for length_m in _ticks(axes.top_m, axes.step_m):
        yield _TICK_Y.format(_LEFT, axes.y(length_m), _RIGHTMOST, length_m)


def _mark(axes: _Axes, budget: float, phrases: Phrases) -> Iterator[Markup]:
    """Mark the budget of the choice."""
    x = axes.x(budget)
    told = phrases.say("sites.curve_chosen", budget=f"{budget:g}")
    yield _CHOSEN.format(x, _TOP, _LOWEST)
    yield label(told, of="tick", at=(min(max(x, _LEFT + 50), _RIGHTMOST - 50), _TOP - 12))


def _steps_of(curve: pd.DataFrame, axes: _Axes) -> Iterator[Markup]:
    """Draw the bound and what is seen, each as steps and the points that they rest on."""
    xs = [axes.x(budget) for budget in curve["budget"]]
    bound = list(zip(xs, map(axes.y, curve["upper_bound_m"]), strict=True))
    covered = list(zip(xs, map(axes.y, curve["covered_m"]), strict=True))
    yield _LINE.format("bound", _steps([(axes.x(0), bound[0][1]), *bound]))
    yield _LINE.format("covered", _steps(covered, after=True))
    for at in bound:
        yield _BOUND.format(*at)
    for at in covered:
        yield _COVERED.format(*at)


def _ticks(most: float, step: float) -> list[float]:
    return [number * step for number in range(int(most / step + 1e-9) + 1)]


def _steps(places: list[tuple[float, float]], *, after: bool = False) -> str:
    """Join places by level lines that leap at each place, or that last from it to the next."""
    turn = "H{0:.1f}V{1:.1f}" if after else "V{1:.1f}H{0:.1f}"
    return "M{:.1f} {:.1f}".format(*places[0]) + "".join(turn.format(*at) for at in places[1:])
