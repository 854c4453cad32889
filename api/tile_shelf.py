"""Vector tiles kept at hand: layers made ready for them, and the tiles last asked for."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from geo.tile_grid import TileAddress
from geo.vector_tiles import TiledLayer

T = TypeVar("T")

LAYER_BYTES: Final = 96_000_000
TILE_BYTES: Final = 32_000_000


class TileShelf:
    """Layers and tiles kept at hand, those longest not asked for thrown away first.

    Whoever asks names what is seen of a layer in its version, so that nothing old is given and
    nobody is given what another may see. Threads may share a shelf.

    Parameters
    ----------
    layer_bytes
        About how much memory layers may take.
    tile_bytes
        About how much memory tiles may take.
    """

    def __init__(self, *, layer_bytes: int = LAYER_BYTES, tile_bytes: int = TILE_BYTES) -> None:
        self._layers: _Kept[TiledLayer] = _Kept(layer_bytes)
        self._tiles: _Kept[bytes] = _Kept(tile_bytes)
        self._preparing = threading.Lock()

    def layer(self, seen: Hashable, prepare: Callable[[], TiledLayer]) -> TiledLayer:
        """Return a layer made ready, which is done once.

        Parameters
        ----------
        seen
            What is seen of which layer in which version.
        prepare
            Makes it ready.

        Returns
        -------
        layer
            The layer.
        """
        layer = self._layers.get(seen)
        if layer is not None:
            return layer
        # A map asks for a dozen tiles at once: the first of them makes the layer ready for all.
        with self._preparing:
            layer = self._layers.get(seen)
            if layer is None:
                layer = prepare()
                self._layers.put(seen, layer, size=layer.byte_size)
        return layer

    def tile(
        self, seen: Hashable, address: TileAddress, prepare: Callable[[], TiledLayer]
    ) -> bytes:
        """Return a tile of a layer.

        Parameters
        ----------
        seen
            What is seen of which layer in which version.
        address
            The tile.
        prepare
            Makes the layer ready.

        Returns
        -------
        tile
            The tile; empty where nothing lies in it.
        """
        return self._made((seen, address), lambda: self.layer(seen, prepare).tile(address))

    def kept(self, seen: Hashable, address: TileAddress) -> bytes | None:
        """Return a tile where it is at hand.

        Parameters
        ----------
        seen
            What is seen of which layer in which version.
        address
            The tile.

        Returns
        -------
        tile
            The tile; empty where nothing lies in it, none where it was not asked for of late.
        """
        return self._tiles.get((seen, address))

    def packed(self, seen: Hashable, address: TileAddress, pack: Callable[[], bytes]) -> bytes:
        """Return a tile as it is sent packed, which is done once.

        Parameters
        ----------
        seen
            What is seen of which layer in which version.
        address
            The tile.
        pack
            Packs it.

        Returns
        -------
        packed
            The packed tile.
        """
        return self._made((seen, address, "packed"), pack)

    def _made(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        made = self._tiles.get(key)
        if made is None:
            made = make()
            self._tiles.put(key, made, size=len(made) + _OVERHEAD)
        return made


_OVERHEAD: Final = 500  # of an empty tile: its key and its place


class _Kept(Generic[T]):
    """What was last asked for, within a bound of memory."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._entries: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, kept: T, *, size: int) -> None:
        with self._lock:
            self._size += size - self._entries.pop(key, (None, 0))[1]
            self._entries[key] = (kept, size)
            while self._size > self._most and len(self._entries) > 1:
                self._size -= self._entries.popitem(last=False)[1][1]
