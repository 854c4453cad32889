"""Jobs through deaths at random moments: none lost, none by half; a small run of `kill_figures`."""

import pytest

from tests.api.jobs.kill_figures import Crew, _counted, measure
from tests.api.jobs.pools import ended, now, running, submit


@pytest.mark.slow
def test_kills_lose_no_job_and_leave_no_half():
    """Kill a service on a file; `test_worker` kills a worker on PostgreSQL."""
    found = measure("sqlite", times=2, seed=5)
    assert found.faults == 0, found
    assert found.acknowledged > 0
    assert found.successful + found.given_up >= found.acknowledged


def test_lost_jobs_and_stray_products_would_be_counted(store, place, tmp_path):
    """Plant what a service without transactions would leave: a job without its product."""
    crew = Crew(str(place), tmp_path, queued=False)
    first, second = submit(store, own_layer=True), submit(store, own_layer=True)
    with running(store, place):
        assert {ended(store, job).state for job in (first, second)} == {"successful"}
    crew.heard.write_text(f"{first}\n{second}\nnever-there\ncut-sh", encoding="utf-8")
    with store.engine.writing() as session:
        session.run("DELETE FROM layers WHERE name = :name", name=f"made_{first.replace('-', '')}")
    store.jobs.dismiss(second, now=now())
    found = _counted(store, crew, 0)
    assert (found.acknowledged, found.lost) == (3, 1)
    assert (found.without_product, found.without_job, found.unended) == (1, 1, 0)
    assert found.faults == 3
