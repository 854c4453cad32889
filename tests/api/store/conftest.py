"""Databases that several tests share, each finding them without rows."""

import pytest

from api.store.engine import open_engine


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def _shared_engine(request, tmp_path_factory):
    if request.param == "sqlite":
        place = tmp_path_factory.mktemp("accounts") / "store.sqlite"
    else:
        place = request.getfixturevalue("postgres").new()
    engine = open_engine(place)
    yield engine
    engine.close()


@pytest.fixture
def account_engine(_shared_engine):
    """Return a database without accounts, sessions and attempts, a file, then one on a server."""
    with _shared_engine.writing() as session:
        for table in ("accounts", "sessions", "sign_in_attempts"):
            session.run(f"DELETE FROM {table}")  # noqa: S608 - of the names above
    return _shared_engine
