"""Places patrols stop at: numbered by first visit, every visit kept."""

from api.plan.visits import numbered, visited_places
from tests.api.plan.sample import at, frame, instant

TOURS = frame(
    [at(0, 0), at(1, 1)],
    id=["a", "b"],
    unit=["foot", "bike"],
    name_th=["เดิน", "ขี่"],
    name_en=["Foot", "Bike"],
)


def stops():
    return frame(
        [at(0, 0), at(50, 0), at(0.01, 0.01), at(90, 0)],
        id=["s1", "s2", "s3", "s4"],
        unit=["foot", "foot", "bike", "bike"],
        kind=["visit", "visit", "break", "meeting"],
        name_en=["Gate", "Well", "Gate", "Pier"],
        arrives_at=[instant("21:00"), instant("22:00"), instant("20:30"), instant("20:00")],
    )


def test_numbers_follow_the_first_visits_and_rows_stay_in_order():
    marked = numbered(stops())
    assert marked.index.tolist() == ["s1", "s2", "s3", "s4"]
    assert marked["place"].tolist() == [2, 3, 2, 1]


def test_every_visit_is_kept_by_time_with_its_unit():
    places = visited_places(numbered(stops()), TOURS)
    assert places["place"].tolist() == [1, 2, 3]
    gate = places["visits"].iloc[1]
    assert [visit["unit_en"] for visit in gate] == ["Bike", "Foot"]
    assert sum(len(visits) for visits in places["visits"]) == 4


def test_a_place_is_called_by_a_visit_where_it_gets_one():
    places = visited_places(numbered(stops()), TOURS)
    assert places["kind"].tolist() == ["meeting", "visit", "visit"]
    assert places["unit"].iloc[1] == "foot"
    bike = [visit["kind"] for visit in places["visits"].iloc[1]]
    assert bike == ["break", "visit"]


def test_no_stops_are_no_places():
    none = numbered(stops().iloc[:0])
    assert visited_places(none, TOURS).empty
