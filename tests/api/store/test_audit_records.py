"""What an entry of the audit may hold, and the one form in which it is hashed."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.store.audit_records import AuditEntry, canonical, key_named, refuse_unfit
from geo.errors import ParameterError


def test_the_hash_is_of_the_canonical_json_of_the_other_fields():
    entry = AuditEntry(1, "t", "s", "r", "z", "a", "จุด", "{}", "0", "")
    text = (
        '{"action":"a","at":"t","detail":"{}","previous":"0","role":"r","seq":1,"subject":"s",'
        '"target":"จุด","zone":"z"}'
    )
    assert entry.digest() == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(st.text("abc_", min_size=1), st.one_of(st.text(), st.integers())))
def test_equal_objects_have_one_form(value):
    backwards = dict(reversed(value.items()))
    assert canonical(value) == canonical(backwards)
    if not any(isinstance(text, str) and _lone(text) for text in value.values()):
        assert json.loads(canonical(value)) == value


def _lone(text):
    return any("\ud800" <= sign <= "\udfff" for sign in text)


@pytest.mark.parametrize(
    "detail",
    [
        {"name": "somebody"},
        {"reason": "98.3834"},
        {"reason": "7.88,98.38"},
        {"reason": "a name"},
        {"reason": "ชื่อ"},
        {"count": 1234567890123},
        {"reason": "1234567890123"},
        {"reason": "08-1234-5678"},
        {"count": 7.8838},
        {"reason": "abc.def.ghi"},
        {"reason": ["list"]},
        {"reason": None},
    ],
)
def test_what_may_be_a_name_a_place_or_a_secret_is_refused_without_repeating_it(detail):
    with pytest.raises(ParameterError) as refused:
        refuse_unfit(dict.fromkeys(("subject", "role", "zone", "action", "target"), ""), detail)
    assert all(str(value) not in str(refused.value) for value in detail.values())


@pytest.mark.parametrize("detail", ['{"key":"ed25519:1"}', "{}", "[1]", "not json", '{"key":3}'])
def test_a_detail_names_a_key_or_none(detail):
    assert key_named(detail) == ("ed25519:1" if "ed25519" in detail else None)
