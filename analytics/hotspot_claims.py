"""What may be said of hotspots with so many incidents on so long a network.

A few incidents make a map of hotspots as readily as many do, and it means nothing. What is said
grows with what there is: nothing, counts alone, hotspots that are tested against chance, and at
last their ranks with intervals. `python -m tests.analytics.hotspot_figures --claims` prints how
often, in the streets of the Old Town, planted hotspots are told from chance and ranked rightly at
each number of incidents; the limits below are read from it.

How many incidents no stretch holds by chance is told by the scan statistic, as stretches begin
anywhere and overlap: Alm, S. E. (1983), "On the distribution of the scan statistic of a Poisson
process", in "Probability and Mathematical Statistics: Essays in Honour of Carl-Gustav Esseen",
Uppsala University, 1-10.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from scipy.stats import poisson

from analytics._arguments import check_positive
from geo.errors import ParameterError

Statement: TypeAlias = Literal["no_incidents", "counts_only", "tested", "ranked"]
Reason: TypeAlias = Literal["no_incidents", "few_incidents", "long_network", "enough"]
TimeStatement: TypeAlias = Literal["none", "day_parts", "hours", "weekday_hours"]

# A stretch twenty times as dense as all else is told from chance in 40 % of runs with 30 incidents,
# in 75 % with 50.
FEWEST_TESTED = 50
# Stretches 20, 12 and 6 times as dense come first, second and third in 23 % of runs with 100
# incidents, in 67 % with 200.
FEWEST_RANKED = 200
# A table is read cell by cell only where five are expected in each: Cochran, W. G. (1954), "Some
# methods for strengthening the common chi-square tests", Biometrics 10 (4), 417-451.
PER_CELL = 5
CELLS: dict[TimeStatement, int] = {"weekday_hours": 7 * 24, "hours": 24, "day_parts": 4}
# Chance that any stretch of a street as long as the network, wherever it begins, reaches the least
# number that is called no chance.
LEVEL = 0.05
MOST_INCIDENTS = 1_000_000_000


@dataclass(frozen=True)
class HotspotClaims:
    """What may be said, as words for a machine.

    Attributes
    ----------
    statement
        "no_incidents": there is nothing to show. "counts_only": how many incidents each street
        had, without hotspots. "tested": the hotspots that are no chance, without an order among
        them. "ranked": hotspots with the intervals of their ranks.
    reason
        Why not more: "no_incidents", "few_incidents", "long_network" (enough incidents, but less
        than one to the width of the kernel, so that single ones make hotspots), "enough".
    times
        How finely the times may be told: "none", "day_parts" (four of six hours), "hours" of the
        day, or "weekday_hours".
    incidents
        Number of incidents.
    least
        How many of them must lie within one width of the kernel to be told from chance, looking
        everywhere along a street as long as the network.
    """

    statement: Statement
    reason: Reason
    times: TimeStatement
    incidents: int
    least: int


def hotspot_claims(incidents: int, *, network_m: float, bandwidth_m: float = 60.0) -> HotspotClaims:
    """Tell what may be said of hotspots.

    Parameters
    ----------
    incidents
        Number of reported incidents, >= 0 and at most a billion.
    network_m
        Length of all streets, > 0.
    bandwidth_m
        Standard deviation of the kernel along a street, > 0.

    Returns
    -------
    claims
        What may be said of places and of times, and why not more.

    Raises
    ------
    ParameterError
        If an argument is out of its range.

    Examples
    --------
    >>> claims = hotspot_claims(1777, network_m=14_818)
    >>> claims.statement, claims.times, claims.least
    ('ranked', 'weekday_hours', 48)
    >>> hotspot_claims(12, network_m=14_818).reason
    'few_incidents'
    """
    if not (0 <= incidents <= MOST_INCIDENTS and incidents == int(incidents)):
        raise ParameterError(
            f"Expected whole `incidents` >= 0 and <= {MOST_INCIDENTS}, got {incidents}."
        )
    check_positive(network_m=network_m, bandwidth_m=bandwidth_m)
    count = int(incidents)
    # A uniform kernel as wide as this has the peak and the mass of the Gaussian.
    width_m = min(2 * math.sqrt(math.pi) * bandwidth_m, network_m)
    mean = count * width_m / network_m
    statement, reason = _of_places(count, mean)
    return HotspotClaims(
        statement=statement,
        reason=reason,
        times=next((name for name, cells in CELLS.items() if count >= PER_CELL * cells), "none"),
        incidents=count,
        least=_least(mean, places=network_m / width_m),
    )


def _of_places(count: int, mean: float) -> tuple[Statement, Reason]:
    if count == 0:
        return "no_incidents", "no_incidents"
    if count < FEWEST_TESTED:
        return "counts_only", "few_incidents"
    if count < FEWEST_RANKED:
        return "tested", "few_incidents"
    if mean < 1:
        return "tested", "long_network"
    return "ranked", "enough"


def _least(mean: float, *, places: float) -> int:
    """Return the least number that by chance is reached in any stretch at the level."""
    low, high = math.floor(mean), math.floor(mean) + 1
    while _chance_anywhere(high, mean, places) > LEVEL:
        low, high = high, high + 2 * (high - low)
    while high - low > 1:
        middle = (low + high) // 2
        if _chance_anywhere(middle, mean, places) > LEVEL:
            low = middle
        else:
            high = middle
    return high


def _chance_anywhere(number: int, mean: float, places: float) -> float:
    """Return the chance that some stretch holds so many, more than the mean: Alm's approximation.

    The first stretch may hold them; then, as the stretch moves on, one more may come in than goes
    out.
    """
    rises = (1 - mean / number) * (places - 1) * mean * poisson.pmf(number - 1, mean)
    return -math.expm1(poisson.logcdf(number - 1, mean) - rises)
