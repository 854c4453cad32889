"""What a job's process is told and tells: orders whole, and shares that only grow."""

from hypothesis import given
from hypothesis import strategies as st

from api.jobs.orders import Order, Telling, Terms

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def order(inputs):
    return Order(
        job="job",
        runner="runner",
        zone="old_town",
        process="forecast",
        inputs=inputs,
        store="postgresql://somebody:hidden@host/name",
        data_dir="data",
        work="module:function",
        workers=2,
        memory_mb=512,
    )


@given(st.dictionaries(st.text(), PLAIN, max_size=4))
def test_an_order_is_one_line_and_is_read_as_it_was_written(inputs):
    line = order(inputs).line()
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert Order.read(line) == order(inputs)


def test_neither_order_nor_terms_show_the_password():
    assert "hidden" not in repr(order({}))
    assert "hidden" not in repr(Terms("postgresql://somebody:hidden@host/name", None, "a:b"))


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5))
def test_shares_grow_from_step_to_step_and_part_to_part(sizes):
    said = []
    tell = Telling(lambda done, step: said.append((done, step)))
    steps = [f"s{number}" for number in range(len(sizes))]
    tell.expect(steps)
    for step, parts in zip(steps, sizes, strict=True):
        tell.begin(step)
        for done in range(parts):
            tell.advance(done + 1, parts)
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] <= 1
    assert {step for _, step in said} == {f"cli.step_{step}" for step in steps}
