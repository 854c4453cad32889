"""Find the first entry of an audit that is not as it was appended.

From the front, each entry must stand at its place, give its own hash and follow the one before it.
From the back, a signed head vouches for the hash of its entry, that entry for the hash of the one
before it, and so on: an entry that does not give the hash vouched for is a bad one, even where its
own hash was made anew. Only where a whole stretch before a head was made anew does nothing tell
its entries apart; then the stretch is named. What was appended after the last head has nothing to
vouch for its end.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final

from api.audit.keys import is_signed
from api.store.audit_records import NOTHING_BEFORE, AuditEntry, Head, NamedKey

_LOOKED_AHEAD: Final = 100_000  # entries read to tell one that was moved from one that is gone


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was appended.

    Attributes
    ----------
    seq
        Number of the first entry that is provably bad, or of the head that is.
    since
        The first entry that may be: where less than `seq`, nothing tells those between apart.
    kind
        What is wrong: a key of the words, section "audit".
    """

    seq: int
    since: int
    kind: str


@dataclass(frozen=True)
class Verdict:
    """What the verification of an audit found.

    Attributes
    ----------
    entries
        How many entries were read; on a finding, no further than it took to place it.
    signed
        Number of the last entry that a good head vouches for; 0 where none does.
    findings
        What is wrong, the first bad entry first; none where all is as it was appended.
    """

    entries: int
    signed: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Anchor:
    """An entry that is vouched for."""

    seq: int
    hash: str


def verify_audit(
    entries: Iterable[AuditEntry],
    heads: Iterable[Head],
    *,
    named_key: str | None,
    renewals: Sequence[NamedKey] = (),
    expected_keys: Collection[str] = (),
) -> Verdict:
    """Verify an audit.

    Parameters
    ----------
    entries
        All entries as stored, in the order of the store or file.
    heads
        All heads that are known, of the store and kept elsewhere.
    named_key
        The public key that the audit itself names as the one it began with.
    renewals
        The keys that it names later, in their order.
    expected_keys
        The public keys that the auditor knows; where none, the one it names at first is taken, and
        each later one for which the one before it vouches.

    Returns
    -------
    verdict
        What was found.
    """
    known = sorted(set(heads), key=lambda head: (head.seq, head.hash))
    spans = _spans(named_key, renewals)
    findings = [*_unvouched(spans, known, expected_keys)]
    sound = [head for head in known if _is_sound(head, spans)]
    keys = {span.key for span in spans}
    findings += [_bad_head(head, keys) for head in known if head not in set(sound)]
    good = list({head.seq: head for head in sound}.values())
    findings += [
        Finding(one.seq, one.seq, "forked")
        for one, other in pairwise(sound)
        if one.seq == other.seq and one.hash != other.hash
    ]
    if expected_keys and named_key not in expected_keys:
        findings.append(Finding(1, 1, "other_key"))
    elif named_key is not None and not good:
        findings.append(Finding(1, 1, "no_head"))
    count, finding = _verify_chain(iter(entries), good)
    if finding is not None:
        findings.append(finding)
    findings.sort(key=lambda found: found.seq)
    return Verdict(count, good[-1].seq if good else 0, tuple(findings))


@dataclass(frozen=True)
class _Span:
    """The entries whose heads a key may have signed."""

    key: str
    first: int
    last: float


def _spans(named_key: str | None, renewals: Sequence[NamedKey]) -> list[_Span]:
    """Tell where each key is in use: up to the entry that names the next one."""
    if named_key is None:
        return []
    named = [NamedKey(1, named_key), *renewals]
    ends = [*(renewal.seq for renewal in renewals), math.inf]
    return [_Span(one.key, one.seq, end) for one, end in zip(named, ends, strict=True)]


def _is_sound(head: Head, spans: Sequence[_Span]) -> bool:
    return any(
        head.key == span.key and span.first <= head.seq <= span.last and is_signed(head, span.key)
        for span in spans
    )


