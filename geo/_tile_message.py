"""The message of a layer of a vector tile, section 4.1 of its specification, compiled."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo._tile_bytes import field

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

_SEVEN_BITS = 7
_LARGEST_VARINT = 10
# Number, type, and the keys and lengths of a feature, its tags and its geometry.
_FEATURE_BYTES = 48


class Texts(NamedTuple):
    """Pieces of a message, one after the other.

    Attributes
    ----------
    written
        Their bytes.
    ends
        Where each ends.
    """

    written: Bytes
    ends: Ints

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> "Texts":
        """Put pieces together.

        Parameters
        ----------
        pieces
            The pieces.

        Returns
        -------
        texts
            All of them.
        """
        several = list(pieces)
        ends = np.cumsum([0, *map(len, several)])[1:].astype(np.int64)
        return cls(np.frombuffer(b"".join(several), dtype=np.uint8), ends)


class Told(NamedTuple):
    """The properties of a layer, as its message holds them.

    Attributes
    ----------
    keys
        Names of the properties.
    values
        Their values, each once.
    tags
        For each feature and each of its properties, key and value by their numbers.
    ends
        Where the tags of each feature end.
    """

    keys: Texts
    values: Texts
    tags: NDArray[np.int32]
    ends: Ints

    @classmethod
    def of(cls, features: Sequence[Mapping[str, bytes]]) -> "Told":
        """Put properties together.

        Parameters
        ----------
        features
            For each feature its values by their names, as the message holds them.

        Returns
        -------
        told
            All of them.
        """
        keys: dict[str, int] = {}
        values: dict[bytes, int] = {}
        tags: list[int] = []
        ends = np.zeros(len(features), dtype=np.int64)
        for row, told in enumerate(features):
            for key, value in told.items():
                tags.append(keys.setdefault(key, len(keys)))
                tags.append(values.setdefault(value, len(values)))
            ends[row] = len(tags)
        return cls(
            Texts.of(field(3, key.encode()) for key in keys),
            Texts.of(values),
            np.array(tags, dtype=np.int32),
            ends,
        )


class Drawn(NamedTuple):
    """Features drawn on a tile.

    Attributes
    ----------
    numbers
        Number of each in its layer, from 1.
    kinds
        Type of each, section 4.3.4.2.
    written
        Bytes of geometries.
    starts, sizes
        Where the geometry of each begins among them, and how long it is.
    """

    numbers: Ints
    kinds: NDArray[np.int8]
    written: Bytes
    starts: Ints
    sizes: Ints


class _Used(NamedTuple):
    """New numbers of keys and values; -1 where nothing uses them.

    Attributes
    ----------
    keys, values
        New number of each.
    """

    keys: Ints
    values: Ints


@njit(cache=True, nogil=True)
def put_varint(written: Bytes, at: int, number: int) -> int:
    """Write one number.

    Parameters
    ----------
    written
        Where to write.
    at
        From which byte on.
    number
        The number, >= 0.

    Returns
    -------
    after
        The byte behind it.
    """
    while number > 0x7F:  # noqa: PLR2004  # seven bits
        written[at] = number & 0x7F | 0x80
        number >>= _SEVEN_BITS
        at += 1
    written[at] = number
    return at + 1


@njit(cache=True, nogil=True)
def layer_message(head: Bytes, drawn: Drawn, told: Told, foot: Bytes) -> Bytes:
    """Write a layer as the only one of a tile, with no key or value that nothing uses.

    Parameters
    ----------
    head, foot
        What the layer's message begins and ends with.
    drawn
        Its features.
    told
        Properties of the whole layer, that of feature n in row n - 1.

    Returns
    -------
    tile
        The bytes of the tile.
    """
    used, room = _used(drawn, told)
    room += len(head) + len(foot)
    written = np.empty(room + _LARGEST_VARINT + 1, dtype=np.uint8)
    begin = _LARGEST_VARINT + 1
    at = _put(written, begin, head)
    for place in range(len(drawn.numbers)):
        at = _put_feature(written, at, place, drawn, told, used)
    at = _put_used(written, at, told.keys, used.keys)
    at = _put_used(written, at, told.values, used.values)
    at = _put(written, at, foot)
    start = begin - 1 - _size(at - begin)
    written[start] = 3 << 3 | 2
    put_varint(written, start + 1, at - begin)
    return written[start:at]


@njit(cache=True, nogil=True)
def _used(drawn: Drawn, told: Told) -> tuple[_Used, int]:
    """Return the keys and values that are used, numbered anew, and the bytes that all may take."""
    used = _Used(
        np.full(len(told.keys.ends), -1, dtype=np.int64),
        np.full(len(told.values.ends), -1, dtype=np.int64),
    )
    room = 0
    for place, number in enumerate(drawn.numbers):
        start = told.ends[number - 2] if number > 1 else 0
        for tag in range(start, told.ends[number - 1], 2):
            used.keys[told.tags[tag]] = 0
            used.values[told.tags[tag + 1]] = 0
        room += _LARGEST_VARINT * (told.ends[number - 1] - start)
        room += _FEATURE_BYTES + drawn.sizes[place]
    room += _numbered(used.keys, told.keys.ends) + _numbered(used.values, told.values.ends)
    return used, room


@njit(cache=True, nogil=True)
def _numbered(used: Ints, ends: Ints) -> int:
    """Give numbers to what is used, in place; return how many bytes it has."""
    count, room = 0, 0
    for one in range(len(used)):
        if used[one] == 0:
            used[one] = count
            count += 1
            room += ends[one] - (ends[one - 1] if one else 0)
    return room


@njit(cache=True, nogil=True)
def _put_feature(  # noqa: PLR0917  # compiled code takes no keywords quickly
    written: Bytes, at: int, place: int, drawn: Drawn, told: Told, used: _Used
) -> int:
    """Write a feature, section 4.2; return where it ends."""
    keys, values = used.keys, used.values
    number, size = drawn.numbers[place], drawn.sizes[place]
    start, end = (told.ends[number - 2] if number > 1 else 0), told.ends[number - 1]
    tags = 0
    for tag in range(start, end, 2):
        tags += _size(keys[told.tags[tag]]) + _size(values[told.tags[tag + 1]])
    inner = 1 + _size(number) + 2 + 1 + _size(size) + size
    if tags:
        inner += 1 + _size(tags) + tags
    written[at] = 2 << 3 | 2
    at = put_varint(written, at + 1, inner)
    written[at] = 1 << 3
    at = put_varint(written, at + 1, number)
    if tags:
        written[at] = 2 << 3 | 2
        at = put_varint(written, at + 1, tags)
        for tag in range(start, end, 2):
            at = put_varint(written, at, keys[told.tags[tag]])
            at = put_varint(written, at, values[told.tags[tag + 1]])
    written[at] = 3 << 3
    written[at + 1] = drawn.kinds[place]
    written[at + 2] = 4 << 3 | 2
    at = put_varint(written, at + 3, size)
    first = drawn.starts[place]
    return _put(written, at, drawn.written[first : first + size])


@njit(cache=True, nogil=True)
def _put_used(written: Bytes, at: int, texts: Texts, used: Ints) -> int:
    """Write the pieces that are used; return where they end."""
    for one in range(len(used)):
        if used[one] >= 0:
            start = texts.ends[one - 1] if one else 0
            at = _put(written, at, texts.written[start : texts.ends[one]])
    return at


@njit(cache=True, nogil=True)
def _put(written: Bytes, at: int, piece: Bytes) -> int:
    for step in range(len(piece)):
        written[at + step] = piece[step]
    return at + len(piece)


@njit(cache=True, nogil=True)
def _size(number: int) -> int:
    """Return how many bytes a number takes."""
    size = 1
    while number > 0x7F:  # noqa: PLR2004  # seven bits
        number >>= _SEVEN_BITS
        size += 1
    return size
