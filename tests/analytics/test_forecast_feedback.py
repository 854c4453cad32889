import pytest

from analytics import forecast
from tests.analytics.feedback_cases import CASES, final_shares, judged
from tests.analytics.feedback_pipelines import Pipeline, expected_incidents


def forecast_verdict(cases=CASES):
    return judged(
        Pipeline(expected_incidents, every_days=100), cases=cases, runs=4, report_rate=0.2
    )


@pytest.mark.slow
def test_forecasts_do_not_run_away():
    verdict = forecast_verdict()
    assert verdict.passed, verdict


@pytest.mark.slow
def test_forecasts_of_every_week_are_near_the_truth_too():
    weekly = Pipeline(expected_incidents, every_days=7)
    final = final_shares(
        weekly, 0.6, (60, 20), runs=1, days=600, discovery_rate=1.0, report_rate=1.0
    )
    assert abs(final[0] - 0.6) < 0.05


@pytest.mark.slow
def test_forecasts_that_let_discovered_incidents_in_are_caught(monkeypatch):
    read = forecast.read_past
    monkeypatch.setattr(
        forecast,
        "read_past",
        lambda incidents, origin: read(incidents.drop(columns="reporting"), origin),
    )
    verdict = forecast_verdict([(0.5, (60, 20)), (0.6, (1, 1))])
    assert not verdict.passed, verdict
