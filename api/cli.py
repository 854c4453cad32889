"""The command line: `smartzone plan`, `sites`, `hotspots`, `serve`, `check`, `data`, `register`.

The commands that ask whether a measure helped, `impact` and `survey`, stand in `cli_impact`;
`dosage`, which asks where patrols were, in `cli_dosage`; those of the audit in `cli_audit`, and of
accounts in `cli_accounts`.

Each command imports what it needs when it is called, so that help and checks answer at once.
"""

from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from api.calls import Call
from api.cli_accounts import users
from api.cli_audit import audit
from api.cli_dosage import doses
from api.cli_impact import measures
from api.cli_keep import keeping
from api.cli_public import public
from api.cli_store import layers, stores
from api.cli_worker import workers
from api.commands import (
    Commands,
    EncodingOption,
    LanguageOption,
    OutOption,
    ZoneOption,
    telling,
)
from api.job_settings import MOST_SLOTS
from api.roles import Role
from api.settings import Settings
from api.terminal import Steps

app = typer.Typer(
    name="smartzone",
    cls=Commands,
    help="Blind spots, hotspots, camera sites and patrol plans for a smart safety zone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(
    help="Layers of a zone: make, refresh, bring in, take out.", no_args_is_help=True
)
app.add_typer(data, name="data")
data.add_typer(layers)
data.add_typer(keeping)
register = typer.Typer(help="The private register of cameras of a zone.", no_args_is_help=True)
app.add_typer(register, name="register")
app.add_typer(measures)
app.add_typer(doses)
app.add_typer(workers)
app.add_typer(audit, name="audit")
app.add_typer(users, name="user")
app.add_typer(public)
app.add_typer(stores)


def main() -> None:
    """Run the command line."""
    app()


def _say_version(asked: bool) -> None:  # noqa: FBT001  # typer calls it by position
    if asked:
        typer.echo(f"smartzone {version('smartzone')}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    *,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an unexpected error came from.")
    ] = False,
) -> None:
    context.obj = debug


@app.command()
def plan(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    out: OutOption = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, help="Seed of every random choice; new each time by default."
        ),
    ] = None,
    night: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Evening to plan; tonight by default."),
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Compute tonight's plan: blind spots, hotspots, camera sites and patrol tours.

    Layers that were edited in the store count as they are there; see `smartzone data keep`.
    """
    with telling(context, language) as words:
        from api.night import plan_night

        call = Call(Settings.load(), zone, out, words, language)
        summary = plan_night(call, night=None if night is None else night.date(), seed=seed)
        typer.echo("\n" + summary)


@app.command()
def sites(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    out: OutOption = None,
    budget: Annotated[
        float,
        typer.Option("--budget", help="Most that the cameras may cost: their number, at 1 each."),
    ] = 5.0,
    night: Annotated[
        bool, typer.Option("--night/--day", help="Take standing cameras as they see then.")
    ] = True,
    standard: Annotated[
        str, typer.Option("--standard", help="Standard that the tasks are read from.")
    ] = "EN 62676-4:2015",
    target_height_m: Annotated[
        float, typer.Option("--target-height", help="Metres above ground that people are seen at.")
    ] = 1.6,
    candidates: Annotated[
        Path | None,
        typer.Option("--candidates", help="Cameras layer to choose from; made if not given."),
    ] = None,
    fixed: Annotated[
        list[str] | None,
        typer.Option("--fixed", help="Id of a candidate to choose in any case; may be repeated."),
    ] = None,
    least_share: Annotated[
        float,
        typer.Option("--least-share", help="Share of each community's street that must be seen."),
    ] = 0.0,
    sos_cameras: Annotated[
        int, typer.Option("--sos-cameras", help="Cameras that must see each SOS point.")
    ] = 1,
    position_error_m: Annotated[
        float,
        typer.Option(
            "--position-error",
            help="Standard deviation in metres of where cameras stand, if their survey says none.",
        ),
    ] = 1.0,
    azimuth_error_deg: Annotated[
        float,
        typer.Option("--azimuth-error", help="The same in degrees, of the way that they look."),
    ] = 3.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of every random choice.")] = 0,
    time_limit_s: Annotated[
        float, typer.Option("--time-limit", help="Seconds that each search may take.")
    ] = 10.0,
    language: LanguageOption = "en",
) -> None:
    """Choose sites for new cameras, with proof, and write the planner's report."""
    with telling(context, language) as words:
        from api.site_planning import plan_sites
        from api.sites.result import SitesParams

        params = SitesParams(
            budget=budget,
            night=night,
            standard=standard,
            target_height_m=target_height_m,
            fixed=tuple(fixed or ()),
            least_share=least_share,
            sos_cameras=sos_cameras,
            position_error_m=position_error_m,
            azimuth_error_deg=azimuth_error_deg,
            time_limit_s=time_limit_s,
        )
        call = Call(Settings.load(), zone, out, words, language)
        summary = plan_sites(call, params=params, candidates=candidates, seed=seed)
        typer.echo("\n" + summary)


