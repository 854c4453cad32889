"""The house itself: our packages, the arrows between them, and a lock that names no host."""

import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

FLOORS = ["geo", "analytics", "planning", "api"]


@pytest.mark.parametrize("name", FLOORS)
def test_packages_are_ours(name, root):
    package = importlib.import_module(name)
    assert package.__file__ is not None
    assert root in Path(package.__file__).parents


def test_every_package_is_listed_for_the_build(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    present = {
        ".".join(file.parent.relative_to(root).parts)
        for floor in FLOORS
        for file in (root / floor).rglob("__init__.py")
    }
    assert present == listed


def test_lock_has_hashes_and_no_address(root):
    lock = (root / "requirements.lock").read_text()
    assert "://" not in lock
    pins = re.findall(r"^[a-z][^ ]*==", lock, re.MULTILINE)
    assert len(pins) > 50
    blocks = re.split(r"^(?=[a-z])", lock, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def import_contracts(folder):
    """Run import-linter on a copy of the house."""
    command = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [str(command), "--no-cache"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def house(root, tmp_path):
    compiled = shutil.ignore_patterns("__pycache__")
    for floor in FLOORS:
        shutil.copytree(root / floor, tmp_path / floor, ignore=compiled)
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def test_import_contracts_are_kept_and_a_planted_import_is_caught(house):
    assert import_contracts(house).returncode == 0
    (house / "geo" / "planted.py").write_text("import planning\n")
    planted = import_contracts(house)
    assert planted.returncode == 1
    assert "geo is not allowed to import planning" in planted.stdout
    assert "geo.planted -> planning" in planted.stdout
