"""What the terminal says at the end, in both languages."""

from dataclasses import replace
from pathlib import Path

from api.sites.outputs import OUTPUTS
from tests.api.sites.sample import phrases, sample_result

PATHS = {name: Path("out") / name for name in OUTPUTS.names}


def told(result, language="en"):
    return OUTPUTS.summarise(result, PATHS, phrases=phrases(), language=language)


def test_it_tells_blind_street_sites_proof_and_files():
    text = told(sample_result())
    for part in (
        "Made-up Town: proposed camera sites",
        "synthetic",
        "Blind street: 430 m → 315 m of 570 m",
        " 1 Thalang Road: facing east (88°), 75 m",
        "at most 2.2% short of the best",
        *map(str, PATHS.values()),
    ):
        assert part in text, part


def test_sos_points_that_are_not_watched_as_wanted_are_counted():
    result = sample_result()
    assert "SOS points that fewer cameras see than wanted: 1 of 2" in told(result)
    met = result.tables.wanted.assign(after=2)
    all_met = replace(result, tables=replace(result.tables, wanted=met))
    assert "SOS points" not in told(all_met)
    assert "SOS" not in told(all_met, "th")


def test_it_speaks_thai():
    text = told(sample_result(), "th")
    assert "เมืองทดลอง: ตำแหน่งกล้องที่เสนอ" in text
    assert "430 ม. → 315 ม." in text


def test_no_site_is_said():
    result = sample_result()
    empty = {**result.layers, "camera_sites": result.layers["camera_sites"].iloc[:0]}
    assert "No camera is proposed" in told(replace(result, layers=empty))
    dear = replace(result, layers=empty, figures=replace(result.figures, cheapest=500.0))
    assert "cheapest option that would show more street costs 500" in told(dear)


def test_real_data_is_not_called_synthetic():
    assert "synthetic" not in told(replace(sample_result(), synthetic=False))
