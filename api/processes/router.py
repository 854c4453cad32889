"""Routes of OGC API Processes: what may be computed, and the jobs that compute it.

Every process runs as a job: a request for one is answered at once, with the address of its job.
"""

import datetime as dt
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from api.deps import AuditDep, Permit, PrincipalDep, Recorder, StoreDep, WordsDep, ZoneDep
from api.errors import Problem, TooManyError
from api.forms import PAGE_TOO, FormDep
from api.json_bodies import JsonRoute
from api.processes import documents
from api.processes.catalogue import PROCESSES
from api.processes.documents import NO_SUCH_JOB, NO_SUCH_PROCESS, NOT_READY, Addresses
from api.processes.execution import AnyInputs, Execution
from api.processes.inputs import ForecastInputs, HotspotsInputs, PatrolInputs, SitesInputs
from api.processes.listing import Listing
from api.processes.pages import ProcessPages
from api.processes.patrols import without_patrols
from api.rights import may, may_read
from api.store.job_records import Job
from geo.errors import NotFoundError

MOST_UNFINISHED = 20
"""Most jobs of one account that wait or run at a time."""

_AGAIN_S = 60.0
_MOST_LIMIT = 1_000

_PROBLEMS: dict[int | str, dict[str, object]] = {
    int(status): {"description": status.phrase, "content": {Problem.media_type: {}}}
    for status in (
        *(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
        *(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        *(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY),
        *(HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE),
    )
}

router = APIRouter(
    prefix="/ogc", tags=["OGC API Processes"], responses=_PROBLEMS, route_class=JsonRoute
)


class Asked:
    """A request with what its answer needs.

    Parameters
    ----------
    request
        The request.
    store
        The store.
    zone
        Name of the zone that is served.
    words
        The dictionary.
    principal
        Who asks.
    """

    def __init__(
        self,
        request: Request,
        store: StoreDep,
        zone: ZoneDep,
        words: WordsDep,
        principal: PrincipalDep,
    ) -> None:
        self.request, self.store, self.zone = request, store, zone
        self.words, self.principal = words, principal
        self.at = Addresses(str(request.base_url))

    def submit(
        self, process: str, execution: Execution[AnyInputs], audit: Recorder
    ) -> JSONResponse:
        """Accept a job, and hand it to whoever runs jobs.

        Parameters
        ----------
        process
            Id of the process.
        execution
            What is asked for.
        audit
            Takes the entry of the audit.

        Returns
        -------
        response
            The job's status, with its address.

        Raises
        ------
        TooManyError
            The account has too many jobs that have not ended.
        """
        jobs, subject = self.store.jobs, self.principal.subject
        unfinished = jobs.page(
            self.zone, subject=subject, states=("accepted", "running"), limit=MOST_UNFINISHED
        )
        if len(unfinished.jobs) == MOST_UNFINISHED:
            raise TooManyError(
                f"Expected fewer than {MOST_UNFINISHED} jobs that have not ended, got as many.",
                retry_after_s=_AGAIN_S,
            )
        inputs = execution.inputs
        job = jobs.submit(
            self.zone,
            process,
            {} if inputs is None else inputs.model_dump(mode="json", exclude_unset=True),
            response=execution.response,
            subject=subject,
            now=dt.datetime.now(dt.UTC),
            besides=lambda session, job: audit(
                "run", f"processes/{process}", within=session, process=process, job=job
            ),
        )
        self.request.app.state.submitted(job)
        headers = {"Location": self.at.of("jobs", job)}
        if "respond-async" in _preferences(self.request):
            headers["Preference-Applied"] = "respond-async"
        return JSONResponse(self.status(jobs.job(job)), status_code=201, headers=headers)

    def status(self, job: Job) -> documents.Document:
        """Tell what is known of a job.

        Parameters
        ----------
        job
            The job.

        Returns
        -------
        document
            Its status, with links to what this asker may read.
        """
        return documents.status_info(self.at, job, self.words, layers=self.layers(job))

    def layers(self, job: Job) -> list[str]:
        """Name the layers that a job stores, and that whoever asks may read.

        Parameters
        ----------
        job
            The job.

        Returns
        -------
        layers
            Their names.
        """
        process = PROCESSES.get(job.process)
        layers = () if process is None else process.layers
        return [name for name in layers if may_read(self.principal, name)]

    @property
    def usable(self) -> list[str]:
        """Name the processes that whoever asks may use.

        Returns
        -------
        processes
            Their ids.
        """
        found = PROCESSES.values()
        return [process.id for process in found if may(self.principal, process.operation)]

    def job(self, name: str) -> Job | None:
        """Find a job of this zone that the asker may see: the own, or anybody's for a commander.

        An own job of a process that the asker's role may no longer ask for is not among them.

        Parameters
        ----------
        name
            Id of the job.

        Returns
        -------
        job
            The job; none where there is none, or it is somebody else's.
        """
        try:
            job = self.store.jobs.job(str(UUID(name)))
        except (ValueError, NotFoundError):
            return None
        mine = job.subject == self.principal.subject or may(self.principal, "read_every_job")
        return job if mine and job.zone == self.zone and job.process in self.usable else None


AskedDep = Annotated[Asked, Depends(Asked)]
_READING = [Depends(Permit("read_jobs"))]


@router.get("/processes", dependencies=_READING, responses=PAGE_TOO, summary="What may be computed")
def _list_processes(
    asked: AskedDep,
    form: FormDep,
    limit: Annotated[int, Query(ge=1, description="Most processes.")] = _MOST_LIMIT,
    offset: Annotated[
        int, Query(ge=0, description="Processes to pass over; given in the next link.")
    ] = 0,
) -> Response:
    """List the processes that whoever asks may use."""
    usable = [PROCESSES[name] for name in asked.usable]
    shown = usable[offset : offset + limit]
    query = {"limit": limit} if limit != _MOST_LIMIT else {}
    following = query | {"offset": offset + limit} if offset + limit < len(usable) else None
    query |= {"offset": offset} if offset else {}
    return form.answer(
        documents.process_list(asked.at, shown, asked.words, query=query, following=following),
        lambda: ProcessPages.of(asked.request, form).processes(shown),
    )


@router.get(
    "/processes/{process}", dependencies=_READING, responses=PAGE_TOO, summary="One process"
)
def _describe_process(process: str, asked: AskedDep, form: FormDep) -> Response:
    """Describe a process with its inputs and its output."""
    found = PROCESSES.get(process)
    if found is None or not may(asked.principal, found.operation):
        return _no_process(process)
    address = asked.at.of("processes", found.id, "execution")
    return form.answer(
        documents.process_description(asked.at, found, asked.words),
        lambda: ProcessPages.of(asked.request, form).process(found, address=address),
    )


@router.post(
    "/processes/plan-patrol/execution",
    dependencies=[Depends(Permit("plan_patrol"))],
    status_code=201,
    summary="Plan patrols",
)
def _plan_patrol(
    execution: Execution[PatrolInputs], asked: AskedDep, audit: AuditDep
) -> JSONResponse:
    """Have the plan of a night computed."""
    return asked.submit("plan-patrol", execution, audit)


@router.post(
    "/processes/site-cameras/execution",
    dependencies=[Depends(Permit("site_cameras"))],
    status_code=201,
    summary="Site cameras",
)
def _site_cameras(
    execution: Execution[SitesInputs], asked: AskedDep, audit: AuditDep
) -> JSONResponse:
    """Have sites for new cameras chosen."""
    return asked.submit("site-cameras", execution, audit)


@router.post(
    "/processes/compute-hotspots/execution",
    dependencies=[Depends(Permit("compute_hotspots"))],
    status_code=201,
    summary="Compute hotspots",
)
def _compute_hotspots(
    execution: Execution[HotspotsInputs], asked: AskedDep, audit: AuditDep
) -> JSONResponse:
    """Have the hotspots found."""
    return asked.submit("compute-hotspots", execution, audit)


@router.post(
    "/processes/forecast/execution",
    dependencies=[Depends(Permit("forecast"))],
    status_code=201,
    summary="Forecast",
)
def _forecast(
    execution: Execution[ForecastInputs], asked: AskedDep, audit: AuditDep
) -> JSONResponse:
    """Have the next days forecast."""
    return asked.submit("forecast", execution, audit)


@router.post("/processes/{process}/execution", dependencies=_READING, include_in_schema=False)
def _execute_unknown(process: str) -> Problem:
    """Say that there is no such process."""
    return _no_process(process)


@router.get("/jobs", dependencies=_READING, responses=PAGE_TOO, summary="The jobs")
def _list_jobs(
    asked: AskedDep, form: FormDep, listing: Annotated[Listing, Depends(Listing)]
) -> Response:
    """List jobs, the newest first: the own ones, or everybody's for a commander."""
    everybody = may(asked.principal, "read_every_job")
    page = listing.page(
        asked.store.jobs,
        asked.zone,
        subject=None if everybody else asked.principal.subject,
        usable=asked.usable,
        now=dt.datetime.now(dt.UTC),
    )
    statuses, older = [asked.status(job) for job in page.jobs], listing.after(page)
    return form.answer(
        documents.job_list(asked.at, statuses, query=listing.query, older=older),
        lambda: ProcessPages.of(asked.request, form).jobs(page.jobs, older=older),
    )


@router.get("/jobs/{job}", dependencies=_READING, responses=PAGE_TOO, summary="One job")
def _read_job(job: str, asked: AskedDep, form: FormDep) -> Response:
    """Tell what is known of a job."""
    found = asked.job(job)
    if found is None:
        return _no_job(job)
    return form.answer(
        asked.status(found),
        lambda: ProcessPages.of(asked.request, form).job(found, asked.layers(found)),
    )


@router.delete("/jobs/{job}", dependencies=_READING, summary="Dismiss a job")
def _dismiss_job(job: str, asked: AskedDep, audit: AuditDep) -> JSONResponse:
    """Cancel a job, or forget the document of one that ended; the layers that it stored stay."""
    found = asked.job(job)
    if found is None:
        return _no_job(job)
    target, told = f"jobs/{found.id}", {"process": found.process, "status": found.state}
    dismissed = asked.store.jobs.dismiss(
        found.id,
        now=dt.datetime.now(dt.UTC),
        besides=lambda session: audit("dismiss", target, within=session, **told),
    )
    return JSONResponse(asked.status(dismissed))


@router.get("/jobs/{job}/results", dependencies=_READING, summary="What came of a job")
def _read_results(job: str, asked: AskedDep, audit: AuditDep) -> Response:
    """Give the document of a job that ended well."""
    found = asked.job(job)
    if found is None:
        return _no_job(job)
    if found.state == "failed":
        return Problem(409, found.message)
    document = asked.store.jobs.document(found.id)
    if document is None:
        return Problem(404, f"Expected a job that ended well, got {found.state}.", type=NOT_READY)
    audit("read", f"jobs/{found.id}", process=found.process)
    if not may_read(asked.principal, "patrol_tours"):
        document = without_patrols(document)
    if found.response == "document":
        document = f'{{"document":{{"mediaType":"application/json","value":{document.rstrip()}}}}}'
    return Response(document, media_type="application/json")


def _preferences(request: Request) -> set[str]:
    """Name what a client prefers, without values and parameters (RFC 7240, 2)."""
    given = ",".join(request.headers.getlist("prefer")).split(",")
    return {one.partition(";")[0].partition("=")[0].strip().lower() for one in given}


def _no_process(name: str) -> Problem:
    known = ", ".join(PROCESSES)
    return Problem(404, f"Expected a process among {known}, got {name!r}.", type=NO_SUCH_PROCESS)


def _no_job(name: str) -> Problem:
    return Problem(404, f"Expected a job, got {name!r}.", type=NO_SUCH_JOB)
