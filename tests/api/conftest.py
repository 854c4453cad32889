"""What the tests of api share: stores and zones, clients of the service, and commands."""

import logging
import shutil

import pytest
from typer.testing import CliRunner

import api.cli
from api.store import Store
from tests.api.postgres import postgres_cluster
from tests.api.sample import fill
from tests.api.serving import client_of
from tests.api.small_zone import write_zone

_LOGGERS = (None, "uvicorn", "asyncio", "httpx", "httpcore", "psycopg", "procrastinate")


@pytest.fixture(autouse=True)
def logs_as_before():
    """Let no command that sets up logs leave them so: it wrote to a stream that ends with it."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(one.handlers, one.level, one.propagate) for one in loggers]
    yield
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        if one.handlers is not handlers:
            one.handlers, one.propagate = handlers, propagate
            one.setLevel(level)


@pytest.fixture
def empty_store(tmp_path):
    store = Store(tmp_path / "var" / "store.sqlite")
    yield store
    store.close()


@pytest.fixture
def store(empty_store):
    fill(empty_store)
    return empty_store


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Return a client of a running service that holds the sample zone and its plan."""
    path = tmp_path_factory.mktemp("service") / "store.sqlite"
    store = Store(path)
    fill(store)
    store.close()
    with client_of(path) as client:
        yield client


@pytest.fixture(scope="session")
def postgres():
    """Return a running PostgreSQL cluster with PostGIS."""
    with postgres_cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgres"])
def store_place(request, tmp_path, monkeypatch):
    """Return where a new, empty store may be: a file, then a database on a server."""
    if request.param == "sqlite":
        yield tmp_path / "store.sqlite"
        return
    # Beside a file its audit is kept in the same folder; of a server the working one would be.
    monkeypatch.setenv("SMARTZONE_AUDIT_KEY", str(tmp_path / "audit" / "key.pem"))
    monkeypatch.setenv("SMARTZONE_AUDIT_HEADS", str(tmp_path / "audit" / "heads.jsonl"))
    cluster = request.getfixturevalue("postgres")
    url = cluster.new()
    yield url
    cluster.drop(url)


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """Return the folder of a small zone without faults."""
    return write_zone(tmp_path_factory.mktemp("zones") / "small")


@pytest.fixture
def folder(sound, tmp_path):
    """Return a copy of it, to be spoilt."""
    return shutil.copytree(sound, tmp_path / "small")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return what runs a command in a folder and on a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    runner = CliRunner()

    def call(*arguments):
        return runner.invoke(api.cli.app, [str(argument) for argument in arguments])

    return call
