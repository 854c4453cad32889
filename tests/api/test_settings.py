"""Settings: ranges, names, and every fault at once."""

import pytest

from api.settings import Settings
from geo.errors import ParameterError


def test_an_override_comes_before_the_environment_before_the_default(monkeypatch):
    monkeypatch.setenv("SMARTZONE_PORT", "9001")
    monkeypatch.setenv("SMARTZONE_ZONE", "other")
    settings = Settings.load(port=9002, zone=None)
    assert (settings.port, settings.zone, settings.host) == (9002, "other", "127.0.0.1")


def test_the_data_folder_stands_beside_the_packages(root):
    assert Settings.load().data_dir == root / "data"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_addresses_are_taken(host):
    assert Settings.load(host=host).host == host


def test_the_zones_served_are_named_once_and_the_first_is_the_default(monkeypatch):
    assert Settings.load().served_zones == ("old_town",)
    monkeypatch.setenv("SMARTZONE_ZONES", "van_mieu, old_town,patong")
    assert Settings.load().served_zones == ("old_town", "van_mieu", "patong")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "http"),
        ("host", "0.0.0.0"),  # noqa: S104 - refused, not listened on
        ("host", "example.org"),
        ("zone", "../secrets"),
        ("zone", ""),
        ("mode", "open"),
        ("jobs", "-1"),
        ("jobs", "65"),
        ("job_time_limit_s", "0"),
        ("job_memory_mb", "100"),
        ("oidc_issuer", "http://provider.example.org"),
        ("oidc_issuer", "ftp://127.0.0.1"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(f"SMARTZONE_{name.upper()}", value)
    with pytest.raises(ParameterError, match=f"`{name}` \\(SMARTZONE_{name.upper()}\\)") as refused:
        Settings.load()
    assert repr(value) in str(refused.value)


def test_a_misspelt_variable_is_an_error_and_all_faults_come_at_once(monkeypatch):
    monkeypatch.setenv("SMARTZONE_PROT", "9000")
    monkeypatch.setenv("SMARTZONE_PORT", "0")
    with pytest.raises(ParameterError) as refused:
        Settings.load(zone="NO")
    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert "got the variable SMARTZONE_PROT." in lines[0]


@pytest.mark.parametrize("place", ["mysql://root:hunter2@host/db", "file://x:hunter2@y", ""])
def test_a_store_of_another_kind_is_refused_without_showing_it(monkeypatch, place):
    monkeypatch.setenv("SMARTZONE_STORE", place)
    with pytest.raises(ParameterError, match=r"`store` \(SMARTZONE_STORE\)") as refused:
        Settings.load()
    assert "hunter2" not in str(refused.value)


def test_the_password_of_a_store_does_not_show_in_the_settings(monkeypatch):
    monkeypatch.setenv("SMARTZONE_STORE", "postgresql://smartzone:hunter2@host/db")
    settings = Settings.load()
    assert settings.store.endswith("hunter2@host/db")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("address", ["me:hunter2@host/db", "host/db?user=me&password=hunter2"])
def test_no_command_is_called_with_a_password(address):
    with pytest.raises(ParameterError, match="without a password, as others") as refused:
        Settings.load(store=f"postgresql://{address}")
    assert "hunter2" not in str(refused.value)
    assert Settings.load(store="postgresql://me@host/db?sslmode=require").store


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
@pytest.mark.parametrize("given", ['{"', "", "-1", "[1"])
def test_whatever_a_variable_holds_is_taken_or_told_in_our_words(monkeypatch, name, given):
    variable = f"SMARTZONE_{name.upper()}"
    monkeypatch.setenv(variable, given)
    try:
        Settings.load()
    except ParameterError as refused:
        told = str(refused)
        assert told.startswith(f"Expected `{name}` ({variable}) ")
        for foreign in ("Value error", "Input should", "error parsing", "pydantic"):
            assert foreign not in told
