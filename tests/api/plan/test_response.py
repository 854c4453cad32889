"""How soon somebody free is anywhere, told in both languages."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from api.bilingual import Phrases
from api.plan.document import plan_document
from api.plan.response import tell_response
from api.words import Words
from tests.api.plan.sample import sample_plan

PHRASES = Phrases(Words.load(), ZoneInfo("Asia/Bangkok"))


def told(**figures):
    plan = sample_plan()
    return list(tell_response(replace(plan, figures=replace(plan.figures, **figures)), PHRASES))


def test_both_times_are_told_in_minutes_rounded_up():
    (sentence,) = told()
    assert "at most 8 min to any point" in sentence.en
    assert "at most 3 min for 95 %" in sentence.en
    assert "8 นาที" in sentence.th
    assert "3 นาที" in sentence.th


def test_what_nobody_reaches_and_when_nobody_is_free_are_said():
    lost, alone = told(response_worst_s=None, response_unattended=7)
    assert "no free unit can reach" in lost.en
    assert "ไม่มีหน่วยที่ว่างไปถึงได้" in lost.th
    assert "7 min" in alone.en
    assert "7 นาที" in alone.th


@pytest.mark.parametrize("seconds", [431.2, None])
def test_the_document_holds_the_times(seconds):
    plan = sample_plan()
    plan = replace(plan, figures=replace(plan.figures, response_worst_s=seconds))
    assert plan_document(plan)["figures"]["response_worst_s"] == seconds