@app.command()
def hotspots(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    out: OutOption = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help="Day of the report, which knows what happened before it; today by default.",
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", help="Days that the forecast is for.")] = 7,
    resamples: Annotated[
        int, typer.Option("--resamples", help="Redrawings that the intervals of ranks rest on.")
    ] = 999,
    origins: Annotated[
        int, typer.Option("--origins", help="Past days that the forecast is tried on.")
    ] = 26,
    cell_m: Annotated[
        float, typer.Option("--cell", help="Side in metres of the cells of the forecast, >= 50.")
    ] = 50.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of every random choice.")] = 0,
    language: LanguageOption = "en",
) -> None:
    """Tell where and when incidents are reported, how sure that is, and what to expect."""
    with telling(context, language) as words:
        from api.hotspot_planning import report_hotspots
        from api.hotspots.result import HotspotsParams

        params = HotspotsParams(days=days, resamples=resamples, origins=origins, cell_m=cell_m)
        call = Call(Settings.load(), zone, out, words, language)
        asked = None if day is None else day.date()
        summary = report_hotspots(call, params=params, day=asked, seed=seed)
        typer.echo("\n" + summary)


@app.command()
def serve(
    context: typer.Context,
    *,
    zone: Annotated[
        list[str] | None,
        typer.Option("--zone", help="Name or folder of a zone; again for further zones."),
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=0,
            max=MOST_SLOTS,
            help="Most jobs to run at a time; 1 by default, none on PostgreSQL.",
        ),
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Serve the API and the console of one zone or several; further ones below /zones/{name}."""
    with telling(context, language) as words:
        from api.server import serve_zones

        def tell(key: str, **values: object) -> None:
            typer.echo(words.text(key, language, **values))

        serve_zones(Settings.load(port=port, jobs=jobs), zone or (), tell=tell)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="GeoPackage, GeoJSON, CSV or Shapefile.")],
    *,
    layer: Annotated[str, typer.Option("--layer", help="Contract to check, such as cameras.")],
    crs: Annotated[
        str, typer.Option("--crs", help="Coordinate system in metres of the zone.")
    ] = "EPSG:32647",
    encoding: EncodingOption = "UTF-8",
    language: LanguageOption = "en",
) -> None:
    """Check a layer file: every fault with its row; status 1 where there is one."""
    with telling(context, language, complete=True) as words:
        from geo.formats import read_layer

        frame = read_layer(file, layer, crs=crs, encoding=encoding)
        typer.echo(words.text("cli.good", language, file=file, count=len(frame), layer=layer))


@data.command()
def generate(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Seed of every random choice; a fixed one by default."),
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Generate the synthetic layers of a zone: the same seed gives the same files."""
    with telling(context, language) as words:
        from api.zones import generate_zone, zone_folder
        from geo.synthetic import DEFAULT_SEED

        folder = zone_folder(Settings.load(), zone)
        used = DEFAULT_SEED if seed is None else seed
        told = {"count": generate_zone(folder, seed=used), "folder": folder, "seed": used}
        typer.echo(words.text("cli.generated", language, **told))


@data.command()
def refresh(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    overpass_url: Annotated[
        str | None, typer.Option("--overpass-url", help="Address of an Overpass interpreter.")
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Replace streets, buildings and places of a zone by those of OpenStreetMap."""
    with telling(context, language) as words:
        from api.refresh import STEPS, Overpass, refresh_zone
        from api.zones import zone_folder

        folder = zone_folder(Settings.load(), zone)
        server = Overpass(overpass_url) if overpass_url else None
        with Steps(STEPS, words=words, language=language) as steps:
            done = refresh_zone(folder, server=server, progress=steps.begin)
        counts = asdict(done)
        del counts["files"]
        typer.echo(words.text("cli.refreshed", language, **counts))


@register.command(name="import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, GeoPackage, GeoJSON or Shapefile.")],
    *,
    zone: ZoneOption = None,
    encoding: EncodingOption = "UTF-8",
    language: LanguageOption = "en",
) -> None:
    """Merge a file into the register of a zone, all of it or nothing; every fault with its row."""
    with telling(context, language, complete=True) as words:
        from api.register import import_register
        from api.zones import zone_folder

        done = import_register(zone_folder(Settings.load(), zone), file, encoding=encoding)
        typer.echo(words.text("register.imported", language, **done._asdict()))
        if done.left_out:
            columns = ", ".join(done.left_out)
            typer.echo(words.text("register.left_out", language, columns=columns))


@register.command()
def show(
    context: typer.Context,
    *,
    role: Annotated[Role, typer.Option("--role", help="Who asks; each sees what it needs.")],
    owner: Annotated[
        str | None, typer.Option("--owner", help="Name of the owner, for a partner.")
    ] = None,
    evening: Annotated[
        datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help="Evening on which consent must hold; today by default.",
        ),
    ] = None,
    zone: ZoneOption = None,
    language: LanguageOption = "en",
) -> None:
    """Show what a role may see of the register of a zone."""
    with telling(context, language) as words:
        from api.register import show_register
        from api.terminal import print_table
        from api.zones import zone_folder

        folder = zone_folder(Settings.load(), zone)
        on = None if evening is None else evening.date()
        table = show_register(folder, role, owner=owner, on=on, words=words, language=language)
        told = {"count": table.row_count, "role": words.text(f"role.{role}", language)}
        typer.echo(words.text("register.shown", language, **told))
        if table.row_count:
            print_table(table)
