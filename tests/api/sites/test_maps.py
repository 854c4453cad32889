"""The maps: what must be on them is, once, and what must not is not."""

import re
from dataclasses import replace
from itertools import combinations

import pytest
from shapely import MultiLineString, Point, Polygon

from api.sites.maps import base_map, close_up, map_after, map_before, map_survey
from api.zone_maps import zone_sheet
from tests.api.plan.sample import HOSTILE, at, frame
from tests.api.sites.sample import TASKS, phrases, sample_result, sites_layer
from tests.api.test_drawing import read_back


@pytest.fixture(scope="module")
def result():
    return sample_result()


def before(result):
    return str(map_before(result, phrases=phrases(), titled="before"))


def after(result):
    return str(map_after(result, phrases=phrases(), titled="after"))


def survey(result):
    return str(map_survey(result, phrases=phrases(), titled="survey-map"))


def paths(svg, name):
    return re.findall(rf'<path class="{name}" d="[^"]*"/>', svg)


def discs(svg):
    disc = r'class="site" transform="translate\(([\d.]+) ([\d.]+)\)".*?>(\d+)</text>'
    return {int(rank): Point(float(x), float(y)) for x, y, rank in re.findall(disc, svg)}


def test_before_shows_streets_seen_and_blind_and_no_site(result):
    svg = before(result)
    assert len(paths(svg, "seen")) == len(paths(svg, "blind")) == 1
    assert discs(svg) == {}
    assert paths(svg, "newly") == paths(svg, "wedge") == []


def test_after_shows_every_site_with_its_wedge_and_what_is_new(result):
    svg = after(result)
    assert sorted(discs(svg)) == [1, 2]
    assert len(paths(svg, "wedge")) == 2
    assert len(paths(svg, "newly")) == 1
    assert paths(svg, "blind") != paths(before(result), "blind")


def test_drawn_lengths_are_those_of_the_lines(result):
    sheet = zone_sheet(result.ground.boundary, result.ground.streets)
    for svg, name, lines in (
        (before(result), "seen", result.lines.seen_before),
        (before(result), "blind", result.lines.blind_before),
        (after(result), "newly", result.lines.newly_seen),
        (after(result), "blind", result.lines.blind_after),
    ):
        (path,) = paths(svg, name)
        drawn = sum(line.length for line in read_back(path, sheet))
        assert drawn == pytest.approx(lines.length, rel=0.01), name


def test_the_small_map_parts_the_streets_by_how_sure_it_is(result):
    sheet, small = zone_sheet(result.ground.boundary, result.ground.streets), survey(result)
    width = float(re.search(r'viewBox="0 0 (\d+) ', small)[1])
    assert width < sheet.width
    assert f'<use href="#base" transform="scale({width / sheet.width:g})"/>' in small
    for band, lines in result.lines.by_survey.items():
        (path,) = paths(small, band)
        parts = read_back(path, sheet.scaled(width / sheet.width))
        assert sum(part.length for part in parts) == pytest.approx(lines.length, rel=0.01), band
    assert discs(small) == {}


def test_a_band_without_street_is_not_drawn(result):
    sure = {**result.lines.by_survey, "in_doubt": MultiLineString()}
    lines = replace(result.lines, by_survey=sure)
    assert paths(survey(replace(result, lines=lines)), "in_doubt") == []


def test_the_base_is_drawn_once_and_used_by_both(result):
    base = str(base_map(result))
    assert base.count('id="base"') == 1
    assert before(result).count('<use href="#base"/>') == after(result).count("<use ") == 1
    for name in ("street", "building", "boundary"):
        assert len(paths(base, name)) == 1, name


def test_cameras_stand_on_the_base_by_owner_and_state(result):
    base = str(base_map(result))
    assert re.findall(r'class="camera (\w+ \w+)"', base) == ["programme up", "municipal down"]
    assert base.count('class="cross"') == 1


def test_numbers_do_not_cover_each_other():
    result = sample_result()
    crowd = [at(200 + n, 50) for n in range(8)]
    one = sites_layer().iloc[[0] * 8].assign(rank=range(1, 9)).set_geometry(crowd)
    one.index = [f"site-{n:02d}" for n in range(1, 9)]
    layers = {**result.layers, "camera_sites": one}
    svg = after(replace(result, layers=layers))
    places = discs(svg)
    assert sorted(places) == list(range(1, 9))
    assert min(a.distance(b) for a, b in combinations(places.values(), 2)) >= 22
    assert svg.count('class="leader"') == 7


def test_a_close_up_shows_every_task_private_ground_and_the_streets(result):
    svg = str(close_up(result, "site-01", phrases=phrases(), titled="view-1"))
    assert re.findall(r'class="ring ring-(\d)"', svg) == ["1", "2", "3"]
    assert len(TASKS) == 3
    assert len(paths(svg, "private")) == len(paths(svg, "view")) == 1
    assert "Thalang Road" in svg
    assert list(discs(svg)) == [1]


def test_a_site_that_sees_nothing_is_still_drawn(result):
    nothing = [Polygon(), Polygon()]
    layers = {
        **result.layers,
        "site_fields_of_view": result.layers["site_fields_of_view"].set_geometry(nothing),
        "site_footprints": result.layers["site_footprints"].iloc[:0],
    }
    svg = str(close_up(replace(result, layers=layers), "site-02", phrases=phrases(), titled="v"))
    assert list(discs(svg)) == [2]
    assert paths(svg, "view") == []


def test_hostile_street_names_stay_text(result):
    svg = after(result)
    assert HOSTILE not in svg
    assert "&lt;script&gt;" in svg


def test_names_stand_apart_and_once(result):
    svg = after(result)
    assert svg.count(">Thalang Road<") == 1


def test_every_drawing_has_a_scale_a_north_and_a_name(result):
    for svg in (before(result), after(result), survey(result)):
        assert 'class="north"' in svg
        assert re.search(r'class="bar".*?([\d,]+) m</text>', svg)
        assert 'role="img"' in svg
        assert "aria-labelledby" in svg


def test_the_scale_bar_is_as_long_as_it_says(result):
    length, metres = re.search(r"V0H([\d.]+)V-6.*?>([\d,]+) m<", before(result)).groups()
    assert float(length) == pytest.approx(
        float(metres.replace(",", ""))
        * zone_sheet(result.ground.boundary, result.ground.streets).scale,
        abs=0.1,
    )


def test_streets_without_names_are_not_written():
    result = sample_result()
    bare = result.ground.streets.assign(name_th="", name_en="")
    svg = before(replace(result, ground=replace(result.ground, streets=bare)))
    assert 'class="name"' not in svg


def test_no_cameras_no_marks():
    result = sample_result()
    none = frame([], id=[], azimuth_deg=[], owner_kind=[], status=[])
    assert "camera" not in str(
        base_map(replace(result, ground=replace(result.ground, cameras=none)))
    )
