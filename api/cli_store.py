"""The commands of the store: `backup`, `restore`, `move`, `data import` and `data export`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands import DryRunOption, EncodingOption, LanguageOption, telling
from api.settings import Settings

stores = typer.Typer()
layers = typer.Typer()

StoreOption = Annotated[
    str | None, typer.Option("--store", help="A file or postgresql://...; the settings' if none.")
]
StoredZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Name of a zone of the store; the settings' if none.")
]


@stores.command()
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to write or replace, such as town.backup.")],
    *,
    store: StoreOption = None,
    language: LanguageOption = "en",
) -> None:
    """Write everything in a store into one file, while it goes on serving."""
    with telling(context, language) as words:
        from api.opening import opened
        from api.store.audit import MACHINE
        from api.store.backup import write_backup

        now = datetime.now(UTC)
        with opened(Settings.load(store=store)) as source:
            source.audit.append(now, MACHINE, "backup", "", "store")
            made = write_backup(source.engine, file, made_at=now)
        told = {"count": f"{sum(made.rows.values()):,}", "tables": len(made.rows)}
        told |= {"place": source.engine.place, "file": file, "checksum": made.checksum}
        typer.echo(words.text("cli.backed_up", language, **told))


@stores.command()
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="File that `smartzone backup` wrote.")],
    *,
    store: StoreOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let it take the place of all that is in the store.")
    ] = False,
    language: LanguageOption = "en",
) -> None:
    """Put everything from a backup into an empty store, all of it or nothing."""
    with telling(context, language) as words:
        from api.opening import opened
        from api.store.audit import MACHINE
        from api.store.backup import read_backup, restore_backup

        # First: a misspelt or broken backup must not leave an empty store that passes for one.
        read_backup(file)
        with opened(Settings.load(store=store), new=True) as target:
            made = restore_backup(target.engine, file, replace=replace)
            target.audit.append(datetime.now(UTC), MACHINE, "restore", "", "store")
        told = {"count": f"{sum(made.rows.values()):,}", "tables": len(made.rows)}
        told |= {"place": target.engine.place, "file": file, "checksum": made.checksum}
        made_at = made.made_at.isoformat(timespec="seconds")
        typer.echo(words.text("cli.restored", language, made=made_at, **told))


_MOST_JOBS = 1_000  # of which it is told that they stayed


@stores.command()
def move(
    context: typer.Context,
    zone: Annotated[str, typer.Argument(help="Name of a zone of the store.")],
    *,
    to: Annotated[str, typer.Option("--to", help="The other store: a file or postgresql://...")],
    store: StoreOption = None,
    language: LanguageOption = "en",
) -> None:
    """Copy a zone into another store, all of it or nothing, and prove that nothing was lost."""
    with telling(context, language) as words:
        from rich.table import Table

        from api.opening import opened
        from api.store.audit import MACHINE
        from api.store.moving import move_zone, refuse_unknown
        from api.terminal import print_told

        with opened(Settings.load(store=store)) as source:
            # First: a misspelt zone must not leave an empty store behind.
            refuse_unknown(source.engine, zone)
            with opened(Settings.load(store=to), new=True) as target:
                moved = move_zone(source.engine, target.engine, zone)
                for side, action in ((source, "move_out"), (target, "move_in")):
                    side.audit.append(datetime.now(UTC), MACHINE, action, zone, "zone")
            left = source.jobs.page(zone, states=("accepted", "running"), limit=_MOST_JOBS).jobs
        table = Table()
        for name in ("cli.moved_part", "cli.moved_rows", "cli.moved_fingerprint"):
            table.add_column(words.text(name, language))
        for part in moved:
            table.add_row(part.name, f"{part.rows:,}", part.fingerprint)
        places = {"source": source.engine.place, "target": target.engine.place}
        print_told([table, words.text("cli.moved", language, zone=zone, **places)])
        for job in left:
            told = {"job": job.id, "process": job.process, "place": source.engine.place}
            typer.echo(words.text("cli.left_job", language, **told))


@layers.command(name="export")
def _export(
    context: typer.Context,
    *,
    out: Annotated[Path, typer.Option("--out", help="A GeoPackage, or a folder of GeoJSON files.")],
    zone: StoredZoneOption = None,
    store: StoreOption = None,
    language: LanguageOption = "en",
) -> None:
    """Write every layer of a zone in the store, the restricted ones too, into files."""
    with telling(context, language) as words:
        from api.opening import opened
        from api.store_files import export_zone

        settings = Settings.load(zone=zone, store=store)
        with opened(settings) as source:
            counts = export_zone(source, settings.zone, out, now=datetime.now(UTC))
        told = {"layers": len(counts), "count": f"{sum(counts.values()):,}", "out": out}
        typer.echo(words.text("cli.exported", language, **told))


@layers.command(name="import")
def _import(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="GeoPackage, GeoJSON, CSV or Shapefile, or a zip with one.")
    ],
    *,
    layer: Annotated[str, typer.Option("--layer", help="Layer to replace, such as lamps.")],
    crs: Annotated[
        str | None,
        typer.Option("--crs", help="Coordinate system in metres; the UTM one there if not given."),
    ] = None,
    encoding: EncodingOption = "UTF-8",
    zone: StoredZoneOption = None,
    store: StoreOption = None,
    dry_run: DryRunOption = False,
    language: LanguageOption = "en",
) -> None:
    """Replace a layer of a zone in the store by a file, all of it or nothing.

    From then on the layer is the store's, like one that was edited there: commands and jobs read
    it from the store, and no start of the service overwrites it.
    """
    with telling(context, language, complete=True) as words:
        from api.opening import opened
        from api.store_files import import_layer

        settings = Settings.load(zone=zone, store=store)
        with opened(settings) as target:
            done = import_layer(
                target,
                settings.zone,
                layer,
                file,
                crs=crs,
                encoding=encoding,
                dry_run=dry_run,
                now=datetime.now(UTC),
            )
        told = {"layer": layer, "count": f"{done.rows:,}", "file": file}
        said = "cli.would_import" if dry_run else "cli.imported"
        typer.echo(words.text(said, language, **told, **done.changes._asdict()))
