"""Marks at which the reading of a layer goes on, as links to the next page have them.

A mark stands for a position in the layer. The position itself would tell how many withheld features
lie before it, so it is enciphered as one block of AES under a secret of the layer's own; half of
the block is zeros, by which a mark that was made up, or belongs to another layer, is told.
"""

import hashlib
import re
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from fastapi.exceptions import RequestValidationError

from api.store import LayerRecord

MARK_PATTERN: Final = "^[0-9a-f]{32}$"
_MARK: Final = re.compile(MARK_PATTERN)
_BLOCK: Final = 16
_POSITIONS: Final = 2**63


def mark_of(layer: LayerRecord, position: int) -> str:
    """Return the mark of a position.

    Parameters
    ----------
    layer
        The layer.
    position
        Position of a feature, at least 1.

    Returns
    -------
    mark
        Thirty-two hexadecimal digits.
    """
    # Of single blocks the context keeps no state, so that all threads may share it.
    return _enciphering(layer.page_key).update(position.to_bytes(_BLOCK)).hex()


def position_of(layer: LayerRecord, mark: str) -> int:
    """Return the position that a mark stands for.

    Parameters
    ----------
    layer
        The layer.
    mark
        The mark; empty for the beginning of the layer.

    Returns
    -------
    position
        Position of the last feature before the page; 0 at the beginning.

    Raises
    ------
    RequestValidationError
        The mark is none of this layer.
    """
    if not mark:
        return 0
    position = int.from_bytes(_deciphering(layer.page_key).update(bytes.fromhex(mark)))
    if not 0 < position < _POSITIONS:
        told = f"Expected `after` as a link to a next page of this collection has it, got {mark!r}."
        raise RequestValidationError(
            [{"type": "value_error", "loc": ("query", "after"), "msg": told}]
        )
    return position


def is_mark(text: str) -> bool:
    """Tell whether a text may be a mark.

    Parameters
    ----------
    text
        The text.

    Returns
    -------
    may
        Whether it has the form of one.
    """
    return _MARK.fullmatch(text) is not None


def page_tag(layer: LayerRecord, version: str, form: str = "") -> str:
    """Return the entity tag of pages of a layer.

    Whoever goes on from a page they kept goes on by its mark, which a store that was made anew of
    the same features would not know: the tag differs where the layer's secret does.

    Parameters
    ----------
    layer
        The layer.
    version
        Version of what is seen of it.
    form
        What the form of the answer adds.

    Returns
    -------
    tag
        The tag, with its quotes.
    """
    return f'W/"{version}-{_trace(layer.page_key)}{form}"'


@lru_cache(maxsize=1_024)
def _trace(key: str) -> str:
    """Return what tells secrets apart and nothing of them."""
    return hashlib.sha256(f"tag {key}".encode()).hexdigest()[:8]


@lru_cache(maxsize=1_024)
def _enciphering(key: str) -> CipherContext:
    return _cipher(key).encryptor()


@lru_cache(maxsize=1_024)
def _deciphering(key: str) -> CipherContext:
    return _cipher(key).decryptor()


def _cipher(key: str) -> Cipher[ECB]:
    """Return the cipher under a layer's secret, whatever its form."""
    # Each mark is a single block, of which no mode makes more; equal positions may look alike.
    return Cipher(AES(hashlib.sha256(key.encode()).digest()), ECB())  # noqa: S305  # as above
