"""A zone as it is now: its folder, with the layers that have become the store's own since.

Of each layer one counts, whoever reads the zone: the file of the folder, until the layer is edited
in the store or imported into it, and the store's from then on. Where such a file changes as well,
nobody can know which is meant. What a person calls refuses and asks; what runs by itself, the
service and its jobs, goes on with the store's and says so. Nothing is overwritten before somebody
said which counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.inputs import NOTHING_STORED, layer_digests
from api.opening import opened_if_there
from api.settings import Settings
from api.store import BROUGHT_LAYERS, LayerRecord, Store
from api.store.audit import MACHINE
from api.store.frames import read_frame
from api.store.records import FOLDER, read_records
from api.store.writing import edits_of
from api.store.zones import is_own
from api.zones import zone_folder
from geo.errors import ConflictError
from geo.zone import Zone, zone_name

Files = Mapping[str, Mapping[str, str]]
"""SHA-256 of the files that layers are read from, by their names, by layer."""


@dataclass(frozen=True, eq=False)
class ZoneNow:
    """A zone as it is now, and where each layer was read.

    Attributes
    ----------
    zone
        The zone.
    folder
        Its folder.
    files
        SHA-256 of the files of the folder, by their names, by layer, from before they were read.
    stored
        Version of each layer that was read from the store in place of its files, by its name.
    """

    zone: Zone
    folder: Path
    files: Files
    stored: Mapping[str, str]


@dataclass(frozen=True)
class Clash:
    """A layer that has become the store's own while its files in the folder changed.

    Attributes
    ----------
    layer
        Name of the layer.
    edits
        How often features were changed in the store; 0 where the layer was imported.
    files
        Names of the files that the folder has now; none where it has none any more.
    """

    layer: str
    edits: int
    files: tuple[str, ...]


def zone_now(store: Store | None, folder: Path) -> ZoneNow:
    """Read a zone as it is now, whether or not somebody has to say which of two layers counts.

    Parameters
    ----------
    store
        The store, in which layers may have been edited or imported; none where there is none yet.
    folder
        Folder of the zone.

    Returns
    -------
    now
        The zone; layers that have become the store's own are as the store has them.

    Raises
    ------
    ZoneError
        The zone cannot be read, or the store does not answer.
    """
    name, files = zone_name(folder), layer_digests(folder, BROUGHT_LAYERS)
    if store is None:
        return ZoneNow(Zone.load(folder), folder, files, NOTHING_STORED)
    with store.engine.reading() as session:
        own = {record.name: record.version for record in _own(read_records(session, name))}
        frames = {layer: read_frame(session, name, layer) for layer in own}
    return ZoneNow(Zone.load(folder, given=frames), folder, files, own)


def read_zone(settings: Settings, zone: str | None) -> ZoneNow:
    """Read a zone for a command, as the jobs of the service read it.

    Parameters
    ----------
    settings
        Settings, with the store; where there is none yet, the folder is all there is.
    zone
        Name or folder of a zone; the settings' own where none.

    Returns
    -------
    now
        The zone.

    Raises
    ------
    ConflictError
        Layers were changed both in the store and in the folder: somebody has to say which counts.
    ZoneError
        The zone cannot be read, or the store does not answer.
    """
    folder = zone_folder(settings, zone)
    with opened_if_there(settings) as store:
        if store is None:
            return zone_now(None, folder)
        name = zone_name(folder)
        found = clashes(store.layers(name), layer_digests(folder, BROUGHT_LAYERS))
        if found:
            raise ConflictError(_told(name, found, folder, zone=zone))
        now = zone_now(store, folder)
        if now.stored:
            count = {"count": len(now.stored)}
            store.audit.append(datetime.now(UTC), MACHINE, "read", name, "layers", count)
    return now


def clashes(records: Sequence[LayerRecord], files: Files) -> list[Clash]:
    """Find the layers that changed both in the store and in the folder.

    Parameters
    ----------
    records
        What the store knows of the layers of a zone.
    files
        The files that the folder has.

    Returns
    -------
    clashes
        Those of which the files are others than when they were last looked at; where that is not
        known, as in a store of an earlier version, they are taken to be.
    """
    return [
        Clash(record.name, edits_of(record), tuple(files[record.name]))
        for record in _own(records)
        if files[record.name] != record.provenance.get(FOLDER) and not _is_of(record, files)
    ]


def own_layers(records: Sequence[LayerRecord]) -> list[str]:
    """Name the layers that have become the store's own.

    Parameters
    ----------
    records
        What the store knows of the layers of a zone.

    Returns
    -------
    names
        Names of the layers.
    """
    return [record.name for record in _own(records)]


def _own(records: Sequence[LayerRecord]) -> list[LayerRecord]:
    return [record for record in records if record.name in BROUGHT_LAYERS and is_own(record)]


def _is_of(record: LayerRecord, files: Files) -> bool:
    """Tell whether a layer was imported from the very file that the folder has."""
    inputs = record.provenance.get("inputs")
    imported = inputs.get("sha256") if isinstance(inputs, Mapping) else None
    return {*files[record.name].values()} == {imported}


def _told(name: str, found: Sequence[Clash], folder: Path, *, zone: str | None) -> str:
    lines = [
        f"Expected one {clash.layer} layer of zone {name!r}, got two: that of the store "
        f"({f'edits: {clash.edits}' if clash.edits else 'imported'}) and another in {folder} "
        f"({', '.join(clash.files) or 'no file any more'})."
        for clash in found
    ]
    asked = "" if zone is None else f" --zone {zone}"
    ways = (
        f"Say which counts: `smartzone data keep store{asked}` or `smartzone data keep "
        f"folder{asked}`. With --dry-run it tells what would change; `smartzone data export` "
        "saves what the store has."
    )
    return "\n".join([*lines, ways])
