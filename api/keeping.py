"""Which of two layers counts, where one was changed in the store and in the zone's folder too."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from api.inputs import layer_digests
from api.store import BROUGHT_LAYERS, Store, import_zone
from api.store.audit import MACHINE, append_within
from api.store.comparing import Changes
from api.store.writing import note_files
from api.store_files import changes_of
from api.zone_now import Files, clashes, own_layers
from geo.errors import NotFoundError
from geo.zone import Zone

Which = Literal["store", "folder"]


def keep_layers(
    store: Store,
    folder: Path,
    which: Which,
    *,
    layer: str | None = None,
    dry_run: bool = False,
    now: dt.datetime,
) -> Mapping[str, Changes]:
    """Let the store's layers or the folder's files count from now on.

    Parameters
    ----------
    store
        The store.
    folder
        Folder of the zone.
    which
        `store`, where layers stay and the files are noted as looked at; or `folder`, where the
        files take their place and what was edited or imported in the store is undone.
    layer
        Name of one layer that has become the store's own; all that changed in both where none.
    dry_run
        Whether it is only told what would change.
    now
        The aware instant.

    Returns
    -------
    kept
        For each layer how the file differs from what the store has.

    Raises
    ------
    NotFoundError
        The layer is not one of the store's own.
    ZoneError
        The folder cannot be read, or the store not be written.
    """
    files = layer_digests(folder, BROUGHT_LAYERS)
    zone = Zone.load(folder)
    zone = zone.on(now.astimezone(ZoneInfo(zone.timezone)).date())
    names = _asked(store, zone.name, files, layer)
    frames = {name: getattr(zone, name) for name in names}
    changes = {name: changes_of(store, zone.name, name, frames[name]) for name in names}
    if dry_run or not names:
        return changes
    if which == "folder":
        import_zone(store, zone, created_at=now, files=files, taking=names)
        return changes
    with store.engine.writing() as session:
        for name in names:
            note_files(session, zone.name, name, files[name])
            detail = {"layer": name, "operation": which}
            append_within(session, now, MACHINE, "keep", zone.name, f"layer/{name}", detail)
    return changes


def _asked(store: Store, zone: str, files: Files, layer: str | None) -> list[str]:
    known = store.layers(zone)
    if layer is None:
        return [clash.layer for clash in clashes(known, files)]
    own = own_layers(known)
    if layer not in own:
        raise NotFoundError(
            f"Expected `--layer` among those changed in the store, {', '.join(own) or 'none'}, "
            f"got {layer!r}."
        )
    return [layer]
