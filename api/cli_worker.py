"""The command that runs jobs of a PostgreSQL store: `smartzone worker`."""

from typing import Annotated

import typer

from api.commands import LanguageOption, telling
from api.job_settings import MOST_SLOTS
from api.settings import Settings
from geo.errors import ParameterError

workers = typer.Typer()


@workers.command()
def worker(
    context: typer.Context,
    *,
    store: Annotated[
        str | None,
        typer.Option("--store", help="Address postgresql://...; SMARTZONE_STORE if not given."),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option("--jobs", min=1, max=MOST_SLOTS, help="Most jobs to run at a time."),
    ] = 1,
    language: LanguageOption = "en",
) -> None:
    """Run jobs of a PostgreSQL store until stopped; any number of workers share them."""
    with telling(context, language) as words:
        settings = Settings.load(store=store)
        if "://" not in settings.store:
            raise ParameterError(
                "Expected `--store` postgresql://..., got a file, whose jobs `smartzone serve` "
                "runs itself."
            )
        from api.job_terms import job_terms
        from api.jobs.worker import run_worker
        from api.logs import configure_logs
        from api.opening import opened

        configure_logs(level=settings.log_level, style=settings.log_format)
        with opened(settings) as lent:
            typer.echo(words.text("cli.working", language, count=jobs, place=lent.engine.place))
            run_worker(lent, job_terms(settings, slots=jobs), slots=jobs)
