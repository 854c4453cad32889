"""The command that asks where patrols were: `smartzone dosage`. It imports what it needs."""

from pathlib import Path
from typing import Annotated

import typer

from api.calls import Call
from api.commands import LanguageOption, ZoneOption, telling
from api.settings import Settings

doses = typer.Typer()


@doses.command(name="dosage")
def _dosage(
    context: typer.Context,
    plan: Annotated[
        Path, typer.Argument(help="Folder of the plan of a night, as `smartzone plan` wrote it.")
    ],
    tracks: Annotated[
        list[Path], typer.Argument(help="GPX files, each called as the tour of its unit is.")
    ],
    *,
    zone: ZoneOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files; that of the plan if none.")
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Set the minutes that patrols spent, by their tracks, beside the minutes planned."""
    with telling(context, language) as words:
        from api.dosage_counting import count_dosage

        call = Call(Settings.load(), zone, out, words, language)
        summary = count_dosage(call, planned=plan, tracks=tracks)
        typer.echo("\n" + summary)
