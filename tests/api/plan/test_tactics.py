"""Tactics: every purpose has some, none is enforcement, and letters stay theirs."""

import re

import pytest

from api.plan.tactics import TACTICS, letter_of, tactics_for
from api.words import Words
from planning.patrol_demand import KINDS

WORDS = Words.load()
ENFORCEMENT = re.compile(
    r"arrest|stop and|search|check (?:ids?|papers)|fine|ticket|suspect|จับ|ค้นตัว|ปรับ|ผู้ต้องสงสัย"
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_demand_has_tactics_in_their_order(kind):
    chosen = tactics_for(kind)
    assert chosen
    assert [name for name in TACTICS if name in chosen] == list(chosen)


def test_breaks_and_meetings_have_none():
    assert tactics_for("") == ()


def test_every_tactic_is_used_and_has_words_that_are_no_enforcement():
    used = {name for kind in KINDS for name in tactics_for(kind)}
    assert used == set(TACTICS)
    for name in TACTICS:
        for language in ("th", "en"):
            assert not ENFORCEMENT.search(WORDS.text(f"tactic.{name}", language).lower()), name


def test_a_word_of_enforcement_would_be_seen():
    assert ENFORCEMENT.search("search whoever loiters")


def test_letters_are_told_apart():
    assert len({letter_of(name) for name in TACTICS}) == len(TACTICS)
