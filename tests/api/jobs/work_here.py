"""A worker of the stand-in as a process of its own: `python -m tests.api.jobs.work_here PLACE`."""

import json
import sys

from api.jobs.orders import Terms
from api.jobs.worker import run_worker
from api.store import Store
from tests.api.jobs.stand_in import ROOT, WORK


def main(place, slots, terms):
    store = Store(place)
    try:
        run_worker(store, Terms(place, ROOT / "data", WORK, **json.loads(terms)), slots=int(slots))
    finally:
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
