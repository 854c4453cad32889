"""hotspots.html: every figure as the result has it, both languages, nothing loaded or sent."""

import re
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from analytics.hotspot_claims import hotspot_claims
from api.hotspots.job import run_hotspots
from api.hotspots.report import FEEDBACK_COMMAND, render_report
from api.hotspots.times import busiest_times, coarsened
from tests.api.hotspots.town import PARAMS, incidents
from tests.api.plan.sample import HOSTILE

SECTIONS = (
    *("hotspots.record", "hotspots.stretches", "hotspots.map_stretches", "hotspots.areas"),
    *("hotspots.when", "hotspots.repeats", "hotspots.audit", "hotspots.method"),
    *("hotspots.not_done", "hotspots.sources"),
)
STIGMA = re.compile(
    r"dangerous|criminals?\b|offenders? (?:live|are)|unsafe|อันตราย|อาชญากร", re.IGNORECASE
)


@pytest.fixture(scope="module")
def render(phrases):
    def render(result, language="en"):
        return render_report(result, phrases=phrases, language=language)

    return render


@pytest.fixture(scope="module")
def page(render, result):
    return render(result)


def text_of(page, language="en"):
    """Give what a reader of one language sees, without tags."""
    other = {"en": "th", "th": "en"}[language]
    body = page[page.index("<main>") : page.index("<script>")]
    body = re.sub(rf'<(span|text) lang="{other}".*?</\1>', "", body, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def with_tables(result, **tables):
    return replace(result, tables=replace(result.tables, **tables))


def measured(result, **changes):
    """Give the result with trials whose measures are made up."""
    row = {
        "area_share": 0.1,
        "hit_rate": 0.412,
        "low": 0.35,
        "high": 0.47,
        "baseline_rate": 0.391,
        "baseline_low": 0.33,
        "baseline_high": 0.44,
        "difference": 0.021,
        "difference_low": -0.01,
        "difference_high": 0.05,
        **changes,
    }
    figures = replace(
        result.forecast, reason="", origins=26, events=437, lag_days=0, baseline="made up"
    )
    return replace(with_tables(result, forecast=pd.DataFrame([row])), forecast=figures)


def with_claims(result, count):
    """Give the result as if so many incidents were all, with no stretch left to list."""
    layers = {
        name: layer if name in ("street_densities", "forecast_cells") else layer.iloc[:0]
        for name, layer in result.layers.items()
    }
    claims = hotspot_claims(count, network_m=result.figures.street_m)
    return replace(result, claims=claims, layers=layers)


def test_the_page_loads_nothing_and_may_not(page):
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#base"}
    assert not re.findall(r"(?:src\s*=|url\(|@import|<form|fetch\(|XMLHttp|sendBeacon)", page)
    assert "default-src 'none'" in page
    assert "form-action 'none'" in page


def test_figures_are_told(page, result):
    text, figures = text_of(page), result.figures
    stretches = result.layers["hotspot_stretches"]
    for part in (
        f"{figures.reported} incidents that people reported",
        f"{figures.discovered} discovered by the police, left out",
        f"{100 * stretches['share'].sum():.0f}% of reported incidents on the 4 listed stretches",
        f"which are {100 * stretches['length_m'].sum() / figures.street_m:.0f}% of all street",
        f"{figures.reported} incidents are enough to rank stretches, with intervals.",
        "Incidents reported from",
        "seed 1",
        "incidents.csv",
        f"plan.json {result.inputs['plan.json'][:12]}",
    ):
        assert part in text, part


def test_stretches_are_listed_with_their_intervals(page, result):
    text = text_of(page)
    for row in result.layers["hotspot_stretches"].to_dict("records"):
        line = (
            f"{row['rank']} {row['name_en']}, near {row['near_en']} {row['incidents']} "
            f"{100 * row['share']:.1f}% {row['rank_low']:.0f}–{row['rank_high']:.0f} "
            f"{row['ratio']:.1f}"
        )
        assert line in text, line
    assert "≤ 0.010" in text  # of 99 simulations none was as dense
    assert "in 95% of 99 redrawings" in text


def test_streets_stand_in_the_audit_with_both_shares(page, result):
    text = text_of(page)
    rows = result.tables.streets.set_index("name_en")
    for name, minutes in (("East 1 Road", 60), ("East 2 Road", 0), ("North 3 Road", 20)):
        row = rows.loc[name]
        line = (
            f"{name} {minutes} {100 * row['patrol_share']:.1f}% {row['incidents']} "
            f"{100 * row['incident_share']:.1f}% {100 * row['share_low']:.1f}%–"
            f"{100 * row['share_high']:.1f}% {100 * row['difference']:+.1f}"
        )
        assert line in text, line
    assert f"{100 * (0 - rows.loc['East 2 Road', 'incident_share']):+.1f} ▼" in text
    assert "▲" in text
    assert "In all 80 minutes on 2 of 6 streets." in text
    assert "by the plan for the night of 1 March 2026" in text


def test_a_small_difference_is_not_marked(render, result):
    rows = result.tables.streets.assign(difference=0.004, verdict="over")
    assert "+0.4 ▲" not in text_of(render(with_tables(result, streets=rows)))
    rows = rows.assign(difference=0.006)
    assert "+0.6 ▲" in text_of(render(with_tables(result, streets=rows)))
    unclear = rows.assign(verdict="unclear")
    assert "+0.6 ▲" not in text_of(render(with_tables(result, streets=unclear)))


def test_without_a_plan_the_report_says_how_to_get_one(render, result):
    text = text_of(render(replace(result, audit=None)))
    assert "There is no plan.json in the output folder" in text
    assert "smartzone plan" in text
    assert "Patrol time Incidents" not in text
    assert "East 2 Road" in text


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_section_stands_in_both_languages(page, phrases, language):
    text = text_of(page, language)
    for key in SECTIONS:
        assert phrases.say(key).read(language) in text, key
    assert phrases.say("hotspots.forecast", days=7).read(language) in text
    thai = re.findall("[ก-๛]+", text_of(page, "en"))
    assert set(thai) <= {"ไทย"}


@pytest.mark.parametrize("count", [0, 12, 100, 1000])
@pytest.mark.parametrize("language", ["th", "en"])
def test_what_may_be_said_is_said_in_both_languages(render, result, phrases, count, language):
    claimed = with_claims(result, count)
    text = text_of(render(claimed), language)
    told = phrases.say(f"claim.{claimed.claims.statement}", incidents=f"{count:,}")
    assert told.read(language) in text
    assert phrases.say(f"claim_times.{claimed.claims.times}").read(language) in text
    ranked = phrases.say("hotspots.rank_between").read(language)
    assert ranked not in re.sub("“.*?”", "", text)


def test_stretches_without_ranks_claim_none(render, result):
    claims = replace(result.claims, statement="tested", reason="few_incidents", times="hours")
    week = coarsened(result.tables.week, "hours")
    told = replace(with_tables(result, week=week), claims=claims, busiest=busiest_times(week))
    text = text_of(render(told))
    assert "Sorted by name, not by rank" in text
    assert "Rank between" not in text
    assert "All days" in text
    assert "Monday" not in text


def test_the_legend_tells_of_the_bands_that_are_drawn(render, result):
    densities = result.layers["street_densities"]
    for least, left_out in ((0.0, False), (0.6, True)):
        most = densities["density"].max()
        some = densities.assign(density=densities["density"].clip(lower=least * most))
        text = text_of(render(replace(result, layers={**result.layers, "street_densities": some})))
        for part in (0.25, 0.5):
            assert (f"up to {100 * part * most:.0f} incidents per" in text) != left_out
        assert f"up to {75 * most:.0f} incidents per" in text


def test_small_counts_of_streets_are_withheld_and_their_marks_kept(render, result):
    streets = result.tables.streets.set_index("name_en")
    streets.loc["East 1 Road", ["incidents", "difference", "verdict"]] = [3, 0.7, "over"]
    told = with_tables(result, streets=streets.reset_index())
    text = text_of(render(told))
    assert "East 1 Road 60 75.0% < 5 – – – ▲" in text
    assert text.count("≥ 5 – – –") == 1


def test_streets_are_counted_where_no_more_may_be_said(render, result):
    text = text_of(render(with_claims(result, 12)))
    assert "Reported incidents by street Street Incidents East 2 Road" in text


def test_a_zone_without_incidents_is_a_clear_answer(render, inputs):
    nothing = replace(inputs, zone=replace(inputs.zone, incidents=incidents(3).iloc[:0]))
    for given in (nothing, replace(nothing, patrols=None)):
        text = text_of(render(run_hotspots(given, seed=0, params=PARAMS)))
        for part in (
            "No reported incident is on record before this day.",
            "There is no reported incident, and so nothing to say.",
            "Without a reported incident there is nothing to forecast from.",
            "Without a reported incident there is nothing to compare.",
        ):
            assert part in text, part
        assert "nan" not in text


@pytest.mark.parametrize("count", [1, 20])
def test_nothing_is_mapped_of_a_few_incidents(render, inputs, count):
    few = replace(inputs, zone=replace(inputs.zone, incidents=incidents(count)))
    page = render(run_hotspots(few, seed=0, params=PARAMS))
    assert "<svg class=" not in page.replace('<svg class="hidden"', "")
    assert "nothing is forecast from so few" in text_of(page)
    assert "nan" not in text_of(page)


def test_every_forecast_carries_its_measured_worth(render, result):
    text = text_of(render(measured(result)))
    for part in (
        "Measured on this zone's own past: in 26 trials of 7 days (437 incidents)",
        "10% of the area, held 41% of what was then reported (95% interval 35%–47%)",
        "The best of 12 simple methods, made up, held 39% (33%–44%).",
        "within chance: that would serve as well",
        "10% of the area 41.2% (35.0%–47.0%) 39.1% (33.0%–44.0%) +2.1 (-1.0 to +5.0)",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.05, "It was ahead of the best simple method by more than chance."),
        (-0.05, -0.001, "At 10% of the area the best simple method was ahead by more than chance"),
        (0.0, 0.05, "within chance"),
    ],
)
def test_the_verdict_follows_the_interval(render, result, low, high, verdict):
    text = text_of(render(measured(result, difference_low=low, difference_high=high)))
    assert verdict in text


