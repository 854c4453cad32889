"""Keep the audit signed: a head now and then, in the store and in a file outside of it."""

import asyncio
import datetime as dt
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from api.audit.keys import SigningKey
from api.store.audit import AuditLog
from api.store.audit_records import HEAD_FIELDS, AuditEntry, Head
from api.store.holds import Hold
from api.store.instants import text_of
from geo.errors import SourceError, ZoneError, reason_of

SIGNED_EVERY_S = 10.0
"""Longest time in seconds that entries stay without a head while the service runs."""

_log = logging.getLogger(__name__)


class HeadKeeper:
    """Signs the newest entry of an audit and tells a file outside of the store.

    Parameters
    ----------
    log
        The audit.
    key
        What to sign with.
    heads
        File to which each head is added; made, with its folder, when absent.
    hold
        The process's hold on the audit.

    Attributes
    ----------
    key
        What it signs with.
    """

    def __init__(self, log: AuditLog, key: SigningKey, heads: Path, *, hold: Hold) -> None:
        self.key = key
        self._log, self._heads, self._hold = log, heads, hold

    def begin(self) -> None:
        """Let the audit name the key, where it does not yet.

        Raises
        ------
        SourceError
            When the audit names another key, or store or file cannot be written.
        """
        self._tell(self._log.begin_signing(dt.datetime.now(dt.UTC), self.key.public, self._make))

    def renew(self, public: str) -> None:
        """Let the audit name another key, and vouch for it with this one.

        Parameters
        ----------
        public
            The new public key.

        Raises
        ------
        SourceError
            When store or file cannot be written.
        """
        self._tell(self._log.renew_key(dt.datetime.now(dt.UTC), public, self._make))

    def sign(self) -> None:
        """Sign what was appended since the last head.

        Raises
        ------
        SourceError
            When store or file cannot be written, or another key was named meanwhile.
        """
        self._hold.renew()
        # While a hold on a server was lost, another key may have been made.
        named = self._log.signing_key()
        if named != self.key.public:
            raise SourceError(f"Expected the key {named} to sign with, got {self.key.public}.")
        self._tell(self._log.sign(self._make))

    async def keep(self) -> None:
        """Sign what is new every few seconds until cancelled; what fails is logged and retried."""
        while True:
            await asyncio.sleep(SIGNED_EVERY_S)
            await asyncio.to_thread(self.sign_or_tell)

    def sign_or_tell(self) -> None:
        """Sign what was appended since the last head; what fails is logged."""
        try:
            self.sign()
        except ZoneError as error:
            _log.error("the audit could not be signed", exc_info=error)

    def end(self) -> None:
        """Let go of the audit: from now on its key may be changed."""
        self._hold.release()

    def _make(self, entry: AuditEntry) -> Head:
        now = text_of(dt.datetime.now(dt.UTC))
        bare = Head(entry.seq, entry.hash, now, self.key.public, "")
        return Head(entry.seq, entry.hash, now, self.key.public, self.key.sign(bare.signed()))

    def _tell(self, head: Head | None) -> None:
        """Add a head to the file once the store has it, so that the file never runs ahead."""
        if head is None:
            return
        line = json.dumps(asdict(head)).encode() + b"\n"
        try:
            self._heads.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = os.open(self._heads, os.O_CREAT | os.O_APPEND | os.O_RDWR, 0o600)
            try:
                size = os.fstat(file).st_size
                torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
                os.write(file, b"\n" + line if torn else line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise SourceError(
                f"Expected to write heads to {self._heads}, got: {reason_of(error)}."
            ) from error


def read_heads(path: Path) -> Iterator[Head]:
    """Read the heads of a file. A line that a crash cut off is passed over: later ones vouch.

    Parameters
    ----------
    path
        The file.

    Yields
    ------
    Head
        Each, in the order of the file.

    Raises
    ------
    SourceError
        When the file cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise SourceError(
            f"Expected heads of an audit in {path}, got: {reason_of(error)}."
        ) from error
    for line in lines:
        head = head_from(line)
        if head is not None:
            yield head


def head_from(text: bytes) -> Head | None:
    """Read one head.

    Parameters
    ----------
    text
        JSON of an object.

    Returns
    -------
    head
        The head; none where the text is none.
    """
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict) or set(told) != set(HEAD_FIELDS):
        return None
    texts = all(isinstance(told[name], str) for name in HEAD_FIELDS if name != "seq")
    return Head(**told) if texts and type(told["seq"]) is int else None
