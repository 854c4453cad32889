"""A running service with accounts."""

import pytest

from tests.api.signing import filled, guarded


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a store with the sample zone and one account a role."""
    return filled(tmp_path_factory.mktemp("accounts") / "store.sqlite")


@pytest.fixture(scope="module")
def stranger(place):
    """Return a client of the service that did not sign in."""
    with guarded(place) as client:
        yield client
