"""The key that signs the heads of the audit: Ed25519, in a file that its owner alone may read."""

import os
import re
import secrets
import stat
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from api.store.audit_records import Head
from geo.errors import SourceError, reason_of

_PREFIX = "ed25519:"
_PUBLIC = re.compile(r"ed25519:[0-9a-f]{64}")
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


class SigningKey:
    """A private key and the name of its public one.

    Parameters
    ----------
    private
        The private key.
    """

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = _PREFIX + private.public_key().public_bytes_raw().hex()

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """Read the key from its file, or make both.

        Parameters
        ----------
        path
            PEM file of the key; made, with its folder, when absent.

        Returns
        -------
        key
            The key.

        Raises
        ------
        SourceError
            When the file cannot be read or made, is no such key, or others may read it.
        """
        try:
            if not path.exists():
                _make(path)
        except OSError as error:
            raise _absent(path, error) from error
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key from its file.

        Parameters
        ----------
        path
            PEM file of the key.

        Returns
        -------
        key
            The key.

        Raises
        ------
        SourceError
            When the file cannot be read, is no such key, or others may read it.
        """
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            text = path.read_bytes()
        except OSError as error:
            raise _absent(path, error) from error
        if mode & 0o077:
            raise SourceError(f"Expected {path} to be for its owner alone (0600), got {mode:04o}.")
        try:
            private = load_pem_private_key(text, password=None)
        except (ValueError, TypeError) as error:
            raise SourceError(f"Expected an Ed25519 key in {path}, got none.") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise SourceError(f"Expected an Ed25519 key in {path}, got another kind.")
        return cls(private)

    def sign(self, message: bytes) -> str:
        """Sign a message.

        Parameters
        ----------
        message
            What to sign.

        Returns
        -------
        signature
            128 hexadecimal digits.
        """
        return self._private.sign(message).hex()


def is_public_key(text: str) -> bool:
    """Tell whether a text names a public key.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    is_key
        Whether it is "ed25519:" and 64 hexadecimal digits.
    """
    return _PUBLIC.fullmatch(text) is not None


def is_signed(head: Head, key: str) -> bool:
    """Tell whether a head was signed by a key and not changed since.

    Parameters
    ----------
    head
        The head.
    key
        Name of a public key.

    Returns
    -------
    signed
        Whether it was.
    """
    if head.key != key or not is_public_key(key) or not _SIGNATURE.fullmatch(head.signature):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.removeprefix(_PREFIX)))
        public.verify(bytes.fromhex(head.signature), head.signed())
    except (ValueError, InvalidSignature):
        return False
    return True


def _absent(path: Path, error: OSError) -> SourceError:
    return SourceError(f"Expected the key of the audit at {path}, got: {reason_of(error)}.")


def _make(path: Path) -> None:
    """Write a new key beside its place and link it there, so that of two makers one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    file = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(file, "wb") as opened:
            opened.write(pem)
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return
    finally:
        beside.unlink()
