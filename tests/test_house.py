"""The house itself: the four packages are ours, not something of the same name."""

import importlib
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["geo", "analytics", "planning", "api"])
def test_packages_are_ours(name, root):
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert root in Path(package.__file__).parents
