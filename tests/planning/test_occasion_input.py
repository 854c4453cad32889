"""Files of events and requests: when and where they hold, and every way they can be wrong."""

from datetime import UTC, date, datetime

import pytest

from geo.errors import LayerError, SourceError
from geo.zone import Zone
from planning.community_requests import read_requests
from planning.events import read_events
from tests.api.small_zone import write_zone

SUNDAY = date(2026, 3, 1)
LATE = datetime(2026, 3, 1, 19, tzinfo=UTC)  # 02:00 of Monday in Phuket

EVENT = """
[[event]]
id = "market"
name_th = "ตลาด"
name_en = "Market"
street = "East 1 Road"
weekdays = ["sun"]
starts_at = "16:00"
ends_at = "22:00"
weight = 2
minutes = 15
source = "made up"
synthetic = true
"""

REQUEST = """
[[request]]
id = "one"
community_th = "ชุมชน"
community_en = "Community"
wish = "quiet"
place = "place-1"
starts_at = "23:00"
ends_at = "06:00"
valid_until = 2026-03-01
synthetic = true
"""


@pytest.fixture(scope="module")
def zone(tmp_path_factory):
    return Zone.load(write_zone(tmp_path_factory.mktemp("zones") / "small"))


@pytest.fixture
def events(tmp_path, zone):
    def read(text, night=SUNDAY, until=LATE):
        path = tmp_path / "events.toml"
        path.write_text(text, encoding="utf-8")
        return read_events(path, zone, night=night, until=until)

    return read


@pytest.fixture
def requests(tmp_path, zone):
    def read(text, night=SUNDAY, until=LATE):
        path = tmp_path / "requests.toml"
        path.write_text(text, encoding="utf-8")
        return read_requests(path, zone, night=night, until=until)

    return read


def test_an_event_is_read_with_its_hours_in_utc(events):
    (event,) = events(EVENT)
    assert (event.opens_at, event.closes_at) == (
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        datetime(2026, 3, 1, 15, tzinfo=UTC),
    )
    assert (event.dwell_s, event.weight, event.needs_units, event.skill) == (900.0, 2.0, 1, "")
    assert event.synthetic


def test_an_event_takes_place_on_its_weekdays_alone(events):
    assert events(EVENT, night=date(2026, 3, 2)) == []
    # On Saturday evening Sunday's market is still to come; a day's shift would not end before it.
    assert events(EVENT, night=date(2026, 2, 28), until=datetime(2026, 2, 28, 19, tzinfo=UTC)) == []


def test_what_begins_after_midnight_is_tonights_until_the_night_ends(events):
    early = EVENT.replace("16:00", "01:00").replace("22:00", "03:00")
    saturday = {"night": date(2026, 2, 28), "until": datetime(2026, 2, 28, 19, tzinfo=UTC)}
    (event,) = events(early, **saturday)
    assert event.opens_at == datetime(2026, 2, 28, 18, tzinfo=UTC)


def test_seasons_bound_events(events):
    assert events(EVENT + "first_on = 2026-03-02\n") == []
    assert events(EVENT + "last_on = 2026-02-28\n") == []
    assert len(events(EVENT + "first_on = 2026-03-01\nlast_on = 2026-03-01\n")) == 1


def test_a_street_gets_a_spot_for_each_piece_of_it(events, zone):
    (event,) = events(EVENT)
    road = zone.streets[zone.streets["name_en"] == "East 1 Road"]
    assert road.length.sum() == pytest.approx(200, abs=0.1)
    (spot,) = event.spots
    assert spot.name_en == "East 1 Road"
    assert spot.point.distance(road.union_all()) < 1e-9
    assert spot.point.distance(road.union_all().centroid) < 0.1


def test_places_of_a_kind_are_those_in_the_zone(events, zone):
    (event,) = events(EVENT.replace('street = "East 1 Road"', 'place_kind = "shrine"'))
    assert [spot.name_en for spot in event.spots] == ["Shrine"]
    (none,) = events(EVENT.replace('street = "East 1 Road"', 'place_kind = "school"'))
    assert none.spots == ()


def test_a_request_holds_until_its_last_day(requests):
    (request,) = requests(REQUEST)
    assert (request.opens_at.hour, request.closes_at.hour) == (16, 23)
    assert request.wish == "quiet"
    assert requests(REQUEST, night=date(2026, 3, 2)) == []


