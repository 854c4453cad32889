"""Runs `smartzone plan` as a commander does."""

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
        env=os.environ | {"SMARTZONE_STORE_PATH": str(store_path)},
    )
