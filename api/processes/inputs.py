"""What each process may be asked with: names, types, ranges and defaults, those of the commands."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)
_DAY = {"type": "string", "format": "date", "pattern": r"^(19|20|21)\d\d-\d\d-\d\d$"}
EXACT = 2**53 - 1  # up to which every program reads a whole number from JSON as it is


def _only_text(given: object) -> object:
    """Take nothing but a text or a day for a day: a number would be read as seconds."""
    if isinstance(given, str | date):
        return given
    raise ValueError("Expected a day written as in 2026-03-01.")


def _whole(given: object) -> object:
    """Take a number without a fraction for whole, as JSON does."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


_WHOLE = BeforeValidator(_whole)
_Day = Annotated[
    date,
    Field(ge=_FIRST, le=_LAST, strict=False),
    BeforeValidator(_only_text),
    WithJsonSchema(_DAY),
]
_Seed = Annotated[int, Field(ge=0, le=EXACT), _WHOLE]
_Id = Annotated[str, Field(min_length=1, max_length=200)]


class _Inputs(BaseModel):
    """Inputs as JSON gives them: what is not named is refused, and no type is taken for another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class PatrolInputs(_Inputs):
    """What `plan-patrol` is asked with.

    Attributes
    ----------
    evening
        Evening to plan, on the zone's calendar; tonight where none.
    seed
        Seed of every random choice; one that nobody can guess where none.
    """

    evening: _Day | None = None
    seed: _Seed | None = None


class SitesInputs(_Inputs):
    """What `site-cameras` is asked with.

    Attributes
    ----------
    budget
        Most that the new cameras may cost together; their number where each costs 1.
    night
        Whether the cameras that stand are taken as they see at night, or by day.
    standard
        Standard whose pixel densities the tasks of a camera are read from.
    target_height_m
        Height above the ground at which people are judged, in metres.
    fixed
        Candidates that are chosen in any case, by id.
    least_share
        Share of the street of each community that must be seen.
    sos_cameras
        Cameras that must see an SOS point before it counts as watched.
    position_error_m
        Standard deviation of where cameras stand, if their survey says none, in metres.
    azimuth_error_deg
        The same of the way that they look, in degrees.
    seed
        Seed of every random choice.
    time_limit_s
        Longest time that each search may take, in seconds.
    """

    budget: Annotated[float, Field(ge=0, le=10_000)] = 5.0
    night: bool = True
    standard: Literal["EN 62676-4:2015", "EN 62676-4:2025"] = "EN 62676-4:2015"
    target_height_m: Annotated[float, Field(ge=0, le=100)] = 1.6
    fixed: Annotated[list[_Id], Field(max_length=1_000)] = []
    least_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    sos_cameras: Annotated[int, Field(ge=1, le=100), _WHOLE] = 1
    position_error_m: Annotated[float, Field(ge=0, le=1_000)] = 1.0
    azimuth_error_deg: Annotated[float, Field(ge=0, le=180)] = 3.0
    seed: _Seed = 0
    time_limit_s: Annotated[float, Field(gt=0, le=600)] = 10.0


class ForecastInputs(_Inputs):
    """What `forecast` is asked with.

    Attributes
    ----------
    day
        First day of the forecast, which knows what happened before it; today where none.
    days
        Days that the forecast is for.
    origins
        Past days that the forecast is tried on.
    cell_m
        Side of the cells of the forecast, in metres.
    seed
        Seed of every random choice.
    """

    day: _Day | None = None
    days: Annotated[int, Field(ge=1, le=366), _WHOLE] = 7
    origins: Annotated[int, Field(ge=1, le=366), _WHOLE] = 26
    cell_m: Annotated[float, Field(ge=50, le=10_000)] = 50.0
    seed: _Seed = 0


class HotspotsInputs(ForecastInputs):
    """What `compute-hotspots` is asked with.

    Attributes
    ----------
    resamples
        Redrawings that the intervals of ranks rest on.
    """

    resamples: Annotated[int, Field(ge=1, le=9_999), _WHOLE] = 999
