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
from api.store.audit_records import (
    BEGIN_SIGNING,
    ENTRY_FIELDS,
    HEAD_FIELDS,
    NOTHING_BEFORE,
    AuditEntry,
    Head,
    NamedKey,
    canonical,
    key_named,
    refuse_unfit,
)
from api.store.engine import Engine, Row, Session
from geo.errors import SourceError

MACHINE: Final = Principal(subject="smartzone")
"""Who acts where nobody asked: the service itself and its command line."""

_READ_AT_ONCE = 1000


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
            return _last_entry(session)

    def last_head(self) -> Head | None:
        """Return the newest head.

        Returns
        -------
        head
            The head; none while none was signed.
        """
        with self._engine.reading() as session:
            return _last_head(session)

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
            return _page(session, after=after, limit=limit, zone=zone)

    def unsigned_since(self) -> dt.datetime | None:
        """Tell since when there are entries that no head vouches for.

        Returns
        -------
        since
            Instant of the first entry after the newest head; none where there is no such entry.
        """
        with self._engine.reading() as session:
            head = _last_head(session)
            first = _page(session, after=0 if head is None else head.seq, limit=1, zone=None)
        return dt.datetime.fromisoformat(first[0].at) if first else None

    def signing_key(self) -> str | None:
        """Return the public key that new heads are signed with.

        Returns
        -------
        key
            The key that the last entry of the action "begin_signing" names; none before the first.
        """
        with self._engine.reading() as session:
            return _signing_key(session)

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
            named = _signing_key(session)
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
    def whole(self) -> Iterator["AuditReading"]:
        """Lend the whole audit as of one moment, to be read entry by entry.

        Yields
        ------
        AuditReading
            Its heads and entries.
        """
        with self._engine.reading() as session:
            yield AuditReading(session)


class AuditReading:
    """The whole audit as of one moment.

    Parameters
    ----------
    session
        A transaction on one unchanging view of the store.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def heads(self) -> list[Head]:
        """Read all heads.

        Returns
        -------
        heads
            In the order of their entries.
        """
        rows = self._session.rows("SELECT * FROM audit_heads ORDER BY seq")
        return [_head_of(row) for row in rows]

    def keys(self) -> list[NamedKey]:
        """Return the public keys that the audit says its heads are signed with.

        Returns
        -------
        keys
            In the order of the entries that name them; one where the key was never renewed.
        """
        rows = self._session.rows(
            "SELECT seq, detail FROM audit WHERE action = :action ORDER BY seq",
            action=BEGIN_SIGNING,
        )
        named = ((int(row["seq"]), key_named(row["detail"])) for row in rows)
        return [NamedKey(seq, key) for seq, key in named if key is not None]

    def key(self) -> str | None:
        """Return the public key that the audit began with.

        Returns
        -------
        key
            The first of `keys`; none where there is none.
        """
        return next((named.key for named in self.keys()), None)

    def entries(self) -> Iterator[AuditEntry]:
        """Read all entries, some at a time.

        Yields
        ------
        AuditEntry
            Each, in its order.
        """
        after = 0
        while page := _page(self._session, after=after, limit=_READ_AT_ONCE, zone=None):
            yield from page
            after = page[-1].seq


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
        "at": now.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "subject": principal.subject,
        "role": principal.role,
        "zone": zone,
        "action": action,
        "target": target,
        "detail": canonical(dict(detail or {})).decode(),
    }
    refuse_unfit(told, detail or {})
    last = _last_entry(session)
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
    entry, before = _last_entry(session), _last_head(session)
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


def _signing_key(session: Session) -> str | None:
    row = session.row(
        "SELECT detail FROM audit WHERE action = :action ORDER BY seq DESC LIMIT 1",
        action=BEGIN_SIGNING,
    )
    return None if row is None else key_named(row["detail"])


def _name_key(
    session: Session, now: dt.datetime, key: str, make: Callable[[AuditEntry], Head]
) -> Head | None:
    append_within(session, now, MACHINE, BEGIN_SIGNING, "", "audit", {"key": key})
    return sign_within(session, make)


def _last_entry(session: Session) -> AuditEntry | None:
    row = session.row("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")
    return None if row is None else _entry_of(row)


def _last_head(session: Session) -> Head | None:
    row = session.row("SELECT * FROM audit_heads ORDER BY seq DESC LIMIT 1")
    return None if row is None else _head_of(row)


def _page(session: Session, *, after: int, limit: int, zone: str | None) -> list[AuditEntry]:
    of_zone = "" if zone is None else " AND zone = :zone"
    sql = f"SELECT * FROM audit WHERE seq > :after{of_zone} ORDER BY seq LIMIT :limit"  # noqa: S608  # no value in it
    values = {"after": after, "limit": limit} | ({} if zone is None else {"zone": zone})
    return [_entry_of(row) for row in session.rows(sql, **values)]


def _entry_of(row: Row) -> AuditEntry:
    return AuditEntry(**{name: row[name] for name in ENTRY_FIELDS})


def _head_of(row: Row) -> Head:
    return Head(**{name: row[name] for name in HEAD_FIELDS})
