"""The pages of the service for people, and a service on which every one of them can be seen."""

import datetime as dt
from contextlib import contextmanager

from api.main import create_app
from api.store import Store
from tests.api.sample import ZONE, fill
from tests.api.serving import serving, settings_for

PAGES = {
    "service": ("public", "/ogc"),
    "standards": ("public", "/ogc/conformance"),
    "layers": ("public", "/ogc/collections"),
    "layer": ("public", "/ogc/collections/cameras"),
    "queryables": ("public", "/ogc/collections/cameras/queryables"),
    "features": ("public", "/ogc/collections/buildings/items?limit=5"),
    "no features": ("public", "/ogc/collections/buildings/items?bbox=1,1,2,2"),
    "feature": ("public", "/ogc/collections/buildings/items/b3"),
    "processes": ("planner", "/ogc/processes"),
    "process": ("planner", "/ogc/processes/site-cameras"),
    "no jobs": ("planner", "/ogc/jobs"),
    "jobs": ("commander", "/ogc/jobs"),
    "job that runs": ("commander", "/ogc/jobs/{running}"),
    "job that is done": ("commander", "/ogc/jobs/{successful}"),
    "job that failed": ("commander", "/ogc/jobs/{failed}"),
    "zones": ("public", "/zones"),
    "zone": ("public", f"/zones/{ZONE}"),
    "audit": ("auditor", "/audit"),
    "head": ("auditor", "/audit/head"),
    "sign-in": ("public", "/sign-in"),
}
"""Who sees a page, and where it is."""
PROBLEMS = {
    "400": ("public", "/ogc/collections/streets/items?limit=no&colour=red", 400),
    "401": ("public", "/ogc/jobs", 401),
    "403": ("officer", "/ogc/jobs", 403),
    "404": ("public", "/ogc/collections/tunnels", 404),
}
"""Who meets a problem, where, and its status."""
PASSWORD = "demo"  # noqa: S105  # of demo mode


def fill_with_jobs(store):
    """Fill a store with the sample zone and jobs in every state, and return their ids by state."""
    fill(store)
    now = dt.datetime.now(dt.UTC)  # jobs that ended long ago are forgotten
    jobs, runs = store.jobs, store.jobs.runs
    names = ("accepted", "running", "successful", "failed")
    asked = {"evening": "2026-03-01", "seed": 7}
    ids = {
        name: jobs.submit(ZONE, "plan-patrol", asked, subject="operator", now=now) for name in names
    }
    for name in names[1:]:
        runs.claim("runner", now=now, job=ids[name])
    runs.beat(ids["running"], "runner", now=now, done=0.42, step="cli.step_zone")
    with store.engine.writing() as session:
        runs.finish(session, ids["successful"], "runner", document="{}", now=now)
    runs.fail(ids["failed"], "runner", "Expected a plan, got <b>none</b>.", now=now)
    return ids


@contextmanager
def service_of(place):
    """Serve a store with jobs that nobody runs, and yield its address and the ids of the jobs."""
    store = Store(place)
    ids = fill_with_jobs(store)
    store.close()
    settings = settings_for(place).model_copy(update={"jobs": 0})
    with serving(create_app(settings)) as address:
        yield address, ids


def enter(page, address, role):
    """Sign the browser of a page in, but for the public."""
    if role != "public":
        answer = page.request.post(
            f"{address}/auth/session",
            form={"username": role, "password": PASSWORD},
            headers={"X-Smartzone": "1"},
        )
        assert answer.status == 204


def at(path, ids, language):
    """Return the path of a page in a language."""
    whole = path.format(**ids)
    return f"{whole}{'&' if '?' in whole else '?'}f=html&lang={language}".replace(
        "sign-in?f=html&", "sign-in?"
    )
