"""Limits of a patrol plan."""

from dataclasses import dataclass

from geo.errors import ParameterError
from planning._arguments import is_finite, is_whole


@dataclass(frozen=True)
class PatrolParams:
    """Limits of a patrol plan.

    Attributes
    ----------
    revisit_s
        Each point is due once in every span of this length unless it has its own, > 0.
    least_gap_s
        Shortest time between the beginnings of two visits to a point, >= 0 and < `revisit_s`.
    snap_limit_m
        Farthest that posts and points may lie from a street, > 0.
    time_limit_s
        Seconds after which the search for tours stops in any case, > 0. Measuring the ways before
        it counts too, as far as it takes less than half of them.
    iterations
        Iterations after which the search for the visits due stops, >= 1; each of the two searches
        for further ones takes half as many. A night of very many visits is searched in parts, in as
        many iterations for as many visits.
    """

    revisit_s: float = 7200.0
    least_gap_s: float = 1800.0
    snap_limit_m: float = 150.0
    time_limit_s: float = 15.0
    iterations: int = 300

    def __post_init__(self) -> None:
        faults = [
            f"Expected finite `{name}` > 0, got {getattr(self, name)}."
            for name in ("revisit_s", "snap_limit_m", "time_limit_s")
            if not (is_finite(getattr(self, name)) and getattr(self, name) > 0)
        ]
        comparable = is_finite(self.least_gap_s) and is_finite(self.revisit_s)
        if not (comparable and 0 <= self.least_gap_s < self.revisit_s):
            faults.append(
                f"Expected 0 <= `least_gap_s` < `revisit_s`, got {self.least_gap_s} and "
                f"{self.revisit_s}."
            )
        if not is_whole(self.iterations, least=1):
            faults.append(f"Expected whole `iterations` >= 1, got {self.iterations}.")
        if faults:
            raise ParameterError("\n".join(faults))
