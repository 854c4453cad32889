"""One store a database for the whole contract; every test has zones of its own in it."""

import itertools

import pytest

from api.store import Store

_turns = itertools.count()


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def place(request, tmp_path_factory):
    """Return where the store is: a file, then a database on a server."""
    if request.param == "sqlite":
        yield tmp_path_factory.mktemp("contract") / "store.sqlite"
        return
    cluster = request.getfixturevalue("postgres")
    url = cluster.new()
    yield url
    cluster.drop(url)


@pytest.fixture(scope="package")
def kept(place):
    """Return the store that all tests of the contract share."""
    store = Store(place)
    yield store
    store.close()


@pytest.fixture
def zone():
    """Return the name of a zone that nobody has used."""
    return f"zone_{next(_turns)}"
