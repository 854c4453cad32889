"""How the pages name a property of a feature and tell its value, in Thai or English."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from api.ogc.text import compact
from api.words import Language, Words

_NOTHING: Final = "–"
_WORDS: Final = {
    "kind": (
        "place_kind.{}",
        "ground_kind.{}",
        "building_kind.{}",
        "site_kind.{}",
        "stop_kind.{}",
    ),
    "purpose": ("demand_kind.{}",),
    "reporting": ("reporting.{}",),
}
"""Keys of the words for a column's values, where their section is not called as the column."""
_UNITS: Final = (
    ("px_per_m", "pixels_per_metre"),
    ("density", "incidents_per_metre"),
    ("density_low", "incidents_per_metre"),
    ("density_high", "incidents_per_metre"),
    ("_m2", "square_metres"),
    ("_mm", "millimetres"),
    ("_m", "metres"),
    ("_deg", "degrees"),
    ("_px", "pixels"),
)
_INSTANTS: Final = ("_at", "_until")


def columns_of(
    features: Iterable[Mapping[str, object]], language: Language, *, most: int
) -> Sequence[str]:
    """Choose the properties that a table has room for.

    Left out are those that none of the features has and those in the other language. Where a value
    comes from stands last, because it is long.

    Parameters
    ----------
    features
        Properties of the features.
    language
        Language of the page.
    most
        How many columns there are at the most.

    Returns
    -------
    columns
        Names of the properties.
    """
    filled: dict[str, None] = {}
    for properties in features:
        filled |= {name: None for name, value in properties.items() if value not in (None, "")}
    names = spoken(filled, language)
    return sorted(names, key=lambda name: name == "source")[:most]


def spoken(names: Iterable[str], language: Language) -> Sequence[str]:
    """Leave out the properties that say the same in the other language.

    Parameters
    ----------
    names
        Names of the properties.
    language
        Language of the page.

    Returns
    -------
    names
        Those that remain, in their order.
    """
    given = dict.fromkeys(names)
    other = "_th" if language == "en" else "_en"
    return [
        name for name in given if not name.endswith(other) and f"{name}_{language}" not in given
    ]


def field_told(name: str, words: Words, language: Language) -> str:
    """Name a property.

    Parameters
    ----------
    name
        Its name in the layer.
    words
        The dictionary.
    language
        Language of the page.

    Returns
    -------
    told
        The word for it; its name in the layer where the dictionary has none.
    """
    bare = name.removesuffix("_th").removesuffix("_en")
    key = next((key for key in (name, bare) if f"field.{key}" in words.entries), None)
    return name if key is None else words.text(f"field.{key}", language)


def value_told(value: object, column: str, words: Words, language: Language) -> str:
    """Tell a value with its unit, or by the word for it.

    Parameters
    ----------
    value
        The value, as JSON has it.
    column
        Name of the property.
    words
        The dictionary.
    language
        Language of the page.

    Returns
    -------
    told
        What a reader sees.
    """
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, bool):
        return words.text("value.yes" if value else "value.no", language)
    if isinstance(value, int | float):
        return _number_told(value, column, words, language)
    if isinstance(value, list | dict):
        return compact(value)
    text = str(value)
    keys = [key.format(text) for key in _WORDS.get(column, ())] or [f"{column}.{text}"]
    known = next((key for key in keys if key in words.entries), None)
    if known is not None:
        return words.text(known, language)
    return _instant_told(text) if column.endswith(_INSTANTS) else text


def _number_told(value: float, column: str, words: Words, language: Language) -> str:
    if column.endswith("share"):
        return words.text("unit.percent", language, value=f"{value * 100:.1f}")
    unit = next((unit for ending, unit in _UNITS if column.endswith(ending)), None)
    if unit is None:
        return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"
    told = f"{value:,.4g}" if unit == "incidents_per_metre" else f"{value:,.1f}".removesuffix(".0")
    return words.text(f"unit.{unit}", language, value=told)


def _instant_told(text: str) -> str:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    if instant.tzinfo is None:
        return text
    return f"{instant.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
