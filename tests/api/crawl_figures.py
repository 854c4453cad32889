"""A crawl of every route by every role: `python -m tests.api.crawl_figures`.

Starts the real service with accounts on a synthetic zone, asks every route by every method as a
stranger and as each role, and prints what came. It ends with status 1 where anything came that the
tables of `api.rights` do not say.
"""

import sys
import tempfile
from pathlib import Path

import httpx

from api.main import create_app
from api.rights import READERS
from tests.api.crawl import ASKERS, METHODS, STRANGER, crawl, is_success, unexpected
from tests.api.sample import products, zone_layers
from tests.api.serving import serving
from tests.api.signing import account_settings, filled

SHORT = ("stranger", "command", "planner", "operator", "officer", "partner", "auditor")


def say(line):
    """Write a line."""
    sys.stdout.write(f"{line}\n")


def main():
    """Print the table and say what is wrong with it."""
    collections = [name for name in READERS if name in zone_layers() | products()]
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(account_settings(filled(Path(folder) / "store.sqlite"), jobs=0))
        with serving(app) as address, httpx.Client(base_url=address, timeout=60) as client:
            cells = list(crawl(app, client, collections=collections))
    rows = {}
    for cell in cells:
        rows.setdefault((cell.path, cell.method), {})[cell.asker] = cell.status
    say(f"{'route':<68}{'method':<8}" + "".join(f"{name:>9}" for name in SHORT))
    for path, method in sorted(rows, key=lambda row: (row[0], METHODS.index(row[1]))):
        got = "".join(f"{rows[path, method][asker]:>9}" for asker in ASKERS)
        say(f"{path:<68}{method:<8}{got}")
    faults = [cell.fault for cell in cells if cell.fault]
    missing, gone = unexpected(app)
    faults += [f"no expectation for {method} {path}" for method, path in missing]
    faults += [f"no route {method} {path}" for method, path in gone]
    reached = sum(is_success(cell) and cell.asker == STRANGER for cell in cells)
    say(f"\n{len(cells):,} requests, {len(rows)} routes and methods, {len(ASKERS)} askers")
    say(f"a stranger reached {reached} of them; faults: {len(faults)}")
    for fault in faults:
        say(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
