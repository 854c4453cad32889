"""The two files of a gazetteer as checked records: rows of junctions, records of streets."""

import csv
import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pyproj

from geo._sources import read_text
from geo.errors import Fault, LayerError, SourceError

GRADES = ("A", "B", "C", "D")
STREET_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "pedestrian",
    "service",
    "footway",
    "path",
    "steps",
)
JUNCTIONS_FILE = "junctions.csv"
STREETS_FILE = "streets.toml"
_COLUMNS = ("id", "name_th", "name_en", "lon", "lat", "source", "grade", "est_error_m")
_LON_AND_LAT = 2
_WIDEST_M = 100.0

LonLat = tuple[float, float]
Bounds = tuple[float, float, float, float]
Record = Mapping[str, Any]
_Records = dict[int, Record]
_Parsed = tuple[_Records, list[Fault]]


class Junction(NamedTuple):
    """A row of ``junctions.csv``; `row` is its line in the file."""

    row: int
    id: str
    name_th: str
    name_en: str
    lonlat: LonLat
    source: str
    grade: str
    est_error_m: float


class Street(NamedTuple):
    """A record of ``streets.toml``; `path` holds junction ids and shape points."""

    row: int
    id: str
    name_th: str
    name_en: str
    street_class: str
    oneway: bool
    width_m: float
    source: str
    grade: str
    bridge: bool
    path: tuple[str | LonLat, ...]


class _Finding(NamedTuple):
    """What is wrong with one field of a record, before it is placed in a file."""

    field: str
    expected: str
    found: str


def read_records(folder: Path, crs: pyproj.CRS) -> tuple[list[Junction], list[Street]]:
    """Read both files of a gazetteer.

    Parameters
    ----------
    folder
        Folder that holds ``junctions.csv`` and ``streets.toml``.
    crs
        Reference system whose area of use bounds the coordinates.

    Returns
    -------
    tuple[list[Junction], list[Street]]
        Junctions and streets in the order of their files.

    Raises
    ------
    SourceError
        A file is missing or cannot be read.
    LayerError
        Records break the form; carries every fault of both files.
    """
    faults: list[Fault] = []
    rows = _parsed(folder / JUNCTIONS_FILE, _junction_rows, faults)
    records = _parsed(folder / STREETS_FILE, _street_records, faults)
    area = crs.area_of_use
    bounds = area.bounds if area else (-180.0, -90.0, 180.0, 90.0)
    known = {str(row["id"]) for row in rows.values()}
    faults += _checked(folder / JUNCTIONS_FILE, rows, lambda row: _junction_findings(row, bounds))
    faults += _checked(
        folder / STREETS_FILE, records, lambda one: _street_findings(one, known, bounds)
    )
    if faults:
        raise LayerError(faults)
    junctions = [_junction(line, row) for line, row in rows.items()]
    return junctions, [_street(number, record) for number, record in records.items()]


def _parsed(path: Path, parse: Callable[[str, str], _Parsed], faults: list[Fault]) -> _Records:
    """Return the records of a file by their row; what is wrong with the file joins `faults`."""
    try:
        text = read_text(path, "utf-8")
    except LayerError as error:
        faults += error.faults
        return {}
    except OSError as error:
        message = f"Expected a readable file, got {path}: {error.strerror}."
        raise SourceError(message) from error
    records, found = parse(text, str(path))
    faults += found
    return records


def _junction_rows(text: str, source: str) -> _Parsed:
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        expected = f"columns {', '.join(_COLUMNS)}"
        return {}, [Fault(source, expected, f"none named {', '.join(missing)}", 1)]
    rows: _Records = {}
    faults = []
    for cells in reader:
        if len(cells) == len(header):
            rows[reader.line_num] = dict(zip(header, cells, strict=True))
        else:
            found = f"{len(cells)} cells"
            faults.append(Fault(source, f"{len(header)} cells", found, reader.line_num))
    if not rows and not faults:
        faults.append(Fault(source, "at least one junction", "none"))
    return rows, faults


def _street_records(text: str, source: str) -> _Parsed:
    try:
        records = tomllib.loads(text).get("street")
    except tomllib.TOMLDecodeError as error:
        return {}, [Fault(source, "TOML", str(error))]
    if (
        not records
        or not isinstance(records, list)
        or not all(isinstance(it, dict) for it in records)
    ):
        return {}, [Fault(source, "streets as [[street]] tables", "none")]
    return dict(enumerate(records, 1)), []


def _checked(
    path: Path, records: _Records, check: Callable[[Record], Iterator[_Finding]]
) -> list[Fault]:
    """Run a check over all records, and see that each has an id of its own."""
    times = Counter(str(record.get("id")) for record in records.values())
    faults = []
    for row, record in records.items():
        if times[str(record.get("id"))] > 1:
            found = f"{record.get('id')!r} more than once"
            faults.append(Fault(str(path), "an id of its own", found, row, "id"))
        faults += [Fault(str(path), it.expected, it.found, row, it.field) for it in check(record)]
    return faults


