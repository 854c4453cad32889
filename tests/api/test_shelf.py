"""A shelf keeps what was last asked for, within its bound, and never more."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from api.shelf import Shelf

CALLS = st.lists(
    st.tuples(st.sampled_from(["get", "put"]), st.integers(0, 6), st.integers(1, 9)), max_size=60
)


@given(CALLS)
def test_it_keeps_what_was_asked_for_last(calls):
    shelf, kept = Shelf(20), []  # the oldest first, as pairs of key and size
    for call, key, size in calls:
        known = [pair for pair in kept if pair[0] == key]
        if call == "get":
            assert shelf.get(key) == (known[0] if known else None)
            kept = [pair for pair in kept if pair[0] != key] + known
            continue
        shelf.put(key, (key, size), size=size)
        kept = [*(pair for pair in kept if pair[0] != key), (key, size)]
        while sum(size for _, size in kept) > 20 and len(kept) > 1:
            kept.pop(0)
    assert [shelf.get(key) for key, _ in kept] == kept
    assert all(shelf.get(key) is None for key in {*range(7)} - {key for key, _ in kept})


def test_what_is_not_there_is_made_once():
    shelf, made = Shelf(100), []

    def make():
        made.append(1)
        return b"text"

    assert [shelf.made("key", make, size=len) for _ in range(3)] == [b"text"] * 3
    assert made == [1]


def test_something_empty_is_kept_as_well():
    shelf = Shelf(100)
    shelf.put("key", b"", size=1)
    assert shelf.made("key", lambda: b"anew", size=len) == b""


def test_threads_keep_the_count_right():
    shelf = Shelf(50)

    def work(start):
        for number in range(2_000):
            shelf.put((start + number) % 40, number, size=1 + number % 7)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shelf._size == sum(size for _, size in shelf._entries.values()) <= 50
