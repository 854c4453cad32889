import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.store.instants import text_of
from geo.errors import ParameterError

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
FIRST, LAST = (dt.datetime.fromisoformat(day) for day in ("1970-01-02", "9000-01-01"))
INSTANTS = st.datetimes(FIRST, LAST, timezones=ZONES)


@given(INSTANTS, INSTANTS)
def test_texts_stand_in_the_order_of_their_instants(first, second):
    assert (text_of(first) < text_of(second)) == (first < second)
    assert dt.datetime.fromisoformat(text_of(first)) == first


def test_a_bare_time_of_day_is_refused():
    with pytest.raises(ParameterError, match="Expected an aware instant"):
        text_of(dt.datetime(2026, 3, 1, 12, 0))  # noqa: DTZ001
