import pytest

from analytics import hotspots
from tests.analytics.feedback_cases import CASES, judged
from tests.analytics.feedback_pipelines import Pipeline, hotspot_incidents


def hotspot_verdict(cases=CASES):
    return judged(Pipeline(hotspot_incidents, every_days=100), cases=cases, runs=4)


@pytest.mark.slow
def test_hotspots_do_not_run_away():
    verdict = hotspot_verdict()
    assert verdict.passed, verdict


@pytest.mark.slow
def test_hotspots_that_let_discovered_incidents_in_are_caught(monkeypatch):
    monkeypatch.setattr(hotspots, "checked_reports", lambda incidents, **_: incidents)
    verdict = hotspot_verdict([(0.5, (60, 20)), (0.6, (1, 1))])
    assert not verdict.passed, verdict
