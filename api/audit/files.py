"""Where the audit's key and heads are, and the audit as a file that is verified by itself."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from api.audit.keeper import HeadKeeper, head_from
from api.audit.keys import SigningKey
from api.settings import Settings
from api.store import Store
from api.store.audit_reading import AuditReading
from api.store.audit_records import (
    BEGIN_SIGNING,
    ENTRY_FIELDS,
    AuditEntry,
    Head,
    NamedKey,
    key_named,
)
from api.store.holds import Hold
from geo.errors import Fault, LayerError, ParameterError, SourceError, reason_of

FORMAT: Final = "smartzone-audit/1"


class AuditFiles(NamedTuple):
    """The files beside a store that keep its audit signed.

    Attributes
    ----------
    key
        File of the private key.
    heads
        File of the signed heads, one a line.
    """

    key: Path
    heads: Path


def audit_files(store: str, *, key: Path | None = None, heads: Path | None = None) -> AuditFiles:
    """Tell where the files of an audit are.

    Parameters
    ----------
    store
        Where the store is, a file or "postgresql://...".
    key
        File of the key, where not beside the store.
    heads
        File of the heads, where not beside the store.

    Returns
    -------
    files
        Where they are; a database's in the folder "var" below the working one, under its
        fingerprint.

    Examples
    --------
    >>> audit_files("var/smartzone.sqlite").heads.as_posix()
    'var/smartzone.sqlite.audit/heads.jsonl'
    """
    if "://" in store:
        database = store.rsplit("@", 1)[-1].split("?", 1)[0]
        folder = Path("var") / f"{hashlib.sha256(database.encode()).hexdigest()[:12]}.audit"
    else:
        folder = Path(f"{store}.audit")
    return AuditFiles(key or folder / "key.pem", heads or folder / "heads.jsonl")


def files_of(settings: Settings) -> AuditFiles:
    """Tell where the files of the audit of a service are.

    Parameters
    ----------
    settings
        Settings of the service.

    Returns
    -------
    files
        Where they are.

    Raises
    ------
    ParameterError
        Outside demo mode the store is on a server and the settings do not say where they are,
        whatever folder a command is called in.
    """
    given = {"audit_key": settings.audit_key, "audit_heads": settings.audit_heads}
    if settings.mode != "demo" and "://" in settings.store:
        faults = [
            f"Expected `{name}` (SMARTZONE_{name.upper()}) to be the whole path of a file, as the "
            f"store is on a server, got {'none' if path is None else repr(str(path))}."
            for name, path in given.items()
            if path is None or not path.is_absolute()
        ]
        if faults:
            raise ParameterError("\n".join(faults))
    return audit_files(settings.store, key=settings.audit_key, heads=settings.audit_heads)


def keep_audit(store: Store, files: AuditFiles) -> HeadKeeper:
    """Begin to keep the audit of a store signed.

    Parameters
    ----------
    store
        The store.
    files
        Where its key and heads are; the key is made where the audit names none yet.

    Returns
    -------
    keeper
        What signs; while it does, the key cannot be changed.

    Raises
    ------
    SourceError
        When the key is missing or not the one with which the audit began, or just being changed,
        or a file cannot be written.
    """
    hold = store.engine.hold(alone=False)
    try:
        return _keeper(store, files, hold)
    except BaseException:
        hold.release()
        raise


def renew_key(store: Store, files: AuditFiles, *, lost: bool) -> str:
    """Let a new key sign the audit from now on; no service may be running meanwhile.

    Parameters
    ----------
    store
        The store.
    files
        Where its key and heads are.
    lost
        Whether the old key is lost, so that it cannot vouch for the new one.

    Returns
    -------
    key
        The new public key.

    Raises
    ------
    SourceError
        When a service keeps the audit, the old key is missing and not said to be lost, or a file
        cannot be written.
    """
    hold = store.engine.hold(alone=True)
    try:
        beside = files.key.with_name(f"{files.key.name}.new")
        new = SigningKey.load_or_make(beside)
        # Whoever was interrupted after the store named the new key has only to put it in place.
        if store.audit.signing_key() != new.public:
            signing = new if lost else _keeper(store, files, hold).key
            HeadKeeper(store.audit, signing, files.heads, hold=hold).renew(new.public)
        beside.replace(files.key)
    finally:
        hold.release()
    return new.public


def _keeper(store: Store, files: AuditFiles, hold: Hold) -> HeadKeeper:
    named = store.audit.signing_key()
    if named is not None and not files.key.exists():
        raise SourceError(
            f"Expected the key {named}, with which the audit is signed, at {files.key}. Where it "
            "is lost, run `smartzone audit new-key --lost`."
        )
    key = SigningKey.load_or_make(files.key)
    keeper = HeadKeeper(store.audit, key, files.heads, hold=hold)
    keeper.begin()
    return keeper


def export_audit(reading: AuditReading, out: TextIO) -> int:
    """Write a whole audit as lines of JSON: what it is, its heads, its entries.

    Parameters
    ----------
    reading
        The audit as of one moment.
    out
        Where to write.

    Returns
    -------
    count
        Number of entries written.
    """
    _write(out, {"format": FORMAT})
    for head in reading.heads():
        _write(out, {"head": asdict(head)})
    count = 0
    for entry in reading.entries():
        _write(out, asdict(entry))
        count += 1
    return count


class ExportedAudit:
    """An audit in a file; it is read anew for each question, some lines at a time.

    Parameters
    ----------
    path
        A file that `export_audit` wrote.

    Raises
    ------
    SourceError
        When the file cannot be read or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._lines(), (0, None))[1]
        if first != {"format": FORMAT}:
            raise SourceError(f"Expected an audit of format {FORMAT} in {path}, got another file.")

    def heads(self) -> list[Head]:
        """Read all heads.

        Returns
        -------
        heads
            In the order of the file.

        Raises
        ------
        LayerError
            A line that should be a head is none.
        """
        heads = []
        for number, told in self._lines():
            if isinstance(told, dict) and set(told) == _HEAD:
                head = head_from(json.dumps(told["head"]).encode())
                if head is None:
                    raise self._fault(number, "a head of an audit")
                heads.append(head)
        return heads

    def keys(self) -> list[NamedKey]:
        """Return the public keys that the audit names.

        Returns
        -------
        keys
            As `AuditReading.keys`.
        """
        naming = (entry for entry in self.entries() if entry.action == BEGIN_SIGNING)
        named = ((entry.seq, key_named(entry.detail)) for entry in naming)
        return [NamedKey(seq, key) for seq, key in named if key is not None]

    def entries(self) -> Iterator[AuditEntry]:
        """Read all entries.

        Yields
        ------
        AuditEntry
            Each, in the order of the file.

        Raises
        ------
        LayerError
            A line is neither an entry nor a head.
        """
        for number, told in self._lines():
            if number == 1 or (isinstance(told, dict) and set(told) == _HEAD):
                continue
            entry = _entry_from(told)
            if entry is None:
                raise self._fault(number, "an entry of an audit")
            yield entry

    def _fault(self, number: int, expected: str) -> LayerError:
        return LayerError([Fault(str(self._path), expected, "something else", row=number)])

    def _lines(self) -> Iterator[tuple[int, object]]:
        try:
            with self._path.open(encoding="utf-8", newline="\n") as lines:
                for number, line in enumerate(lines, start=1):
                    yield number, _json(line)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                f"Expected an audit in {self._path}, got: {reason_of(error)}."
            ) from error


_HEAD = {"head"}


def _write(out: TextIO, value: object) -> None:
    out.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _entry_from(told: object) -> AuditEntry | None:
    if not isinstance(told, dict) or set(told) != set(ENTRY_FIELDS):
        return None
    texts = all(isinstance(told[name], str) for name in ENTRY_FIELDS if name != "seq")
    return AuditEntry(**told) if texts and type(told["seq"]) is int else None
