"""How much each reason for a visit weighs, and how long a visit lasts."""

from dataclasses import dataclass

from geo.errors import ParameterError
from planning._arguments import is_finite, is_whole


@dataclass(frozen=True)
class DemandParams:
    """How much each reason for a visit weighs, and how long a visit lasts.

    A weight of one is worth one per cent of the incidents reported in the hours of the night, so
    that everything else is said in that currency. All weights are choices of policy, none an
    estimate.

    Attributes
    ----------
    hotspot_weight
        Weight of one per cent of the incidents reported in the hours of the night.
    hotspot_dwell_least_s
        Shortest stop at a hotspot, in seconds. The length of each is drawn evenly between this and
        the longest: C. S. Koper, "Just enough police presence", Justice Quarterly 12(4), 1995,
        found 10 to 16 minutes to deter longest for the time they take.
    hotspot_dwell_most_s
        Longest stop at a hotspot, in seconds.
    hotspot_revisit_s
        A hotspot is wanted again after this time, in seconds: every two hours by the same paper.
    blind_spots
        Number of the longest blind spots that are visited.
    blind_weight_per_m
        Weight of a metre of street no camera sees.
    blind_dwell_s
        Length of a stop at a blind spot, in seconds.
    sos_weight
        Weight of an SOS point.
    sos_dwell_s
        Length of a stop at an SOS point, in seconds.
    request_weight
        Weight of a place where a community asked for more presence.
    request_dwell_s
        Length of such a stop, in seconds.
    presence_weight
        Weight of being seen once a night in a street that has no other reason.
    presence_dwell_s
        Length of such a stop, in seconds.
    presence_radius_m
        A street within this distance of another wanted stop needs no stop of its own, in metres.
    """

    hotspot_weight: float = 1.0
    hotspot_dwell_least_s: float = 600.0
    hotspot_dwell_most_s: float = 960.0
    hotspot_revisit_s: float = 7200.0
    blind_spots: int = 12
    blind_weight_per_m: float = 0.01
    blind_dwell_s: float = 300.0
    sos_weight: float = 1.0
    sos_dwell_s: float = 300.0
    request_weight: float = 2.0
    request_dwell_s: float = 600.0
    presence_weight: float = 0.5
    presence_dwell_s: float = 300.0
    presence_radius_m: float = 60.0

    def __post_init__(self) -> None:
        faults = []
        for name, value in vars(self).items():
            if name == "blind_spots":
                if not is_whole(value, least=0):
                    faults.append(f"Expected whole `{name}` >= 0, got {value}.")
            elif name.endswith("_s"):
                if not (is_finite(value) and value > 0):
                    faults.append(f"Expected finite `{name}` > 0, got {value}.")
            elif not (is_finite(value) and value >= 0):
                faults.append(f"Expected finite `{name}` >= 0, got {value}.")
        if self.hotspot_dwell_least_s > self.hotspot_dwell_most_s:
            faults.append(
                "Expected `hotspot_dwell_least_s` <= `hotspot_dwell_most_s`, got "
                f"{self.hotspot_dwell_least_s} and {self.hotspot_dwell_most_s}."
            )
        if faults:
            raise ParameterError("\n".join(faults))
