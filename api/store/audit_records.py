"""What the audit holds: entries, each with the hash of the one before it, and signed heads."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from geo.errors import ParameterError

NOTHING_BEFORE: Final = "0" * 64
"""What the first entry has for the hash of the one before it."""

DETAILS: Final = (
    *("collection", "count", "format", "job", "key", "layer", "operation", "process", "reason"),
    *("release", "role", "role_before", "status", "step", "version", "version_before", "view"),
    *("attempt", "zones"),
)
"""What the detail of an entry may tell: nothing that could be a name, a place or a secret."""

BEGIN_SIGNING: Final = "begin_signing"
"""The action of the entry that names the key of the heads from there on."""

_WORD = re.compile(r"(?![\d:-]*\Z)[A-Za-z0-9_:-]{1,128}")
_MOST = 10**8  # below any telephone or identity number
_LONGEST = {"subject": 128, "role": 32, "zone": 64, "action": 32, "target": 512}


@dataclass(frozen=True)
class AuditEntry:
    """One entry of the audit.

    Attributes
    ----------
    seq
        Its number; the first is 1, and there are no gaps.
    at
        Instant in UTC, as ISO 8601 text.
    subject
        Id of the account; empty for the public and for the command line.
    role
        Role of the account in the zone.
    zone
        Name of the zone; empty where the action concerns no single one.
    action
        What was done, a word such as "read", "change", "run" or "sign_in".
    target
        What it was done to.
    detail
        Further facts, as canonical JSON text of an object.
    previous
        Hash of the entry before it.
    hash
        SHA-256 of all the others, in hexadecimal digits.
    """

    seq: int
    at: str
    subject: str
    role: str
    zone: str
    action: str
    target: str
    detail: str
    previous: str
    hash: str

    def digest(self) -> str:
        """Return the hash that the entry's other fields give.

        Returns
        -------
        digest
            SHA-256 of their canonical JSON, in hexadecimal digits.
        """
        told = {name: getattr(self, name) for name in ENTRY_FIELDS if name != "hash"}
        return hashlib.sha256(canonical(told)).hexdigest()


@dataclass(frozen=True)
class Head:
    """A signed statement of where the audit ended at an instant.

    Attributes
    ----------
    seq
        Number of the last entry then.
    hash
        Hash of that entry.
    at
        Instant of the signature in UTC, as ISO 8601 text.
    key
        Public key, as "ed25519:" and hexadecimal digits.
    signature
        Ed25519 signature of the others' canonical JSON, in hexadecimal digits.
    """

    seq: int
    hash: str
    at: str
    key: str
    signature: str

    def signed(self) -> bytes:
        """Return what the signature is of.

        Returns
        -------
        signed
            Canonical JSON of the other fields.
        """
        return canonical({name: getattr(self, name) for name in HEAD_FIELDS if name != "signature"})


@dataclass(frozen=True)
class NamedKey:
    """A public key, and the entry from which on heads are signed with it.

    Attributes
    ----------
    seq
        Number of the entry that names it.
    key
        The public key.
    """

    seq: int
    key: str


ENTRY_FIELDS: Final = tuple(field.name for field in fields(AuditEntry))
HEAD_FIELDS: Final = tuple(field.name for field in fields(Head))


def key_named(detail: str) -> str | None:
    """Return the key that the detail of an entry names.

    Parameters
    ----------
    detail
        JSON text.

    Returns
    -------
    key
        The key; none where the detail names none.
    """
    try:
        told = json.loads(detail)
    except ValueError:
        return None
    key = told.get("key") if isinstance(told, dict) else None
    return key if isinstance(key, str) else None


def canonical(value: Mapping[str, object]) -> bytes:
    """Write an object of text and whole numbers in the one form of RFC 8785.

    Parameters
    ----------
    value
        Text and whole numbers by keys of ASCII letters.

    Returns
    -------
    text
        JSON without spaces, its keys in order.

    Examples
    --------
    >>> canonical({"b": "ถนน", "a": 1}).decode()
    '{"a":1,"b":"ถนน"}'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def refuse_unfit(told: Mapping[str, str], detail: Mapping[str, object]) -> None:
    """Refuse what must not be kept, as an entry can never be taken back.

    Parameters
    ----------
    told
        Text by field of an entry.
    detail
        Facts by key of `DETAILS`.

    Raises
    ------
    ParameterError
        A field is too long or not printable, or a detail is not one that may be kept; all faults
        at once, without the values.
    """
    faults = [
        f"Expected `{name}` of at most {longest} printable characters, got {len(told[name])}."
        for name, longest in _LONGEST.items()
        if len(told[name]) > longest or not told[name].isprintable()
    ]
    faults += [
        f"Expected a detail among {', '.join(DETAILS)}, got {name!r}."
        for name in detail
        if name not in DETAILS
    ]
    faults += [
        f"Expected detail `{name}` to be a word or a whole number below {_MOST:,}, got neither."
        for name, value in detail.items()
        if name in DETAILS and not _is_plain(value)
    ]
    if faults:
        raise ParameterError("\n".join(faults))


def _is_plain(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < _MOST
    return isinstance(value, str) and _WORD.fullmatch(value) is not None
