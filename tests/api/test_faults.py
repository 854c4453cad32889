"""What pydantic refuses is told in the words of the service, and repeated only where it may be."""

import datetime as dt
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

import api.faults
from api.faults import told_fault


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int


def refused(kind, value):
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(kind).validate_python(value)
    (fault,) = refusal.value.errors()
    return fault


CASES = [
    (Literal["a", "b"], "x", "Expected one of 'a' or 'b', got 'x'."),
    (int, "x", "Expected a whole number, got 'x'."),
    (int, 1.5, "Expected a whole number, got '1.5'."),
    (float, "x", "Expected a number, got 'x'."),
    (Annotated[float, Field(allow_inf_nan=False)], "nan", "Expected a finite number, got 'nan'."),
    (Annotated[int, Field(ge=0)], -1, "Expected a value >= 0, got '-1'."),
    (Annotated[float, Field(gt=0)], 0, "Expected a value > 0.0, got '0'."),
    (Annotated[int, Field(le=9)], 10, "Expected a value <= 9, got '10'."),
    (Annotated[int, Field(lt=9)], 9, "Expected a value < 9, got '9'."),
    (Annotated[str, Field(min_length=2)], "x", "Expected a text of 2 characters or more, got 'x'."),
    (
        Annotated[str, Field(max_length=1)],
        "xy",
        "Expected a text of 1 characters or fewer, got 'xy'.",
    ),
    (Annotated[str, Field(pattern="^a$")], "x", "Expected a text that matches ^a$, got 'x'."),
    (bool, "x", "Expected true or false, got 'x'."),
    (dt.date, "x", "Expected a day such as 2026-03-01, got 'x'."),
    (AwareDatetime, "x", "Expected an instant such as 2026-03-01T20:00:00Z, got 'x'."),
    (list[int], "x", "Expected a list, got 'x'."),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "Expected 1 parts or fewer, got '[1, 2]'."),
    (Body, {}, "Expected a value, got none."),
    (Body, 3, "Expected an object, got '3'."),
    (Body, {"size": 1, "more": 2}, "Expected nothing of this name, got '2'."),
    (dt.time, "x", None),
]


@pytest.mark.parametrize(("kind", "value", "told"), CASES)
def test_a_value_that_does_not_fit_is_told_in_our_words(kind, value, told):
    found = told_fault(refused(kind, value), shown=True)
    assert told is None or found == told
    assert found.startswith("Expected ")
    assert "Input should" not in found


def test_what_a_check_of_our_own_says_is_told_as_it_is():
    fault = {
        "type": "value_error",
        "msg": "Expected `bbox` of 4 numbers.",
        "loc": ("query", "bbox"),
    }
    assert told_fault(fault, shown=True) == "Expected `bbox` of 4 numbers."
    error = ValueError("Expected a day.")
    fault = {"type": "value_error", "msg": "Value error, Expected a day.", "ctx": {"error": error}}
    assert told_fault(fault, shown=False) == "Expected a day."


def test_a_text_that_is_no_json_is_told_with_what_is_wrong():
    fault = {"type": "json_invalid", "msg": "JSON decode error", "ctx": {"error": "Expecting ','"}}
    assert told_fault(fault, shown=False) == "Expected JSON, got another text: Expecting ','."


@given(st.text(alphabet="xyz", min_size=5))
def test_what_may_be_secret_is_not_repeated(secret):
    assert secret not in told_fault(refused(int, secret), shown=False)
    assert secret in told_fault(refused(int, secret[:90]), shown=True) or len(secret) > 90


def test_the_test_finds_one_that_repeats_it(monkeypatch):
    monkeypatch.setattr(api.faults, "_got", lambda fault, **_: str(fault["input"]))
    with pytest.raises(AssertionError):
        test_what_may_be_secret_is_not_repeated()
