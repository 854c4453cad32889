"""Runs `smartzone plan` and `hotspots` as a commander does, and `sites` as a planner does."""

import os
import subprocess
import sys
from pathlib import Path

SMARTZONE = Path(sys.executable).with_name("smartzone")


def run_plan(out, store_path, language="en"):
    """Write a plan's files into a folder and its layers into a store."""
    subprocess.run(
        [SMARTZONE, "plan", "--zone", "old_town", "--out", out, "--lang", language],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"SMARTZONE_STORE": str(store_path)},
    )


def run_hotspots(out, language="en"):
    """Write the commander's files on hotspots into a folder, beside the plan that stands there."""
    subprocess.run(
        [SMARTZONE, "hotspots", "--zone", "old_town", "--out", out, "--lang", language],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def run_sites(out, language="en"):
    """Write the planner's files into a folder."""
    subprocess.run(
        [SMARTZONE, "sites", "--zone", "old_town", "--out", out, "--lang", language],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def run_dosage(out, tracks):
    """Count the minutes of tracks beside those of the plan that stands in a folder."""
    subprocess.run(
        [SMARTZONE, "dosage", "--zone", "old_town", out, *tracks],
        check=True,
        stdout=subprocess.DEVNULL,
    )
