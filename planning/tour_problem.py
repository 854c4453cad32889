"""What a tour problem is given: locations with prizes and windows, travel times, and vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import ParameterError

Floats = NDArray[np.float64]

# Dimensions of one matrix, for all profiles.
_PLAIN = 2


@dataclass(frozen=True)
class Vehicle:
    """Whoever drives or walks a tour.

    Attributes
    ----------
    start
        Location at which the tour begins.
    end
        Location at which it ends.
    earliest_s
        Time before which it does not leave, in seconds of any clock.
    latest_s
        Time by which it is back, on the same clock.
    max_duration_s
        Longest time between leaving and being back.
    profile
        Which matrix of travel times holds for it.
    """

    start: int
    end: int
    earliest_s: float
    latest_s: float
    max_duration_s: float
    profile: int = 0


@dataclass(eq=False)
class TourProblem:
    """Locations with prizes, and vehicles to collect them.

    Attributes
    ----------
    travel_s
        Travel times in seconds, shape (n, n) or (profiles, n, n); infinite where there is no way.
    prize
        Prize of visiting each location once, >= 0, shape (n,); 0 at starts and ends.
    service_s
        Time spent at each location, >= 0; that of starts and ends is not read.
    earliest_s
        Time before which service does not begin; that of starts and ends is not read.
    latest_s
        Time after which service does not begin any more; that of starts and ends is not read.
    vehicles
        Vehicles with their shifts.

    Raises
    ------
    ParameterError
        Arguments are out of range or do not fit each other; all of them are named.
    """

    travel_s: Floats
    prize: Floats
    service_s: Floats
    earliest_s: Floats
    latest_s: Floats
    vehicles: Sequence[Vehicle]

    def __post_init__(self) -> None:
        travel = np.array(self.travel_s, dtype=np.float64)
        self.travel_s = travel[None] if travel.ndim == _PLAIN else travel
        for name in ("prize", "service_s", "earliest_s", "latest_s"):
            setattr(self, name, np.array(getattr(self, name), dtype=np.float64))
        self.vehicles = tuple(self.vehicles)
        faults = self._faults_of_locations()
        if not faults:
            faults = [
                fault
                for number, vehicle in enumerate(self.vehicles)
                for fault in self._faults_of_vehicle(number, vehicle)
            ]
        if faults:
            raise ParameterError("\n".join(faults))

    def _faults_of_locations(self) -> list[str]:
        count, shape = len(self.prize), self.travel_s.shape
        faults = []
        if shape[1:] != (count, count) or not shape[0]:
            faults.append(
                f"Expected `travel_s` of shape (profiles, {count}, {count}), got {shape}."
            )
        if not (self.travel_s >= 0).all():
            faults.append("Expected `travel_s` >= 0 everywhere, got a negative time or NaN.")
        for name in ("prize", "service_s", "earliest_s", "latest_s"):
            values = getattr(self, name)
            if values.shape != (count,):
                faults.append(f"Expected `{name}` of shape ({count},), got {values.shape}.")
            elif np.isnan(values).any():
                faults.append(
                    f"Expected `{name}` without NaN, got one at {np.isnan(values).argmax()}."
                )
        for name in ("prize", "service_s"):
            values = getattr(self, name)
            wrong = (values < 0) | np.isinf(values)
            if wrong.any():
                at = int(wrong.argmax())
                faults.append(f"Expected `{name}` >= 0, got {values.flat[at]} at {at}.")
        if self.earliest_s.shape == self.latest_s.shape and (self.earliest_s > self.latest_s).any():
            at = int((self.earliest_s > self.latest_s).argmax())
            faults.append(
                f"Expected `earliest_s` <= `latest_s`, got {self.earliest_s[at]} > "
                f"{self.latest_s[at]} at {at}."
            )
        return faults

    def _faults_of_vehicle(self, number: int, vehicle: Vehicle) -> list[str]:
        count, who = len(self.prize), f"vehicle {number}"
        faults = []
        for name in ("start", "end"):
            location = getattr(vehicle, name)
            if not 0 <= location < count:
                faults.append(f"Expected `{name}` of {who} from 0 to {count - 1}, got {location}.")
            elif self.prize[location] != 0:
                faults.append(
                    f"Expected prize 0 at the `{name}` of {who}, got {self.prize[location]}."
                )
        if not 0 <= vehicle.profile < len(self.travel_s):
            faults.append(
                f"Expected `profile` of {who} from 0 to {len(self.travel_s) - 1}, "
                f"got {vehicle.profile}."
            )
        if not (np.isfinite(vehicle.earliest_s) and vehicle.earliest_s <= vehicle.latest_s):
            faults.append(
                f"Expected `earliest_s` <= `latest_s` of {who}, got {vehicle.earliest_s} and "
                f"{vehicle.latest_s}."
            )
        if not vehicle.max_duration_s >= 0:
            faults.append(f"Expected `max_duration_s` >= 0 of {who}, got {vehicle.max_duration_s}.")
        return faults