def _junction_findings(row: Record, bounds: Bounds) -> Iterator[_Finding]:
    if not row["id"] or "," in row["id"]:
        yield _Finding("id", "an id without a comma", repr(row["id"]))
    yield from _place_findings((_number(row["lon"]), _number(row["lat"])), bounds)
    if not row["source"].strip():
        yield _Finding("source", "where the position is from", "nothing")
    yield from _choice_findings(row, "grade", GRADES)
    if not 0 < _number(row["est_error_m"]) < math.inf:
        yield _Finding("est_error_m", "a number > 0", repr(row["est_error_m"]))


def _street_findings(record: Record, known: set[str], bounds: Bounds) -> Iterator[_Finding]:
    for field in ("id", "source"):
        if not isinstance(record.get(field), str) or not record[field].strip():
            yield _Finding(field, "text", repr(record.get(field)))
    for field in ("name_th", "name_en"):
        if not isinstance(record.get(field), str):
            yield _Finding(field, "text, empty where there is no name", repr(record.get(field)))
    yield from _choice_findings(record, "street_class", STREET_CLASSES)
    yield from _choice_findings(record, "grade", GRADES)
    for field, value in (("oneway", record.get("oneway")), ("bridge", record.get("bridge", False))):
        if not isinstance(value, bool):
            yield _Finding(field, "true or false", repr(value))
    width = record.get("width_m", 1.0)
    if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width < _WIDEST_M:
        yield _Finding("width_m", f"a number in (0, {_WIDEST_M:g}), or no such key", repr(width))
    for field in sorted(record.keys() - (set(Street._fields) - {"row"})):
        yield _Finding(field, "no such key", repr(record[field]))
    yield from _path_findings(record.get("path"), known, bounds)


def _path_findings(path: object, known: set[str], bounds: Bounds) -> Iterator[_Finding]:
    if not isinstance(path, list) or not all(isinstance(step, str) for step in path):
        yield _Finding("path", "a list of texts", repr(path))
        return
    if len(path) <= 1:
        yield _Finding("path", "two steps or more", repr(path))
    for end in dict.fromkeys((*path[:1], *path[-1:])):
        if "," in end:
            yield _Finding("path", "a junction at either end", repr(end))
    for step, following in pairwise(path):
        if step == following:
            yield _Finding("path", "no step twice in a row", repr(step))
    for step in path:
        yield from _step_findings(step, known, bounds)


def _step_findings(step: str, known: set[str], bounds: Bounds) -> Iterator[_Finding]:
    if "," not in step:
        # With no junction read at all, every id would be unknown: that fault is reported already.
        if known and step not in known:
            yield _Finding("path", f"a junction of {JUNCTIONS_FILE}", repr(step))
    elif len(step.split(",")) == _LON_AND_LAT:
        for it in _place_findings(_point(step), bounds):
            yield _Finding("path", f"{it.field}: {it.expected}", repr(step))
    else:
        yield _Finding("path", '"lon,lat" or the id of a junction', repr(step))


def _choice_findings(record: Record, field: str, choices: tuple[str, ...]) -> Iterator[_Finding]:
    if record.get(field) not in choices:
        yield _Finding(field, f"one of {', '.join(choices)}", repr(record.get(field)))


def _place_findings(lonlat: LonLat, bounds: Bounds) -> Iterator[_Finding]:
    """Find a coordinate that cannot lie in the area of use, or is swapped with the other."""
    lon, lat = lonlat
    west, south, east, north = bounds
    if not (math.isfinite(lon) and math.isfinite(lat)):
        field, value = ("lat", lat) if math.isfinite(lon) else ("lon", lon)
        yield _Finding(field, "a finite number", str(value))
    elif not (west <= lon <= east and south <= lat <= north):
        swapped = west <= lat <= east and south <= lon <= north
        hint = " (lon and lat look swapped)" if swapped else ""
        if not west <= lon <= east:
            yield _Finding("lon", f"degrees east in [{west:g}, {east:g}]{hint}", str(lon))
        if not south <= lat <= north:
            yield _Finding("lat", f"degrees north in [{south:g}, {north:g}]{hint}", str(lat))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _point(step: str) -> LonLat:
    lon, lat = step.split(",")
    return _number(lon), _number(lat)


def _junction(line: int, row: Record) -> Junction:
    lonlat = (_number(row["lon"]), _number(row["lat"]))
    names = (row["name_th"], row["name_en"])
    error_m = _number(row["est_error_m"])
    return Junction(line, row["id"], *names, lonlat, row["source"], row["grade"], error_m)


def _street(number: int, record: Record) -> Street:
    return Street(
        row=number,
        id=record["id"],
        name_th=record["name_th"],
        name_en=record["name_en"],
        street_class=record["street_class"],
        oneway=record["oneway"],
        width_m=float(record.get("width_m", math.nan)),
        source=record["source"],
        grade=record["grade"],
        bridge=record.get("bridge", False),
        path=tuple(_point(step) if "," in step else step for step in record["path"]),
    )
