"""The command that releases the public overlay: `smartzone release`. It imports what it needs."""

from datetime import UTC, datetime

import typer

from api.commands import LanguageOption, ZoneOption, telling
from api.settings import Settings

public = typer.Typer()


@public.command(name="release")
def _release(
    context: typer.Context, *, zone: ZoneOption = None, language: LanguageOption = "en"
) -> None:
    """Release the public overlay, if a window has closed since; meant to be run every day."""
    with telling(context, language) as words:
        from api.opening import opened
        from api.releasing import release_now
        from api.zones import zone_folder

        settings = Settings.load()
        folder = zone_folder(settings, zone)
        with opened(settings) as store:
            release = release_now(store, folder, now=datetime.now(UTC))
        shown = {"number": release.number, "since": release.until, "until": release.shown_until}
        typer.echo(words.text("release.shown", language, **shown))
