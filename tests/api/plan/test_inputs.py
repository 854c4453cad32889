"""What a plan is made from: gathered with its digests, and refused with every fault."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from api.plan.inputs import PlanInputs
from geo.errors import LayerError, ParameterError
from geo.zone import Zone
from tests.api.small_zone import write_zone

NIGHT = date(2026, 3, 1)


@pytest.fixture
def folder(tmp_path):
    return write_zone(tmp_path / "small")


@pytest.fixture
def zone(folder):
    return Zone.load(folder)


@pytest.mark.parametrize("night", [date.min, date(1899, 12, 31), date.max])
def test_a_night_at_an_end_of_the_calendar(folder, zone, night):
    with pytest.raises(ParameterError, match=f"from 1900-01-01 to 9998-12-31, got {night}"):
        PlanInputs.gather(zone, folder, tonight=night)


def test_faults_of_all_files_of_the_night_are_named_together(folder, zone):
    units = (folder / "units.toml").read_text(encoding="utf-8")
    for name, text in (
        ("units.toml", units.replace("20:00", "soon")),
        ("events.toml", '[[event]]\nid = "a"\n'),
        ("requests.toml", "[[request]]\nid = 7\n"),
        ("rules.toml", "[[rule]]\nid = 7\n"),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        PlanInputs.gather(zone, folder, tonight=NIGHT)
    sources = {fault.source for fault in caught.value.faults}
    assert sources == {"units.toml", "events.toml", "requests.toml", "rules.toml"}


def test_digests_are_of_the_files_that_were_read(folder, zone):
    (folder / "NOTES.md").write_text("not read", encoding="utf-8")
    again = PlanInputs.gather(zone, folder, tonight=NIGHT)
    (folder / "NOTES.md").unlink()
    assert set(again.digests) == {path.name for path in folder.iterdir()}
    for name, digest in again.digests.items():
        assert digest == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_a_plan_needs_cameras_and_incidents(folder, zone):
    bare = replace(zone, cameras=zone.cameras.iloc[:0], incidents=zone.incidents.iloc[:0])
    with pytest.raises(LayerError) as caught:
        PlanInputs.gather(bare, folder, tonight=NIGHT)
    assert len(caught.value.faults) == 2
