"""What is told of how soon somebody free is anywhere, for the summary and the report."""

import math
from collections.abc import Iterator

from api.bilingual import Both, Phrases
from api.plan.result import PlanResult

_MINUTE_S = 60.0


def tell_response(plan: PlanResult, phrases: Phrases) -> Iterator[Both]:
    """Tell the longest time to any point of a street, and that for 95 % of street and time.

    Parameters
    ----------
    plan
        Plan to tell of.
    phrases
        Words to speak with.

    Yields
    ------
    sentence
        The two times in minutes, rounded up; then how long nobody is free, where that is so.
    """
    figures = plan.figures
    if figures.response_worst_s is None or figures.response_share_s is None:
        yield phrases.say("response.out_of_reach")
    else:
        yield phrases.say(
            "response.promise",
            worst=math.ceil(figures.response_worst_s / _MINUTE_S),
            share=math.ceil(figures.response_share_s / _MINUTE_S),
        )
    if figures.response_unattended:
        yield phrases.say("response.unattended", minutes=figures.response_unattended)
