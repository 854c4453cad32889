"""Vector tiles kept at hand: layers made ready for them, and the tiles last asked for."""

import threading
from collections.abc import Callable, Hashable
from typing import Final

from api.shelf import Shelf
from geo.tile_grid import TileAddress
from geo.vector_tiles import TiledLayer

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
        self._layers: Shelf[TiledLayer] = Shelf(layer_bytes)
        self._tiles: Shelf[bytes] = Shelf(tile_bytes)
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
        return self._tiles.made(
            (seen, address), lambda: self.layer(seen, prepare).tile(address), size=_size_of
        )

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
        return self._tiles.made((seen, address, "packed"), pack, size=_size_of)


_OVERHEAD: Final = 500  # of an empty tile: its key and its place


def _size_of(tile: bytes) -> int:
    return len(tile) + _OVERHEAD
