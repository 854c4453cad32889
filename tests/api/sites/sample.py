"""A small made-up result: two crossing streets, three cameras, two new sites; hostile names."""

import math
from datetime import date

import pandas as pd
from shapely import MultiLineString, Polygon, box

from api.bilingual import Phrases
from api.sites.result import (
    PROPOSED,
    SitesFigures,
    SitesGround,
    SitesParams,
    SitesResult,
    StreetLines,
    SurveyFigures,
    Tables,
)
from api.words import Words
from tests.api.plan.sample import BANGKOK, HOSTILE, UTM, X, Y, at, frame, line

TASKS = {"detect": (25.0, 61.0), "recognise": (125.0, 12.2), "identify": (250.0, 6.1)}


def wedge(x, y, reach):
    return Polygon([(X + x, Y + y), (X + x + reach, Y + y + 8), (X + x + reach, Y + y - 8)])


def sites_layer():
    return frame(
        [at(260, 4), at(200, 100)],
        id=["site-01", "site-02"],
        rank=[1, 2],
        candidate=["corner-1", "pole-7"],
        name_th=["ถนนถลาง", ""],
        name_en=["Thalang Road", ""],
        near_th=["ถนนเยาวราช", ""],
        near_en=["Yaowarat Road", ""],
        street=["thalang-02", "soi-01"],
        kind=["corner", "pole"],
        camera_type=["Fixed camera", "Fixed camera"],
        camera_type_th=["กล้องคงที่", "กล้องคงที่"],
        cost=[1.0, 1.0],
        azimuth_deg=[88.0, 359.0],
        fov_deg=80.0,
        range_m=60.0,
        height_m=5.0,
        tilt_deg=12.0,
        vfov_deg=50.0,
        resolution_px=2560.0,
        gain_m=[75.0, 40.0],
        junction_m=[4.0, math.nan],
        masked_m2=[120.4, 0.0],
        synthetic=True,
    )


def layers():
    sites = sites_layer()
    views = [wedge(260, 4, 60), wedge(200, 100, 50)]
    prints = [
        (site, task, density, wedge(x, y, reach))
        for site, (x, y) in zip(sites.index, [(260, 4), (200, 100)], strict=True)
        for task, (density, reach) in TASKS.items()
    ]
    names, tasks, densities, shapes = zip(*prints, strict=True)
    streets = {"name_th": ["ถนนถลาง"], "name_en": ["Thalang Road"], "near_th": "", "near_en": ""}
    blind = {"id": ["blind-01"], "rank": [1], "street": ["thalang-02"], **streets}
    return {
        "camera_sites": sites,
        "site_fields_of_view": frame(views, id=list(sites.index), rank=[1, 2], synthetic=True),
        "site_footprints": frame(
            list(shapes),
            id=[f"{site}-{task}" for site, task in zip(names, tasks, strict=True)],
            site=list(names),
            task=list(tasks),
            px_per_m=list(densities),
            synthetic=True,
        ),
        "blind_before": frame(
            [line((60, 0), (420, 10))], length_m=[360.2], synthetic=True, **blind
        ),
        "blind_after": frame([line((340, 6), (420, 10))], length_m=[80.1], synthetic=True, **blind),
        "seen_probability": frame(
            [at(1, 0), at(201, 1), at(200, 51)],
            id=["point-00001", "point-00002", "point-00003"],
            street=["thalang-01", "thalang-02", "soi-01"],
            offset_m=[1.0, 1.0, 51.0],
            length_m=2.0,
            probability=[1.0, 0.4, 0.01],
            standard_error=[0.0, 0.0346, 0.007],
            synthetic=True,
        ),
    }


def ground():
    return SitesGround(
        boundary=box(X - 30, Y - 60, X + 450, Y + 180),
        streets=frame(
            [line((0, 0), (200, 0)), line((200, 0), (200, 150)), line((200, 0), (420, 10))],
            id=["thalang-01", "soi-01", "thalang-02"],
            name_th=["ถนนถลาง", HOSTILE, "ถนนถลาง"],
            name_en=["Thalang Road", HOSTILE, "Thalang Road"],
        ),
        buildings=frame([box(X + 20, Y + 8, X + 60, Y + 25)], id=["b1"], height_m=7.0),
        private=frame([box(X + 300, Y + 12, X + 320, Y + 30)], id=["g1"], kind="yard"),
        cameras=frame(
            [at(100, 3), at(150, 3)],
            id=["c1", "c2"],
            azimuth_deg=[270.0, 90.0],
            owner_kind=["programme", "municipal"],
            status=["up", "down"],
        ),
    )


