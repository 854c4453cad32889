"""What schemathesis can think of, from our own OpenAPI: `python -m tests.api.schemathesis_figures`.

    .venv/bin/python -m tests.api.schemathesis_figures [--examples 100] [--seed 1]

Starts the real service with accounts on the synthetic Old Town and lets schemathesis ask every
operation with all its checks: as a commander, as an auditor (the audit alone), and without an
account. Prints how much was asked and everything that is wrong; it ends with status 1 where
anything is.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.api.schemathesis_run import SIGN_IN, STRANGER, ask, fill_town, serving_town

ROOT = Path(__file__).resolve().parents[2]
ASKED = (
    ("commander", "--exclude-path-regex", SIGN_IN),
    ("auditor", "--include-path-regex", "^/audit"),
    (STRANGER,),
)


def say(line):
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main():
    """Print the table and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    failures = []
    say(f"{'asker':<12}{'operations':>12}{'requests':>12}{'accepted':>12}{'failures':>12}")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving_town(fill_town(Path(folder) / "store.sqlite", ROOT)) as address,
    ):
        for asker, *options in ASKED:
            run = ask(address, asker, *options, seed=chosen.seed, examples=chosen.examples)
            counts = (run.operations, run.requests, run.accepted, len(run.failures))
            say(f"{asker:<12}" + "".join(f"{count:>12,}" for count in counts))
            failures += [f"as {asker}\n{run.shown}"] if run.failures else []
    for failure in failures:
        say(failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
