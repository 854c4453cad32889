"""A service that accepts jobs of the stand-in: `python -m tests.api.jobs.serve_here PLACE SLOTS`.

It submits jobs of its own, so that some have not ended, prints the id of each once it is accepted,
and runs them, where it has slots, or leaves them to the workers of its queue, until it is killed.
"""

import json
import sys
import time

from api.jobs.orders import Terms
from api.jobs.service import JobService
from api.store import Store
from tests.api.jobs.pools import submit
from tests.api.jobs.stand_in import ROOT, WORK


def main(place, slots, terms, unended, trace):
    store = Store(place)
    given = Terms(place, ROOT / "data", WORK, **json.loads(terms))
    service = JobService(store, given, slots=int(slots))
    service.start()
    while True:
        going = store.jobs.page("sample", states=("accepted", "running"), limit=int(unended) + 1)
        if len(going.jobs) < int(unended):
            job = submit(store, steps=2, pause_s=0.1, own_layer=True, trace=trace)
            service.submitted(job)
            sys.stdout.write(f"{job}\n")
            sys.stdout.flush()
        time.sleep(0.2)


if __name__ == "__main__":
    main(*sys.argv[1:])
