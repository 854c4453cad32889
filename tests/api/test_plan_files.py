"""The document of a plan is read for what is wanted of it, or refused in one sentence."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.plan.document import write_document
from api.plan_files import PLAN_FILE, read_plan_file
from geo.errors import SourceError
from tests.api.plan.sample import sample_plan

PLAN = {"format": "smartzone-plan/1", "zone": {"name": "small"}, "tonight": "2026-03-06"}
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PLAN, "name"]), inner)
    ),
    max_leaves=8,
)


def read(folder, content, zone="small"):
    path = folder / PLAN_FILE
    path.write_text(content, encoding="utf-8")
    return read_plan_file(path, lambda plan: plan["tonight"].strip(), zone=zone)


def test_what_is_wanted_is_taken(tmp_path):
    assert read(tmp_path, json.dumps(PLAN)) == "2026-03-06"


def test_what_smartzone_writes_is_read(tmp_path):
    plan = sample_plan()
    assert read(tmp_path, write_document(plan), plan.zone) == plan.tonight.isoformat()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "got something else"),
        ("[" * 100_000, "got something else"),
        (json.dumps(PLAN | {"tonight": 7}), "got something else"),
        (json.dumps({"format": "smartzone-plan/1"}), "got none of `zone`"),
        (json.dumps(PLAN | {"format": "smartzone-sites/1"}), r"of small \(smartzone-plan/1\)"),
        (json.dumps(PLAN | {"zone": {"name": "other"}}), "got one of other"),
    ],
)
def test_what_is_no_plan_of_the_zone_is_refused(tmp_path, content, told):
    with pytest.raises(SourceError, match=told):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"plan\.json, got: No such file"):
        read_plan_file(tmp_path / PLAN_FILE, dict, zone="small")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ANY)
def test_no_document_is_anything_but_read_or_refused(tmp_path, document):
    with suppress(SourceError):
        assert isinstance(read(tmp_path, json.dumps(document)), str)
