"""What is told of the plans that tonight's was drawn from, for the summary and the report."""

import math
from collections.abc import Iterator

from api.bilingual import Both, Phrases
from api.plan.result import PlanResult

_DIGITS = 1
# Shares are the sums of a solver: what they are off by is no tenth of a per cent.
_ROUNDING = 1e-6


def tell_mixture(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    """Tell how surely tonight's plan can be foreseen, and what that costs.

    Parameters
    ----------
    plan
        Plan to tell of.
    phrases
        Words to speak with.

    Yields
    ------
    sentence
        The figures, rounded against us; then why not all that was wanted is kept, where it is not.
        Where the only plan has no visits there is nothing to foresee, and that is said instead.
    """
    figures, wanted = plan.figures, plan.params.mixture
    drawn = figures.mixture_plans > 1
    if not drawn and not plan.layers["patrol_stops"]["kind"].eq("visit").any():
        yield phrases.say("mixture.nobody")
        return
    yield phrases.say(
        "mixture.drawn" if drawn else "mixture.drawn_one",
        plans=figures.mixture_plans,
        value=_at_least(figures.mixture_value_share, phrases),
        predictable=_at_most(figures.predictability, phrases),
        uncovered=_at_most(figures.uncovered, phrases),
    )
    if not figures.mixture_kept:
        yield phrases.say(
            "mixture.short",
            wanted=phrases.percent(wanted.least_value),
            most=phrases.percent(wanted.most_predictable),
            most_uncovered=phrases.percent(wanted.most_uncovered),
        )


def _at_least(share: float, phrases: Phrases) -> Both:
    steps = 100 * 10**_DIGITS
    return phrases.percent(math.floor((share + _ROUNDING) * steps) / steps, digits=_DIGITS)


def _at_most(share: float, phrases: Phrases) -> Both:
    steps = 100 * 10**_DIGITS
    return phrases.percent(math.ceil((share - _ROUNDING) * steps) / steps, digits=_DIGITS)
