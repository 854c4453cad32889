"""What a layer contract is made of: its columns, its geometry types and its rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, NamedTuple

import geopandas as gpd

from geo.errors import Fault

Kind = Literal["text", "number", "integer", "flag", "instant", "date"]


class Presence(Enum):
    """Whether a column may be left out."""

    REQUIRED = "required"


REQUIRED: Final = Presence.REQUIRED

_DTYPES: Final[Mapping[Kind, str]] = {
    "text": "str",
    "number": "float64",
    "integer": "int64",
    "flag": "bool",
    "instant": "datetime64[us, UTC]",
    "date": "str",  # ISO 8601, which sorts and compares as the days do
}


@dataclass(frozen=True)
class Column:
    """One column of a layer contract.

    Attributes
    ----------
    name
        Name of the column; a unit is its suffix.
    kind
        What the values are: text, a finite number, a whole number, a flag, an instant with its
        offset from UTC, or a date.
    default
        Value that stands in where the column or one of its values is missing; `REQUIRED` where
        nothing may stand in.
    above
        Numbers must be greater than this.
    at_least
        Numbers must be this or greater.
    at_most
        Numbers must be this or smaller.
    choices
        The only words allowed; empty where any text is. The default is allowed too.
    refuse
        Returns what is wrong with a text, or none where it is welcome.
    private
        Whether faults say that a value is wrong without repeating it.
    """

    name: str
    kind: Kind
    default: str | float | bool | Presence | None = REQUIRED
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()
    refuse: Callable[[str], str | None] | None = field(default=None, repr=False)
    private: bool = False

    @property
    def dtype(self) -> str:
        """Name of the pandas dtype that a checked column has."""
        return _DTYPES[self.kind]

    @property
    def range_text(self) -> str:
        """The allowed range in words, such as "> 0 and <= 360"; empty where there is none."""
        bounds = ((">", self.above), (">=", self.at_least), ("<=", self.at_most))
        return " and ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


ONEWAY: Final = Column("oneway", "flag", False)
"""Directions of streets, as the layer and the graph made of it read them."""

Rule = Callable[[gpd.GeoDataFrame, str, Sequence[int]], list[Fault]]
GEOMETRY: Final = "geometry"


class RowRule(NamedTuple):
    """A check that judges each row by itself.

    Attributes
    ----------
    needs
        Columns that it reads, `GEOMETRY` among them where it reads the place; a row is judged
        where these fit, whatever else is wrong with it.
    judge
        Takes rows with these columns, their source and their numbers and returns faults.
    """

    needs: tuple[str, ...]
    judge: Rule


@dataclass(frozen=True)
class LayerContract:
    """What one layer must hold.

    Attributes
    ----------
    name
        Name of the layer.
    geometry
        Allowed geometry types. A collection of one part counts as that part.
    columns
        The columns, in the order in which a checked layer has them; further columns are kept.
    rules
        Checks of the whole layer, made once every value fits: each takes the checked layer, its
        source and its row numbers and returns faults.
    row_rules
        Checks that judge each row by itself, whatever is wrong with others.
    numbered
        Whether rows without an id are numbered from 1 instead of being refused.
    private
        Whether the layer holds what is told to few: it is refused where it holds numbers like
        those of ID cards, and its faults repeat no value but numbers of seven digits or fewer.
    """

    name: str
    geometry: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    row_rules: tuple[RowRule, ...] = ()
    numbered: bool = False
    private: bool = False
