"""What a mixture of patrol plans is to keep, and how long it is searched for."""

from dataclasses import dataclass

from geo.errors import ParameterError
from planning._arguments import is_finite, is_whole

_LEAST = {"open_plans": 1, "rounds": 0, "plans_a_round": 1, "iterations": 1}


@dataclass(frozen=True)
class MixtureParams:
    """What a mixture is to keep, and how long it is searched for.

    Attributes
    ----------
    most_predictable
        Largest probability that some unit is at a stop within a clock hour, in (0, 1].
    most_uncovered
        Largest probability that no tour passes a street that night, in (0, 1].
    least_value
        Expected value that is wanted, as a share of the best plan's, in [0, 1].
    announced_s
        A point whose visits can begin in no longer a time than this gives them away, and its hours
        are not capped, >= 0.
    open_plans
        Plans computed first, without anything held back, >= 1.
    rounds
        Rounds of further plans at most, >= 0; it ends once no plan of a round helps any more.
    plans_a_round
        Plans of each round, >= 1.
    iterations
        Iterations of the search for each plan, in place of those of its params, >= 1: many plans
        count for more than the last improvement of each.
    time_limit_s
        Seconds after which no further round begins, > 0.
    """

    most_predictable: float = 0.75
    most_uncovered: float = 0.75
    least_value: float = 0.99
    announced_s: float = 3600.0
    open_plans: int = 4
    rounds: int = 5
    plans_a_round: int = 4
    iterations: int = 35
    time_limit_s: float = 300.0

    def __post_init__(self) -> None:
        faults = [
            f"Expected `{name}` in (0, 1], got {getattr(self, name)}."
            for name in ("most_predictable", "most_uncovered")
            if not (is_finite(getattr(self, name)) and 0 < getattr(self, name) <= 1)
        ]
        if not (is_finite(self.least_value) and 0 <= self.least_value <= 1):
            faults.append(f"Expected `least_value` in [0, 1], got {self.least_value}.")
        if not (is_finite(self.announced_s) and self.announced_s >= 0):
            faults.append(f"Expected finite `announced_s` >= 0, got {self.announced_s}.")
        faults += [
            f"Expected whole `{name}` >= {least}, got {getattr(self, name)}."
            for name, least in _LEAST.items()
            if not is_whole(getattr(self, name), least=least)
        ]
        if not (is_finite(self.time_limit_s) and self.time_limit_s > 0):
            faults.append(f"Expected finite `time_limit_s` > 0, got {self.time_limit_s}.")
        if faults:
            raise ParameterError("\n".join(faults))
