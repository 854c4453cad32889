"""The store of a command: opened for as long as the command needs it, and never made by mistake."""

from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings
from api.store import Store
from geo.errors import NotFoundError


@contextmanager
def opened(settings: Settings, *, new: bool = False) -> Iterator[Store]:
    """Lend the store of the settings.

    Parameters
    ----------
    settings
        Settings that say where it is.
    new
        Whether it is made where there is none: only for a command that fills it. An empty store at
        a misspelt place would pass for one that lost everything.

    Yields
    ------
    Store
        The store.

    Raises
    ------
    NotFoundError
        There is none, and none is to be made.
    SourceError
        It cannot be opened.
    """
    store = Store(settings.store, new=new)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_if_there(settings: Settings) -> Iterator[Store | None]:
    """Lend the store of the settings, where there is one.

    Parameters
    ----------
    settings
        Settings that say where it is.

    Yields
    ------
    Store or None
        The store; none where there is none yet, and none is made.

    Raises
    ------
    SourceError
        It cannot be opened.
    """
    try:
        store = Store(settings.store, new=False)
    except NotFoundError:
        store = None
    try:
        yield store
    finally:
        if store is not None:
            store.close()
