"""A service with accounts and two zones for the tests of the console, and a runner of its jobs."""

import datetime as dt
from contextlib import closing, contextmanager

from api.job_terms import job_terms
from api.jobs.pool import JobPool
from api.main import create_app
from api.store import Store, import_zone
from api.store.accounts import Rights
from geo.zone import Zone
from tests.api.sample import PROVENANCE, ZONE, fill, products
from tests.api.serving import serving
from tests.api.signing import NOW, PASSWORD, account_settings, add_everyone
from tests.api.small_zone import write_zone

SMALL = "small"

_SIGN_IN = """
async (form) => (await fetch("/auth/session", {
  method: "POST", headers: { "X-Smartzone": "1" }, body: new URLSearchParams(form),
})).status
"""


class ConsoleService:
    """A running service that accepts jobs, which the test itself runs.

    commander-2 and officer-2 have rights in both zones, all others in the sample zone alone.
    """

    def __init__(self, address, settings, store):
        self.address, self.settings, self.store = address, settings, store
        self.jobs = store.jobs

    def visit(self, visit_of, account=None, *, zone=ZONE, language="en", **options):
        """Open the console of a zone as somebody."""
        seen = visit_of(**options)
        if account is not None:
            seen.page.goto(f"{self.address}/sign-in")
            assert seen.page.evaluate(_SIGN_IN, {"username": account, "password": PASSWORD}) == 204
        seen.page.goto(f"{self.address}/zones/{zone}/console?lang={language}")
        seen.page.wait_for_selector("html[data-ready=true]")
        return seen

    def waiting(self):
        """Return the id of the only job that waits."""
        (job,) = self.jobs.waiting()
        return job

    def submit(self, process="plan-patrol", subject="commander-1"):
        """Ask for a job as somebody else would, and return its id."""
        return self.jobs.submit(ZONE, process, {}, subject=subject, now=now())

    def begin(self, job, *, done=0.0, step="cli.step_zone"):
        """Run a job as far as is said."""
        self.jobs.runs.claim("runner", now=now(), job=job)
        self.jobs.runs.beat(job, "runner", now=now(), done=done, step=step)

    def finish(self, job, **changes):
        """End a job well: its products are those of the sample, but for some that changed."""
        self.store.put_layers(
            ZONE,
            products() | changes,
            kind="product",
            provenance=PROVENANCE,
            besides=lambda session: self.jobs.runs.finish(
                session, job, "runner", document="{}", now=now()
            ),
        )

    @contextmanager
    def pool(self):
        """Run jobs as the service does, in processes of their own."""
        pool = JobPool(self.store, job_terms(self.settings, slots=1), slots=1)
        pool.start()
        try:
            yield
        finally:
            pool.stop()

    def forget(self):
        """Forget all jobs, and store the sample's products again."""
        with self.store.engine.writing() as session:
            session.run("DELETE FROM jobs")
        self.store.put_layers(ZONE, products(), kind="product", provenance=PROVENANCE)


def now():
    return dt.datetime.now(dt.UTC)


@contextmanager
def serving_console(folder):
    """Serve two zones to accounts, with a store in a folder, and yield the service."""
    write_zone(folder / "data" / SMALL)
    place = folder / "store.sqlite"
    with closing(Store(place)) as store:
        fill(store)
        import_zone(store, Zone.load(folder / "data" / SMALL), created_at=NOW)
        add_everyone(store)
        hashed = store.accounts.find("commander-1").password_hash
        for role in ("commander", "officer"):
            store.accounts.add(f"{role}-2", Rights(role, None), hashed=hashed, now=NOW)
        settings = account_settings(place, zones=(SMALL,), jobs=0, data_dir=folder / "data")
        with serving(create_app(settings)) as address:
            yield ConsoleService(address, settings, store)
