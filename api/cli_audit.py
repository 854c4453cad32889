"""The commands of the audit: `smartzone audit verify`, `export`, `head` and `key`."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands import LanguageOption, telling
from api.settings import Settings

if TYPE_CHECKING:
    from api.store.audit import AuditLog

audit = typer.Typer(help="Who read what is restricted and who changed what.", no_args_is_help=True)

StoreOption = Annotated[
    str | None, typer.Option("--store", help="A file or postgresql://...; the settings' if none.")
]


@audit.command(name="verify")
def _verify(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="A file of `audit export`; the store where none.")
    ] = None,
    *,
    store: StoreOption = None,
    heads: Annotated[
        Path | None,
        typer.Option(
            "--heads", help="Signed heads kept elsewhere; those beside the store if none."
        ),
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Public key that the audit began with.")
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Find an entry that was edited, deleted or moved, and forged heads; status 1 where any is."""
    with telling(context, language) as words:
        from api.audit.files import ExportedAudit, audit_files
        from api.audit.keeper import read_heads
        from api.audit.keys import is_public_key
        from api.audit.verification import verify_audit
        from api.store.audit import AuditReading
        from geo.errors import ParameterError

        if key is not None and not is_public_key(key):
            raise ParameterError(f"Expected `--key` as `audit key` shows it, got {key!r}.")
        settings = Settings.load(store=store)
        with ExitStack() as stack:
            # Heads are read first: the store is never behind them.
            known = [] if heads is None else list(read_heads(heads))
            if file is None:
                beside = audit_files(
                    settings.store, key=settings.audit_key, heads=settings.audit_heads
                ).heads
                if heads is None and beside.exists():
                    known += read_heads(beside)
                log = stack.enter_context(_log_of(settings))
                source: AuditReading | ExportedAudit = stack.enter_context(log.whole())
            else:
                source = ExportedAudit(file)
            verdict = verify_audit(
                source.entries(),
                [*source.heads(), *known],
                named_key=source.key(),
                expected_key=key,
            )
        told = {"entries": f"{verdict.entries:,}", "signed": f"{verdict.signed:,}"}
        typer.echo(words.text("audit.read", language, **told))
        for found in verdict.findings:
            places = {"seq": f"{found.seq:,}", "since": f"{found.since:,}"}
            typer.echo(words.text(f"audit.{found.kind}", language, **places), err=True)
        if not verdict.findings:
            typer.echo(words.text("audit.sound", language))
    if verdict.findings:
        raise typer.Exit(1)


@audit.command(name="export")
def _export(
    context: typer.Context,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; standard output if none.")
    ] = None,
    store: StoreOption = None,
    language: LanguageOption = "en",
) -> None:
    """Write the whole audit as lines of JSON, which `audit verify FILE` verifies by itself."""
    with telling(context, language) as words:
        from api.audit.files import export_audit
        from api.files import replacing_together

        with ExitStack() as stack:
            log = stack.enter_context(_log_of(Settings.load(store=store)))
            reading = stack.enter_context(log.whole())
            if out is None:
                export_audit(reading, sys.stdout)
                return
            beside = stack.enter_context(replacing_together(out.parent, [out.name]))
            with (beside / out.name).open("w", encoding="utf-8", newline="\n") as lines:
                count = export_audit(reading, lines)
        typer.echo(words.text("audit.exported", language, count=f"{count:,}", file=out))


@audit.command(name="head")
def _head(
    context: typer.Context, *, store: StoreOption = None, language: LanguageOption = "en"
) -> None:
    """Show the newest signed head, as a line to be kept elsewhere."""
    with telling(context, language) as words:
        with _log_of(Settings.load(store=store)) as log:
            newest = log.last_head()
        if newest is None:
            typer.echo(words.text("audit.unsigned", language), err=True)
        else:
            typer.echo(json.dumps(asdict(newest)))


@audit.command(name="key")
def _key(
    context: typer.Context, *, store: StoreOption = None, language: LanguageOption = "en"
) -> None:
    """Show the public key that the heads of the audit are signed with."""
    with telling(context, language) as words:
        with _log_of(Settings.load(store=store)) as log:
            named = log.signing_key()
        if named is None:
            typer.echo(words.text("audit.unsigned", language), err=True)
        else:
            typer.echo(named)


@contextmanager
def _log_of(settings: Settings) -> Iterator["AuditLog"]:
    """Lend the audit of a store that is there: a misspelt file would pass for an empty audit."""
    from api.store import Store
    from geo.errors import SourceError

    if "://" not in settings.store and not Path(settings.store).exists():
        raise SourceError(f"Expected a store at {settings.store}, got nothing.")
    store = Store(settings.store)
    try:
        yield store.audit
    finally:
        store.close()
