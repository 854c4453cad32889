import pytest

from api.dosage.plan import read_plan
from geo.errors import LayerError, SourceError
from tests.api.dosage.sample import document, layers, write_plan
from tests.api.small_zone import CRS


def test_a_plan_is_read_with_names_of_its_units(plan):
    assert f"{plan.night}" == "2026-03-06"
    assert plan.synthetic
    assert plan.units == {
        "foot-1": ("สายตรวจ 1", "Foot patrol 1"),
        "foot-2": ("สายตรวจ 2", "Foot patrol 2"),
    }
    assert plan.stops.index.tolist() == ["stop-1", "stop-2", "stop-3"]
    assert plan.hotspots["rank"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (document(format="smartzone-sites/1"), "one of small"),
        (document(zone={"name": "other"}), "one of other"),
        (document(tonight="tonight"), "something else"),
        ({"format": "smartzone-plan/1"}, "none of `zone`"),
        ([], "something else"),
    ],
)
def test_what_is_no_plan_of_the_zone_is_refused(tmp_path, content, expected):
    with pytest.raises(SourceError, match=expected):
        read_plan(write_plan(tmp_path / "plan", content=content), zone="small", crs=CRS)


def test_a_document_nested_without_end_is_refused(tmp_path):
    (tmp_path / "plan.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SourceError, match="something else"):
        read_plan(tmp_path, zone="small", crs=CRS)


def test_a_folder_without_a_plan_or_its_layers_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"plan\.json"):
        read_plan(tmp_path, zone="small", crs=CRS)
    folder = write_plan(tmp_path / "plan")
    (folder / "layers.gpkg").write_bytes(b"none")
    with pytest.raises(SourceError, match=r"layers\.gpkg"):
        read_plan(folder, zone="small", crs=CRS)


def test_every_column_that_is_missing_is_named(tmp_path):
    held = layers()
    folder = write_plan(
        tmp_path / "plan",
        patrol_tours=held["patrol_tours"].drop(columns="starts_at"),
        patrol_stops=held["patrol_stops"].assign(arrives_at="soon"),
    )
    with pytest.raises(LayerError) as refused:
        read_plan(folder, zone="small", crs=CRS)
    assert [fault.field for fault in refused.value.faults] == ["starts_at", "arrives_at"]
