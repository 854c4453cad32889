"""The command that says which of two layers counts: `data keep`. It imports what it needs."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from api.commands import DryRunOption, LanguageOption, ZoneOption, telling
from api.settings import Settings

keeping = typer.Typer()


@keeping.command()
def keep(
    context: typer.Context,
    which: Annotated[Literal["store", "folder"], typer.Argument(help="Which counts from now on.")],
    *,
    layer: Annotated[
        str | None,
        typer.Option("--layer", help="One layer; all that changed in both if not given."),
    ] = None,
    zone: ZoneOption = None,
    store: Annotated[
        str | None,
        typer.Option("--store", help="A file or postgresql://...; the settings' if none."),
    ] = None,
    dry_run: DryRunOption = False,
    language: LanguageOption = "en",
) -> None:
    """Say which counts where a layer was changed in the store and in the zone's folder too.

    With `store` it stays as the store has it, and nobody is asked again until the file changes
    once more. With `folder` the file takes its place: what was changed in the store is undone.
    """
    with telling(context, language) as words:
        from api.keeping import keep_layers
        from api.opening import opened
        from api.zones import zone_folder

        settings = Settings.load(store=store)
        folder = zone_folder(settings, zone)
        with opened(settings) as there:
            now = datetime.now(UTC)
            kept = keep_layers(there, folder, which, layer=layer, dry_run=dry_run, now=now)
        if not kept:
            typer.echo(words.text("cli.nothing_to_keep", language, folder=folder))
        said = f"cli.{'would_keep' if dry_run else 'kept'}_{which}"
        for name, changes in kept.items():
            typer.echo(words.text(said, language, layer=name, **changes._asdict()))
