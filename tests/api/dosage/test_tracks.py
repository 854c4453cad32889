"""Reading of tracks: whose they are, what is never read, and every way in which they are none."""

import numpy as np
import pandas as pd
import pytest

from api.dosage import tracks
from api.dosage.tracks import read_tracks
from api.tour_files import tour_file
from geo.errors import LayerError, SourceError
from tests.api.dosage.sample import SECRETS, gpx
from tests.api.small_zone import CRS

UNITS = ("foot-1", "foot 2")
START = pd.Timestamp("2026-03-06T13:00:00Z")
PLACES = [(98.39, 7.88), (98.391, 7.88), (98.392, 7.88)]


def times(*seconds):
    return [START + pd.Timedelta(seconds=number) for number in seconds]


def written(tmp_path, content, name="track.gpx"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def faults(*paths):
    with pytest.raises(LayerError) as refused:
        read_tracks(paths, units=UNITS, crs=CRS)
    return refused.value.faults


@pytest.mark.parametrize(
    "name", ["tour-foot-1.gpx", "foot-1.gpx", tour_file("foot 2"), "foot 2.GPX"]
)
def test_a_file_called_as_a_unit_is_the_units(tmp_path, name):
    read = read_tracks(
        [written(tmp_path, gpx(PLACES, times(0, 10, 20.5)), name)], units=UNITS, crs=CRS
    )
    unit = "foot-1" if "foot-1" in name else "foot 2"
    assert list(read) == [unit]
    assert read[unit]["at"].tolist() == times(0, 10, 20.5)
    assert list(read[unit].columns) == ["at", "geometry"]
    assert read[unit].crs == CRS


def test_else_the_name_of_the_track_must_be_the_units(tmp_path):
    path = written(tmp_path, gpx(PLACES, times(0, 10, 20), name="foot 2"))
    assert list(read_tracks([path], units=UNITS, crs=CRS)) == ["foot 2"]


def test_a_track_of_nobody_is_refused_with_the_ids_and_without_its_name(tmp_path):
    (fault,) = faults(written(tmp_path, gpx(PLACES, times(0, 10, 20))))
    assert "foot-1, foot 2" in fault.expected
    assert not any(secret in str(fault) for secret in SECRETS)


def test_a_track_in_two_files_is_one_in_order_of_time(tmp_path):
    late = written(tmp_path, gpx(PLACES, times(100, 110, 120)), "foot-1.gpx")
    early = written(tmp_path, gpx(PLACES, times(0, 10, 20)), "tour-foot-1.gpx")
    read = read_tracks([late, early, late], units=UNITS, crs=CRS)
    assert read["foot-1"]["at"].tolist() == times(0, 10, 20, 100, 110, 120)


def test_two_tracks_of_a_unit_at_one_time_are_refused(tmp_path):
    one = written(tmp_path, gpx(PLACES, times(0, 10, 20)), "foot-1.gpx")
    other = written(tmp_path, gpx(PLACES, times(20, 30, 40)), "tour-foot-1.gpx")
    (fault,) = faults(one, other)
    assert fault.source == "tour-foot-1.gpx"
    assert "foot-1.gpx" in fault.found


def test_every_fault_of_every_file_is_named_at_once(tmp_path):
    untimed = gpx(PLACES, times(0, 10, 20)).replace("<time>2026-03-06T13:00:10.000Z</time>", "")
    falling = gpx(PLACES, times(0, 30, 20))
    twice = gpx(PLACES, times(0, 0, 0))
    far = gpx([(98.39, 7.88), (498.39, 7.88)], times(0, 10))
    found = faults(
        written(tmp_path, untimed, "foot-1.gpx"),
        written(tmp_path, falling, "tour-foot-1.gpx"),
        written(tmp_path, twice, "foot 2.gpx"),
        written(tmp_path, far, tour_file("foot 2")),
    )
    assert [(fault.source, fault.row) for fault in found] == [
        ("foot-1.gpx", 2),
        ("tour-foot-1.gpx", 3),
        ("foot 2.gpx", 2),
        (tour_file("foot 2"), 2),
    ]
    assert "1 more" in found[2].found


BOMB = (
    '<?xml version="1.0"{encoding}?><!DOCTYPE gpx [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12))
    + ']><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
    "<trk><name>&a11;</name></trk></gpx>"
)
EMPTY = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"></gpx>'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "a GPX file"),
        (b"\xff\xfe\x00", "a GPX file"),
        ("lon,lat\n1,2\n", "a GPX file"),
        ('{"type": "FeatureCollection", "features": []}', "a GPX file"),
        (gpx(PLACES, times(0, 10, 20))[:700], "a GPX file"),
        (EMPTY, "a track with positions"),
        (BOMB.format(encoding=""), "without a document type"),
        (BOMB.format(encoding=' encoding="utf-16"').encode("utf-16"), "without a document type"),
        (gpx(PLACES, times(0, 10, 20)).replace("2026-", "99999-"), "a GPX file"),
    ],
)
def test_what_is_no_track_is_refused(tmp_path, content, expected):
    (fault,) = faults(written(tmp_path, content, "foot-1.gpx"))
    assert expected in fault.expected


def test_no_file_leads_to_another(tmp_path, monkeypatch):
    """A format that names other files or addresses is told by its first element, unopened."""
    vrt = (
        '<OGRVRTDataSource><OGRVRTLayer name="track_points"><SrcDataSource>{}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    honest = written(tmp_path, gpx(PLACES, times(0, 10, 20)), "foot-1.gpx")
    path = written(tmp_path, vrt.format(honest), "tour-foot-1.gpx")
    monkeypatch.setattr(tracks.pyogrio, "read_info", lambda *_, **__: pytest.fail("opened"))
    assert faults(path)[0].expected == "a GPX file"


def test_files_and_tracks_that_are_too_large_are_refused(tmp_path, monkeypatch):
    path = written(tmp_path, gpx(PLACES, times(0, 10, 20)), "foot-1.gpx")
    monkeypatch.setattr(tracks, "MAX_POSITIONS", 2)
    assert "at most 2 positions" in faults(path)[0].expected
    monkeypatch.setattr(tracks, "MAX_BYTES", 10)
    assert "at most 10 bytes" in faults(path)[0].expected


def test_a_million_positions_are_refused_in_good_time(tmp_path):
    point = '<trkpt lat="7.88" lon="98.39"><time>2026-03-06T13:00:00Z</time></trkpt>\n'
    head, tail = EMPTY.removesuffix("</gpx>") + "<trk><trkseg>", "</trkseg></trk></gpx>"
    path = written(tmp_path, head + point * 1_000_000 + tail, "foot-1.gpx")
    assert "at most 200,000 positions" in faults(path)[0].expected


def test_a_file_that_is_not_there_is_told(tmp_path):
    for path in (tmp_path / "none.gpx", tmp_path):
        with pytest.raises(SourceError, match="a GPX file"):
            read_tracks([path], units=UNITS, crs=CRS)


def test_positions_stand_where_they_were_recorded(tmp_path):
    path = written(tmp_path, gpx(PLACES, times(0, 10, 20)), "foot-1.gpx")
    back = read_tracks([path], units=UNITS, crs=CRS)["foot-1"].to_crs(4326).get_coordinates()
    np.testing.assert_allclose(back, PLACES, atol=1e-6)
