"""What pydantic refuses, told in the words of this service: what was expected, and what came.

Settings, commands and requests are all checked by pydantic, whose own words (`Input should be`,
`Value error`) tell a reader of the program, not the user. They are met nowhere but here.
"""

from collections.abc import Mapping
from typing import Any, Final

from geo.errors import reason_of

_LONGEST: Final = 100  # characters of a value that are repeated to who sent it
_CHOICES: Final = " is not one of "
_FORMATS: Final = " does not match the formats "
_DAY: Final = "a day such as 2026-03-01"
_INSTANT: Final = "an instant such as 2026-03-01T20:00:00Z"

_EXPECTED: Final[Mapping[str, str]] = {
    "missing": "a value",
    "extra_forbidden": "nothing of this name",
    "none_required": "null",
    "string_type": "a text",
    "string_too_short": "a text of {min_length} characters or more",
    "string_too_long": "a text of {max_length} characters or fewer",
    "string_pattern_mismatch": "a text that matches {pattern}",
    "literal_error": "one of {expected}",
    "enum": "one of {expected}",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "multiple_of": "a multiple of {multiple_of}",
    "greater_than": "a value > {gt}",
    "greater_than_equal": "a value >= {ge}",
    "less_than": "a value < {lt}",
    "less_than_equal": "a value <= {le}",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "timezone_aware": _INSTANT,
    "list_type": "a list",
    "tuple_type": "a list",
    "too_short": "{min_length} parts or more",
    "too_long": "{max_length} parts or fewer",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_KINDS: Final[Mapping[type, str]] = {
    type(None): "nothing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


def told_fault(fault: Mapping[str, Any], *, shown: bool) -> str:
    """Tell what pydantic refused.

    Parameters
    ----------
    fault
        One of its errors.
    shown
        Whether what came may be repeated; else only its kind is, as it may be a password, or where
        somebody is.

    Returns
    -------
    told
        A sentence, or what a check of our own says.

    Examples
    --------
    >>> told_fault({"type": "int_parsing", "input": "x"}, shown=True)
    "Expected a whole number, got 'x'."
    """
    kind, facts = fault["type"], fault.get("ctx", {})
    if kind == "json_invalid":
        return f"Expected JSON, got another text: {facts.get('error', 'it ends too soon')}."
    if kind == "value_error":
        told = str(facts.get("error", fault["msg"]))
        expected = _of_command(told)
        if expected is None:  # a check of our own, which says all that is to be said
            return told
    elif kind in _EXPECTED:
        expected = _EXPECTED[kind].format(**facts)
    else:
        expected = reason_of(ValueError(str(fault["msg"]).removeprefix("Input should be ")))
    return f"Expected {expected}, got {_got(fault, shown=shown)}."


def _of_command(told: str) -> str | None:
    """Find what the command line's own checks expect, which name the value first."""
    if _CHOICES in told:
        return f"one of {told.partition(_CHOICES)[2].rstrip('.')}"
    return _DAY if _FORMATS in told else None


def _got(fault: Mapping[str, Any], *, shown: bool) -> str:
    if fault["type"] == "missing":
        return "none"
    given = fault.get("input")
    if shown:
        return repr(str(given)[:_LONGEST])
    return next((name for kind, name in _KINDS.items() if type(given) is kind), "another")
