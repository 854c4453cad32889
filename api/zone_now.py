"""A zone as it is now: its folder, with the layers that have become the store's own since."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.store import Store
from api.store.zones import is_own
from geo.formats import write_layer


@contextmanager
def folder_now(store: Store, zone: str, folder: Path) -> Iterator[Path]:
    """Lend a folder that holds a zone as it is now, so that it is read as any other.

    Parameters
    ----------
    store
        The store, in which layers may have been edited or imported.
    zone
        Name of the zone in the store.
    folder
        Folder of the zone.

    Yields
    ------
    Path
        The folder itself where nothing was changed in the store; else a copy that goes with the
        block, in which those layers stand as the store has them.

    Raises
    ------
    SourceError
        The store does not answer, or the copy cannot be written.
    """
    own = [record for record in store.layers(zone) if record.kind == "layer" and is_own(record)]
    if not own:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="smartzone-") as beside:
        copy = Path(beside) / folder.name
        shutil.copytree(folder, copy)
        for record in own:
            for file in copy.glob(f"{record.name}.*"):
                file.unlink()
            if record.count:  # a layer without a feature is one without a file
                write_layer(copy / f"{record.name}.geojson", store.frame(zone, record.name))
        yield copy
