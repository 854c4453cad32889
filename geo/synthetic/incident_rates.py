"""Tables behind the synthetic incidents: when, where and what, all of them assumptions.

Nothing here is estimated from records of Phuket. The shapes are chosen so that the incidents
differ by hour, weekday, place and street the way methods for hotspots and forecasts must handle.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SUNDAY: Final = 6
WALKING_STREET_HOURS: Final = (16, 22)

# Relative rate by hour of the day, from midnight. Only the shape counts.
HOURLY: Final[dict[str, tuple[float, ...]]] = {
    "street": (5, 4, 3, 2, 1, 1, 1, 2, 3, 3, 4, 4, 4, 4, 4, 4, 5, 6, 8, 10, 11, 11, 9, 7),
    "market": (0, 0, 0, 1, 3, 6, 9, 10, 9, 7, 5, 4, 3, 2, 2, 4, 6, 7, 6, 3, 1, 0, 0, 0),
    "bus_stop": (1, 0, 0, 0, 0, 1, 4, 8, 7, 4, 3, 3, 4, 4, 4, 6, 8, 9, 8, 6, 5, 4, 3, 2),
    "hotel": (8, 7, 5, 3, 2, 1, 1, 2, 3, 3, 4, 4, 3, 3, 4, 4, 4, 5, 6, 8, 10, 11, 11, 10),
    "mall": (0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 9, 8, 8, 8, 9, 10, 10, 8, 5, 1, 0, 0),
    "sight": (1, 0, 0, 0, 0, 0, 1, 2, 5, 7, 8, 8, 7, 7, 8, 9, 9, 8, 7, 6, 5, 4, 2, 1),
    "walking_street": (*(0,) * 16, 4, 7, 10, 11, 10, 7, 0, 0),
}
# Relative rate by weekday, from Monday.
WEEKLY: Final[dict[str, tuple[float, ...]]] = {
    "street": (0.90, 0.85, 0.90, 0.95, 1.20, 1.30, 0.90),
    "market": (1.0, 0.9, 0.9, 1.0, 1.1, 1.3, 1.2),
    "bus_stop": (1.1, 1.1, 1.1, 1.1, 1.2, 0.8, 0.6),
    "hotel": (0.8, 0.8, 0.8, 0.9, 1.3, 1.4, 1.0),
    "mall": (0.8, 0.8, 0.8, 0.9, 1.1, 1.4, 1.3),
    "sight": (0.8, 0.8, 0.8, 0.9, 1.0, 1.3, 1.4),
    "walking_street": (0, 0, 0, 0, 0, 0, 1),
}
SETTINGS: Final = tuple(HOURLY)

# Setting and pull of the kinds of place; a kind that is not listed attracts nothing.
PLACES: Final[dict[str, tuple[str, float]]] = {
    "market": ("market", 5.0),
    "mall": ("mall", 3.0),
    "bus_stop": ("bus_stop", 2.0),
    "hotel": ("hotel", 1.5),
    "landmark": ("sight", 1.0),
    "museum": ("sight", 0.7),
    "temple": ("sight", 0.7),
    "shrine": ("sight", 0.7),
    "school": ("bus_stop", 0.7),
}
# Pull of a metre of street by class.
STREET_PULL: Final = {"primary": 1.4, "secondary": 1.2, "tertiary": 1.2, "living_street": 1.1}

# The year's course: highest in the dry season, when most visitors come.
SEASON_AMPLITUDE: Final = 0.15
SEASON_PEAK_DAY: Final = 15
DAYS_OF_YEAR: Final = 365.25

NIGHT_HOURS: Final = frozenset({22, 23, 0, 1, 2, 3, 4, 5})


class Category(NamedTuple):
    """What is assumed of one category of incident.

    Attributes
    ----------
    severity
        Mean severity on the scale 1 to 5.
    night
        Factor on its share at night.
    window_h
        Span in hours of the time in which it may have happened; (0, 0) where it was noticed
        at once.
    discovered
        Share found by a patrol rather than reported to it.
    common
        Relative frequency in the settings that `shares` does not list.
    shares
        Relative frequency by setting, where it differs from `common`.
    """

    severity: float
    night: float
    window_h: tuple[float, float]
    discovered: float
    common: float
    shares: dict[str, float]


CATEGORIES: Final[dict[str, Category]] = {
    "theft": Category(2.2, 0.6, (0, 0), 0.01, 18, {"market": 34, "mall": 40, "walking_street": 34}),
    "bag_snatching": Category(3.2, 1.0, (0, 0), 0.01, 7, {"bus_stop": 12, "walking_street": 14}),
    "vehicle_theft": Category(3.0, 2.5, (4, 11), 0.03, 10, {"mall": 12, "walking_street": 6}),
    "burglary": Category(3.4, 2.5, (3, 12), 0.02, 9, {"bus_stop": 0, "walking_street": 0}),
    "assault": Category(3.8, 2.0, (0, 0), 0.04, 7, {"hotel": 9}),
    "harassment": Category(2.8, 1.6, (0, 0), 0.02, 7, {"bus_stop": 14, "walking_street": 10}),
    "vandalism": Category(1.8, 2.0, (2, 14), 0.12, 6, {"sight": 12, "walking_street": 1}),
    "noise": Category(1.3, 3.0, (0, 0), 0.08, 8, {"hotel": 14, "market": 2, "walking_street": 2}),
    "disorder": Category(2.0, 2.0, (0, 0), 0.45, 7, {"hotel": 10, "walking_street": 6}),
    "drugs": Category(3.0, 1.8, (0, 0), 0.85, 4, {"mall": 1, "walking_street": 1}),
    "lost_child": Category(3.0, 0.0, (0, 0), 0.10, 1, {"mall": 5, "walking_street": 14}),
    "road_accident": Category(2.9, 0.7, (0, 0), 0.05, 13, {"mall": 4, "walking_street": 2}),
}


def hourly_rates(setting: str) -> NDArray[np.float64]:
    """Give the course of a setting's rate over the week.

    Parameters
    ----------
    setting
        One of `SETTINGS`.

    Returns
    -------
    rates
        Rates by weekday (from Monday) and hour, shape (7, 24), of mean 1.
    """
    rates = np.outer(WEEKLY[setting], HOURLY[setting])
    return np.asarray(rates / rates.mean())


def season(day_of_year: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the course of the rate over the year.

    Parameters
    ----------
    day_of_year
        Days counted from 1 January as 1.

    Returns
    -------
    factors
        Factors around 1.
    """
    phase = 2 * np.pi * (day_of_year - SEASON_PEAK_DAY) / DAYS_OF_YEAR
    return np.asarray(1 + SEASON_AMPLITUDE * np.cos(phase))


def category_shares() -> NDArray[np.float64]:
    """Give the share of every category in every setting by day and by night.

    Returns
    -------
    shares
        Shares by setting, day (0) or night (1), and category, in the order of `SETTINGS` and
        `CATEGORIES`; they sum to 1 over the categories.
    """
    common = np.array(
        [[entry.shares.get(s, entry.common) for entry in CATEGORIES.values()] for s in SETTINGS]
    )
    night = common * np.array([entry.night for entry in CATEGORIES.values()])
    shares = np.stack([common, night], axis=1)
    return np.asarray(shares / shares.sum(axis=2, keepdims=True))
