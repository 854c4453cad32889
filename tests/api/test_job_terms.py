"""On which terms jobs are run: who runs them by default, and that they share the processors."""

import os

import pytest

from api.job_terms import job_slots, job_terms
from api.settings import Settings
from geo.errors import ParameterError


@pytest.mark.parametrize(
    ("store", "jobs", "slots"),
    [
        ("some.sqlite", None, 1),
        ("postgresql://host/name", None, 0),
        ("some.sqlite", 0, 0),
        ("postgresql://host/name", 3, 3),
    ],
)
def test_a_file_is_worked_on_by_its_service_and_a_server_by_workers(store, jobs, slots):
    assert job_slots(Settings.load(store=store, jobs=jobs)) == slots


@pytest.mark.parametrize(("processors", "slots", "workers"), [(2, 1, 2), (2, 4, 1), (64, 2, 8)])
def test_jobs_share_the_processors(monkeypatch, processors, slots, workers):
    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    assert job_terms(Settings.load(), slots=slots).workers == workers


def test_limits_are_those_of_the_settings():
    asked = Settings.load(job_time_limit_s=60.0, job_memory_mb=512, job_keep_days=7)
    terms = job_terms(asked, slots=1)
    assert (terms.time_limit_s, terms.memory_mb, terms.keep_days) == (60.0, 512, 7)


def test_jobs_are_kept_for_a_season_and_for_a_day_at_least():
    assert job_terms(Settings.load(), slots=1).keep_days == 90
    with pytest.raises(ParameterError, match=r"SMARTZONE_JOB_KEEP_DAYS.*from 1 to 36500, got 0"):
        Settings.load(job_keep_days=0)
