"""What goes wrong with a command is told in the house's words, whoever found it."""

import errno

import pytest
import typer
from typer.testing import CliRunner

import api.accounts.administration
import api.cli
from api.commands import telling
from tests.api.commanding import told


def shown(*arguments):
    """Call a command wrongly and return what its frame says, in one line."""
    result = CliRunner().invoke(api.cli.app, arguments, env={"COLUMNS": "200"})
    assert (result.exit_code, result.stdout) == (2, "")
    return " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("user", "add", "x-1", "--role", "chief"),
            "`--role` to be one of 'commander', 'planner',",
        ),
        (("user", "add", "x-1", "--role", "chief"), "'auditor', got 'chief'."),
        (("plan", "--seed", "x"), "`--seed` to be a whole number, got 'x'."),
        (("plan", "--seed", "-1"), "`--seed` to be a value >= 0, got '-1'."),
        (("plan", "--date", "tonight"), "`--date` to be a day such as 2026-03-01, got 'tonight'."),
        (("serve", "--port", "70000"), "`--port` to be a value <= 65535, got '70000'."),
        (("survey", "f.csv", "--scale", "a", "5"), "`--scale` to be a whole number, got 'a'."),
        (("plan", "--lang", "xx"), "`--lang` to be one of 'th', 'en', got 'xx'."),
        (("sites", "--budget", "much"), "`--budget` to be a number, got 'much'."),
    ],
)
def test_an_option_that_does_not_fit_is_told_in_our_words(arguments, expected):
    found = shown(*arguments)
    assert expected in found
    for foreign in ("Value error", "Input should", "Invalid value"):
        assert foreign not in found


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("user", "add"), "Missing"),
        (("user", "add", "x-1"), "'--role'"),
        (("plan", "--sed", "1"), "No such option: --sed"),
        (("paln",), "No such command 'paln'"),
    ],
)
def test_what_is_missing_or_unknown_is_named(arguments, expected):
    assert expected in shown(*arguments)


class Context:
    obj = False


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "Permission denied", "a.csv"), "write a.csv, got: permission denied."),
        (OSError(28, "No space left on device"), "write a file, got: no space left on device."),
    ],
)
def test_what_the_system_refuses_is_told_without_its_number(capsys, error, expected):
    with pytest.raises(typer.Exit) as ended, telling(Context(), "en"):
        raise error
    assert ended.value.exit_code == 1
    found = " ".join(capsys.readouterr().err.split())
    assert expected in found
    assert "Errno" not in found


def test_a_reader_who_has_seen_enough_is_no_error():
    with pytest.raises(BrokenPipeError), telling(Context(), "en"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_an_unexpected_error_is_told_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setenv("SMARTZONE_STORE", str(tmp_path / "store.sqlite"))
    monkeypatch.setattr(api.accounts.administration, "list_accounts", lambda _: 1 / 0)
    refused = CliRunner().invoke(api.cli.app, ["user", "list"])
    assert refused.exit_code == 1
    assert "Something unexpected went wrong: ZeroDivisionError" in told(refused)
