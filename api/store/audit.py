"""The audit: who read what is restricted and who changed what, in a chain of hashes.

Each entry holds the SHA-256 of its own fields and of the entry before it, so that none can be
edited, taken out or moved without the chain telling. A head, signed elsewhere, vouches for
everything up to it. A Merkle tree would also give short proofs for single entries to somebody who
holds only a head; nobody here does, an auditor reads the log whole, and the library for it
(pymerkle) is under the GPL: hence a plain chain.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from api.identity import Principal
from api.store.audit_reading import AuditReading, last_entry, last_head, last_key, read_entries
from api.store.audit_records import (
    BEGIN_SIGNING,
    ENTRY_FIELDS,
    HEAD_FIELDS,
    NOTHING_BEFORE,
    AuditEntry,
    Head,
    canonical,
    refuse_unfit,
)
from api.store.engine import Engine, Session
from api.store.instants import text_of
from geo.errors import SourceError

MACHINE: Final = Principal(subject="smartzone")
"""Who acts where nobody asked: the service itself and its command line."""


class AuditLog:
    """The audit of a store: entries are appended and read, never changed.

    Parameters
    ----------
    engine
        The store's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(  # noqa: PLR0917  # who did what, where and to what: one sentence
        self,
        now: dt.datetime,
        principal: Principal,
        action: str,
        zone: str,
        target: str,
        detail: Mapping[str, object] | None = None,
    ) -> AuditEntry:
        """Append an entry in a transaction of its own; it is on the disk when this returns.

        Parameters
        ----------
        now
            Aware instant of the action.
        principal
            Who acted.
        action
            What was done, one word.
        zone
            Name of the zone; empty where the action concerns no single one.
        target
            What it was done to.
        detail
            Further facts, by keys of `DETAILS`; words and whole numbers.

        Returns
        -------
        entry
            The entry as stored.

        Raises
        ------
        ParameterError
            A field is too long or not of its kind, or a detail is not one that may be kept; all
            faults at once.
        SourceError
            When the store does not answer: what was to be recorded must then not be done.
        """
        with self._engine.writing() as session:
            return append_within(session, now, principal, action, zone, target, detail)

    def last(self) -> AuditEntry | None:
        """Return the newest entry.

        Returns
        -------
        entry
            The entry; none while there is none.
        """
        with self._engine.reading() as session:
            return last_entry(session)

    def last_head(self) -> Head | None:
        """Return the newest head.

        Returns
        -------
        head
            The head; none while none was signed.
        """
        with self._engine.reading() as session:
            return last_head(session)

    def page(self, *, after: int, limit: int, zone: str | None = None) -> list[AuditEntry]:
        """Read some entries in their order.

        Parameters
        ----------
        after
            Number of the entry to go on after; 0 for the beginning.
        limit
            Largest number of entries.
        zone
            Only those of this zone; of all where none.

        Returns
        -------
        entries
            The entries.
        """
        with self._engine.reading() as session:
            return read_entries(session, after=after, limit=limit, zone=zone)

    def unsigned_since(self) -> dt.datetime | None:
        """Tell since when there are entries that no head vouches for.

        Returns
        -------
        since
            Instant of the first entry after the newest head; none where there is no such entry.
        """
        with self._engine.reading() as session:
            head = last_head(session)
            first = read_entries(session, after=0 if head is None else head.seq, limit=1)
        return dt.datetime.fromisoformat(first[0].at) if first else None

    def signing_key(self) -> str | None:
        """Return the public key that new heads are signed with.

        Returns
        -------
        key
            The key that the last entry of the action "begin_signing" names; none before the first.
        """
        with self._engine.reading() as session:
            return last_key(session)

    def begin_signing(
        self, now: dt.datetime, key: str, make: Callable[[AuditEntry], Head]
    ) -> Head | None:
        """Let an entry name the key of all heads, and sign it at once, unless one already does.

        Parameters
        ----------
        now
            Aware instant.
        key
            Public key, as heads have it.
        make
            Makes the signed head of an entry.

        Returns
        -------
        head
            The new head; none where the audit already names this key.

        Raises
        ------
        SourceError
            When the audit names another key.
        """
        with self._engine.writing() as session:
            named = last_key(session)
            if named is None:
                return _name_key(session, now, key, make)
        if named != key:
            raise SourceError(
                f"Expected the key {named}, with which the audit at {self._engine.place} is "
                f"signed, got {key}."
            )
        return None

    def renew_key(
        self, now: dt.datetime, key: str, make: Callable[[AuditEntry], Head]
    ) -> Head | None:
        """Let an entry name another key for the heads from there on, and sign that entry.

        Parameters
        ----------
        now
            Aware instant.
        key
            The new public key.
        make
            Makes the signed head of the entry: by the old key, which so vouches for the new one,
            or by the new key where the old one is lost.

        Returns
        -------
        head
            The head of the entry that names the new key.
        """
        with self._engine.writing() as session:
            return _name_key(session, now, key, make)

    def sign(self, make: Callable[[AuditEntry], Head]) -> Head | None:
        """Store a head for the newest entry, unless it has one.

        Parameters
        ----------
        make
            Makes the signed head of an entry.

        Returns
        -------
        head
            The new head; none where nothing was appended since the last.
        """
        with self._engine.writing() as session:
            return sign_within(session, make)

    @contextmanager
    def whole(self) -> Iterator[AuditReading]:
        """Lend the whole audit as of one moment, to be read entry by entry.

        Yields
        ------
        AuditReading
            Its heads and entries.
        """
        with self._engine.reading() as session:
            yield AuditReading(session)


