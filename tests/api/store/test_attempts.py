"""Attempts to sign in: a few are free, then each must wait, and nothing is kept for longer."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.store import attempts as module
from api.store.attempts import WINDOW, Attempt, Attempts

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ACCOUNT = Attempt("account", 5)
ADDRESS = Attempt("address", 7)


@pytest.fixture
def attempts(account_engine):
    return Attempts(account_engine)


def kept(attempts):
    with attempts._engine.reading() as session:
        return {row["key"]: row["count"] for row in session.rows("SELECT * FROM sign_in_attempts")}


def hold(attempts, now=NOW):
    """Use up the free attempts."""
    return [attempts.begin([ACCOUNT], now=now) for _ in range(ACCOUNT.free)]


def test_the_waits_grow_from_a_minute_to_a_quarter_hour_and_stay(attempts):
    assert hold(attempts) == [None] * 5
    now, waits = NOW, []
    for _ in range(7):
        wait = attempts.begin([ACCOUNT], now=now)
        waits.append(wait / MINUTE)
        assert attempts.begin([ACCOUNT], now=now + wait - MINUTE / 60) == MINUTE / 60
        now += wait
        assert attempts.begin([ACCOUNT], now=now) is None
    assert waits == [1, 2, 4, 8, 15, 15, 15]


def test_an_attempt_that_must_wait_does_not_count(attempts):
    hold(attempts)
    for _ in range(9):
        assert attempts.begin([ACCOUNT, ADDRESS], now=NOW) == MINUTE
    assert kept(attempts) == {"account": 5}


def test_after_the_window_everything_is_forgotten(attempts):
    attempts.begin([ACCOUNT, ADDRESS], now=NOW)
    attempts.begin([Attempt("other", 5)], now=NOW + WINDOW)
    assert kept(attempts) == {"other": 1}


def test_a_hold_is_remembered_for_a_window_after_its_end(attempts):
    hold(attempts)
    attempts.begin([Attempt("other", 5)], now=NOW + WINDOW)
    assert kept(attempts) == {"account": 5, "other": 1}
    attempts.begin([Attempt("other", 5)], now=NOW + WINDOW + MINUTE)
    assert kept(attempts) == {"other": 2}


def test_an_address_is_held_after_trying_several_accounts(attempts):
    for number in range(7):
        assert attempts.begin([Attempt(f"account-{number}", 5), ADDRESS], now=NOW) is None
    assert attempts.begin([Attempt("account-9", 5), ADDRESS], now=NOW) == MINUTE


def test_a_success_frees_the_account_but_not_what_its_address_did_to_others(attempts):
    for _ in range(4):
        attempts.begin([ACCOUNT, ADDRESS], now=NOW)
    attempts.begin([Attempt("own", 5), ADDRESS], now=NOW)
    attempts.succeed(account="own", address="address", both="own.address")
    assert kept(attempts) == {"account": 4, "address": 4}
    attempts.succeed(account="account", address="address", both="account.address")
    assert kept(attempts) == {"address": 3}


def test_the_last_free_attempt_may_succeed(attempts):
    hold(attempts)
    attempts.succeed(account="account", address="address", both="account.address")
    assert attempts.begin([ACCOUNT], now=NOW) is None


def test_an_unlocked_account_may_be_tried_at_once(attempts):
    hold(attempts)
    attempts.begin([Attempt("account.address", 1), Attempt("accounts", 1)], now=NOW)
    assert attempts.forget("account")
    assert not attempts.forget("account")
    assert kept(attempts) == {"accounts": 1}
    assert attempts.begin([ACCOUNT], now=NOW) is None


def at_once(attempts):
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: attempts.begin([ACCOUNT], now=NOW), range(24)))
    return waits.count(None)


def test_many_at_once_are_no_way_around(attempts):
    assert at_once(attempts) == ACCOUNT.free


def test_the_test_finds_attempts_that_do_not_count(attempts, monkeypatch):
    monkeypatch.setattr(module, "_count", lambda *_: None)
    assert at_once(attempts) > ACCOUNT.free
