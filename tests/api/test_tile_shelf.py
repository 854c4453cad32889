"""Tiles at hand: made once, never another's, within a bound of memory."""

import threading

import numpy as np
import shapely

from api.tile_shelf import TileShelf
from geo.tile_grid import TileAddress
from geo.vector_tiles import TiledLayer

WORLD = TileAddress(0, 0, 0)


def layer(longitude):
    return TiledLayer.of("spot", np.array([shapely.Point(longitude, 7)]), [{"at": longitude}])


def test_a_layer_is_made_ready_once_for_many_who_ask_at_once():
    shelf, made, start = TileShelf(), [], threading.Barrier(8)

    def prepare():
        made.append(1)
        return layer(98)

    def ask(zoom):
        start.wait()
        shelf.tile("seen", TileAddress(zoom, 0, 0), prepare)

    threads = [threading.Thread(target=ask, args=(zoom,)) for zoom in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_what_another_sees_is_another_tile():
    shelf = TileShelf()
    tiles = [shelf.tile(("zone", at), WORLD, lambda at=at: layer(at)) for at in (98, 99)]
    assert tiles == [layer(at).tile(WORLD) for at in (98, 99)]
    assert tiles[0] != tiles[1]


def test_what_was_long_not_asked_for_is_thrown_away():
    size = len(layer(0).tile(WORLD)) + 500
    shelf, made = TileShelf(layer_bytes=1, tile_bytes=3 * size + 20), []

    def ask(at):
        def prepare():
            made.append(at)
            return layer(at)

        shelf.tile(at, WORLD, prepare)

    for at in (1, 2, 3, 1, 4):  # 2 is the longest not asked for when 4 comes
        ask(at)
    assert made == [1, 2, 3, 4]
    ask(1)
    ask(2)
    assert made == [1, 2, 3, 4, 2]
    assert shelf._tiles._size <= 3 * size + 20
