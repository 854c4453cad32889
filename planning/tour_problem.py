"""What a tour problem is given: locations with prizes and windows, travel times, and vehicles."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from geo.errors import ParameterError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Dimensions of one matrix, for all profiles.
_PLAIN = 2
_PER_LOCATION = ("prize", "service_s", "earliest_s", "latest_s")


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
        Time before which it does not leave, in seconds of any clock, finite.
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


@dataclass(frozen=True, eq=False)
class TourProblem:
    """Locations with prizes, and vehicles to collect them; what it holds is never changed.

    Attributes
    ----------
    travel_s
        Travel times in seconds, infinite where there is no way; given in shape (n, n) or
        (profiles, n, n), kept in shape (profiles, n, n). They are taken as they are: a way that is
        shorter over another stop is open only to a tour that makes that stop.
    prize
        Prize of visiting each location once, >= 0, shape (n,); 0 at starts and ends. Locations
        without a prize are not visited unless they are required.
    service_s
        Time spent at each location, >= 0; that of starts and ends is not read.
    earliest_s
        Time before which service does not begin; that of starts and ends is not read.
    latest_s
        Time after which service does not begin any more; that of starts and ends is not read.
    vehicles
        Vehicles with their shifts.
    allowed
        Whether each vehicle may visit each location, shape (vehicles, n); starts and ends are not
        read. None for all of them.
    required
        Whether each location must be visited, shape (n,); no start or end. None for none of them.

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
    allowed: Flags | None = field(default=None, kw_only=True)
    required: Flags | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        travel = _numbers("travel_s", self.travel_s)
        object.__setattr__(self, "travel_s", travel[None] if travel.ndim == _PLAIN else travel)
        for name in _PER_LOCATION:
            object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        object.__setattr__(self, "vehicles", _vehicles(self.vehicles))
        for name in ("allowed", "required"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _flags(name, getattr(self, name)))
        faults = self._faults_of_locations()
        if not faults:
            faults = [
                fault
                for number, vehicle in enumerate(self.vehicles)
                for fault in self._faults_of_vehicle(number, vehicle)
            ]
            faults += self._faults_of_rules()
        if faults:
            raise ParameterError("\n".join(faults))

    @property
    def may_visit(self) -> Flags:
        """Whether each vehicle may visit each location.

        Returns
        -------
        flags
            Shape (vehicles, n).
        """
        if self.allowed is None:
            return np.ones((len(self.vehicles), len(self.prize)), dtype=np.bool_)
        return self.allowed

    @property
    def must_visit(self) -> Flags:
        """Whether each location must be visited.

        Returns
        -------
        flags
            Shape (n,).
        """
        if self.required is None:
            return np.zeros(len(self.prize), dtype=np.bool_)
        return self.required

    @property
    def worth(self) -> Floats:
        """What tours are to collect: prizes, and for a required location more than all of them.

        Returns
        -------
        worth
            Shape (n,).
        """
        most = float(self.prize.sum())
        return self.prize + self.must_visit * (2 * most if most else 1.0)

    def _faults_of_locations(self) -> list[str]:
        shape, profiles = self.prize.shape, self.travel_s.shape
        if len(shape) != 1:
            return [f"Expected `prize` of shape (n,), got {shape}."]
        count, faults = shape[0], []
        if profiles[1:] != (count, count) or not profiles[0]:
            faults.append(
                f"Expected `travel_s` of shape (profiles, {count}, {count}), got {profiles}."
            )
        if not (self.travel_s >= 0).all():
            faults.append("Expected `travel_s` >= 0 everywhere, got a negative time or NaN.")
        read = self._is_read()
        for name in _PER_LOCATION:
            values = getattr(self, name)
            if values.shape != shape:
                faults.append(f"Expected `{name}` of shape ({count},), got {values.shape}.")
            else:
                faults += _faults_of_values(name, values, read | (name == "prize"))
        if self.earliest_s.shape == self.latest_s.shape == shape:
            wrong = (self.earliest_s > self.latest_s) & read
            if wrong.any():
                at = int(wrong.argmax())
                faults.append(
                    f"Expected `earliest_s` <= `latest_s`, got {self.earliest_s[at]} > "
                    f"{self.latest_s[at]} at {at}."
                )
        return faults

    def _is_read(self) -> Flags:
        """Tell the locations whose windows and service count: all but starts and ends."""
        read = np.ones(len(self.prize), dtype=np.bool_)
        for vehicle in self.vehicles:
            for place in (vehicle.start, vehicle.end):
                if is_whole(place) and 0 <= place < len(read):
                    read[place] = False
        return read

    def _faults_of_rules(self) -> list[str]:
        """Return the faults of `allowed` and `required` beside locations and vehicles in order."""
        count, vehicles, faults = len(self.prize), len(self.vehicles), []
        if self.allowed is not None and self.allowed.shape != (vehicles, count):
            faults.append(
                f"Expected `allowed` of shape ({vehicles}, {count}), got {self.allowed.shape}."
            )
        if self.required is not None and self.required.shape != (count,):
            faults.append(f"Expected `required` of shape ({count},), got {self.required.shape}.")
        elif self.required is not None:
            faults += [
                f"Expected the `{name}` of vehicle {number} not to be `required`, got {place}."
                for number, vehicle in enumerate(self.vehicles)
                for name, place in (("start", vehicle.start), ("end", vehicle.end))
                if is_whole(place) and 0 <= place < count and self.required[place]
            ]
        return faults

    def _faults_of_vehicle(self, number: int, vehicle: Vehicle) -> list[str]:
        count, who = len(self.prize), f"vehicle {number}"
        faults = []
        for name in ("start", "end"):
            location = getattr(vehicle, name)
            if not is_whole(location):
                faults.append(f"Expected a whole number as `{name}` of {who}, got {location!r}.")
            elif not 0 <= location < count:
                faults.append(f"Expected `{name}` of {who} from 0 to {count - 1}, got {location}.")
            elif self.prize[location] != 0:
                faults.append(
                    f"Expected prize 0 at the `{name}` of {who}, got {self.prize[location]}."
                )
        if not is_whole(vehicle.profile):
            faults.append(
                f"Expected a whole number as `profile` of {who}, got {vehicle.profile!r}."
            )
        elif not 0 <= vehicle.profile < len(self.travel_s):
            faults.append(
                f"Expected `profile` of {who} from 0 to {len(self.travel_s) - 1}, "
                f"got {vehicle.profile}."
            )
        if not np.isfinite(vehicle.earliest_s):
            faults.append(f"Expected a finite `earliest_s` of {who}, got {vehicle.earliest_s}.")
        elif not vehicle.earliest_s <= vehicle.latest_s:
            faults.append(
                f"Expected `earliest_s` <= `latest_s` of {who}, got {vehicle.earliest_s} and "
                f"{vehicle.latest_s}."
            )
        if not vehicle.max_duration_s >= 0:
            faults.append(f"Expected `max_duration_s` >= 0 of {who}, got {vehicle.max_duration_s}.")
        return faults


