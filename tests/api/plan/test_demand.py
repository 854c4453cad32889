"""Demand in words: what places are called, in which hours and for whom, in both languages."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from api.plan.demand import word_demand
from planning._occasion_input import Spot
from planning.community_requests import CommunityRequest
from planning.demand_params import DemandParams
from planning.events import Event
from planning.patrol_demand import Findings, weigh_demand
from planning.patrol_wishes import Night
from tests.api.plan.sample import at, instant, phrases, sample_plan

NIGHT = Night(
    instant("18:00").to_pydatetime(), instant("18:00").to_pydatetime() + timedelta(hours=8), 1800.0
)
HOURS = {
    "share": 0.31,
    "known": 60,
    "known_tonight": 9,
    "weekday_factor": 1.0,
    "forecast_factor": 1.0,
    "scanned": 60,
    "hot_known": 0,
    "hot_from": pd.NaT,
    "hot_until": pd.NaT,
    "hot_factor": 1.0,
    "cold_factor": 1.0,
}
BUSY = {
    "hot_from": instant("20:00"),
    "hot_until": instant("22:00"),
    "hot_known": 40,
    "hot_factor": 2.0,
    "cold_factor": 0.6,
}
EVENT = Event(
    id="market",
    name_th="ตลาด",
    name_en="Market",
    opens_at=instant("17:00").to_pydatetime(),
    closes_at=instant("22:00").to_pydatetime(),
    spots=(Spot("ถนนถลาง", "Thalang Road", at(100, 0)),),
    weight=3.0,
    dwell_s=600.0,
    needs_units=2,
    skill="english",
    synthetic=False,
)
REQUEST = CommunityRequest(
    id="ask",
    community_th="ชุมชนหนึ่ง",
    community_en="One community",
    wish="presence",
    opens_at=instant("20:00").to_pydatetime(),
    closes_at=instant("23:00").to_pydatetime(),
    spots=(Spot("ศาลเจ้า", "Shrine", at(50, 30)),),
    area=at(310, 5),
    synthetic=True,
)


def demand(hours=None, *, events=(), requests=(), **replaced):
    layers = {**sample_plan().layers, **replaced}
    names = ("streets", "hotspots", "blind_spots", "sos_points")
    known = Findings(
        **{name: layers[name] for name in names},
        hot_hours=pd.DataFrame([{**HOURS, **(hours or {})}], index=[1]),
        events=events,
        requests=requests,
    )
    params, rng = DemandParams(), np.random.default_rng(1)
    weighed = weigh_demand(known, night=NIGHT, params=params, rng=rng)
    return word_demand(weighed, known, night=NIGHT, phrases=phrases())


def test_every_finding_is_called_what_it_is():
    told = demand()
    assert told["reason_en"].tolist() == [
        "Hotspot 1: 31.0% of reports at these hours",
        *("Blind spot, 220 m", "Blind spot, 150 m", "Blind spot, 60 m"),
        "Check the SOS point",
    ]
    assert told["name_en"].tolist()[0] == "Thalang Road, near Yaowarat Road"
    assert told["name_th"].tolist()[-1] == "จุดหนึ่ง"
    assert told.crs == sample_plan().crs


def test_busy_hours_say_how_many_incidents_they_rest_on():
    told = demand(BUSY).query("kind == 'hotspot'")
    assert told["part"].tolist() == ["hot", "cold", "cold"]
    assert set(told["reason_en"]) == {
        "Hotspot 1: 31.0% of reports at these hours; busiest 20:00–22:00 (40 of 60)"
    }
    assert "20:00–22:00 น. (40 จาก 60 เหตุ)" in told["reason_th"].iloc[0]


def test_a_weekday_that_counts_is_named():
    told = demand({"weekday_factor": 2.0})
    assert told["reason_en"].iloc[0].endswith("; 9 of 60 on a Saturday")
    assert "วันเสาร์ 9 จาก 60 เหตุ" in told["reason_th"].iloc[0]


def test_an_event_says_its_own_hours_and_what_it_needs():
    row = demand(events=[EVENT]).query("kind == 'event'").iloc[0]
    assert row["reason_en"] == "Market, 17:00–22:00; two units together; English"
    assert row["reason_th"] == "ตลาด 17:00–22:00 น.; สองหน่วยพร้อมกัน; ใช้ภาษาอังกฤษ"
    assert row["name_en"].startswith("Thalang Road")


def test_what_is_made_up_says_so():
    row = demand(events=[replace(EVENT, synthetic=True)]).query("kind == 'event'").iloc[0]
    assert "(made up)" in row["reason_en"]
    assert "(สมมติ)" in row["reason_th"]


def test_a_request_says_who_asked_and_for_when():
    row = demand(requests=[REQUEST]).query("kind == 'request'").iloc[0]
    asked = "One community asks to see more of the patrol, 20:00–23:00 (made up)"
    assert (row["name_en"], row["reason_en"]) == ("Shrine", asked)


def test_quiet_is_told_where_it_moves_a_stop():
    quiet = replace(REQUEST, wish="quiet", spots=())
    told = demand(requests=[quiet]).query("requested_by != ''")
    assert told["reason_en"].tolist() == [
        "Blind spot, 220 m; One community asks for quiet, 20:00–23:00 (made up)"
    ]
    assert told["until_at"].iloc[0] - told["from_at"].iloc[0] == pd.Timedelta(hours=3)


def test_a_street_to_be_seen_in_is_named_and_one_without_name_by_its_crossing():
    streets = sample_plan().layers["streets"]
    far = streets.set_geometry(streets.geometry.translate(0, 1000)).set_index(
        streets.index + "-far"
    )
    told = demand(streets=pd.concat([streets, far])).query("kind == 'presence'")
    assert told["of"].str.endswith("-far").all()
    assert set(told["reason_en"]) == {"Be seen in every street"}
    assert "Thalang Road" in set(told["name_en"])
    assert "Unnamed street, near Thalang Road" in set(told["name_en"])


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_row_has_a_name_and_a_reason(language):
    told = demand(BUSY, events=[EVENT], requests=[REQUEST])
    assert told[f"name_{language}"].str.len().gt(0).all()
    assert told[f"reason_{language}"].str.len().gt(0).all()
