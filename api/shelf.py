"""What was last asked for, kept at hand within a bound of memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Things kept at hand, those longest not asked for thrown away first. Threads may share it.

    Parameters
    ----------
    most
        How much all may take together, in the unit of their sizes; the last one stays anyhow.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """Return what is kept by a key.

        Parameters
        ----------
        key
            The key.

        Returns
        -------
        kept
            None where nothing is kept by it.
        """
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: T, *, size: int) -> None:
        """Keep something by a key.

        Parameters
        ----------
        key
            The key.
        kept
            What is kept by it from now on.
        size
            How much it takes.
        """
        with self._lock:
            self._size += size - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = (kept, size)
            while self._size > self._most and len(self._entries) > 1:
                self._size -= self._entries.popitem(last=False)[1][1]

    def made(self, key: Hashable, make: Callable[[], T], *, size: Callable[[T], int]) -> T:
        """Return what is kept by a key, made where nothing is.

        Parameters
        ----------
        key
            The key.
        make
            Makes it; two who ask at once may both.
        size
            Tells how much it takes.

        Returns
        -------
        kept
            What is kept by the key.
        """
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found, size=size(found))
        return found
