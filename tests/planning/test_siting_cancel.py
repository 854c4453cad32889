"""A siting that is told to stop, and one that has no time, end at once with what they have."""

import time

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from planning import _siting_search
from planning.siting import maximal_coverage


def hard_case():
    """At its root branch and bound works for many seconds without asking whether to go on."""
    rng = np.random.default_rng(5)
    cover = random_array((600, 3000), density=0.012, rng=rng)
    return csr_array(cover), rng.random(3000)


@pytest.fixture
def proof_begins(monkeypatch):
    """Return the readings of the clock at which a proof has begun; annealing is left out."""
    begun = []
    prove = _siting_search.prove

    def watched(*args, **options):
        begun.append(time.perf_counter())
        return prove(*args, **options)

    monkeypatch.setattr(_siting_search, "prove", watched)
    monkeypatch.setattr(_siting_search, "_ANNEALS", 0)
    return begun


def test_a_proof_is_cancelled_at_its_root(proof_begins):
    cover, demand = hard_case()
    asked_after_no = []

    def keep_going():
        now_s = time.perf_counter()
        if proof_begins and now_s > proof_begins[0] + 1.0:
            asked_after_no.append(now_s)
        return not asked_after_no

    result = maximal_coverage(
        cover, demand, budget=60, time_limit_s=100.0, seed=0, keep_going=keep_going
    )
    assert len(proof_begins) == 1
    assert asked_after_no
    assert time.perf_counter() - asked_after_no[0] < 10.0
    assert len(result.chosen) == 60
    assert result.covered < result.upper_bound < demand.sum()


def test_an_interrupt_ends_a_proof(proof_begins):
    cover, demand = hard_case()
    raised = []

    def interrupted():
        if proof_begins and time.perf_counter() > proof_begins[0] + 1.0:
            raised.append(time.perf_counter())
            raise KeyboardInterrupt
        return True

    with pytest.raises(KeyboardInterrupt):
        maximal_coverage(
            cover, demand, budget=60, time_limit_s=100.0, seed=0, keep_going=interrupted
        )
    assert len(raised) == 1
    assert time.perf_counter() - raised[0] < 10.0
