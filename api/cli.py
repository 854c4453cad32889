"""The command line: `smartzone plan`, `serve`, `check` and `data`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
import uvicorn

from api.main import create_app
from api.plan.bilingual import Phrases
from api.plan.job import STEPS, PlanInputs, run_plan
from api.plan.outputs import write_outputs
from api.plan.result import FINDINGS, PlanResult
from api.plan.summary import summarise
from api.refresh import STEPS as REFRESH_STEPS
from api.refresh import Overpass, refresh_zone
from api.settings import Settings
from api.store import Store, import_zone
from api.styles import Styles
from api.terminal import Steps, tell_error
from api.words import Language, Words
from api.zones import generate_zone, zone_folder
from geo.errors import SourceError, ZoneError
from geo.formats import read_layer
from geo.synthetic import DEFAULT_SEED
from geo.zone import Zone

app = typer.Typer(
    name="smartzone",
    help="Blind spots, hotspots, camera sites and patrol plans for a smart safety zone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Make or refresh the layers of a zone.", no_args_is_help=True)
app.add_typer(data, name="data")

ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Name of a zone, or a folder that holds one.")
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Language of what is shown and written.")
]


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
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the files; out/<zone> if not given.")
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Seed of every random choice; the date by default."),
    ] = None,
    night: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Evening to plan; tonight by default."),
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Compute tonight's plan: blind spots, hotspots, camera sites and patrol tours."""
    with _telling(context, language) as words:
        settings = Settings.load()
        folder = zone_folder(settings, zone)
        with Steps(("zone", *STEPS, "files", "store"), words=words, language=language) as steps:
            steps.begin("zone")
            loaded = Zone.load(folder)
            tonight = (night or datetime.now(ZoneInfo(loaded.timezone))).date()
            inputs = PlanInputs.gather(loaded, folder, tonight=tonight)
            # Patrols nobody can foresee: every night draws anew, and can still be computed again.
            drawn = int(f"{tonight:%Y%m%d}") if seed is None else seed
            result = run_plan(inputs, seed=drawn, progress=steps.begin)
            steps.begin("files")
            target = out or Path("out") / result.zone
            files = write_outputs(
                result, target, words=words, styles=Styles.load(), language=language
            )
            steps.begin("store")
            _store(settings, loaded, result)
        phrases = Phrases(words, result.timezone)
        typer.echo("\n" + summarise(result, files, phrases=phrases, language=language))


@app.command()
def serve(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on.")
    ] = None,
    language: LanguageOption = "en",
) -> None:
    """Serve the API and the console of a zone from the embedded store."""
    with _telling(context, language) as words:
        settings = Settings.load(port=port)
        loaded = Zone.load(zone_folder(settings, zone))
        settings = Settings.load(port=port, zone=loaded.name)
        with _listening(settings) as listener:
            _import(settings, loaded)
            application = create_app(settings)
            url = f"http://{settings.host}:{settings.port}/console"
            typer.echo(words.text("cli.serving", language, url=url))
            server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
            with suppress(KeyboardInterrupt):
                server.run(sockets=[listener])


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="GeoPackage, GeoJSON, CSV or Shapefile.")],
    *,
    layer: Annotated[str, typer.Option("--layer", help="Contract to check, such as cameras.")],
    crs: Annotated[
        str, typer.Option("--crs", help="Coordinate system in metres of the zone.")
    ] = "EPSG:32647",
    encoding: Annotated[
        str, typer.Option("--encoding", help="Encoding of the text, such as cp874 for Thai.")
    ] = "UTF-8",
    language: LanguageOption = "en",
) -> None:
    """Check a layer file: every fault with its row; status 1 where there is one."""
    with _telling(context, language) as words:
        frame = read_layer(file, layer, crs=crs, encoding=encoding)
        typer.echo(words.text("cli.good", language, file=file, count=len(frame), layer=layer))


@data.command()
def generate(
    context: typer.Context,
    *,
    zone: ZoneOption = None,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Seed of every random choice.")
    ] = DEFAULT_SEED,
    language: LanguageOption = "en",
) -> None:
    """Generate the synthetic layers of a zone: the same seed gives the same files."""
    with _telling(context, language) as words:
        folder = zone_folder(Settings.load(), zone)
        count = generate_zone(folder, seed=seed)
        told = {"count": count, "folder": folder, "seed": seed}
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
    with _telling(context, language) as words:
        folder = zone_folder(Settings.load(), zone)
        server = Overpass(overpass_url) if overpass_url else None
        with Steps(REFRESH_STEPS, words=words, language=language) as steps:
            done = refresh_zone(folder, server=server, progress=steps.begin)
        counts = asdict(done)
        del counts["files"]
        typer.echo(words.text("cli.refreshed", language, **counts))


@contextmanager
def _telling(context: typer.Context, language: Language) -> Iterator[Words]:
    """Tell what goes wrong in a few words and end with a status, without a traceback."""
    words = Words.load()
    try:
        yield words
    except ZoneError as error:
        tell_error(error, words=words, language=language)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        typer.echo(words.text("cli.stopped", language), err=True)
        raise typer.Exit(130) from error
    except Exception as error:
        if context.obj:
            raise
        typer.echo(words.text("cli.unexpected", language, error=repr(error)), err=True)
        raise typer.Exit(1) from error


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the port before anything else is done, so that a taken one is told at once."""
    try:
        listener = socket.create_server((settings.host, settings.port))
    except OSError as error:
        raise SourceError(
            f"Expected a free port, got {settings.port}: {error.strerror}. Name another by --port."
        ) from error
    with listener:
        yield listener


def _import(settings: Settings, zone: Zone) -> None:
    store = Store(settings.store_path)
    try:
        import_zone(store, zone, created_at=datetime.now(UTC))
    finally:
        store.close()


def _store(settings: Settings, zone: Zone, result: PlanResult) -> None:
    provenance = {
        "created_at": datetime.now(UTC),
        "tonight": result.tonight,
        "seed": result.seed,
        "parameters": asdict(result.params),
        "inputs": dict(result.inputs),
    }
    store = Store(settings.store_path)
    try:
        import_zone(store, zone, created_at=datetime.now(UTC))
        findings = {name: result.layers[name] for name in FINDINGS}
        store.put_layers(result.zone, findings, kind="product", provenance=provenance)
    finally:
        store.close()
