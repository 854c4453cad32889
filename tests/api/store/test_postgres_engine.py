"""The database server under the store: what is wrong is told in one line, without the password."""

import socket
import uuid

import psycopg
import pytest

from api.store import Store, postgres_engine
from api.store.engine import migration_scripts
from geo.errors import SourceError
from tests.api.sample import PROVENANCE, ZONE
from tests.api.store.conftest import NOW
from tests.api.store.test_store import points

SECRET = "hunter2"  # noqa: S105  # looked for in messages


def refusal(address):
    with pytest.raises(SourceError) as refused:
        Store(address)
    told = str(refused.value)
    assert "\n" not in told
    assert SECRET not in told
    return told


@pytest.fixture
def database(postgres):
    """Return the name of an empty database and of a plain role that owns it."""
    name = f"plain_{uuid.uuid4().hex}"
    postgres.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{SECRET}'")
    postgres.execute(f"CREATE DATABASE {name} OWNER {name}")
    yield name
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
    postgres.execute(f"DROP ROLE {name}")


def address_of(postgres, name):
    return postgres.url(name).replace("smartzone@", f"{name}:{SECRET}@")


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://smartzone:{SECRET}@[::1/db",
        f"postgresql://smartzone:{SECRET}@127.0.0.1:port/db",
        f"postgresql://smartzone:{SECRET}@127.0.0.1/db?colour=red",
        f"postgresql://smartzone:{SECRET}%zz@127.0.0.1/db",
        f"postgres://{SECRET}:{SECRET}@@@",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(address):
    assert refusal(address).startswith("Expected a")


def test_a_server_that_does_not_answer_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    told = refusal(f"postgresql://smartzone:{SECRET}@127.0.0.1:{port}/db")
    assert told.startswith("Expected a store at 127.0.0.1/db, got: connection failed")
    assert "refused" in told


def test_a_wrong_password_is_told_without_showing_it(postgres, database):
    rules = postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"host all {database} 127.0.0.1/32 scram-sha-256\n{before}")
    postgres.execute("SELECT pg_reload_conf()")
    try:
        address = address_of(postgres, database)
        told = refusal(address.replace(SECRET, f"{SECRET}x"))
        assert "password authentication failed" in told
        postgres.execute("CREATE EXTENSION postgis", database)
        Store(address).close()
    finally:
        rules.write_text(before)
        postgres.execute("SELECT pg_reload_conf()")


def test_a_database_without_postgis_is_told_and_left_alone(postgres, database):
    told = refusal(address_of(postgres, database))
    assert 'extension "postgis"' in told
    with psycopg.connect(postgres.url(database)) as connection:
        query = "SELECT count(*) FROM pg_namespace WHERE nspname = 'smartzone'"
        assert connection.execute(query).fetchone() == (0,)


def test_a_plain_role_keeps_a_store_once_an_administrator_has_added_postgis(postgres, database):
    postgres.execute("CREATE EXTENSION postgis", database)
    store = Store(address_of(postgres, database))
    assert store.layers("any") == []
    with store.engine.reading() as session:
        found = session.rows("SELECT nspname AS name FROM pg_namespace WHERE nspname = 'smartzone'")
    assert [row["name"] for row in found] == ["smartzone"]
    store.close()


def test_an_unknown_database_is_told(postgres):
    assert '"nowhere" does not exist' in refusal(postgres.url("nowhere"))


def test_a_store_of_a_newer_program_is_refused(postgres, database):
    Store(postgres.url(database)).close()
    postgres.execute("UPDATE smartzone.schema_version SET version = 999", database)
    newest = len(migration_scripts("postgres"))
    told = refusal(postgres.url(database))
    assert f"Expected a store of schema {newest} or older" in told
    assert "newer smartzone" in told


def test_a_commit_waits_for_the_disk_even_where_the_server_would_not(postgres, database):
    query = "SELECT current_setting('synchronous_commit') AS kept"
    with psycopg.connect(postgres.url(database)) as connection:
        assert connection.execute(query).fetchone() == ("off",)
    postgres.execute("CREATE EXTENSION postgis", database)
    store = Store(address_of(postgres, database))
    with store.engine.writing() as session:
        assert session.row(query)["kept"] == "on"
    store.close()


def test_the_place_that_is_shown_has_no_password(postgres, database):
    postgres.execute("CREATE EXTENSION postgis", database)
    store = Store(address_of(postgres, database))
    assert store.engine.place == f"127.0.0.1/{database}"
    assert SECRET not in repr(store.engine.__dict__["place"])
    store.close()


def test_a_server_that_goes_and_comes_back_is_told_once_and_then_forgotten(
    postgres, database, monkeypatch
):
    monkeypatch.setattr(postgres_engine, "_CONNECT_TIMEOUT_S", 2)
    postgres.execute("CREATE EXTENSION postgis", database)
    store = Store(address_of(postgres, database))
    store.put_layer(ZONE, "lamps", points(3, "old"), kind="layer", provenance=PROVENANCE)
    postgres.kill()
    try:
        for act in (
            lambda: store.layers(ZONE),
            lambda: store.events.append(ZONE, "sos", {}, at=NOW),
        ):
            with pytest.raises(SourceError, match="does not answer") as refused:
                act()
            assert "\n" not in str(refused.value)
            assert SECRET not in str(refused.value)
    finally:
        postgres.start()
    assert store.layer(ZONE, "lamps").count == 3
    store.events.append(ZONE, "sos", {"n": 1}, at=NOW)
    assert [event.payload for event in store.events.after(0, 10)] == [{"n": 1}]
    store.close()
