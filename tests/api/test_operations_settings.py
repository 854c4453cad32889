"""Settings of operations: what is out of range is named, and no secret is shown."""

import pytest

from api.ogc.bodies import MAX_BYTES
from api.operations_settings import EXPECTED_OPERATIONS, OperationsSettings
from api.settings import Settings
from geo.errors import ParameterError


def test_every_setting_says_what_it_may_be():
    assert set(EXPECTED_OPERATIONS) == set(OperationsSettings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("max_body_bytes", "12"),
        ("receive_s", "0"),
        ("send_s", "-1"),
        ("drain_s", "601"),
        ("shutdown_s", "nan"),
        ("min_free_bytes", "-1"),
        ("proxies", "everywhere"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(f"SMARTZONE_{name.upper()}", value)
    with pytest.raises(ParameterError, match=f"`{name}` \\(SMARTZONE_{name.upper()}\\)") as refused:
        Settings.load()
    assert EXPECTED_OPERATIONS[name] in str(refused.value)


def test_a_short_token_is_refused_without_showing_it(monkeypatch):
    monkeypatch.setenv("SMARTZONE_METRICS_TOKEN", "hunter2")
    with pytest.raises(ParameterError, match=r"SMARTZONE_METRICS_TOKEN") as refused:
        Settings.load()
    assert "hunter2" not in str(refused.value)


def test_a_stranger_may_send_little_more_than_the_largest_feature():
    # JSON of 32 MiB takes seconds to read, in which nobody else is answered.
    assert MAX_BYTES < OperationsSettings().max_body_bytes < 1.1 * MAX_BYTES
