"""A siting that is told to stop, and one that has no time, end at once with what they have."""

import time

import numpy as np
import pytest
from scipy.sparse import csr_array, random_array

from planning import _primal_dual, _siting_search
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


def test_dense_instances_look_at_the_clock_more_often(monkeypatch):
    """Steps cost as many operations as there are pairs of sites and points: few go unwatched."""
    rng = np.random.default_rng(0)
    cover, demand = csr_array(rng.random((1000, 2000)) < 0.5), rng.random(2000)
    swaps, steps = [], []
    anneal, advance = _siting_search.anneal, _primal_dual._advance

    def watched_anneal(instance, state, best, draws):
        swaps.append(len(draws.site))
        anneal(instance, state, best, draws)

    def watched_advance(relaxation, now, total, weight, count):
        steps.append(count)
        advance(relaxation, now, total, weight, count)

    monkeypatch.setattr(_siting_search, "anneal", watched_anneal)
    monkeypatch.setattr(_primal_dual, "_advance", watched_advance)
    maximal_coverage(
        cover,
        demand,
        budget=5,
        time_limit_s=60.0,
        seed=0,
        keep_going=lambda: len(swaps) < 2,
    )
    assert 0 < max(swaps) * cover.nnz <= 1e10
    assert 0 < max(steps) * cover.nnz <= 1e8
