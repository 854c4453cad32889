"""Types of camera that could be bought: what each sees, how it is mounted and what it costs."""

from dataclasses import dataclass, fields
from typing import Final

from geo.errors import ParameterError
from geo.layers import contract_of
from planning._arguments import is_above_zero, is_finite


@dataclass(frozen=True)
class CameraType:
    """A type of camera.

    Attributes
    ----------
    name_th
        Name in Thai.
    name_en
        Name in English.
    fov_deg
        Width of its field of view, in (0, 360].
    range_m
        How far it is taken to see, > 0.
    height_m
        Height above the ground at which it is mounted where the place allows, in (0, 200].
    tilt_deg
        Angle of its axis below the horizontal, in [-90, 90].
    vfov_deg
        Height of its field of view, in (0, 180].
    resolution_px
        Width of its picture, >= 1.
    cost
        Cost of one, mounted, in the planner's own unit, > 0 and finite.

    Raises
    ------
    ParameterError
        Values are out of their ranges; all of them are named.
    """

    name_th: str
    name_en: str
    fov_deg: float
    range_m: float
    height_m: float
    tilt_deg: float
    vfov_deg: float
    resolution_px: float
    cost: float = 1.0

    def __post_init__(self) -> None:
        faults = [
            f"Expected `{name}` with text, got {getattr(self, name)!r}."
            for name in ("name_th", "name_en")
            if not (isinstance(getattr(self, name), str) and getattr(self, name).strip())
        ]
        faults += [fault for name in LENS for fault in self._faults_of(name)]
        if not (is_above_zero(self.cost) and is_finite(self.cost)):
            faults.append(f"Expected `cost` > 0, got {self.cost!r}.")
        if faults:
            raise ParameterError("\n".join(faults))

    def _faults_of(self, name: str) -> list[str]:
        """Hold a value to the range that the cameras' contract gives its column."""
        value = getattr(self, name)
        column = next(each for each in contract_of("cameras").columns if each.name == name)
        fits = is_finite(value) and not (
            (column.above is not None and value <= column.above)
            or (column.at_least is not None and value < column.at_least)
            or (column.at_most is not None and value > column.at_most)
        )
        return [] if fits else [f"Expected `{name}` {column.range_text}, got {value!r}."]


LENS: Final = tuple(
    field.name for field in fields(CameraType) if field.name not in {"name_th", "name_en", "cost"}
)
"""Columns of the cameras layer that a type fills."""

DEFAULT_TYPE: Final = CameraType(
    name_th="กล้องติดตั้งคงที่ เลนส์มุมกว้าง",
    name_en="Fixed camera, wide lens",
    fov_deg=80.0,
    range_m=60.0,
    height_m=5.0,
    tilt_deg=12.0,
    vfov_deg=50.0,
    resolution_px=2560.0,
)
"""A common fixed camera of no maker in particular; a plan for buying names its own types."""
