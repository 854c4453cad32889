"""Pages: against a store in plain Python, and while others change the layer."""

import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from api.store import Box
from geo.errors import ConflictError, NotFoundError, ParameterError
from tests.api.store.contract.features import dots, ids, lamp, layer, put

names = st.sampled_from("abcdefgh")
owners = st.sampled_from(["municipal", "private"])
places = st.none() | st.tuples(st.integers(-3, 3), st.integers(-3, 3))
cameras = st.tuples(owners, places)
layers = st.dictionaries(names, cameras, max_size=6)
boxes = st.none() | st.tuples(*[st.integers(-4, 4)] * 4).map(
    lambda b: Box(b[0], min(b[1], b[3]), b[2], max(b[1], b[3]))
)
views = st.sampled_from(["public", "full"])
changes = st.one_of(
    st.tuples(st.just("replace"), layers),
    st.tuples(st.just("write"), names, cameras),
    st.tuples(st.just("delete"), names),
)
asked = st.fixed_dictionaries(
    {
        "view": views,
        "bbox": boxes,
        "limit": st.integers(1, 4),
        "after": st.integers(0, 12),
        "offset": st.integers(0, 3),
    }
)


@dataclass
class Model:
    """What a layer of cameras is, in plain Python: the oracle of the store."""

    rows: dict = field(default_factory=dict)  # id: (position, owner, place)
    next: int = 1

    def replace(self, given):
        self.rows = {name: row for name, row in self.rows.items() if name in given}
        for name, camera in given.items():
            self.write(name, camera)

    def write(self, name, camera):
        position = self.rows[name][0] if name in self.rows else self.next
        self.next += name not in self.rows
        self.rows[name] = (position, *camera)

    def delete(self, name):
        self.rows.pop(name, None)

    def page(self, *, view, bbox, limit, after, offset):
        parts = [] if bbox is None else [shapely.box(*part) for part in bbox.parts()]
        matching = [
            (position, name)
            for name, (position, owner, place) in self.rows.items()
            if (view == "full" or owner == "municipal")
            and (bbox is None or (place and any(part.intersects(Point(place)) for part in parts)))
        ]
        beyond = sorted(row for row in matching if row[0] > after)[offset:]
        kept = beyond[:limit]
        next_after = kept[-1][0] if len(beyond) > limit else None
        return [name for _, name in kept], len(matching), next_after


def apply(store, zone, model, change):
    """Change the store and the model alike."""
    kind, *given = change
    if kind == "replace":
        (wanted,) = given
        shapes = {name: place and Point(place) for name, (_, place) in wanted.items()}
        kinds = [owner for owner, _ in wanted.values()]
        put(store, zone, "cameras", layer(shapes, owner_kind=kinds))
        model.replace(wanted)
        return
    name = given[0]
    known = name in model.rows
    version = store.item(zone, "cameras", name, view="full")[2] if known else "none"
    if kind == "write":
        owner, place = given[1]
        feature = lamp(name, place, owner_kind=owner)
        store.put_feature(zone, "cameras", feature, if_version=version if known else None)
        model.write(name, given[1])
    elif known:
        store.delete_feature(zone, "cameras", name, if_version=version)
        model.delete(name)
    else:
        with pytest.raises(NotFoundError):
            store.delete_feature(zone, "cameras", name, if_version=version)


turns = itertools.count()


@settings(max_examples=30)
@given(layers, st.lists(st.tuples(changes, asked), max_size=6))
def test_the_store_answers_as_plain_python_does(kept, first, steps):
    zone, model = f"model_{next(turns)}", Model()
    apply(kept, zone, model, ("replace", first))
    for change, options in steps:
        apply(kept, zone, model, change)
        page = kept.items(zone, "cameras", **options)
        expected, matched, next_after = model.page(**options)
        assert ids(page) == expected
        assert (page.number_matched, page.next_after) == (matched, next_after)
        record = kept.layer(zone, "cameras")
        assert record.count == len(model.rows)
        seen = [place for _, owner, place in model.rows.values() if owner == "municipal"]
        assert record.public_count == len(seen)
        placed = [place for place in seen if place]
        bounds = shapely.total_bounds([Point(place) for place in placed]) if placed else None
        assert record.bounds == (None if bounds is None else tuple(bounds))
        assert list(kept.frame(zone, "cameras").index) == sorted(
            model.rows, key=lambda name: model.rows[name][0]
        )


