"""The cost curve of the planner's report: what each budget could show, and what none could."""

import pandas as pd
from markupsafe import Markup

from api.bilingual import Phrases
from api.drawing import label, round_step

_WIDTH, _HEIGHT = 720.0, 290.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 86.0, 16.0, 26.0, 48.0
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
    across = max(float(curve["budget"].max()), budget) or 1.0
    up = max(float(curve["upper_bound_m"].max()), 1.0)
    step_x, step_y = round_step(across, most=_TICKS_X), round_step(up, most=_TICKS_Y)
    step_x = max(step_x, 1.0) if by_number else step_x
    top_m = -(-up // step_y) * step_y
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT

    def x(value: float) -> float:
        return _LEFT + (right - _LEFT) * value / across

    def y(value_m: float) -> float:
        return bottom - (bottom - _TOP) * value_m / top_m

    points = list(zip(curve["budget"], curve["covered_m"], curve["upper_bound_m"], strict=True))
    drawn = [
        *(_TICK_X.format(x(v), _TOP, bottom, v) for v in _ticks(across, step_x)),
        *(_TICK_Y.format(_LEFT, y(v), right, v) for v in _ticks(top_m, step_y)),
        _CHOSEN.format(x(budget), _TOP, bottom),
        label(
            phrases.say("sites.curve_chosen", budget=f"{budget:g}"),
            of="tick",
            at=(min(max(x(budget), _LEFT + 50), right - 50), _TOP - 12),
        ),
        _LINE.format(
            "bound", _steps([(x(0), y(points[0][2])), *((x(b), y(m)) for b, _, m in points)])
        ),
        _LINE.format("covered", _steps([(x(b), y(m)) for b, m, _ in points], after=True)),
        *(_BOUND.format(x(b), y(most)) for b, _, most in points),
        *(_COVERED.format(x(b), y(seen)) for b, seen, _ in points),
        label(
            phrases.say("sites.curve_number" if by_number else "sites.curve_cost"),
            of="axis",
            at=((_LEFT + right) / 2, _HEIGHT - 12),
        ),
        label(
            phrases.say("sites.curve_seen"),
            of="axis",
            at=(14, (_TOP + bottom) / 2),
            angle_deg=-90,
        ),
    ]
    return _SVG.format(_WIDTH, _HEIGHT, titled, Markup().join(drawn))


def _ticks(most: float, step: float) -> list[float]:
    return [number * step for number in range(int(most / step + 1e-9) + 1)]


def _steps(places: list[tuple[float, float]], *, after: bool = False) -> str:
    """Join places by level lines that leap at each place, or that last from it to the next."""
    turn = "H{0:.1f}V{1:.1f}" if after else "V{1:.1f}H{0:.1f}"
    return "M{:.1f} {:.1f}".format(*places[0]) + "".join(turn.format(*at) for at in places[1:])