def _numbers(name: str, values: object) -> Floats:
    """Return a copy that nobody can change."""
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"Expected `{name}` to be an array of numbers: {error}.") from error
    numbers.setflags(write=False)
    return numbers


def _flags(name: str, values: object) -> Flags:
    """Return a copy of yes and no that nobody can change; 0 and 1 will do."""
    numbers = _numbers(name, values)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise ParameterError(f"Expected `{name}` to be true or false everywhere.")
    flags = numbers.astype(np.bool_)
    flags.setflags(write=False)
    return flags


def is_whole(value: object) -> bool:
    """Tell whether a value is a whole number by its type, Python's or numpy's.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    whole
        Whether it is one.
    """
    return isinstance(value, Integral)


def _vehicles(given: Iterable[object]) -> tuple[Vehicle, ...]:
    if not isinstance(given, Iterable):
        raise ParameterError(f"Expected `vehicles` to be a list of Vehicle, got {given!r}.")
    vehicles = []
    for number, vehicle in enumerate(given):
        if not isinstance(vehicle, Vehicle):
            raise ParameterError(f"Expected a Vehicle as vehicle {number}, got {vehicle!r}.")
        vehicles.append(vehicle)
    return tuple(vehicles)


def _faults_of_values(name: str, values: Floats, read: Flags) -> list[str]:
    """Return the faults of one property, where it is read."""
    faults = []
    missing = np.isnan(values) & read
    if missing.any():
        faults.append(f"Expected `{name}` without NaN, got one at {missing.argmax()}.")
    if name in ("prize", "service_s"):
        wrong = ((values < 0) | np.isinf(values)) & read
        if wrong.any():
            at = int(wrong.argmax())
            faults.append(f"Expected `{name}` >= 0, got {values[at]} at {at}.")
    return faults
