"""Text files as raw layers: CSV and GeoJSON with the row numbers and faults of the file itself.

Both are parsed here rather than by GDAL, which closes open rings, guesses types and tells no row.
"""

import codecs
import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry import shape

from geo._columns import show
from geo.errors import Fault, LayerError, ParameterError

_LONLAT: Final = CRS.from_epsg(4326)
_NESTING: Final = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_RING_POINTS: Final = 4
_OF_GDAL: Final = {"X": "lon", "Y": "lat", "WKT": "geometry"}


@dataclass(frozen=True)
class RawLayer:
    """A layer as its file holds it, before the check.

    Attributes
    ----------
    frame
        Columns as read; the geometry is none where it could not be read.
    rows
        Row number of each row.
    faults
        What reading itself found wrong.
    """

    frame: gpd.GeoDataFrame
    rows: Sequence[int]
    faults: list[Fault] = field(default_factory=list)


def read_text(path: Path, encoding: str) -> str:
    """Return the text of a file, or raise a fault that says where and what other text it is."""
    raw = path.read_bytes()
    try:
        codecs.lookup(encoding)
    except LookupError:
        expected = "the name of an encoding, such as UTF-8 or cp874"
        raise ParameterError(f"Expected `encoding` as {expected}, got {encoding!r}.") from None
    try:
        return raw.decode("utf-8-sig" if encoding.lower() in {"utf-8", "utf8"} else encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{raw[error.start]:02x}{other_encoding(raw)}"
        expected = f"{encoding.upper()} text (save it as UTF-8, or name its encoding)"
        raise LayerError([Fault(str(path), expected, found, line)]) from error


def other_encoding(raw: bytes) -> str:
    """Return a guess at the encoding of bytes that are not UTF-8, as the end of a message."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ", as in UTF-16"
    try:
        text = raw.decode("cp874")
    except UnicodeDecodeError:
        return ""
    return ", as in TIS-620 (cp874)" if any("ก" <= letter <= "๛" for letter in text) else ""


# CSV ---------------------------------------------------------------------------------------------


def read_csv(path: Path, *, encoding: str) -> RawLayer:
    """Read a CSV: points by `lon` and `lat`, or any shape as WKT in `geometry`, in EPSG:4326.

    QGIS and GDAL call these columns `X` and `Y`, or `WKT`, and let nobody choose.
    """
    source = str(path)
    header, records, rows, faults = read_records(path, encoding)
    if not {"lon", "lat", "geometry"} & set(header):
        header = [_OF_GDAL.get(name, name) for name in header]
    table = pd.DataFrame(records, columns=pd.Index(header), dtype="object")
    if "geometry" in header:
        parse = _parse_wkt(table.pop("geometry"), source, rows)
    elif {"lon", "lat"} <= set(header):
        parse = _parse_lonlat(table.pop("lon"), table.pop("lat"), source, rows)
    else:
        found = "only " + (", ".join(header) or "an empty file")
        fault = Fault(source, "the columns lon and lat, or geometry as WKT", found, 1)
        raise LayerError([fault, *faults])
    shapes, shape_faults = parse
    geometry = gpd.GeoSeries(shapes, index=table.index, crs=_LONLAT)
    return RawLayer(gpd.GeoDataFrame(table, geometry=geometry), rows, faults + shape_faults)


def read_records(
    path: Path, encoding: str
) -> tuple[list[str], list[list[str]], list[int], list[Fault]]:
    """Return header, records, the line on which each begins, and a fault for each ragged one."""
    lines = _numbered_records(path, encoding) or [(1, [])]
    _, header = lines[0]
    header = [name.strip() for name in header]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        found = f"{', '.join(map(repr, twice))} twice"
        raise LayerError([Fault(str(path), "each column once", found, 1)])
    records: list[list[str]] = []
    rows: list[int] = []
    faults: list[Fault] = []
    for row, record in lines[1:]:
        if len(record) == len(header):
            records.append(record)
            rows.append(row)
        else:
            expected = f"{len(header)} fields as in the header"
            faults.append(Fault(str(path), expected, str(len(record)), row))
    return header, records, rows, faults


def _numbered_records(path: Path, encoding: str) -> list[tuple[int, list[str]]]:
    """Return each record that is not blank with the line on which it begins."""
    text = read_text(path, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    numbered: list[tuple[int, list[str]]] = []
    row = 1
    try:
        for record in reader:
            if record:
                numbered.append((row, record))
            row = reader.line_num + 1
    except csv.Error as error:
        fault = Fault(str(path), "comma-separated values", str(error), reader.line_num)
        raise LayerError([fault]) from error
    finally:
        csv.field_size_limit(before)
    return numbered


def _parse_lonlat(
    lon: "pd.Series[str]", lat: "pd.Series[str]", source: str, rows: Sequence[int]
) -> tuple[list[shapely.Geometry | None], list[Fault]]:
    shapes: list[shapely.Geometry | None] = []
    faults: list[Fault] = []
    for row, pair in zip(rows, zip(lon, lat, strict=True), strict=True):
        position = []
        for name, text in zip(("lon", "lat"), pair, strict=True):
            try:
                position.append(float(text))
            except ValueError:
                faults.append(Fault(source, f"{name} in degrees", show(text), row, "geometry"))
        shapes.append(shapely.Point(position) if len(position) == len(pair) else None)
    return shapes, faults


def _parse_wkt(
    texts: "pd.Series[str]", source: str, rows: Sequence[int]
) -> tuple[list[shapely.Geometry | None], list[Fault]]:
    shapes: list[shapely.Geometry | None] = []
    faults: list[Fault] = []
    for row, text in zip(rows, texts, strict=True):
        try:
            shapes.append(shapely.from_wkt(text))
        except shapely.errors.GEOSException as error:
            shapes.append(None)
            found = f"{show(text)} ({str(error).strip()})"
            faults.append(Fault(source, "a geometry as WKT", found, row, "geometry"))
    return shapes, faults


# GeoJSON -----------------------------------------------------------------------------------------


def read_geojson(path: Path, *, encoding: str) -> RawLayer:
    """Read a GeoJSON feature collection in EPSG:4326, or in the CRS that its old `crs` names."""
    return features_of(_json(path, encoding), source=str(path))


def features_of(document: object, *, source: str) -> RawLayer:
    """Read a GeoJSON feature collection that stands in memory already."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(features, list):
        found = show(document.get("type")) if isinstance(document, dict) else "no object"
        raise LayerError([Fault(source, "a GeoJSON FeatureCollection", found)])
    crs = _named_crs(document.get("crs"), source)
    records: list[dict[str, object]] = []
    shapes: list[shapely.Geometry | None] = []
    faults: list[Fault] = []
    for row, feature in enumerate(features, start=1):
        record, geometry, problem = _parts(feature)
        built: shapely.Geometry | None = None
        if problem is None:
            built, problem = _built(geometry)
        records.append(record)
        shapes.append(built)
        if problem is not None:
            faults.append(Fault(source, *problem, row, "geometry"))
    table = pd.DataFrame(records, dtype="object", index=pd.RangeIndex(len(records)))
    column = gpd.GeoSeries(shapes, index=table.index, crs=crs)
    frame = gpd.GeoDataFrame(table.drop(columns="geometry", errors="ignore"), geometry=column)
    return RawLayer(frame, range(1, len(features) + 1), faults)


def _parts(feature: object) -> tuple[dict[str, object], object, tuple[str, str] | None]:
    """Return properties with the id, geometry, and what was expected and found where it is none."""
    properties = (feature.get("properties") or {}) if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(properties, dict):
        return {}, None, ("a GeoJSON feature", show(feature))
    identity = {"id": feature["id"]} if "id" in feature else {}
    return identity | properties, feature.get("geometry"), None


def _json(path: Path, encoding: str) -> object:
    try:
        return json.loads(read_text(path, encoding))
    except json.JSONDecodeError as error:
        found = f"{error.msg} at line {error.lineno}, column {error.colno}"
    except RecursionError:
        found = "brackets nested without end"
    raise LayerError([Fault(str(path), "GeoJSON", found)])


def _named_crs(member: object, source: str) -> CRS:
    """Return the CRS that the `crs` member of the 2008 specification names; EPSG:4326 if none."""
    if member is None:
        return _LONLAT
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return CRS.from_user_input(name)
    except CRSError as error:
        expected = "a coordinate reference system by its name"
        raise LayerError([Fault(source, expected, show(member), field="crs")]) from error


def _built(geometry: object) -> tuple[shapely.Geometry | None, tuple[str, str] | None]:
    """Return the shape of a geometry object, or what was expected and found."""
    problem = _geojson_problem(geometry)
    if problem is not None or not isinstance(geometry, dict):
        return None, problem
    try:
        return shape(geometry), None
    except (IndexError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        return None, (f"the coordinates of a {geometry['type']}", str(error))


def _geojson_problem(geometry: object) -> tuple[str, str] | None:
    """Return what was expected and found where a geometry object is broken."""
    if geometry is None:
        return None
    kind = geometry.get("type") if isinstance(geometry, dict) else geometry
    if not isinstance(geometry, dict) or not isinstance(kind, str) or kind not in _NESTING:
        return "a GeoJSON geometry with coordinates", show(kind)
    for line in _lines(geometry.get("coordinates"), _NESTING[kind]):
        problem = _line_problem(line, kind)
        if problem is not None:
            return problem
    return None


def _lines(coordinates: object, nesting: int) -> Iterator[object]:
    """Yield each list of positions: the lines or rings of a geometry, or its only point."""
    if nesting == 0:
        yield [coordinates]
    elif nesting == 1 or not isinstance(coordinates, list):
        yield coordinates
    else:
        for part in coordinates:
            yield from _lines(part, nesting - 1)


def _line_problem(line: object, kind: str) -> tuple[str, str] | None:
    if not isinstance(line, list):
        return f"the coordinates of a {kind}", show(line)
    for position in line:
        if not _is_position(position):
            return "finite coordinates [lon, lat]", show(position)
    if kind in {"LineString", "MultiLineString"} and len(line) == 1:
        return "a line of two points or more", show(line)
    if kind in {"Polygon", "MultiPolygon"} and line:
        if line[0][:2] != line[-1][:2]:
            found = f"one from {line[0]} to {line[-1]}"
            return "a closed ring, its last point equal to its first", found
        if len(line) < _RING_POINTS:
            return f"a ring of {_RING_POINTS} points or more", f"{len(line)}"
    return None


def _is_position(position: object) -> bool:
    return (
        isinstance(position, list)
        and len(position) in {2, 3}
        and all(
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            for value in position
        )
    )
