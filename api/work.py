"""What the jobs of the service compute: as the commands do, from the zone as it is now.

Only the process of a job imports this, for it brings all computations with it.
"""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from api.hotspot_planning import hotspots_inputs
from api.hotspots.document import forecast_document, write_document
from api.hotspots.job import FORECAST_STEPS, run_forecast, run_hotspots
from api.hotspots.job import STEPS as HOTSPOTS_STEPS
from api.hotspots.result import ForecastResult, HotspotsParams, HotspotsResult
from api.jobs.orders import Order, Outcome, Telling
from api.night import compute_night, night_products
from api.plain import written
from api.plan.document import write_document as write_plan
from api.plan.job import STEPS as PLAN_STEPS
from api.plan_files import PLAN_FILE
from api.processes.inputs import ForecastInputs, HotspotsInputs, PatrolInputs, SitesInputs
from api.site_planning import compute_sites
from api.sites.document import write_document as write_sites
from api.sites.job import STEPS as SITES_STEPS
from api.sites.result import SitesParams, SitesResult
from api.store import Store
from api.zone_now import ZoneNow, zone_now
from geo.errors import NotFoundError


def work(order: Order, tell: Telling) -> Outcome:
    """Do what a job asks for.

    Parameters
    ----------
    order
        The order.
    tell
        Whom to tell how far it is.

    Returns
    -------
    Outcome
        Products and document.

    Raises
    ------
    ZoneError
        It cannot be done.
    """
    if order.process not in _WORK:
        raise NotFoundError(f"Expected a process among {', '.join(_WORK)}, got {order.process!r}.")
    steps, compute = _WORK[order.process]
    tell.expect(("zone", *steps, "store"))
    tell.begin("zone")
    folder = Path(order.data_dir) / order.zone
    with closing(Store(order.store, new=False)) as store:
        read = zone_now(store, folder)
    outcome = compute(order, read, tell)
    tell.begin("store")
    return outcome


def _plan_patrol(order: Order, read: ZoneNow, tell: Telling) -> Outcome:
    asked = PatrolInputs.model_validate(order.inputs)
    result = compute_night(
        read,
        night=asked.evening,
        seed=asked.seed,
        workers=order.workers,
        progress=tell.begin,
        advance=tell.advance,
    )
    layers, provenance = night_products(result)
    return Outcome(write_plan(result), layers, provenance)


def _site_cameras(order: Order, read: ZoneNow, tell: Telling) -> Outcome:
    asked = SitesInputs.model_validate(order.inputs)
    params = SitesParams(**asked.model_dump(exclude={"seed", "fixed"}), fixed=tuple(asked.fixed))
    result = compute_sites(read, params=params, seed=asked.seed, progress=tell.begin)
    return Outcome(write_sites(result), result.layers, _provenance(result))


def _compute_hotspots(order: Order, read: ZoneNow, tell: Telling) -> Outcome:
    asked = HotspotsInputs.model_validate(order.inputs)
    with tempfile.TemporaryDirectory() as planned:
        _lay_out_plan(order, Path(planned))
        inputs = hotspots_inputs(read, day=asked.day, planned=Path(planned))
    result = run_hotspots(
        inputs, seed=asked.seed, params=_params(asked), progress=tell.begin, advance=tell.advance
    )
    return Outcome(write_document(result), result.layers, _provenance(result))


def _forecast(order: Order, read: ZoneNow, tell: Telling) -> Outcome:
    asked = ForecastInputs.model_validate(order.inputs)
    inputs = hotspots_inputs(read, day=asked.day, planned=None)
    result = run_forecast(
        inputs, seed=asked.seed, params=_params(asked), progress=tell.begin, advance=tell.advance
    )
    return Outcome(written(forecast_document(result)), result.layers, _provenance(result))


def _params(asked: ForecastInputs) -> HotspotsParams:
    return replace(HotspotsParams(), **asked.model_dump(exclude={"day", "seed"}))


def _lay_out_plan(order: Order, folder: Path) -> None:
    """Write the plan of the last night that a job planned, as the command finds one in files."""
    with closing(Store(order.store, new=False)) as store:
        plan = store.jobs.latest(order.zone, "plan-patrol")
    if plan is not None:
        (folder / PLAN_FILE).write_text(plan, encoding="utf-8")


def _provenance(result: SitesResult | HotspotsResult | ForecastResult) -> dict[str, object]:
    return {
        "day": result.day.isoformat(),
        "seed": result.seed,
        "parameters": asdict(result.params),
        "inputs": dict(result.inputs),
    }


_Compute = Callable[[Order, ZoneNow, Telling], Outcome]
_WORK: Final[Mapping[str, tuple[tuple[str, ...], _Compute]]] = MappingProxyType(
    {
        "plan-patrol": (PLAN_STEPS, _plan_patrol),
        "site-cameras": (SITES_STEPS, _site_cameras),
        "compute-hotspots": (HOTSPOTS_STEPS, _compute_hotspots),
        "forecast": (FORECAST_STEPS, _forecast),
    }
)