@settings(max_examples=20)
@given(
    st.lists(st.lists(changes, max_size=2), min_size=1, max_size=6),
    st.integers(1, 3),
    views,
    boxes,
)
def test_survivors_are_read_once_whatever_changes_between_pages(kept, between, limit, view, bbox):
    """A survivor is there from the first page to the last, matching all the time."""
    zone, model = f"survivors_{next(turns)}", Model()
    apply(kept, zone, model, ("replace", dict.fromkeys("abcdef", ("municipal", (0, 0)))))
    all_of_it = {"view": view, "bbox": bbox, "limit": 99, "after": 0, "offset": 0}
    alive = [set(model.page(**all_of_it)[0])]
    born = [{name: row[0] for name, row in model.rows.items()}]
    seen, after = [], 0
    for step in itertools.chain(between, itertools.repeat([])):
        page = kept.items(zone, "cameras", view=view, bbox=bbox, limit=limit, after=after)
        seen += ids(page)
        after = page.next_after
        if after is None:
            break
        for change in step:
            apply(kept, zone, model, change)
            alive.append(set(model.page(**all_of_it)[0]))
            born.append({name: row[0] for name, row in model.rows.items()})
    survivors = {
        name
        for name in set.intersection(*alive)
        if len({positions.get(name) for positions in born}) == 1
    }
    assert {name: seen.count(name) for name in survivors} == dict.fromkeys(survivors, 1)


STAYING = [f"stay{n}" for n in range(40)]


def replace(store, zone, turn):
    mixed = [*STAYING[turn % 40 :], *STAYING[: turn % 40]]
    put(store, zone, "lamps", dots([f"t{turn}", *mixed, f"u{turn % 3}"]))


def edit(store, zone, turn):
    name = STAYING[turn % 40]
    version = store.item(zone, "lamps", name, view="full")[2]
    with suppress(ConflictError):
        store.put_feature(zone, "lamps", lamp(name, turn=turn), if_version=version)


@contextmanager
def going_on(*acts):
    """Let each act be done again and again, in a thread of its own, while the block runs."""
    working = threading.Event()
    working.set()

    def work(act):
        for turn in itertools.takewhile(lambda _: working.is_set(), itertools.count()):
            act(turn)

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(work, act) for act in acts]
        try:
            yield
        finally:
            working.clear()
    for one in running:
        one.result()


def test_nothing_is_missed_or_repeated_while_threads_write(kept, zone):
    put(kept, zone, "lamps", dots([*STAYING, "t0", "t1"]))
    versions = set()
    with going_on(partial(replace, kept, zone), partial(edit, kept, zone)):
        for turn in range(3_000):
            seen, after = [], 0
            while after is not None:
                page = kept.items(zone, "lamps", limit=5 + turn % 4, after=after)
                versions.add(page.layer.version)
                seen += ids(page)
                after = page.next_after
            assert [seen.count(name) for name in STAYING] == [1] * 40
            if len(versions) > 12:
                break
        assert len(versions) > 12, "nothing changed meanwhile"


def test_a_page_is_of_one_moment(kept, zone):
    put(kept, zone, "lamps", dots(["a", "b", "c"]))
    page = kept.items(zone, "lamps", limit=2)
    assert (page.layer, page.number_matched) == (kept.layer(zone, "lamps"), 3)
    assert json.loads(page.features[0])["id"] == "a"
    assert page.next_after is not None
    last = kept.items(zone, "lamps", limit=2, after=page.next_after)
    assert (ids(last), last.number_matched, last.next_after) == (["c"], 3, None)
    assert kept.items(zone, "lamps", limit=3).next_after is None


@pytest.mark.parametrize("name", ["limit", "after", "offset"])
@pytest.mark.parametrize("value", [-1, 2**63, 10**30])
def test_paging_out_of_range_is_refused_by_name(kept, zone, name, value):
    put(kept, zone, "lamps", dots(["a"]))
    with pytest.raises(ParameterError, match=f"`{name}`"):
        kept.items(zone, "lamps", **({"limit": 1} | {name: value}))


def test_the_largest_numbers_are_taken(kept, zone):
    put(kept, zone, "lamps", dots(["a"]))
    box = Box(-180, -90, 180, 90)
    for bbox in (None, box):
        assert ids(kept.items(zone, "lamps", bbox=bbox, limit=2**62 - 1)) == ["a"]
        for name in ("after", "offset"):
            page = kept.items(zone, "lamps", bbox=bbox, limit=1, **{name: 2**63 - 1})
            assert (page.features, page.number_matched) == ((), 1)
