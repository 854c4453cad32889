"""What plan.json says of the stops of a night, and of who got none."""

from api.plan.document import plan_document
from tests.api.plan.sample import changed, sample_plan


def test_stops_say_what_they_are_for_and_who_comes_too():
    plan = changed(
        sample_plan(), "patrol_stops", kind=["meeting", "visit"], with_units=["a, b", ""]
    )
    meeting, visit = plan_document(plan)["tours"][0]["stops"]
    assert (meeting["kind"], meeting["with_units"]) == ("meeting", ["a", "b"])
    assert (visit["kind"], visit["with_units"]) == ("visit", [])


def test_beats_and_how_even_they_are_stand_in_the_document():
    document = plan_document(sample_plan())
    assert [beat["units"] for beat in document["beats"]] == ["foot", ""]
    assert document["figures"]["beat_imbalance"] == 0.014
    assert document["figures"]["beat_bound"] == 0
    assert [stop["beat"] for stop in document["tours"][0]["stops"]] == [1, 2]


def test_places_without_a_visit_are_named_with_their_reason():
    (place,) = plan_document(sample_plan())["unserved"]
    assert place == {
        "name_th": "ซอยรมณีย์",
        "name_en": "Soi Rommani",
        "weight": 1.5,
        "code": "no_time",
        "reason_th": "เวลาของหน่วยไม่พอ",
        "reason_en": "the units have no time left for it",
    }
