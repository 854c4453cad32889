"""The register of cameras on the command line: into the folder of its zone, and shown to a role.

What a register holds goes nowhere else: the store, the service and the logs know nothing of it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text
from shapely import Point

from api.bilingual import Both, Phrases, Row, rows
from api.roles import Role, sees, visible_register
from api.words import Language, Words
from geo.errors import Fault, LayerError
from geo.formats import write_layer
from geo.layers import contract_of, empty_layer
from geo.register import replaced, states_on, with_streets
from geo.zone import Zone, layer_file, read_outline, read_zone_layer

_LAYER = "register"
_NOTHING = Both("–", "–")
_STATE_WORDS = {"up": "status.up", "down": "status.down", "no_consent": "register.no_consent"}


def _plain(column: str) -> Callable[[Phrases, Row], Both]:
    return lambda _, row: Both(str(row[column]), str(row[column]))


def _day(column: str) -> Callable[[Phrases, Row], Both]:
    return lambda phrases, row: (
        phrases.day(date.fromisoformat(row[column])) if row[column] else _NOTHING
    )


def _place(phrases: Phrases, row: Row) -> Both:
    told = row["place_th"] or row["place_en"]
    return phrases.name(row, prefix="place") if told else _NOTHING


# Each column of the table: its heading, the column it rests on, and how a cell is told.
_COLUMNS: Mapping[str, tuple[str, Callable[[Phrases, Row], Both]]] = {
    "id": ("id", _plain("id")),
    "owner_kind": (
        "owner_kind",
        lambda phrases, row: phrases.say(f"owner_kind.{row['owner_kind']}"),
    ),
    "owner": ("owner", _plain("owner")),
    "street": ("street_en", lambda phrases, row: phrases.name(row, prefix="street")),
    "place": ("place_en", _place),
    "position": ("position", _plain("position")),
    "facing": ("azimuth_deg", lambda phrases, row: phrases.facing(row["azimuth_deg"])),
    "range": ("range_m", lambda phrases, row: phrases.metres(row["range_m"])),
    "status": ("state", lambda phrases, row: phrases.say(_STATE_WORDS[row["state"]])),
    "consent": ("consent", lambda phrases, row: phrases.say(f"consent.{row['consent']}")),
    "consented_on": ("consented_on", _day("consented_on")),
    "consent_until": ("consent_until", _day("consent_until")),
    "retention": ("retention_days", _plain("retention_days")),
    "audience": ("audience", lambda phrases, row: phrases.say(f"audience.{row['audience']}")),
    "contact": ("contact", _plain("contact")),
}


class Imported(NamedTuple):
    """What an import did.

    Attributes
    ----------
    path
        File of the register in the folder of the zone.
    rows
        Cameras that arrived.
    new
        How many of them the register did not have.
    total
        Cameras in the register now.
    left_out
        Columns of the file that the register does not know and does not keep.
    """

    path: Path
    rows: int
    new: int
    total: int
    left_out: list[str]


def import_register(folder: Path, file: Path, *, encoding: str = "UTF-8") -> Imported:
    """Merge a file into the register of a zone, all of it or nothing.

    Parameters
    ----------
    folder
        Folder of the zone.
    file
        The cameras in any format of `geo.formats`.
    encoding
        Encoding of its text.

    Returns
    -------
    Imported
        What was done. A camera of an id that the register knew has replaced that one.

    Raises
    ------
    LayerError
        The file, or the register that stands there, breaks the contract, or cameras cannot reach
        the zone; every fault of both, and none repeats a contact.
    SourceError
        A file cannot be read or written; what stood there still stands.
    """
    outline = read_outline(folder)
    before = layer_file(folder, _LAYER)
    reads = [partial(read_zone_layer, file, _LAYER, outline, encoding=encoding)]
    if before is not None:
        reads.append(partial(read_zone_layer, before, _LAYER, outline))
    arriving, *stood = _all_read(reads)
    standing = stood[0] if stood else empty_layer(_LAYER, crs=outline.crs)
    columns = [column.name for column in contract_of(_LAYER).columns]
    left_out = [str(name) for name in arriving.columns if name not in {*columns, "geometry"}]
    arriving = arriving.drop(columns=left_out)
    merged = replaced(standing, arriving)
    path = before or folder / f"{_LAYER}.csv"
    write_layer(path, merged)
    return Imported(path, len(arriving), len(merged) - len(standing), len(merged), left_out)


def _all_read(reads: Iterable[Callable[[], gpd.GeoDataFrame]]) -> list[gpd.GeoDataFrame]:
    """Return what is read, or raise the faults of every file together."""
    layers: list[gpd.GeoDataFrame] = []
    faults: list[Fault] = []
    for read in reads:
        try:
            layers.append(read())
        except LayerError as error:
            faults += error.faults
    if faults:
        raise LayerError(faults)
    return layers


def show_register(
    folder: Path,
    role: Role,
    *,
    owner: str | None,
    on: date | None,
    words: Words,
    language: Language,
) -> Table:
    """Lay out what a role may see of the register of a zone.

    Parameters
    ----------
    folder
        Folder of the zone.
    role
        Who asks.
    owner
        Name of the owner that a partner is.
    on
        Evening on which the states count; today on the zone's calendar where none.
    words
        Words to speak with.
    language
        Language of headings and values.

    Returns
    -------
    Table
        A row a camera that the role may know of, none where there is no such camera; a dash
        stands for what is hidden or empty. A camera without consent that holds is told as one;
        to a role that sees no consent it does not work.

    Raises
    ------
    ZoneError
        The zone cannot be read, or the owner does not go with the role.
    """
    zone = Zone.load(folder)
    phrases = Phrases(words, ZoneInfo(zone.timezone))
    day = on or datetime.now(ZoneInfo(zone.timezone)).date()
    register = with_streets(zone.register, zone.streets)
    register = register.assign(state=_told_states(register, role, day))
    visible = visible_register(register, role, owner=owner)
    degrees = visible.to_crs(4326).geometry
    if not degrees.isna().all():
        told = [_lon_lat(point) for point in degrees]
        visible["position"] = pd.Series(told, visible.index, dtype="object")
    present = {"id", *visible.columns}
    columns = {name: column for name, column in _COLUMNS.items() if column[0] in present}
    evening = phrases.day(day).read(language)
    table = Table(*(words.text(f"register.{name}", language, day=evening) for name in columns))
    for row in rows(visible):
        cells = (
            _NOTHING if row[needs] is None else tell(phrases, row)
            for needs, tell in columns.values()
        )
        # As `Text`, so that brackets in a name are no markup.
        table.add_row(*(Text(cell.read(language)) for cell in cells))
    return table


def _told_states(register: gpd.GeoDataFrame, role: Role, on: date) -> "pd.Series[str]":
    """Return states on a day, and no word of consent where the role sees none."""
    states = states_on(register, on=on)
    sees_consent = [sees(role, "consent", owner_kind=kind) for kind in register["owner_kind"]]
    return states.where(states.ne("no_consent") | np.array(sees_consent, dtype=bool), "down")


def _lon_lat(point: Point | None) -> str | None:
    return None if point is None else f"{point.x:.5f}, {point.y:.5f}"
