"""What schemathesis can think of, from our own OpenAPI: `python -m tests.api.schemathesis_figures`.

    .venv/bin/python -m tests.api.schemathesis_figures [--examples 100] [--seed 1]
        [--store sqlite|postgres] [--provider]

Starts the real service with accounts on the synthetic Old Town, in a file or on a PostgreSQL of its
own, and lets schemathesis ask every operation with all its checks: as a commander, as an auditor
(the audit alone), and without an account. With --provider, who asks is known by the tokens of an
OpenID provider and not by accounts of the store. Prints how much was asked and everything that is
wrong; it ends with status 1 where anything is.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.api.accounts.oidc_provider import AUDIENCE, CLIENT, CLIENT_SECRET, providing
from tests.api.postgres import postgres_cluster
from tests.api.schemathesis_run import (
    SIGN_IN,
    STRANGER,
    ZONE,
    ask,
    fill_town,
    serving_town,
    token_of_account,
)

ROOT = Path(__file__).resolve().parents[2]
ASKED = (
    ("commander", "--exclude-path-regex", SIGN_IN),
    ("auditor", "--include-path-regex", "^/audit"),
    (STRANGER,),
)
LASTING_S = 7_200
"""How long the tokens of the provider last: longer than schemathesis takes."""


def say(line):
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def from_provider(opened):
    """Start a provider; return the settings of a service that trusts it, and what gives tokens."""
    provider = opened.enter_context(providing())
    settings = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_audience": AUDIENCE,
    }

    def token_of(_, role):
        rights = {"smartzone_role": role, "smartzone_zones": [ZONE]}
        token = provider.token(sub=f"{role}-1", exp=int(time.time()) + LASTING_S, **rights)
        return f"Bearer {token}"

    return settings, token_of


def main():
    """Print the table and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--provider", action="store_true")
    chosen = parser.parse_args()
    failures = []
    say(f"{'asker':<12}{'operations':>12}{'requests':>12}{'accepted':>12}{'failures':>12}")
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        place = folder / "store.sqlite"
        if chosen.store == "postgres":
            place = opened.enter_context(postgres_cluster()).new()
        settings, token_of = from_provider(opened) if chosen.provider else ({}, token_of_account)
        settings |= {"audit_key": folder / "key.pem", "audit_heads": folder / "heads.jsonl"}
        address = opened.enter_context(serving_town(fill_town(place, ROOT), **settings))
        for asker, *options in ASKED:
            how = {"seed": chosen.seed, "examples": chosen.examples, "token_of": token_of}
            run = ask(address, asker, *options, **how)
            counts = (run.operations, run.requests, run.accepted, len(run.failures))
            say(f"{asker:<12}" + "".join(f"{count:>12,}" for count in counts))
            failures += [f"as {asker}\n{run.shown}"] if run.failures else []
    for failure in failures:
        say(failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
