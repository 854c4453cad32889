"""What is told of the standing cameras: which of them do not count, and why."""

from dataclasses import replace
from datetime import date

import pandas as pd

from api.sites.job import run_sites
from tests.api.sites.town import DAY, PARAMS


def consent(cameras, **columns):
    """Give the register's rows of some cameras, by what their owners agreed to."""
    agreed = {"consented_on": "2025-01-01", "consent_until": "", "retention_days": 7}
    return cameras.assign(**agreed, contact="0-7621-0000", audience="police", **columns)


def test_cameras_without_consent_are_counted_apart_from_those_that_are_down(inputs, result):
    assert result.figures.cameras_without_consent == 0
    cameras = inputs.zone.cameras
    pending = consent(cameras.loc[["camera-1", "camera-3"]], consent=["pending", "withdrawn"])
    lasting = consent(cameras.loc[["camera-2"]], consent="given")
    ended = consent(cameras.loc[["camera-4"]], consent="given").assign(consent_until="2026-02-28")
    zone = replace(inputs.zone, register=pd.concat([pending, lasting, ended])).on(DAY)
    told = run_sites(replace(inputs, zone=zone), seed=1, params=PARAMS).figures
    # camera-3 is down by itself, and would not be up with consent.
    assert (told.cameras_without_consent, told.cameras_down, told.cameras_up) == (2, 1, 1)
    assert told.blind_before_m > result.figures.blind_before_m
    a_day_before = replace(inputs, zone=replace(inputs.zone, register=ended).on(date(2026, 2, 28)))
    good = run_sites(replace(a_day_before, day=date(2026, 2, 28)), seed=1, params=PARAMS).figures
    assert (good.cameras_without_consent, good.cameras_down) == (0, 1)
