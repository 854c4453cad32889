"""One store a database for the whole contract; every test has zones of its own in it."""

import itertools

import pytest

from api.store import Store

_turns = itertools.count()


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def kept(request, tmp_path_factory):
    """Return a store: on a file, then on a server."""
    cluster = None
    if request.param == "sqlite":
        place = tmp_path_factory.mktemp("contract") / "store.sqlite"
    else:
        cluster = request.getfixturevalue("postgres")
        place = cluster.new()
    store = Store(place)
    yield store
    store.close()
    if cluster is not None:
        cluster.drop(place)


@pytest.fixture
def zone():
    """Return the name of a zone that nobody has used."""
    return f"zone_{next(_turns)}"
