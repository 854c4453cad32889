"""Every on-screen word in Thai and English, from one file shared by all pages and commands."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self, get_args

from geo.errors import Fault, LayerError, NotFoundError, SourceError, reason_of

Language = Literal["th", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Words:
    """The dictionary of the pages, commands and files a user reads.

    Attributes
    ----------
    entries
        Text by key ("section.word"), then by language.
    """

    entries: Mapping[str, Mapping[Language, str]]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a dictionary and check that every word stands in both languages.

        Parameters
        ----------
        path
            TOML file of sections of words; the file that ships with the package when absent.

        Returns
        -------
        words
            The dictionary.

        Raises
        ------
        SourceError
            When the file cannot be read or is not TOML.
        LayerError
            When a word lacks a language; every such word at once.
        """
        file = path or resources.files("api").joinpath("words.toml")
        try:
            sections = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SourceError(
                f"Expected a TOML file of words at {file}, got: {reason_of(error)}."
            ) from error
        entries: dict[str, Mapping[Language, str]] = {}
        faults = []
        for section, words in sections.items():
            for word, texts in words.items():
                key = f"{section}.{word}"
                if not _is_bilingual(texts):
                    faults.append(Fault(str(file), "texts `th` and `en`", repr(texts), field=key))
                    continue
                entries[key] = MappingProxyType({name: texts[name] for name in LANGUAGES})
        if faults:
            raise LayerError(faults)
        return cls(MappingProxyType(entries))

    def text(self, key: str, language: Language, **values: object) -> str:
        """Return a word or phrase in one language.

        Parameters
        ----------
        key
            Section and word, as "layer.streets".
        language
            Language of the text.
        **values
            What the braces of the text are filled with.

        Returns
        -------
        text
            The text.

        Raises
        ------
        NotFoundError
            When the dictionary has no such key.

        Examples
        --------
        >>> Words.load().text("layer.streets", "en")
        'Streets'
        >>> Words.load().text("unit.metres", "th", value=12)
        '12 ม.'
        """
        if key not in self.entries:
            raise NotFoundError(f"Expected a key of words.toml, got {key!r}.")
        return self.entries[key][language].format(**values)

    def dictionary(self) -> dict[str, dict[str, str]]:
        """Return the whole dictionary for a page: by language, then by key.

        Returns
        -------
        dictionary
            Texts with their braces still in place, for the page to fill.
        """
        return {
            language: {key: texts[language] for key, texts in self.entries.items()}
            for language in LANGUAGES
        }


def _is_bilingual(texts: object) -> bool:
    return (
        isinstance(texts, dict)
        and set(texts) == set(LANGUAGES)
        and all(isinstance(text, str) and text.strip() for text in texts.values())
    )
