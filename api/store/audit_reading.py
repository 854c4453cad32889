"""The audit as it is read: the whole of one moment, or some entries of it."""

from collections.abc import Iterator

from api.store.audit_records import (
    BEGIN_SIGNING,
    ENTRY_FIELDS,
    HEAD_FIELDS,
    AuditEntry,
    Head,
    NamedKey,
    key_named,
)
from api.store.engine import Row, Session

_READ_AT_ONCE = 1000


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
        while page := read_entries(self._session, after=after, limit=_READ_AT_ONCE):
            yield from page
            after = page[-1].seq


def last_entry(session: Session) -> AuditEntry | None:
    """Read the newest entry.

    Parameters
    ----------
    session
        A transaction.

    Returns
    -------
    entry
        The entry; none while there is none.
    """
    row = session.row("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")
    return None if row is None else _entry_of(row)


def last_head(session: Session) -> Head | None:
    """Read the newest head.

    Parameters
    ----------
    session
        A transaction.

    Returns
    -------
    head
        The head; none while none was signed.
    """
    row = session.row("SELECT * FROM audit_heads ORDER BY seq DESC LIMIT 1")
    return None if row is None else _head_of(row)


def last_key(session: Session) -> str | None:
    """Read the public key that new heads are signed with.

    Parameters
    ----------
    session
        A transaction.

    Returns
    -------
    key
        As `AuditLog.signing_key`.
    """
    row = session.row(
        "SELECT detail FROM audit WHERE action = :action ORDER BY seq DESC LIMIT 1",
        action=BEGIN_SIGNING,
    )
    return None if row is None else key_named(row["detail"])


def read_entries(
    session: Session, *, after: int, limit: int, zone: str | None = None
) -> list[AuditEntry]:
    """Read some entries in their order.

    Parameters
    ----------
    session
        A transaction.
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
    of_zone = "" if zone is None else " AND zone = :zone"
    sql = f"SELECT * FROM audit WHERE seq > :after{of_zone} ORDER BY seq LIMIT :limit"  # noqa: S608  # no value in it
    values = {"after": after, "limit": limit} | ({} if zone is None else {"zone": zone})
    return [_entry_of(row) for row in session.rows(sql, **values)]


def _entry_of(row: Row) -> AuditEntry:
    return AuditEntry(**{name: row[name] for name in ENTRY_FIELDS})


def _head_of(row: Row) -> Head:
    return Head(**{name: row[name] for name in HEAD_FIELDS})
