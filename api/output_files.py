"""The files of a command: written all or none, and told at the end of its summary."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from geopandas import GeoDataFrame

from api.bilingual import Phrases
from api.files import replacing_together
from api.words import Language
from geo.formats import write_layers


def write_files(
    folder: Path,
    names: Sequence[str],
    *,
    texts: Mapping[str, str],
    layers: Mapping[str, Mapping[str, GeoDataFrame]],
    outdated: Sequence[str] = (),
) -> Mapping[str, Path]:
    """Write files into a folder; what stood there before stays until every file is complete.

    Parameters
    ----------
    folder
        Folder to write into; made where it is missing. Other files in it are left alone.
    names
        Names of the files, in the order a reader wants them.
    texts
        Text of each file that is one.
    layers
        Layers of each GeoPackage, by its name and theirs.
    outdated
        Names of earlier files in the folder that go as these come.

    Returns
    -------
    Mapping
        Path of each file, by its name.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    with replacing_together(folder, names, outdated=outdated) as beside:
        for name, text in texts.items():
            (beside / name).write_text(text, encoding="utf-8", newline="\n")
        for name, held in layers.items():
            write_layers(beside / name, held)
    return {name: folder / name for name in names}


def files_told(
    files: Mapping[str, Path], keys: Mapping[str, str], *, phrases: Phrases, language: Language
) -> list[str]:
    """Tell where the files are and what each is for.

    Parameters
    ----------
    files
        Path of each file, by its name.
    keys
        Key of the words for each, by its name.
    phrases
        Words to speak with.
    language
        Language to tell it in.

    Returns
    -------
    list of str
        Lines of text, the first one blank.
    """
    width = max(len(str(path)) for path in files.values())
    return [
        "",
        phrases.say("summary.files").read(language),
        *(
            f"  {path!s:<{width}}  {phrases.say(keys[name]).read(language)}"
            for name, path in files.items()
        ),
    ]
