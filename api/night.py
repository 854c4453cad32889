"""Tonight's plan from a zone's folder to its files, the store and a summary."""

import os
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from geopandas import GeoDataFrame

from api.bilingual import Phrases
from api.calls import Call
from api.opening import opened
from api.plan.inputs import PlanInputs
from api.plan.job import STEPS, run_plan
from api.plan.outputs import write_outputs
from api.plan.result import FINDINGS, PlanResult
from api.plan.summary import summarise
from api.settings import Settings
from api.store import import_zone
from api.store.audit import MACHINE
from api.styles import Styles
from api.zone_now import ZoneNow, read_zone

_SEED_BITS = 32
# Each holds the whole town in its memory.
_MOST_WORKERS = 8


def plan_night(call: Call, *, night: date | None, seed: int | None) -> str:
    """Plan a night with a bar for each step; write the files and keep the findings.

    Parameters
    ----------
    call
        How the command was called.
    night
        Evening to plan; today on the zone's calendar where none.
    seed
        Seed of every random choice; one that nobody can guess where none.

    Returns
    -------
    str
        Closing summary.

    Raises
    ------
    ZoneError
        The zone cannot be read, planned, written or stored.
    """
    with call.steps(*STEPS, "files", "store") as steps:
        steps.begin("zone")
        read = read_zone(call.settings, call.zone)
        result = compute_night(
            read,
            night=night,
            seed=seed,
            workers=min(_MOST_WORKERS, os.cpu_count() or 1),
            progress=steps.begin,
            advance=steps.advance,
        )
        steps.begin("files")
        files = write_outputs(
            result,
            call.folder(result.zone),
            words=call.words,
            styles=Styles.load(),
            language=call.language,
        )
        steps.begin("store")
        _store(call.settings, read, result)
    phrases = Phrases(call.words, result.timezone)
    told = summarise(result, files, phrases=phrases, language=call.language)
    return call.summary(read, told)


def compute_night(
    read: ZoneNow,
    *,
    night: date | None,
    seed: int | None,
    workers: int,
    progress: Callable[[str], None],
    advance: Callable[[int, int], None],
) -> PlanResult:
    """Compute the plan of a night, whoever asks for it.

    Parameters
    ----------
    read
        The zone as it is now.
    night
        Evening to plan; today on the zone's calendar where none.
    seed
        Seed of every random choice; one that nobody can guess where none.
    workers
        Number of processes that patrol plans are computed in, >= 1.
    progress
        Called with the name of each of `api.plan.job.STEPS` as it begins.
    advance
        Told how many parts of how many of a long step are done.

    Returns
    -------
    PlanResult
        The plan.

    Raises
    ------
    ZoneError
        The night cannot be planned.
    """
    zone = read.zone
    tonight = night or datetime.now(ZoneInfo(zone.timezone)).date()
    inputs = PlanInputs.gather(zone.on(tonight), read.folder, tonight=tonight, stored=read.stored)
    # Whoever can guess the seed can compute the plan; written down, it can be computed again.
    drawn = secrets.randbits(_SEED_BITS) if seed is None else seed
    return run_plan(inputs, seed=drawn, workers=workers, progress=progress, advance=advance)


def night_products(result: PlanResult) -> tuple[dict[str, GeoDataFrame], dict[str, object]]:
    """Give what of a plan the store keeps.

    Parameters
    ----------
    result
        The plan.

    Returns
    -------
    layers, provenance
        Findings by name, and what they were made from, as JSON values.
    """
    provenance: dict[str, object] = {
        "tonight": result.tonight.isoformat(),
        "seed": result.seed,
        "parameters": asdict(result.params),
        "inputs": dict(result.inputs),
    }
    return {name: result.layers[name] for name in FINDINGS}, provenance


def _store(settings: Settings, read: ZoneNow, result: PlanResult) -> None:
    now = datetime.now(UTC)
    layers, provenance = night_products(result)
    made = {**provenance, "created_at": now.isoformat()}
    with opened(settings, new=True) as store:
        zone = read.zone.on(result.tonight)
        import_zone(store, zone, created_at=now, files=read.files, leaving=read.stored.keys())
        store.audit.append(now, MACHINE, "plan", result.zone, "products", {"count": len(layers)})
        store.put_layers(result.zone, layers, kind="product", provenance=made)