def test_a_share_at_which_the_forecast_was_behind_is_never_passed_over(render, result):
    told = measured(result, difference_low=0.01, difference_high=0.05)
    other = told.tables.forecast.assign(
        area_share=0.05, difference=-0.03, difference_low=-0.06, difference_high=-0.01
    )
    both = with_tables(told, forecast=pd.concat([other, told.tables.forecast]))
    text = text_of(render(both))
    assert "At 5% of the area the best simple method was ahead by more than chance" in text
    assert "It was ahead" not in text


def test_old_records_are_spoken_of(render, result):
    old = replace(result, figures=replace(result.figures, age_days=89, later=3))
    text = text_of(render(old))
    assert "The latest incident on record is 89 days older than this report" in text
    assert "left out: 3." in text
    fresh = replace(result, figures=replace(result.figures, age_days=7))
    assert "older than this report" not in text_of(render(fresh))


def test_repeats_are_told_only_where_they_are_no_chance(render, result):
    table = pd.DataFrame(
        {
            "category": ["burglary", "theft", "<b>odd"],
            "incidents": [120, 90, 60],
            "pairs": [40, 12, 3],
            "expected": [20.0, 11.0, 9.0],
            "ratio": [2.0, 1.09, 0.33],
            "p_value": [0.001, 0.4, 0.001],
            "q_value": [0.003, 0.4, 0.003],
        }
    )
    counts = pd.DataFrame({"category": table["category"], "reported": [120, 90, 60]})
    counts = counts.assign(discovered=0)
    page = render(with_tables(result, near_repeats=table, categories=counts))
    text = text_of(page)
    assert "Burglary 120 40 20 2.00 after one, others within 200 m are 2.0 times as" in text
    assert "Theft 90 12 11 1.09 no more than chance would bring" in text
    assert "<b>odd 60 3 9 0.33 no more than chance would bring" in text
    assert "&lt;b&gt;odd" in page


