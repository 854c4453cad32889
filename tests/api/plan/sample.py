"""A small made-up plan: two crossing streets, one camera, one unit; names that try to break out."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
from geopandas import GeoDataFrame
from pyproj import CRS
from shapely import LineString, MultiLineString, Point, box

from api.bilingual import Phrases
from api.plan.result import Figures, PlanParams, PlanResult
from api.words import Words

UTM = CRS.from_epsg(32647)
BANGKOK = ZoneInfo("Asia/Bangkok")
X, Y = 432_000.0, 871_500.0
HOSTILE = '<script>alert("{{7*7}}")</script>'


def frame(geometry, **columns):
    index = pd.Index(columns.pop("id"), name="id", dtype="str")
    return GeoDataFrame(columns, geometry=geometry, index=index, crs=UTM)


def line(*offsets):
    return LineString([(X + x, Y + y) for x, y in offsets])


def at(x, y):
    return Point(X + x, Y + y)


def instant(clock):
    return pd.Timestamp(f"2025-11-22T{clock}+07:00").tz_convert("UTC")


def ground_layers():
    return {
        "streets": frame(
            [line((0, 0), (200, 0)), line((200, 0), (200, 150)), line((200, 0), (420, 10))],
            id=["thalang-01", "soi-01", "thalang-02"],
            name_th=["ถนนถลาง", "", "ถนนถลาง"],
            name_en=["Thalang Road", "", "Thalang Road"],
            street_class=["secondary", "service", "secondary"],
            oneway=[True, False, True],
            width_m=[8.0, float("nan"), 8.0],
            source="made up",
            grade="A",
        ),
        "buildings": frame(
            [box(X + 20, Y + 5, X + 60, Y + 25), box(X + 220, Y + 15, X + 260, Y + 40)],
            id=["b1", "b2"],
            kind="shophouse",
            height_m=[7.0, 8.0],
            synthetic=True,
        ),
        "cameras": frame(
            [at(100, 3), at(300, 3)],
            id=["c1", "c2"],
            azimuth_deg=[270.0, 90.0],
            fov_deg=[90.0, 90.0],
            range_m=[40.0, 40.0],
            owner_kind=["programme", "private"],
            status=["up", "down"],
            place_th=["หน้าศาล", ""],
            place_en=["At the shrine", ""],
            synthetic=True,
        ),
        "places": frame(
            [at(50, 30)],
            id=["p1"],
            kind=["shrine"],
            name_th=["ศาลเจ้า"],
            name_en=[HOSTILE],
            source="made up",
            grade="B",
        ),
        "sos_points": frame(
            [at(150, 4)], id=["s1"], name_th=["จุดหนึ่ง"], name_en=["Point one"], synthetic=True
        ),
        "lamps": frame(
            [at(10, 2), at(40, 2)], id=["l1", "l2"], height_m=6.0, lit=[True, False], synthetic=True
        ),
    }


def finding_layers():
    names = {"name_th": ["ถนนถลาง"], "name_en": ["Thalang Road"]}
    nowhere = {"near_th": "", "near_en": ""}
    return {
        "fields_of_view": frame(
            [box(X + 60, Y - 20, X + 100, Y + 20)],
            id=["c1"],
            place_th=["หน้าศาล"],
            place_en=["At the shrine"],
            synthetic=True,
        ),
        "blind_spots": frame(
            [line((200, 0), (420, 10)), line((200, 0), (200, 150)), line((0, 0), (60, 0))],
            id=["blind-1", "blind-2", "blind-3"],
            rank=[1, 2, 3],
            street=["thalang-02", "soi-01", "thalang-01"],
            name_th=["ถนนถลาง", "", "ถนนถลาง"],
            name_en=["Thalang Road", "", "Thalang Road"],
            length_m=[220.2, 150.0, 60.0],
            **nowhere,
            synthetic=True,
        ),
        "hotspots": frame(
            [line((0, 0), (80, 0))],
            id=["hotspot-1"],
            rank=[1],
            **names,
            near_th=["ถนนเยาวราช"],
            near_en=["Yaowarat Road"],
            length_m=[80.0],
            incidents=[31],
            share=[0.31],
            density=[0.4],
            synthetic=True,
        ),
        "camera_sites": frame(
            [at(260, 4), at(200, 100)],
            id=["site-1", "site-2"],
            rank=[1, 2],
            name_th=["ถนนถลาง", ""],
            name_en=["Thalang Road", ""],
            azimuth_deg=[88.0, 359.0],
            fov_deg=[90.0, 90.0],
            range_m=[40.0, 40.0],
            gain_m=[75.0, 40.0],
            synthetic=True,
        ),
    }


def patrol_layers():
    return {
        "patrol_tours": frame(
            [line((0, 0), (200, 0), (420, 10))],
            id=["tour-foot"],
            unit=["foot"],
            name_th=["สายตรวจเดินเท้า"],
            name_en=["Foot patrol"],
            starts_at=[instant("20:00")],
            ends_at=[instant("21:30")],
            length_m=[420.0],
            stops=[2],
            synthetic=True,
        ),
        "patrol_stops": frame(
            [at(40, 0), at(310, 5)],
            id=["stop-foot-1", "stop-foot-2"],
            unit=["foot", "foot"],
            order=[1, 2],
            kind="visit",
            with_units="",
            beat=[1, 2],
            purpose=["hotspot", "blind_spot"],
            place=[1, 2],
            name_th=["ถนนถลาง", "ถนนถลาง"],
            name_en=["Thalang Road", "Thalang Road"],
            arrives_at=[instant("20:05"), instant("20:40")],
            leaves_at=[instant("20:15"), instant("20:50")],
            reason_th=["จุดเสี่ยง", "จุดอับกล้อง"],
            reason_en=["Hotspot", "Blind spot"],
            synthetic=True,
        ),
        "beats": frame(
            [
                MultiLineString([line((0, 0), (200, 0)), line((200, 0), (200, 150))]),
                MultiLineString([line((200, 0), (420, 10))]),
            ],
            id=["beat-1", "beat-2"],
            beat=[1, 2],
            name_th=["เขตตรวจ 1", "เขตตรวจ 2"],
            name_en=["Beat 1", "Beat 2"],
            between_th=["ติดกับถนนถลาง", "ติดกับถนนถลาง"],
            between_en=["beside Thalang Road", "beside Thalang Road"],
            streets_th=["ถนนถลาง", "ถนนถลาง"],
            streets_en=["Thalang Road", "Thalang Road"],
            length_m=[350.0, 220.2],
            length_share=[0.614, 0.386],
            risk_share=[0.4, 0.6],
            load_share=[0.507, 0.493],
            units=["foot", ""],
            tint=[0, 1],
            synthetic=True,
        ),
    }


def duty_layer():
    """Give a unit on its tour and one that stays at its post."""
    return GeoDataFrame(
        {
            "unit": ["foot", "boat"],
            "name_th": ["สายตรวจเดินเท้า", "เรือ"],
            "name_en": ["Foot patrol", "Boat"],
            "mode": ["foot", "car"],
            "officers": [2, 3],
            "skills": [("english",), ()],
            "starts_at": [instant("20:00"), instant("21:00")],
            "ends_at": [instant("22:00"), instant("23:00")],
            "note_th": ["", "อยู่ประจำจุด"],
            "note_en": ["", "stays at its post"],
            "beat": [1, 0],
            "company": [(), ()],
            "synthetic": True,
        },
        geometry=[at(0, 0), at(420, 10)],
        crs=UTM,
    )


def demand_layer():
    """Give a hotspot with its busy hours, a blind spot wanted all night, and an event too early."""
    return GeoDataFrame(
        {
            "kind": ["hotspot", "blind_spot", "event"],
            "of": ["hotspot-1", "blind-1", "school"],
            "part": ["hot", "", ""],
            "name_th": ["ถนนถลาง", "ถนนถลาง", "โรงเรียน"],
            "name_en": ["Thalang Road", "Thalang Road", HOSTILE],
            "reason_th": ["จุดเสี่ยง", "จุดอับกล้อง", "เลิกเรียน"],
            "reason_en": ["Hotspot", "Blind spot", "Way home"],
            "weight": [31.0, 2.2, 3.0],
            "dwell_s": [700.0, 300.0, 600.0],
            "from_at": [instant("20:00"), pd.NaT, instant("15:00")],
            "until_at": [instant("22:00"), pd.NaT, instant("16:00")],
            "opens_at": [instant("20:00"), pd.NaT, instant("15:00")],
            "closes_at": [instant("21:48"), pd.NaT, instant("16:00")],
            "needs_units": [1, 1, 2],
            "skill": ["", "", "english"],
            "revisit_s": [7200.0, float("nan"), float("inf")],
            "requested_by": "",
            "offered": [True, True, False],
        },
        geometry=[at(40, 0), at(310, 5), at(50, 30)],
        crs=UTM,
    )


def sample_plan():
    return PlanResult(
        zone="made_up",
        name_th="เมืองทดลอง",
        name_en="Made-up Town",
        timezone=BANGKOK,
        crs=UTM,
        boundary=box(X - 30, Y - 60, X + 450, Y + 180),
        boundary_approximate=True,
        tonight=date(2025, 11, 22),
        seed=7,
        params=PlanParams(),
        inputs={"zone.toml": "0" * 64},
        layers={**ground_layers(), **finding_layers(), **patrol_layers()},
        cameras_inside=(),
        demand=demand_layer(),
        demand_weights=pd.DataFrame(
            {
                "kind": ["hotspot", "blind_spot", "event"],
                "places": [1, 1, 0],
                "weight": [31.0, 2.2, 0.0],
                "share": [0.934, 0.066, 0.0],
                "not_offered": [0, 0, 1],
            }
        ),
        unserved=pd.DataFrame(
            {
                "name_th": ["ซอยรมณีย์"],
                "name_en": ["Soi Rommani"],
                "weight": [1.5],
                "code": ["no_time"],
                "reason_th": ["เวลาของหน่วยไม่พอ"],
                "reason_en": ["the units have no time left for it"],
            }
        ),
        duty=duty_layer(),
        figures=Figures(
            street_m=570.2,
            blind_m=430.2,
            points_seen_share=0.25,
            cameras_up=1,
            cameras_down=1,
            incidents_reported=100,
            incidents_discovered=20,
            sites_gain_m=115.0,
            sites_bound_m=118.0,
            patrol_m=420.0,
            patrol_stops=2,
            patrol_served_share=0.83,
            unserved=1,
            mixture_plans=12,
            mixture_value_share=0.98765,
            mixture_kept=False,
            predictability=0.75,
            uncovered=0.5001,
            response_worst_s=431.2,
            response_share_s=179.0,
            response_unattended=0,
            beat_imbalance=0.014,
            beat_bound=0.0,
        ),
    )


def phrases():
    return Phrases(Words.load(), BANGKOK)


def changed(plan, layer, **columns):
    """Give the plan with other columns of one layer."""
    layers = {**plan.layers, layer: plan.layers[layer].assign(**columns)}
    return replace(plan, layers=layers)
