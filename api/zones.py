"""The folders of the zones: where one is, and how its synthetic layers are made."""

from pathlib import Path

from api.files import replacing_together
from api.settings import Settings
from geo.errors import NotFoundError
from geo.formats import read_layer, write_layer
from geo.gazetteer import read_gazetteer
from geo.synthetic import FILES, generate_layers
from geo.zone import layer_file, read_outline


def zone_folder(settings: Settings, zone: str | None = None) -> Path:
    """Find the folder of a zone.

    Parameters
    ----------
    settings
        Settings, with the folder of all zones and the zone meant where none is named.
    zone
        Name of a zone among them, or the path of a folder that holds one.

    Returns
    -------
    Path
        Folder of the zone.

    Raises
    ------
    NotFoundError
        There is no such zone.
    """
    asked = settings.zone if zone is None else zone
    for folder in (settings.data_dir / asked, Path(asked)):
        if (folder / "zone.toml").is_file():
            return folder
    names = sorted(path.parent.name for path in settings.data_dir.glob("*/zone.toml"))
    known = ", ".join(names) or "none yet"
    raise NotFoundError(f"Expected a zone ({known}) or a folder with a zone.toml, got {asked!r}.")


def generate_zone(folder: Path, *, seed: int) -> int:
    """Generate the layers of a zone that have no public source, all files or none.

    Parameters
    ----------
    folder
        Folder of the zone, with its boundary, streets and places.
    seed
        Seed of every random choice, 0 or greater.

    Returns
    -------
    int
        Number of layers written.

    Raises
    ------
    ZoneError
        The zone cannot be read, lacks what the generator needs, or cannot be written.
    """
    boundary, _, crs = read_outline(folder)
    streets = layer_file(folder, "streets")
    places = layer_file(folder, "places")
    if places is None:
        raise NotFoundError(f"Expected the places of the zone in {folder}, got no such file.")
    layers = generate_layers(
        read_gazetteer(folder, crs=crs).streets
        if streets is None
        else read_layer(streets, "streets", crs=crs),
        boundary,
        read_layer(places, "places", crs=crs),
        seed=seed,
    )
    with replacing_together(folder, list(FILES.values())) as beside:
        for name, frame in layers.items():
            write_layer(beside / FILES[name], frame)
    return len(layers)
