"""The commands of the audit: `smartzone audit verify`, `export`, `head`, `key` and `new-key`."""

import json
import sys
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands import LanguageOption, telling
from api.settings import Settings

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
        list[str] | None,
        typer.Option("--key", help="Public key that the auditor knows; again for a renewed one."),
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Find an entry that was edited, deleted or moved, and forged heads; status 1 where any is."""
    with telling(context, language) as words:
        from api.audit.files import ExportedAudit, files_of
        from api.audit.keeper import read_heads
        from api.audit.keys import is_public_key
        from api.audit.verification import verify_audit
        from api.opening import opened
        from api.store.audit_reading import AuditReading
        from geo.errors import ParameterError

        for given in key or ():
            if not is_public_key(given):
                raise ParameterError(f"Expected `--key` as `audit key` shows it, got {given!r}.")
        settings = Settings.load(store=store)
        with ExitStack() as stack:
            # Heads are read first: the store is never behind them.
            known = [] if heads is None else list(read_heads(heads))
            if file is None:
                if heads is None and (beside := files_of(settings).heads).exists():
                    known += read_heads(beside)
                audited = stack.enter_context(opened(settings)).audit
                source: AuditReading | ExportedAudit = stack.enter_context(audited.whole())
            else:
                source = ExportedAudit(file)
            named = source.keys()
            verdict = verify_audit(
                source.entries(),
                [*source.heads(), *known],
                named_key=named[0].key if named else None,
                renewals=named[1:],
                expected_keys=key or (),
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
        from api.files import for_owner_alone, replacing_together
        from api.opening import opened
        from api.store.audit import MACHINE

        with ExitStack() as stack:
            log = stack.enter_context(opened(Settings.load(store=store))).audit
            log.append(datetime.now(UTC), MACHINE, "export", "", "audit")
            reading = stack.enter_context(log.whole())
            if out is None:
                export_audit(reading, sys.stdout)
                return
            stack.enter_context(for_owner_alone())
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
        from api.opening import opened

        with opened(Settings.load(store=store)) as audited:
            newest = audited.audit.last_head()
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
        from api.opening import opened

        with opened(Settings.load(store=store)) as audited:
            named = audited.audit.signing_key()
        if named is None:
            typer.echo(words.text("audit.unsigned", language), err=True)
        else:
            typer.echo(named)


@audit.command(name="new-key")
def _new_key(
    context: typer.Context,
    *,
    lost: Annotated[
        bool, typer.Option("--lost", help="The old key is lost: nothing vouches for the new one.")
    ] = False,
    store: StoreOption = None,
    language: LanguageOption = "en",
) -> None:
    """Sign with a new key from now on; stop the service before, and keep the new public key."""
    with telling(context, language):
        from api.audit.files import files_of, renew_key
        from api.opening import opened

        settings = Settings.load(store=store)
        files = files_of(settings)
        with opened(settings) as audited:
            typer.echo(renew_key(audited, files, lost=lost))
