"""Rules of patrols, when it is night, and every way their file can be wrong."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import LayerError, ParameterError, SourceError
from planning._rule_entries import Company, Rest, SkillNear, Strength
from planning.patrol_rules import PatrolRules, read_rules, skills_near
from tests.planning.grid_town import TOWN_CRS, at

GOOD = """
synthetic = true

[night]
from = "19:00"
to = "05:30"

[[rule]]
id = "together"
name_th = "ไปด้วยกัน"
name_en = "Together"
kind = "company"
who = ["volunteer"]
with = ["police", "marine"]
when = "always"

[[rule]]
id = "two"
name_th = "สองคน"
name_en = "Two"
kind = "strength"
officers = 2
who = ["police"]

[[rule]]
id = "english"
name_th = "ภาษาอังกฤษ"
name_en = "English"
kind = "skill"
skill = "english"
near = ["museum"]
within_m = 40
binding = true

[[rule]]
id = "rest"
name_th = "พัก"
name_en = "Rest"
kind = "rest"
hours = 4.5
"""


def read(folder, text):
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return read_rules(path, timezone="Asia/Bangkok")


def test_a_file_of_rules(tmp_path):
    rules = read(tmp_path, GOOD)
    assert (rules.night_from, rules.night_to) == (time(19), time(5, 30))
    assert (rules.timezone, rules.synthetic) == ("Asia/Bangkok", True)
    together, two, english, rest = rules.rules
    assert together == Company(
        "together",
        "ไปด้วยกัน",
        "Together",
        frozenset({"volunteer"}),
        frozenset({"police", "marine"}),
        always=True,
    )
    assert two == Strength("two", "สองคน", "Two", 2, frozenset({"police"}))
    assert english == SkillNear(
        "english", "ภาษาอังกฤษ", "English", "english", frozenset({"museum"}), 40.0, binding=True
    )
    assert rest == Rest("rest", "พัก", "Rest", 16_200.0)
    assert (rules.companies, rules.strengths) == ((together,), (two,))
    assert (rules.skills, rules.rests) == ((english,), (rest,))
    assert rules.only({"two", "rest"}).rules == (two, rest)


def test_without_a_file_nothing_binds(tmp_path):
    rules = read_rules(tmp_path / "rules.toml", timezone="Asia/Bangkok")
    assert rules == PatrolRules(timezone="Asia/Bangkok")
    assert not rules.rules


def test_a_file_that_says_only_that_it_is_real(tmp_path):
    assert read(tmp_path, "synthetic = false") == PatrolRules(timezone="Asia/Bangkok")


def test_the_rules_of_the_town_are_read(root):
    rules = read_rules(root / "data" / "old_town" / "rules.toml", timezone="Asia/Bangkok")
    assert rules.synthetic
    assert {type(rule) for rule in rules.rules} == {Company, Strength, SkillNear, Rest}


def test_every_fault_is_named(tmp_path):
    text = (
        GOOD.replace("synthetic = true", "")
        .replace('"05:30"', '"25:30"')
        .replace('"volunteer"', '"volunter"')
        .replace('"always"', '"sometimes"')
        .replace("officers = 2", "officers = 0\nofficer = 2")
        .replace('id = "english"', 'id = "two"')
        .replace('["museum"]', "[]")
        .replace("binding = true", "binding = 1")
        .replace("4.5", "-1")
    )
    with pytest.raises(LayerError) as caught:
        read(tmp_path, text)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (None, "to"),
        (None, "synthetic"),
        (1, "who"),
        (1, "when"),
        (2, "officers"),
        (2, "officer"),
        (3, "near"),
        (3, "binding"),
        (3, "id"),
        (4, "hours"),
    ]


def test_a_rule_of_no_known_kind_and_a_night_of_no_length(tmp_path):
    text = GOOD.replace('"05:30"', '"19:00"').replace('kind = "rest"', 'kind = "nap"')
    with pytest.raises(LayerError) as caught:
        read(tmp_path, text)
    assert [(fault.row, fault.field) for fault in caught.value.faults] == [
        (None, "to"),
        (4, "kind"),
    ]


@pytest.mark.parametrize("text", ["[[rule", "rule = 3", "rule = [1]", "night = 2\nrule = []"])
def test_no_tables(tmp_path, text):
    with pytest.raises(LayerError, match=r"rules\.toml"):
        read(tmp_path, text)


def test_tables_misspelt_are_named(tmp_path):
    with pytest.raises(LayerError, match=r"expected synthetic, .*, got rules"):
        read(tmp_path, GOOD.replace("[[rule]]", "[[rules]]"))
    with pytest.raises(LayerError, match=r"`until`: expected from and to alone in \[night\]"):
        read(tmp_path, GOOD.replace('to = "05:30"', 'to = "05:30"\nuntil = "05:30"'))


def test_a_kind_of_places_that_no_zone_has(tmp_path):
    with pytest.raises(LayerError, match=r"`near`: expected a list of some of .*museum.*'musem'"):
        read(tmp_path, GOOD.replace('["museum"]', '["museum", "musem"]'))


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match="Expected to read"):
        read_rules(tmp_path, timezone="Asia/Bangkok")


def test_rules_made_by_hand():
    rest = Rest("rest", "พัก", "Rest", 60.0)
    with pytest.raises(ParameterError) as caught:
        PatrolRules(night_from=time(6), night_to=time(6), rules=(rest, rest))
    assert len(str(caught.value).splitlines()) == 2


HOURS = st.integers(0, 23)


@given(HOURS, HOURS, HOURS, st.integers(1, 60), st.sampled_from(["Asia/Bangkok", "UTC"]))
def test_the_night_is_that_of_the_clock(dusk, dawn, first, hours, timezone):
    if dusk == dawn:
        dawn = (dawn + 1) % 24
    rules = PatrolRules(time(dusk), time(dawn), timezone)
    starts = datetime(2026, 1, 3, first, tzinfo=UTC)
    nights = list(rules.nights(starts, starts + timedelta(hours=hours)))
    assert nights == sorted(nights)
    for number in range(hours):
        moment = starts + timedelta(hours=number)
        clock = moment.astimezone(ZoneInfo(timezone)).hour
        at_night = (dusk <= clock < dawn) if dusk < dawn else (clock >= dusk or clock < dawn)
        assert at_night == any(begin <= moment < end for begin, end in nights)


def test_skills_near_places():
    english, chinese = (
        SkillNear(name, name, name, name, frozenset(kinds), within_m)
        for name, kinds, within_m in (("english", {"museum"}, 40), ("chinese", {"shrine"}, 60))
    )
    places = gpd.GeoDataFrame(
        {"kind": ["museum", "shrine", "hotel"]},
        geometry=[at(0, 0), at(90, 0), at(500, 0)],
        crs=TOWN_CRS,
    )
    points = gpd.GeoSeries(
        {"a": at(39, 0), "b": at(41, 0), "c": at(0, 41), "d": at(500, 0)}, crs=TOWN_CRS
    )
    found = skills_near(PatrolRules(rules=(english, chinese)), points, places)
    assert found.to_dict() == {"a": "english", "b": "chinese", "c": "", "d": ""}
    assert not skills_near(PatrolRules(), points, places).any()


def test_a_rule_holds_on_the_date_of_its_night():
    rules = PatrolRules(timezone="Asia/Bangkok")
    midnight = datetime.combine(date(2026, 1, 4), time(), ZoneInfo("Asia/Bangkok"))
    ((dusk, dawn),) = rules.nights(midnight - timedelta(hours=9), midnight + timedelta(hours=9))
    assert dusk == midnight - timedelta(hours=5.5)
    assert dawn == midnight + timedelta(hours=6)
