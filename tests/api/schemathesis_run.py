"""The service asked by schemathesis, which thinks of requests from our own OpenAPI document.

The service is the real one with accounts, on the synthetic Old Town; its limits of rate and of
attempts are out of reach, so that none of them hides another answer, and no job is computed.
"""

import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import httpx

from api.main import create_app
from api.releasing import release_due
from api.store import Store, import_zone
from geo.zone import Zone
from tests.api.sample import PROVENANCE, products
from tests.api.serving import serving
from tests.api.signing import CHEAP, account_settings, add_everyone, signed_in

ZONE = "old_town"
NOW = dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)
STRANGER = "stranger"
CONFIG = Path(__file__).with_name("schemathesis.toml")
SIGN_IN = "^/auth/"
"""Paths that are asked last and by strangers alone: they end the session that the others need."""
_OUT_OF_REACH = 10**9
_SHOWN = {"FAILURES", "ERRORS"}


@dataclass(frozen=True)
class Run:
    """What came of one run of schemathesis.

    Attributes
    ----------
    asker
        Who asked.
    operations
        How many operations of the document were asked.
    requests
        How many requests were made of them.
    accepted
        How many of these were answered as asked, neither refused nor without what they ask for.
    failures
        What is wrong, in words.
    shown
        Each failure with a request that reproduces it.
    """

    asker: str
    operations: int
    requests: int
    accepted: int
    failures: list
    shown: str


def fill_town(place, root):
    """Make a store with the synthetic Old Town, a public release, products and every account."""
    store = Store(place)
    zone = Zone.load(root / "data" / ZONE)
    import_zone(store, zone, created_at=NOW)
    store.put_layers(ZONE, products(), kind="product", provenance=PROVENANCE)
    release_due(store, zone, now=NOW)
    add_everyone(store, zones=frozenset({ZONE}))
    store.close()
    return place


@contextmanager
def serving_town(place, change=lambda _: None, **more):
    """Serve such a store with every limit out of reach; `change` may add to the application."""
    more |= {"zone": ZONE, "jobs": 0, "public_rate": f"{_OUT_OF_REACH}/second"}
    with (
        patch("api.accounts.passwords.PasswordHasher", CHEAP),
        patch("api.accounts.signing_in._FREE_OF_ACCOUNT", _OUT_OF_REACH),
        patch("api.accounts.signing_in._FREE_OF_ADDRESS", _OUT_OF_REACH),
        patch("api.processes.router.MOST_UNFINISHED", _OUT_OF_REACH),
    ):
        app = create_app(account_settings(place, **more))
        change(app)
        with serving(app) as address:
            yield address


def token_of_account(address, role):
    """Return the header's value of the account of a role, which signs in for it."""
    with httpx.Client(base_url=address, timeout=60) as client:
        return signed_in(client, f"{role}-1")["Authorization"]


def ask(address, asker, *options, seed, examples, token_of=token_of_account):
    """Let schemathesis ask as one role or as a stranger, and return what came."""
    options = [*options, "--seed", str(seed), "--max-examples", str(examples)]
    if asker != STRANGER:
        options += ["--header", f"Authorization: {token_of(address, asker)}"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run"]
        options += ["--report", "json", "--report-json-path", str(report)]
        options += ["--continue-on-failure", "--checks", "all", f"{address}/openapi.json"]
        done = subprocess.run(
            [*command, *options],
            cwd=folder,
            env=os.environ | {"NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=1_500,
            check=False,
        )
        assert report.exists(), done.stdout[-2_000:] + done.stderr[-2_000:]
        told = json.loads(report.read_text(encoding="utf-8"))
    assert told["complete"], told["stop_reason"]
    return _read(asker, told, done.stdout)


def _read(asker, told, shown):
    """Read a report, and how each failure is reproduced from what was shown."""
    counts = [phase for phases in told["valid_rates"].values() for phase in phases.values()]
    failures = [f"{found['title']}: {found['operations']}" for found in told["failures"]]
    return Run(
        asker=asker,
        operations=told["operations"]["tested"],
        requests=told["test_cases"]["generated"],
        accepted=sum(count["accepted"] for count in counts),
        failures=failures + [str(error) for error in told["errors"]],
        shown=_details(shown),
    )


def _details(shown):
    """Return the part of the output that shows each failure and how to reproduce it."""
    heading = re.compile(r"^=+ (.+?) =+$", re.MULTILINE)
    parts = heading.split(shown)
    kept = [text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name in _SHOWN]
    return "\n".join(kept).strip()
