"""Types of camera hold their values to the cameras' contract."""

from dataclasses import asdict, replace

import pytest

from geo.errors import ParameterError
from planning.camera_types import DEFAULT_TYPE, LENS, CameraType


def test_the_default_fills_the_lens_columns():
    assert LENS == ("fov_deg", "range_m", "height_m", "tilt_deg", "vfov_deg", "resolution_px")
    assert DEFAULT_TYPE.cost == 1.0
    assert replace(DEFAULT_TYPE, tilt_deg=-90.0, fov_deg=360.0, resolution_px=1).tilt_deg == -90.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name_th", " "),
        ("name_en", 3),
        ("fov_deg", 0.0),
        ("fov_deg", 360.1),
        ("range_m", float("inf")),
        ("height_m", 0.0),
        ("tilt_deg", 90.1),
        ("vfov_deg", float("nan")),
        ("vfov_deg", 181.0),
        ("resolution_px", 0.5),
        ("resolution_px", "2560"),
        ("cost", 0.0),
        ("cost", float("inf")),
        ("cost", -1.0),
    ],
)
def test_a_value_out_of_range_is_named(name, value):
    with pytest.raises(ParameterError) as caught:
        replace(DEFAULT_TYPE, **{name: value})
    assert str(caught.value).startswith(f"Expected `{name}`")
    assert len(str(caught.value).splitlines()) == 1


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(ParameterError) as caught:
        CameraType(**dict.fromkeys(asdict(DEFAULT_TYPE), -1000.0))
    assert len(str(caught.value).splitlines()) == len(asdict(DEFAULT_TYPE))
