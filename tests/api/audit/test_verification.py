"""Any tampering with an audit is found, and the first bad entry is named."""

import dataclasses
import datetime as dt

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import api.audit.verification as module
from api.audit.keys import SigningKey
from api.audit.verification import Finding, Verdict, verify_audit
from api.store.audit_records import (
    ENTRY_FIELDS,
    HEAD_FIELDS,
    NOTHING_BEFORE,
    AuditEntry,
    Head,
    canonical,
)

KEY, OTHER = (SigningKey(Ed25519PrivateKey.generate()) for _ in range(2))
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
WORDS = st.sampled_from(["", "read", "change", "cameras/cam-1", "ถนนถลาง", "old_town"])


def chained(facts):
    entries = []
    for seq, (action, target, count) in enumerate(facts, start=1):
        previous = entries[-1].hash if entries else NOTHING_BEFORE
        detail = canonical({"count": count}).decode()
        at = (START + dt.timedelta(seconds=seq)).isoformat()
        fields = ("officer-1", "officer", "old_town", action, target, detail, previous)
        bare = AuditEntry(seq, at, *fields, hash="")
        entries.append(dataclasses.replace(bare, hash=bare.digest()))
    return entries


def head_of(entry, key=KEY):
    bare = Head(entry.seq, entry.hash, entry.at, key.public, "")
    return dataclasses.replace(bare, signature=key.sign(bare.signed()))


@st.composite
def logs(draw, smallest=1):
    """Draw a log, and heads of some of its entries, always of the last."""
    facts = draw(st.lists(st.tuples(WORDS, WORDS, st.integers(0, 99)), min_size=smallest))
    entries = chained(facts)
    signed = draw(st.sets(st.integers(0, len(entries) - 1))) | {len(entries) - 1}
    return entries, [head_of(entries[index]) for index in sorted(signed)]


def verdict(entries, heads, **keys):
    return verify_audit(entries, heads, **({"named_key": KEY.public} | keys))


def first(entries, heads):
    findings = verdict(entries, heads).findings
    return findings[0] if findings else None


def rehashed(entry, **changes):
    changed = dataclasses.replace(entry, **changes)
    return dataclasses.replace(changed, hash=changed.digest())


def other(text, draw):
    """Change, add or take out one character of a text."""
    place = draw(st.integers(0, len(text)))
    with_one = text[:place] + draw(st.sampled_from("0aZ ก'")) + text[place:]
    without = text[:place] + text[place + 1 :]
    instead = text[:place] + draw(st.sampled_from("1bY_ข")) + text[place + 1 :]
    return draw(st.sampled_from([with_one, without, instead]))


@given(logs())
def test_an_untouched_log_is_good(log):
    entries, heads = log
    assert verdict(entries, heads) == Verdict(len(entries), len(entries), ())


@given(logs(), st.data())
def test_an_edit_of_any_field_is_found_at_its_entry(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(ENTRY_FIELDS))
    value = getattr(entries[index], field)
    new = value + data.draw(st.sampled_from([-1, 1, 7])) if field == "seq" else None
    new = other(value, data.draw) if new is None else new
    if new == value:
        return
    tampered = [*entries]
    tampered[index] = dataclasses.replace(entries[index], **{field: new})
    assert first(tampered, heads).seq == index + 1


@given(logs(), st.data())
def test_an_edit_whose_hash_was_made_anew_is_found_at_its_entry(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(entries) - 1))
    tampered = [*entries]
    tampered[index] = rehashed(entries[index], target="elsewhere")
    found = first(tampered, heads)
    assert found.seq == index + 1
    assert found.since <= found.seq


@given(logs(), st.data())
def test_a_chain_made_anew_up_to_the_end_is_found_in_its_stretch(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(entries) - 1))
    tampered = entries[:index]
    for entry in entries[index:]:
        previous = tampered[-1].hash if tampered else NOTHING_BEFORE
        tampered.append(rehashed(entry, previous=previous, subject="nobody"))
    found = first(tampered, heads)
    before = max((head.seq for head in heads if head.seq <= index), default=0)
    after = min(head.seq for head in heads if head.seq > index)
    assert (found.since, found.seq, found.kind) == (before + 1, after, "remade")


@given(logs(), st.data())
def test_a_deleted_entry_is_named(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(entries) - 1))
    found = first(entries[:index] + entries[index + 1 :], heads)
    last = index == len(entries) - 1
    assert found == Finding(index + 1, index + 1, "truncated" if last else "missing")