def test_untested_categories_are_named_and_small_counts_withheld(render, result):
    counts = pd.DataFrame(
        {"category": ["theft", "drugs", "noise"], "reported": [600, 3, 20], "discovered": [0, 4, 9]}
    )
    tables = {"categories": counts, "near_repeats": result.tables.near_repeats.iloc[:0]}
    text = text_of(render(with_tables(result, **tables)))
    assert "No category has 50 reported incidents" in text
    assert "Theft 600 0" in text
    assert "Drugs < 5 < 5" in text
    assert "Noise ≥ 5 ≥ 5" in text  # the sums would tell of drugs, were these told
    theft = result.tables.near_repeats.iloc[:1].assign(category="theft")
    text = text_of(render(with_tables(result, categories=counts, near_repeats=theft)))
    assert "Not tested, as fewer than 50 were reported: Drugs (< 5), Noise (≥ 5)." in text


def test_notices_stand_in_both_languages(page):
    for part in ("Synthetic data", "ข้อมูลจำลอง", "Internal use only", "ใช้ภายในเท่านั้น", "approximate"):
        assert part in page, part


def test_real_data_is_not_called_synthetic(render, result):
    assert "Synthetic data" not in render(replace(result, synthetic=False))


def test_what_is_not_done_is_said_and_no_street_is_called_names(page):
    text = text_of(page)
    for part in (
        "No person is scored",
        "checks, searches and arrests enter nothing",
        FEEDBACK_COMMAND,
    ):
        assert part in text, part
    for language in ("en", "th"):
        assert not STIGMA.findall(text_of(page, language))
    assert STIGMA.findall("a dangerous street")


def test_the_command_that_is_named_is_there(root):
    module = FEEDBACK_COMMAND.removeprefix("python -m ").replace(".", "/")
    assert (root / f"{module}.py").is_file()


def test_names_in_the_data_never_become_markup(render, result):
    named = {
        name: layer.assign(name_en=HOSTILE, name_th=HOSTILE) if "name_en" in layer else layer
        for name, layer in result.layers.items()
    }
    streets = result.tables.streets.assign(name_en=HOSTILE, name_th=HOSTILE)
    ground = replace(
        result.ground, streets=result.ground.streets.assign(name_en=HOSTILE, name_th=HOSTILE)
    )
    hostile = replace(
        with_tables(result, streets=streets), layers=named, ground=ground, name_en=HOSTILE
    )
    page = render(hostile)
    assert "<script>alert" not in page
    assert "{{7*7}}" in page
    assert page.count("<script>") == 1
