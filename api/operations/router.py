"""Routes of health, readiness and metrics."""

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from api.deps import Permit, ZoneDep, principal_of
from api.errors import Problem
from api.identity import Principal
from api.operations.metrics import CONTENT_TYPE, Metrics
from api.operations.readiness import Readiness, command_for
from api.operations.scraping import METRICS
from api.store import missing_layers

router = APIRouter(tags=["Operations"])


class _ScrapePermit(Permit):
    """Lets the scraper pass, whoever asks in demo mode, and who may by role."""

    def __call__(self, request: Request) -> Principal:
        """Check a request."""
        asker = principal_of(request)
        if request.scope.get("scraper") or asker.demo:
            return asker
        return super().__call__(request)


@router.get("/healthz", summary="Is the process alive?")
async def _healthz() -> dict[str, str]:
    """Answer as long as the event loop turns."""
    return {"status": "alive"}


@router.get(
    "/readyz",
    summary="Is the zone ready to be served?",
    responses={503: {"description": "It is not, and why."}},
)
def _readyz(request: Request, zone: ZoneDep) -> Response:
    """Answer 200 where everything that the zone's service needs is as needed."""
    state = request.app.state
    if state.stopping:
        return Problem(503, "The service is stopping.", headers={"Retry-After": "30"})
    readiness: Readiness = state.readiness
    checks = readiness.checks(zone)
    faults = [check.fault for check in checks if check.fault is not None]
    told = {check.name: check.fault or "ok" for check in checks}
    if not faults:
        return JSONResponse({"status": "ready", "zone": zone, "checks": told})
    detail = " ".join(faults)
    if not any(check.name == "zone" and check.fault for check in checks):
        return Problem(503, detail, checks=told)
    missing = missing_layers(state.store, zone)
    return Problem(503, detail, checks=told, missing=missing, command=command_for(zone))


@router.get(
    METRICS,
    dependencies=[Depends(_ScrapePermit("read_metrics"))],
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}},
        401: {"description": "Nobody signed in."},
        403: {"description": "Who signed in may not."},
    },
)
def _metrics(request: Request) -> Response:
    """Write every figure in the text format of Prometheus."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), headers={"Content-Type": CONTENT_TYPE})