@given(logs(), st.data())
def test_a_truncated_log_is_found_at_the_first_entry_that_is_gone(log, data):
    entries, heads = log
    kept = data.draw(st.integers(0, len(entries) - 1))
    assert first(entries[:kept], heads) == Finding(kept + 1, kept + 1, "truncated")


@given(logs(smallest=2), st.data())
def test_swapped_entries_are_found_at_the_first_of_them(log, data):
    entries, heads = log
    one = data.draw(st.integers(0, len(entries) - 2))
    two = data.draw(st.integers(one + 1, len(entries) - 1))
    tampered = [*entries]
    tampered[one], tampered[two] = entries[two], entries[one]
    assert first(tampered, heads) == Finding(one + 1, one + 1, "misplaced")


@given(logs(), st.data())
def test_an_inserted_entry_is_found_where_it_stands(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(entries) - 1))
    previous = entries[index].previous
    forged = rehashed(entries[index], action="forged", seq=index + 1, previous=previous)
    if data.draw(st.booleans()):
        forged = entries[data.draw(st.integers(0, len(entries) - 1))]
    found = first([*entries[:index], forged, *entries[index:]], heads)
    # A copy of an entry beside itself reads the same from either side.
    assert found.seq - (index + 1) in ({0, 1} if forged == entries[index] else {0})


@given(logs(), st.data())
def test_any_edit_of_a_head_is_found(log, data):
    entries, heads = log
    index = data.draw(st.integers(0, len(heads) - 1))
    field = data.draw(st.sampled_from(HEAD_FIELDS))
    value = getattr(heads[index], field)
    new = value + 1 if field == "seq" else other(value, data.draw)
    if new == value:
        return
    tampered = [*heads]
    tampered[index] = dataclasses.replace(heads[index], **{field: new})
    findings = verdict(entries, tampered).findings
    assert {found.kind for found in findings} & {"forged_head", "foreign_head"}


def test_a_log_signed_anew_by_another_key_is_found():
    entries = chained([("read", "cameras", 1)] * 3)
    heads = [head_of(entries[2], OTHER)]
    assert {found.kind for found in verdict(entries, heads).findings} == {"foreign_head", "no_head"}
    remade = verdict(entries, heads, named_key=OTHER.public)
    assert remade.findings == ()
    pinned = verdict(entries, heads, named_key=OTHER.public, expected_keys=[KEY.public])
    assert "other_key" in {found.kind for found in pinned.findings}


def test_two_histories_of_one_key_are_found():
    one, two = chained([("read", "cameras", 1)] * 3), chained([("read", "incidents", 1)] * 3)
    findings = verdict(one, [head_of(one[2]), head_of(two[2])]).findings
    assert Finding(3, 3, "forked") in findings


def test_a_log_without_any_head_is_not_taken_for_good():
    entries = chained([("read", "cameras", 1)] * 3)
    assert [found.kind for found in verdict(entries, []).findings] == ["no_head"]
    assert verdict(entries, [], named_key=None) == Verdict(3, 0, ())


@given(logs(smallest=2), st.data())
def test_what_follows_the_last_head_is_still_chained(log, data):
    entries, heads = log
    heads = [head for head in heads if head.seq < len(entries)] or [head_of(entries[0])]
    open_end = range(heads[-1].seq, len(entries))
    index = data.draw(st.sampled_from(open_end))
    tampered = [*entries]
    tampered[index] = dataclasses.replace(entries[index], target="elsewhere")
    assert first(tampered, heads).seq == index + 1


def nothing_checked(rows, _):
    return len(list(rows)), None


@pytest.mark.parametrize(
    ("skipped", "fault", "check"),
    [
        ("_verify_chain", nothing_checked, test_a_deleted_entry_is_named),
        ("is_signed", lambda *_: True, test_any_edit_of_a_head_is_found),
        (
            "_authentic",
            lambda *_: {},
            test_an_edit_whose_hash_was_made_anew_is_found_at_its_entry,
        ),
    ],
)
def test_a_verifier_that_skips_a_check_would_be_caught(monkeypatch, skipped, fault, check):
    monkeypatch.setattr(module, skipped, fault)
    with pytest.raises((AssertionError, AttributeError, ExceptionGroup)):
        check()
