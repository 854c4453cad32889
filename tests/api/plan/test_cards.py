"""cards.html: a card a unit, whole and in both languages, with no incident and no person on it."""

import re
from dataclasses import replace

import pandas as pd
import pytest

import api.plan.card_maps
import api.plan.cards
from api.plan.cards import render_cards
from api.zone_maps import zone_sheet
from tests.api.plan.sample import HOSTILE, X, Y, changed, instant, phrases, sample_plan


def render(plan=None):
    return render_cards(plan or sample_plan(), phrases=phrases(), language="en")


def cards(page):
    return re.findall(r'<section class="card.*?</section>', page, re.DOTALL)


def plain(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def english(html):
    return plain(re.sub(r'<(span|text)[^>]* lang="th"[^>]*>.*?</\1>', "", html))


def rows_of(card):
    return [
        [english(cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr class=.*?</tr>", card, re.DOTALL)[1:]
    ]


@pytest.fixture(scope="module")
def page():
    return render()


def test_the_page_loads_nothing(page):
    assert not re.findall(r"\bsrc=|url\(|@import", page)
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#base", "#card-1", "#card-2"}


def test_every_unit_has_a_card_those_at_their_posts_too(page):
    foot, boat = cards(page)
    assert "Foot patrol" in foot
    assert "stays at its post" in english(boat)
    assert "<td" not in boat


def check_stops(plan):
    """Compare the rows of the card with the stops of the plan."""
    stops = plan.layers["patrol_stops"]
    told = rows_of(cards(render(plan))[0])
    assert [(int(row[0]), row[1], int(row[2])) for row in told] == [
        (
            stop["place"],
            f"{phrases().clock(stop['arrives_at']).en}–{phrases().clock(stop['leaves_at']).en}",
            round((stop["leaves_at"] - stop["arrives_at"]).total_seconds() / 60),
        )
        for stop in stops.to_dict("records")
    ]
    assert [row[3] for row in told] == list(stops["name_en"])
    assert [row[4] for row in told] == list(stops["reason_en"])


def test_every_stop_stands_in_its_order_with_times_and_reason():
    check_stops(sample_plan())


def test_a_stop_at_a_wrong_time_would_be_seen(monkeypatch):
    monkeypatch.setattr(api.plan.cards, "_MINUTE_S", 30.0)
    with pytest.raises(AssertionError):
        check_stops(sample_plan())


def test_tactics_follow_the_purpose_and_only_those_used_are_told(page):
    foot, _ = cards(page)
    assert [row[5] for row in rows_of(foot)] == ["A B C", "A C D"]
    told = english(re.search(r'<ol class="tactics">.*?</ol>', foot, re.DOTALL)[0])
    assert re.findall(r"\b([A-H])\b", told) == ["A", "B", "C", "D"]
    assert "Greet shop owners" in told


def test_shift_strength_skills_and_beat_are_told(page):
    text = english(cards(page)[0])
    for part in (
        *("20:00–22:00", "20:00–21:30, 420 m in all", "2 officers, on foot", "Skills English"),
        "Beat 1, beside Thalang Road (tonight 10 of 20 minutes at stops)",
    ):
        assert part in text, part


def with_company():
    plan = sample_plan()
    boat = {"units": ("boat",), "starts_at": instant("20:30"), "ends_at": instant("21:00")}
    plan = replace(plan, duty=plan.duty.assign(company=[(boat,), ()]))
    return changed(plan, "patrol_stops", with_units="boat")


def test_company_is_told_once_and_at_stops_where_it_is_not_known_already():
    text = english(cards(render(with_company()))[0])
    assert "Moves with Boat, 20:30–21:00" in text
    first, second = rows_of(cards(render(with_company()))[0])
    assert first[3] == "Thalang Road together with Boat"
    assert second[3] == "Thalang Road"


def test_breaks_and_meetings_stand_apart_and_have_no_tactics():
    plan = changed(
        sample_plan(),
        "patrol_stops",
        kind=["meeting", "break"],
        purpose="",
        name_en=["Meeting Boat", "Break"],
        with_units=["boat", ""],
    )
    card = cards(render(plan))[0]
    assert re.findall(r'<tr class="(\w+)">', card) == ["title", "meeting", "break"]
    assert [row[3] for row in rows_of(card)] == ["Meeting Boat", "Break"]
    assert [row[5] for row in rows_of(card)] == ["", ""]
    assert "What to do there" not in card


def test_the_map_has_the_way_the_beat_the_post_and_a_number_for_each_place(page):
    foot, boat = cards(page)
    for mark in ('class="tour"', 'class="beat"', 'class="post"', 'class="sos"'):
        assert mark in foot, mark
    numbers = re.findall(r'<g class="spot".*?<text dy=".35em">(\d+)</text>', foot)
    assert numbers == ["1", "2"]
    assert 'path class="tour"' not in boat
    assert 'path class="beat"' not in boat


def check_base(plan):
    """Compare where the base lies under the map of a unit with the place it must take."""
    card = cards(render(plan))[0]
    x, y, times = map(float, re.search(r"translate\((\S+) (\S+)\) scale\((\S+)\)", card).groups())
    stops = plan.layers["patrol_stops"]
    whole, own = (
        zone_sheet(plan.boundary, some).scaled(scale)
        for some, scale in ((stops, 1.0), (stops[stops["unit"] == "foot"], 0.62))
    )
    for corner in ((X, Y), (X + 420, Y + 10)):
        under = whole.place(*corner)
        assert (x + times * under[0], y + times * under[1]) == pytest.approx(
            own.place(*corner), abs=0.2
        )


def test_the_streets_lie_under_the_way_where_another_unit_goes_far_beyond():
    plan = sample_plan()
    stops = plan.layers["patrol_stops"]
    far = stops.assign(unit="boat").set_geometry(stops.translate(xoff=-900.0, yoff=700.0))
    both = pd.concat([stops, far.set_axis(["far-1", "far-2"])])
    check_base(replace(plan, layers={**plan.layers, "patrol_stops": both}))


def test_streets_that_lie_aside_would_be_seen(monkeypatch):
    monkeypatch.setattr(
        api.plan.card_maps, "_BASE", api.plan.card_maps._BASE.replace("{:.1f}", "9")
    )
    with pytest.raises(AssertionError):
        check_base(sample_plan())


def test_long_tours_are_set_for_two_sheets():
    plan = sample_plan()
    stops = plan.layers["patrol_stops"]
    many = stops.iloc[[0] * 60].set_axis([f"s{number}" for number in range(60)])
    long = cards(render(replace(plan, layers={**plan.layers, "patrol_stops": many})))[0]
    assert '<section class="card long"' in long
    assert '<section class="card"' in cards(render())[0]
    wordy = changed(plan, "patrol_stops", reason_th="เหตุ " * 400)
    assert '<section class="card long"' in cards(render(wordy))[0]


def test_both_languages_and_the_notices_stand_on_every_card(page):
    for card in cards(page):
        for text in ("ข้อมูลจำลอง", "Synthetic data", "ใช้ภายในเท่านั้น", "For internal use only"):
            assert text in card, text
        assert "never about people" in card


def test_real_data_is_not_called_synthetic():
    plan = sample_plan()
    layers = {
        name: frame.assign(synthetic=False) if "synthetic" in frame else frame
        for name, frame in plan.layers.items()
    }
    real = replace(plan, layers=layers, duty=plan.duty.assign(synthetic=False))
    assert "Synthetic" not in render(real)


def test_no_incident_is_on_a_card(page):
    assert "incident" not in english(page).replace("incidents and patrol units are generated", "")


def test_hostile_names_stay_text():
    plan = sample_plan()
    plan = changed(plan, "patrol_stops", name_en=HOSTILE, reason_en=HOSTILE)
    plan = replace(plan, duty=plan.duty.assign(name_en=HOSTILE, note_en=HOSTILE))
    page = render(plan)
    assert HOSTILE not in page
    assert "{{7*7}}" in page


def test_a_night_without_units_at_work_is_a_page_without_ways():
    plan = sample_plan()
    layers = {name: plan.layers[name].iloc[:0] for name in ("patrol_tours", "patrol_stops")}
    page = render(replace(plan, layers={**plan.layers, **layers}))
    assert len(cards(page)) == 2
    assert "<td" not in page


def test_the_same_plan_gives_the_same_page(page):
    assert render() == page
