"""The files of a command: written all or none, and told at the end of its summary."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from geopandas import GeoDataFrame

from api.bilingual import Both, Phrases
from api.files import replacing_together
from api.words import Language
from geo.formats import write_layers

_Result = TypeVar("_Result")
_Rendered_contra = TypeVar("_Rendered_contra", contravariant=True)


class Renderer(Protocol[_Rendered_contra]):
    """What makes a page of a result."""

    def __call__(self, result: _Rendered_contra, /, *, phrases: Phrases, language: Language) -> str:
        """Render the page, which opens in a language."""
        ...


@dataclass(frozen=True)
class Outputs(Generic[_Result]):
    """The files of one kind of result, and what is told of it in the terminal.

    Attributes
    ----------
    pages
        What renders each page, by the name of its file.
    packages
        What gives the layers of each GeoPackage, likewise.
    documents
        What writes each other file, likewise.
    lines
        What tells the result in a few lines.
    keys
        Key of the words that tell what a file is for, by its name.
    """

    pages: Mapping[str, Renderer[_Result]]
    packages: Mapping[str, Callable[[_Result], Mapping[str, GeoDataFrame]]]
    documents: Mapping[str, Callable[[_Result], str]]
    lines: Callable[[_Result, Phrases], Iterable[Both]]
    keys: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Every file's name, in the order a reader wants them.

        Returns
        -------
        tuple of str
            Pages first.
        """
        return (*self.pages, *self.packages, *self.documents)

    def write(
        self, result: _Result, folder: Path, *, phrases: Phrases, language: Language = "th"
    ) -> Mapping[str, Path]:
        """Write all files of a result; what stood there before stays until each is complete.

        Parameters
        ----------
        result
            Result to write.
        folder
            Folder to write into; made where it is missing. Other files in it are left alone.
        phrases
            Words to speak with.
        language
            Language the pages open in.

        Returns
        -------
        Mapping
            Path of each file, by its name.

        Raises
        ------
        SourceError
            The folder cannot be written.
        """
        pages = {
            name: render(result, phrases=phrases, language=language)
            for name, render in self.pages.items()
        }
        documents = {name: write(result) for name, write in self.documents.items()}
        packages = {name: layers_of(result) for name, layers_of in self.packages.items()}
        return write_files(folder, self.names, texts=pages | documents, layers=packages)

    def summarise(
        self, result: _Result, files: Mapping[str, Path], *, phrases: Phrases, language: Language
    ) -> str:
        """Tell a result and its files in a few lines.

        Parameters
        ----------
        result
            Result to tell.
        files
            Where the files are, by name.
        phrases
            Words to speak with.
        language
            Language to tell it in.

        Returns
        -------
        str
            Lines of text.
        """
        told = [line.read(language) for line in self.lines(result, phrases)]
        told += files_told(files, self.keys, phrases=phrases, language=language)
        return "\n".join(told)


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
