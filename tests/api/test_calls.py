"""How a command was called: where its files go, and which bars it shows."""

from pathlib import Path

import pytest

from api.calls import Call
from api.settings import Settings
from api.words import Words
from api.zone_now import ZoneNow


@pytest.mark.parametrize(
    ("out", "folder"), [(None, Path("out/old_town")), (Path("mine"), Path("mine"))]
)
def test_files_go_where_they_are_wanted_or_to_a_folder_of_the_zone(out, folder):
    call = Call(Settings(), None, out, Words.load(), "en")
    assert call.folder("old_town") == folder


@pytest.mark.parametrize("language", ["en", "th"])
def test_a_summary_says_which_layers_were_not_read_from_the_folder(language):
    call = Call(Settings(), None, None, Words.load(), language)
    plain, mixed = (ZoneNow(None, Path(), {}, own) for own in ({}, {"lamps": "2", "cameras": "1"}))
    assert call.summary(plain, "done") == "done"
    first, _, last = call.summary(mixed, "done").partition("\n\n")
    assert "cameras, lamps" in first
    assert last == "done"


@pytest.mark.parametrize("language", ["en", "th"])
def test_the_first_bar_is_that_of_the_zone(language, capsys):
    call = Call(Settings(), None, None, Words.load(), language)
    with call.steps("report") as steps:
        steps.begin("zone")
        steps.begin("report")
    shown = capsys.readouterr().err
    zone, report = (call.words.text(f"cli.step_{name}", language) for name in ("zone", "report"))
    assert shown.index(zone) < shown.index(report)
