"""A service that accepts jobs and runs none, and one signed-in account a role."""

import pytest

from api.store import Store
from tests.api.processes.asking import ROLES, ask
from tests.api.signing import filled, guarded, signed_in


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("processes") / "store.sqlite")


@pytest.fixture(scope="module")
def service(place):
    """Return a client of a service that accepts jobs and lets nobody run them."""
    with guarded(place, jobs=0) as client:
        yield client


@pytest.fixture(scope="module")
def signed(service):
    return {role: signed_in(service, f"{role}-1") for role in ROLES}


@pytest.fixture(scope="module")
def asked_by_commander(service, signed):
    return lambda process, **body: ask(service, signed["commander"], process, **body)


@pytest.fixture
def jobs(place):
    store = Store(place)
    yield store.jobs
    with store.engine.writing() as session:
        session.run("DELETE FROM jobs")
    store.close()