def test_every_fault_is_named_at_once(events):
    wrong = EVENT.replace('"sun"', '"someday"').replace("16:00", "25:00").replace("= 2\n", "= -1\n")
    wrong = wrong.replace("East 1", "No Such").replace("minutes = 15", "minutes = 0")
    with pytest.raises(LayerError) as caught:
        events(wrong + 'needs_units = true\nskill = ""\nphone = "1"\n' + EVENT)
    told = [str(fault) for fault in caught.value.faults]
    assert told == [
        (
            "events.toml, row 1, `weekdays`: expected a list of mon, tue, wed, thu, fri, sat, sun, "
            "got ['someday']"
        ),
        "events.toml, row 1, `starts_at`: expected a time such as \"18:00\", got '25:00'",
        "events.toml, row 1, `weight`: expected a number >= 0, got -1",
        "events.toml, row 1, `minutes`: expected a number > 0 and <= 1440, got 0",
        "events.toml, row 1, `needs_units`: expected one of 1, 2, got True",
        "events.toml, row 1, `skill`: expected a text, got ''",
        told[6],
        (
            "events.toml, row 1, `street`: expected the English name of a street of the zone, "
            "got 'No Such Road'"
        ),
        "events.toml, row 2, `id`: expected a unique id, got 'market'",
    ]
    assert told[6].startswith("events.toml, row 1, `phone`: expected no such field (those known: ")


def test_where_it_is_stands_there_once(events, requests):
    with pytest.raises(LayerError, match="exactly one of place, place_kind, street, got place, st"):
        events(EVENT + 'place = "place-1"\n')
    with pytest.raises(LayerError, match="exactly one of place, street, got none"):
        requests(REQUEST.replace('place = "place-1"', ""))
    with pytest.raises(LayerError, match="exactly one of place, street, got none"):
        requests(REQUEST.replace('place = "place-1"', 'place_kind = "shrine"'))
    with pytest.raises(LayerError, match="expected the id of a place of the zone, got 7"):
        requests(REQUEST.replace('"place-1"', "7"))


def test_dates_are_dates_in_order(events, requests):
    with pytest.raises(LayerError, match="`valid_until`: expected a date such as 2026-12-31"):
        requests(REQUEST.replace("2026-03-01", '"soon"'))
    with pytest.raises(LayerError, match="`last_on`: expected a date not before `first_on`"):
        events(EVENT + "first_on = 2026-03-02\nlast_on = 2026-03-01\n")


def test_a_visit_is_no_longer_than_a_day(events):
    assert events(EVENT.replace("minutes = 15", "minutes = 1440"))[0].dwell_s == 86_400
    for minutes in ("1e300", "1440.1", "nan"):
        with pytest.raises(LayerError, match="`minutes`: expected a number > 0 and <= 1440"):
            events(EVENT.replace("minutes = 15", f"minutes = {minutes}"))


def test_a_request_has_no_room_for_a_person(requests):
    with pytest.raises(LayerError, match="`asked_by`: expected no such field"):
        requests(REQUEST + 'asked_by = "somebody"\n')


def test_files_that_are_none(tmp_path, zone, events):
    with pytest.raises(SourceError, match=r"Expected to read none\.toml"):
        read_events(tmp_path / "none.toml", zone, night=SUNDAY, until=LATE)
    with pytest.raises(LayerError, match="expected a TOML file"):
        events("[[event")
    with pytest.raises(LayerError, match=r"expected tables \[\[event\]\], got evnt"):
        events("[[evnt]]\n")
    assert events("") == []


def test_the_files_of_the_town_are_read(root):
    folder = root / "data" / "old_town"
    town = Zone.load(folder)
    sunday = {"night": SUNDAY, "until": LATE}
    walking, gate = read_events(folder / "events.toml", town, **sunday)
    assert len(walking.spots) == 3
    assert all(spot.name_en == "Thalang Road" for spot in walking.spots)
    assert gate.needs_units == 2
    monday = {"night": date(2026, 3, 2), "until": datetime(2026, 3, 2, 19, tzinfo=UTC)}
    (school,) = read_events(folder / "events.toml", town, **monday)
    assert [spot.name_en for spot in school.spots] == ["Plook Panya School", "School"]
    wishes = read_requests(folder / "requests.toml", town, **sunday)
    assert {request.wish for request in wishes} == {"presence", "quiet"}
    assert all(request.synthetic for request in wishes)
