"""The peer of densities along streets: spatstat.linnet, through R."""

import functools
import shutil
import subprocess
from pathlib import Path

from tests.conftest import missing

SCRIPT = Path(__file__).with_name("chicago_densities.R")
PROBE = 'quit(status = !requireNamespace("spatstat.linnet", quietly = TRUE))'


@functools.cache
def has_spatstat():
    if shutil.which("Rscript") is None:
        return False
    return not subprocess.run(["Rscript", "-e", PROBE], check=False, capture_output=True).returncode


def require_spatstat():
    if not has_spatstat():
        missing("Rscript with spatstat.linnet")


@functools.cache
def spatstat_figures(folder, rounds):
    """Return for each rule on the streets of Chicago its least CPU seconds and its peak."""
    told = subprocess.run(
        ["Rscript", str(SCRIPT), str(folder), str(rounds)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = [line.split() for line in told.splitlines()]
    return {name: {"cpu_s": float(cpu_s), "peak": float(peak)} for name, cpu_s, peak in rows}
