"""Readiness: each thing the service needs, taken away in turn, is named with its reason."""

import datetime as dt

import pytest

from api.identity import Principal
from api.operations.readiness import Readiness
from api.settings import Settings
from api.store import Store
from tests.api.sample import ZONE, fill


@pytest.fixture
def place(tmp_path):
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(place):
    store = Store(place)
    fill(store)
    yield store
    store.close()


def faults(store, place, *, runs_jobs=True, zone=ZONE, **settings):
    readiness = Readiness(store, Settings(store=str(place), **settings), lambda: runs_jobs)
    return {check.name: check.fault for check in readiness.checks(zone) if check.fault}


def test_nothing_is_wrong_with_a_store_that_holds_the_zone(store, place):
    assert faults(store, place) == {}


def test_each_thing_that_is_missing_is_named(store, place):
    assert faults(store, place, runs_jobs=False) == {"jobs": "What runs jobs has stopped."}
    assert "bytes free on the store's disk" in faults(store, place, min_free_bytes=2**62)["disk"]
    assert "smartzone serve --zone elsewhere" in faults(store, place, zone="elsewhere")["zone"]


@pytest.mark.parametrize(("age_s", "late"), [(3600, True), (10, False)])
def test_an_audit_that_nobody_signs_is_named(store, place, age_s, late):
    then = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)
    store.audit.append(then, Principal("officer-1", "officer"), "read", ZONE, "incidents")
    assert ("audit" in faults(store, place)) == late


def test_a_store_that_does_not_answer_is_named_without_what_it_says(store, place):
    with store.engine.writing() as session:
        session.run("ALTER TABLE layers RENAME TO layers_before")
    found = faults(store, place)
    assert found == {"store": "The store does not answer; the log says why."}
