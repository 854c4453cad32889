"""What all tests share: reference data, Hypothesis profiles, and skips that fail under CI."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT.parent / "shared" / "data"

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the folder of reference data, which stands beside the repository and never in it."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data does not stand beside this checkout")
    return REFERENCE


def missing(what: str) -> None:
    """Skip a test for want of a service or browser; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing; .ci/install-packages installs it")
    pytest.skip(f"{what} is missing; .ci/install-packages installs it")