def _unvouched(
    spans: Sequence[_Span], heads: Sequence[Head], expected_keys: Collection[str]
) -> Iterator[Finding]:
    """Find the keys for which neither the key before them nor the auditor vouches."""
    for before, span in pairwise(spans):
        vouched = any(head.seq == span.first and is_signed(head, before.key) for head in heads)
        if not vouched and span.key not in expected_keys:
            yield Finding(span.first, span.first, "unvouched_key")


def _bad_head(head: Head, keys: Collection[str]) -> Finding:
    kind = "forged_head" if head.key in keys else "foreign_head"
    return Finding(head.seq, head.seq, kind)


def _verify_chain(rows: Iterator[AuditEntry], heads: list[Head]) -> tuple[int, Finding | None]:
    """Verify stretch by stretch, from one head to the next, and the open end after the last."""
    anchor, count = _Anchor(0, NOTHING_BEFORE), 0
    for head in heads:
        stretch = list(islice(rows, head.seq - anchor.seq))
        count += len(stretch)
        if _first_broken(stretch, anchor) is None and _end(stretch, anchor) == _vouched(head):
            anchor = _vouched(head)
            continue
        stretch += islice(rows, _LOOKED_AHEAD)
        return count, _first_bad(stretch, anchor, _vouched(head))
    open_end = list(islice(rows, _LOOKED_AHEAD))
    while open_end:
        count += len(open_end)
        if _first_broken(open_end, anchor) is not None:
            return count, _first_bad(open_end, anchor, _vouched(open_end[-1]))
        anchor = _vouched(open_end[-1])
        open_end = list(islice(rows, _LOOKED_AHEAD))
    return count, None


def _vouched(by: AuditEntry | Head) -> _Anchor:
    return _Anchor(by.seq, by.hash)


def _end(stretch: list[AuditEntry], anchor: _Anchor) -> _Anchor:
    return _vouched(stretch[-1]) if stretch else anchor


def _first_broken(stretch: list[AuditEntry], anchor: _Anchor) -> tuple[int, str] | None:
    """Return the first place that breaks the chain going forward, and how."""
    before = anchor.hash
    for place, entry in enumerate(stretch, start=anchor.seq + 1):
        if entry.seq != place:
            return place, "misplaced"
        if entry.digest() != entry.hash:
            return place, "edited"
        if entry.previous != before:
            return place, "unlinked"
        before = entry.hash
    return None


def _authentic(stretch: list[AuditEntry], anchor: _Anchor, end: _Anchor) -> dict[int, AuditEntry]:
    """Return what is vouched for going backward from an end, by number, down to the first gap."""
    by_hash = {entry.hash: entry for entry in stretch if entry.digest() == entry.hash}
    found: dict[int, AuditEntry] = {}
    hash_, seq = end.hash, end.seq
    while seq > anchor.seq:
        entry = by_hash.get(hash_)
        if entry is None or entry.seq != seq:
            break
        found[seq] = entry
        hash_, seq = entry.previous, seq - 1
    return found


def _first_bad(stretch: list[AuditEntry], anchor: _Anchor, end: _Anchor) -> Finding:
    """Tell the first bad entry of a stretch that is known to hold one."""
    first = anchor.seq + 1
    if end.seq < first:  # an entry of before stands again at the open end
        return Finding(first, first, "misplaced")
    found = _authentic(stretch, anchor, end)
    unvouched = next((seq for seq in range(end.seq, anchor.seq, -1) if seq not in found), None)
    if unvouched is None:
        if found[first].previous != anchor.hash:
            return Finding(first, first, "unlinked")
        return _first_stranger(stretch, first, found)
    broken = _first_broken(stretch, anchor)
    place, kind = (first + len(stretch), "truncated") if broken is None else broken
    if place > unvouched:
        return Finding(unvouched, first, "remade")
    if kind == "misplaced" and place not in {entry.seq for entry in stretch}:
        kind = "missing"
    return Finding(place, first if kind == "unlinked" else place, kind)


def _first_stranger(stretch: list[AuditEntry], first: int, found: dict[int, AuditEntry]) -> Finding:
    """Tell where, among entries that are all there, one stands that does not belong."""
    place = next(
        place for place, entry in enumerate(stretch, start=first) if found.get(place) != entry
    )
    return Finding(place, place, "misplaced")
