"""What footprints refuse: all faults at once, by row and field."""

import math

import pytest
import shapely

from geo.errors import LayerError, ParameterError
from geo.visibility import footprints
from tests.geo.footprint_cases import FAR_WALL
from tests.geo.sights import blocks, lens_camera


def test_lacking_lens_data_is_named_by_row_and_field():
    cameras = lens_camera().loc[[0] * 5].reset_index(drop=True)
    cameras = cameras.assign(focal_mm=math.nan, sensor_height_mm=math.nan)
    cameras.loc[0, "vfov_deg"] = math.nan
    cameras.loc[1, ["vfov_deg", "focal_mm"]] = math.nan, 4.0
    cameras.loc[2, ["vfov_deg", "focal_mm", "sensor_height_mm"]] = math.nan, 4.0, 3.0
    cameras.loc[2, "fov_deg"] = math.nan
    cameras.loc[3, ["height_m", "tilt_deg", "resolution_px"]] = math.nan
    cameras.loc[4, ["height_m", "fov_deg"]] = 1.5, 400.0
    with pytest.raises(LayerError) as caught:
        footprints(cameras, blocks(FAR_WALL, height_m=-2.0), target_height_m=1.5)
    lens = "vfov_deg, or focal_mm and sensor_height_mm"
    assert {(f.source, f.row, f.field, f.expected, f.found) for f in caught.value.faults} == {
        ("cameras", 1, "vfov_deg", lens, "nothing"),
        ("cameras", 2, "vfov_deg", lens, "only focal_mm"),
        ("cameras", 3, "fov_deg", "fov_deg, or focal_mm and sensor_width_mm", "only focal_mm"),
        ("cameras", 4, "height_m", "height_m", "nothing"),
        ("cameras", 4, "tilt_deg", "tilt_deg", "nothing"),
        ("cameras", 4, "resolution_px", "resolution_px", "nothing"),
        ("cameras", 5, "height_m", "a camera above the target height, 1.5 m", "1.5"),
        ("cameras", 5, "fov_deg", "a number > 0 and <= 360", "400"),
        ("buildings", 1, "height_m", "a number > 0 and <= 1000", "-2"),
    }


def test_columns_that_are_not_there_are_named_once():
    cameras = lens_camera(focal_mm=4.0).drop(columns=["height_m", "fov_deg", "vfov_deg"])
    with pytest.raises(LayerError) as caught:
        footprints(cameras.loc[[0, 0]], blocks())
    assert [(f.row, f.field, f.expected, f.found) for f in caught.value.faults] == [
        (None, "height_m", "the column height_m", "none of that name"),
        (None, "fov_deg", "the column fov_deg, or focal_mm and sensor_width_mm", "only focal_mm"),
        (
            None,
            "vfov_deg",
            "the column vfov_deg, or focal_mm and sensor_height_mm",
            "only focal_mm",
        ),
    ]


def test_broken_shapes_are_reported_with_the_rest():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    with pytest.raises(LayerError, match=r"Self-intersection[\s\S]*tilt_deg"):
        footprints(lens_camera(tilt_deg=math.nan), blocks(bow, height_m=3.0))


@pytest.mark.parametrize(
    "options",
    [
        *({"standard": wrong} for wrong in ("EN 62676-4:1999", None, ["EN 62676-4:2015"])),
        *({"task": wrong} for wrong in ("read", None, ["detect"])),
        *({"arc_tolerance_m": wrong} for wrong in (0.0, None, "0.1")),
        *({"target_height_m": wrong} for wrong in (-0.1, math.nan, math.inf, None, "2")),
        *({"workers": wrong} for wrong in (0, None, "2", 1.5)),
    ],
)
def test_parameters_out_of_range_are_refused(options):
    with pytest.raises(ParameterError, match=f"^Expected `{next(iter(options))}`"):
        footprints(lens_camera(), blocks(), **options)


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(ParameterError, match=r"`arc_tol.*`workers`.*`target_height_m`.*`task`"):
        footprints(
            lens_camera(), blocks(), task="", target_height_m=-1.0, arc_tolerance_m=-1.0, workers=0
        )
    of_no_type = dict.fromkeys(("task", "target_height_m", "arc_tolerance_m", "workers"))
    with pytest.raises(ParameterError, match=r"`arc_tol.*`workers`.*`target_height_m`.*`task`"):
        footprints(lens_camera(), blocks(), **of_no_type)


def test_a_dead_zone_of_too_many_sides_is_refused():
    """The wedge is so narrow that its own arc would do."""
    camera = lens_camera(fov_deg=1e-3, tilt_deg=20.0, vfov_deg=50.0)
    with pytest.raises(ParameterError, match="at most 10000000 chords, got"):
        footprints(camera, blocks(), arc_tolerance_m=1e-14)