def coverage():
    rows = []
    for task, seen in {"": 140.0, "detect": 120.0, "recognise": 40.0, "identify": 18.0}.items():
        density = TASKS[task][0] if task else math.nan
        rows += [
            (task, density, "", seen, seen + 115.0, 10.0, 22.0),
            (task, density, "programme", seen, seen, 0.0, 0.0),
            (task, density, "private", 30.0, 30.0, 0.0, 0.0),
            (task, density, PROPOSED, 0.0, 118.0, 0.0, 0.0),
        ]
    columns = [
        "task",
        "px_per_m",
        "owner",
        "before_m",
        "after_m",
        "twice_before_m",
        "twice_after_m",
    ]
    return pd.DataFrame(rows, columns=columns)


def tables():
    tasks = [
        (site, task, density, reach, length)
        for site in ("site-01", "site-02")
        for (task, (density, reach)), length in zip(TASKS.items(), (58.0, 11.0, 4.0), strict=True)
    ]
    return Tables(
        tasks=pd.DataFrame(tasks, columns=["site", "task", "px_per_m", "reach_m", "street_m"]),
        coverage=coverage(),
        grounds=pd.DataFrame(
            {
                "kind": ["yard", "living_quarters"],
                "role": ["masked", "forbidden"],
                "grounds": [12, 1],
                "masked_m2": [120.4, 0.0],
            }
        ),
        wanted=pd.DataFrame(
            {
                "name_th": ["จุดหนึ่ง", "จุดสอง"],
                "name_en": [HOSTILE, "Point two"],
                "needed": [1, 2],
                "before": [0, 1],
                "after": [1, 1],
            }
        ),
        communities=pd.DataFrame(
            {
                "name_th": ["ชุมชนตัวอย่าง"],
                "name_en": ["Sample community"],
                "street_m": [570.2],
                "before_m": [140.0],
                "after_m": [255.0],
                "met": [True],
            }
        ),
        curve=pd.DataFrame(
            {
                "budget": [1.0, 2.0, 3.0, 4.0],
                "sites": [1, 2, 3, 4],
                "covered_m": [95.0, 135.0, 160.0, 170.0],
                "upper_bound_m": [95.0, 138.0, 171.0, 180.0],
                "gap": [0.0, 3 / 138, 11 / 171, 10 / 180],
            }
        ),
    )


def lines():
    seen = line((0, 0), (60, 0))
    return StreetLines(
        seen_before=MultiLineString([seen, line((120, 0), (200, 0))]),
        blind_before=MultiLineString(
            [line((60, 0), (120, 0)), line((200, 0), (200, 150)), line((200, 0), (420, 10))]
        ),
        newly_seen=MultiLineString([line((265, 3), (340, 6)), line((200, 105), (200, 145))]),
        blind_after=MultiLineString(
            [line((60, 0), (120, 0)), line((200, 0), (200, 105)), line((340, 6), (420, 10))]
        ),
        by_survey={
            "nearly_always": MultiLineString([line((0, 0), (170, 0))]),
            "in_doubt": MultiLineString([line((170, 0), (200, 0)), line((200, 0), (290, 4))]),
            "nearly_never": MultiLineString(
                [line((200, 0), (200, 150)), line((290, 4), (420, 10))]
            ),
        },
    )


def sample_result():
    return SitesResult(
        zone="made_up",
        name_th="เมืองทดลอง",
        name_en="Made-up Town",
        timezone=BANGKOK,
        crs=UTM,
        boundary_approximate=True,
        day=date(2025, 11, 22),
        seed=7,
        params=SitesParams(budget=2.0, least_share=0.25, fixed=("pole-7",)),
        inputs={"zone.toml": "0" * 64},
        synthetic=True,
        cameras_inside=("cam-077",),
        layers=layers(),
        lines=lines(),
        ground=ground(),
        tables=tables(),
        figures=SitesFigures(
            street_m=570.2,
            blind_before_m=430.2,
            blind_after_m=315.2,
            covered_m=135.0,
            upper_bound_m=138.0,
            spent=2.0,
            by_number=True,
            cheapest=1.0,
            candidates=1234,
            refused=5,
            cameras_up=97,
            cameras_down=9,
            cameras_without_consent=3,
            cameras_dim=31,
            cameras_without_lens=4,
            cameras_too_low=2,
            sites_unjudged=0,
        ),
        survey=SurveyFigures(
            draws=200,
            cameras=97,
            own_position=6,
            own_azimuth=5,
            nearly_always_m=170.0,
            in_doubt_m=120.1,
            nearly_never_m=280.1,
            expected_m=222.4,
            as_surveyed_m=230.9,
            largest_standard_error=0.0346,
        ),
    )


def phrases():
    return Phrases(Words.load(), BANGKOK)