def append_within(  # noqa: PLR0917  # as `AuditLog.append`
    session: Session,
    now: dt.datetime,
    principal: Principal,
    action: str,
    zone: str,
    target: str,
    detail: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Append an entry in the transaction of the change that it records: both are, or neither.

    Parameters
    ----------
    session
        A write transaction.
    now
        Aware instant of the action.
    principal
        Who acted.
    action
        What was done, one word.
    zone
        Name of the zone; empty where the action concerns no single one.
    target
        What it was done to.
    detail
        Further facts, by keys of `DETAILS`; words and whole numbers.

    Returns
    -------
    entry
        The entry as stored.

    Raises
    ------
    ParameterError
        As `AuditLog.append`.
    """
    told = {
        "at": text_of(now),
        "subject": principal.subject,
        "role": principal.role,
        "zone": zone,
        "action": action,
        "target": target,
        "detail": canonical(dict(detail or {})).decode(),
    }
    refuse_unfit(told, detail or {})
    last = last_entry(session)
    seq, previous = (1, NOTHING_BEFORE) if last is None else (last.seq + 1, last.hash)
    bare = AuditEntry(seq=seq, previous=previous, hash="", **told)
    entry = AuditEntry(seq=seq, previous=previous, hash=bare.digest(), **told)
    values = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    session.run(_INSERT_ENTRY, **values)
    return entry


def sign_within(session: Session, make: Callable[[AuditEntry], Head]) -> Head | None:
    """Store a head for the newest entry, unless it has one, in a given transaction.

    Parameters
    ----------
    session
        A write transaction.
    make
        Makes the signed head of an entry.

    Returns
    -------
    head
        The new head; none where nothing was appended since the last.
    """
    entry, before = last_entry(session), last_head(session)
    if entry is None or (before is not None and before.seq >= entry.seq):
        return None
    head = make(entry)
    session.run(_INSERT_HEAD, **{name: getattr(head, name) for name in HEAD_FIELDS})
    return head


_INSERT_ENTRY = (
    f"INSERT INTO audit ({', '.join(ENTRY_FIELDS)})"  # noqa: S608  # names of fields, not values
    f" VALUES (:{', :'.join(ENTRY_FIELDS)})"
)
_INSERT_HEAD = (
    f"INSERT INTO audit_heads ({', '.join(HEAD_FIELDS)})"  # noqa: S608  # likewise
    f" VALUES (:{', :'.join(HEAD_FIELDS)})"
)


def _name_key(
    session: Session, now: dt.datetime, key: str, make: Callable[[AuditEntry], Head]
) -> Head | None:
    append_within(session, now, MACHINE, BEGIN_SIGNING, "", "audit", {"key": key})
    return sign_within(session, make)
