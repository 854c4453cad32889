"""Sessions: they end at their time, when they are closed, and when a token is used twice."""

import datetime as dt

import pytest

from api.store.accounts import Rights
from api.store.sessions import Sessions, SignedIn

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
RIGHTS = Rights("partner", frozenset({"old_town", "van_mieu"}), "เจ้าของ 01")


@pytest.fixture
def sessions(account_engine):
    return Sessions(account_engine)


def opened(sessions, name="s1", *, until=NOW + HOUR):
    session = SignedIn(name, "oidc-1234", RIGHTS, until)
    sessions.open(session, now=NOW)
    return session


def test_a_session_is_found_until_the_instant_it_expires(sessions):
    session = opened(sessions)
    assert sessions.find("s1", now=NOW) == session
    assert sessions.find("s1", now=NOW + HOUR - dt.timedelta(microseconds=1)) == session
    assert sessions.find("s1", now=NOW + HOUR) is None
    assert sessions.find("s2", now=NOW) is None


def test_instants_of_another_time_zone_mean_the_same(sessions):
    bangkok = dt.timezone(dt.timedelta(hours=7))
    session = opened(sessions, until=(NOW + HOUR).astimezone(bangkok))
    assert sessions.find("s1", now=NOW.astimezone(bangkok)) == session
    assert sessions.find("s1", now=(NOW + HOUR).astimezone(bangkok)) is None


def test_a_closed_session_has_ended_and_the_others_go_on(sessions):
    opened(sessions, "s1")
    other = opened(sessions, "s2")
    sessions.close("s1")
    assert sessions.find("s1", now=NOW) is None
    assert sessions.find("s2", now=NOW) == other


def test_each_refresh_token_serves_once_and_a_second_use_ends_the_session(sessions):
    opened(sessions)
    assert sessions.turn("s1", generation=0)
    assert sessions.turn("s1", generation=1)
    assert sessions.find("s1", now=NOW) is not None
    assert not sessions.turn("s1", generation=0)
    assert sessions.find("s1", now=NOW) is None
    assert not sessions.turn("s1", generation=2)


def test_expired_sessions_are_not_kept(sessions):
    opened(sessions)
    sessions.open(SignedIn("s2", "oidc-5", RIGHTS, NOW + 9 * HOUR), now=NOW + 2 * HOUR)
    with sessions._engine.reading() as session:
        assert [row["id"] for row in session.rows("SELECT id FROM sessions")] == ["s2"]
