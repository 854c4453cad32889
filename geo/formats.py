"""Layers in files: GeoPackage, GeoJSON, CSV and Shapefile, read through their contracts.

Reading takes EPSG:4326 or whatever CRS the file names, and gives the layer in the metric CRS that
the caller asks for. Writing is whole or nothing. What each format keeps:

| format     | CRS written | coordinates       | times        | names             |
|------------|-------------|-------------------|--------------|-------------------|
| GeoPackage | the layer's | exact             | milliseconds | whole             |
| Shapefile  | the layer's | exact             | microseconds | ten letters       |
| GeoJSON    | EPSG:4326   | 1e-7 degree, 1 cm | microseconds | whole             |
| CSV        | EPSG:4326   | 1e-7 degree, 1 cm | microseconds | whole             |

A shapefile cuts column names to ten letters; reading maps the columns of the contract back, others
stay cut. Text is UTF-8 without outer blanks, at most 254 bytes in a shapefile. In CSV every column
that the contract does not name is read as text.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
import pyogrio.raw
import shapely
from pyproj import CRS

from geo._contract import LayerContract, RowRule
from geo._privacy import discreet
from geo._sources import RawLayer, features_of, other_encoding, read_csv, read_geojson, read_records
from geo._writing import replacing, write_csv, write_geojson, write_gpkg, write_shapefile
from geo.errors import Fault, LayerError, ParameterError, SourceError
from geo.layers import check_layer, contract_of, faults_of

SUFFIXES: Final = (".gpkg", ".geojson", ".json", ".csv", ".shp")
"""Suffixes of the files that are read and written."""

MAX_BYTES: Final = 100_000_000
"""Size of the largest file that is read unless the caller allows more."""

_DBF_NAME: Final = 10
_BEGIN_GPKG: Final = b"SQLite format 3\0"
_BEGIN_SHP: Final = (9994).to_bytes(4, "big")


def read_layer(
    path: str | Path,
    layer: str,
    *,
    crs: str | CRS,
    encoding: str = "UTF-8",
    max_bytes: int = MAX_BYTES,
    row_rules: Sequence[RowRule] = (),
) -> gpd.GeoDataFrame:
    """Read a layer file and check it against its contract.

    Parameters
    ----------
    path
        GeoPackage (the layer of that name, or its only one), GeoJSON, CSV (columns `lon` and
        `lat`, or `geometry` as WKT, in EPSG:4326; as QGIS writes it, `X` and `Y` or `WKT`) or
        Shapefile.
    layer
        Name of the contract, such as "cameras".
    crs
        Metric coordinate reference system to bring the layer into.
    encoding
        Encoding of a CSV, GeoJSON or Shapefile that is not in UTF-8, such as "cp874".
    max_bytes
        Largest file to read, in bytes, > 0.
    row_rules
        Further checks of each row, such as whether it lies where it should; their faults are
        told with those of the contract.

    Returns
    -------
    frame
        The layer, index "id", columns in the order of the contract.

    Raises
    ------
    LayerError
        The file breaks the contract; the error carries every fault, with its row.
    NotFoundError
        No layer has that name.
    SourceError
        The file is missing or may not be read.
    """
    contract = contract_of(layer)
    path = Path(path)
    try:
        raw = _read_raw(path, contract, encoding=encoding, max_bytes=max_bytes)
    except LayerError as error:
        if contract.private:  # a file without a header shows its first row as one
            raise LayerError(discreet(error.faults)) from None
        raise
    return check_layer(
        raw.frame,
        layer,
        source=str(path),
        crs=crs,
        rows=raw.rows,
        known=raw.faults,
        row_rules=row_rules,
    )


def read_features(
    document: Mapping[str, object], layer: str, *, source: str, crs: str | CRS | None = None
) -> gpd.GeoDataFrame:
    """Read GeoJSON that stands in memory and check it against its contract, as a file would be.

    Parameters
    ----------
    document
        GeoJSON FeatureCollection as `json.loads` returns it, in EPSG:4326.
    layer
        Name of the contract, such as "cameras".
    source
        Name that the faults carry.
    crs
        Coordinate reference system of the zone: coordinates must lie in its area of use. The
        whole earth where none.

    Returns
    -------
    frame
        The layer in EPSG:4326, as exact as it came; index "id", columns in the order of the
        contract.

    Raises
    ------
    LayerError
        The document breaks the contract; the error carries every fault, with its row.
    NotFoundError
        No layer has that name.
    """
    raw = features_of(document, source=source)
    faults = faults_of(raw.frame, layer, source=source, crs=crs, rows=raw.rows, known=raw.faults)
    if faults:
        raise LayerError(faults)
    return check_layer(raw.frame, layer, source=source, rows=raw.rows)


def read_table(
    path: str | Path, *, encoding: str = "UTF-8", max_bytes: int = MAX_BYTES
) -> pd.DataFrame:
    """Read a CSV of people's answers, which has no places; no fault repeats what stands in it.

    Parameters
    ----------
    path
        The file, its columns named in the first line.
    encoding
        Encoding of a file that is not in UTF-8, such as "cp874".
    max_bytes
        Largest file to read, in bytes, > 0.

    Returns
    -------
    pandas.DataFrame
        All values as text without outer blanks, index "row" the line on which each begins.

    Raises
    ------
    LayerError
        The file is no CSV, empty or too large, or a row has more or fewer fields than the header;
        the error carries every fault, with its row.
    SourceError
        The file is missing or may not be read.
    """
    path = Path(path)
    if path.suffix.lower() != ".csv":
        raise LayerError([Fault(str(path), "a file in .csv", path.suffix or "none")])
    try:
        _refuse_absent(path, "CSV", max_bytes)
        header, records, rows, faults = read_records(path, encoding)
    except PermissionError as error:
        raise SourceError(f"Expected leave to read {path}, got: {error.strerror}.") from error
    except LayerError as error:
        raise LayerError(discreet(error.faults)) from None
    if not records and not faults:
        faults = [Fault(str(path), "a header and at least one row", "none")]
    if faults:
        raise LayerError(discreet(faults))
    values = [[value.strip() for value in record] for record in records]
    return pd.DataFrame(values, pd.Index(rows, name="row"), pd.Index(header), dtype="str")


def write_layer(path: str | Path, frame: gpd.GeoDataFrame) -> None:
    """Write a layer in the format that the suffix names, whole or not at all.

    Parameters
    ----------
    path
        File to write or replace; a GeoPackage gets one layer, named after the file.
    frame
        The layer. A named index becomes a column; a coordinate reference system is needed.

    Raises
    ------
    ParameterError
        The suffix is unknown, the layer has no coordinate reference system, or the format cannot
        hold it.
    SourceError
        The file cannot be written; what stood there still stands.
    """
    path = Path(path)
    writers: Mapping[str, Callable[[Path, gpd.GeoDataFrame], None]] = {
        ".gpkg": lambda target, one: write_gpkg(target, {path.stem: one}),
        ".geojson": write_geojson,
        ".json": write_geojson,
        ".csv": write_csv,
        ".shp": write_shapefile,
    }
    if path.suffix.lower() not in writers:
        raise ParameterError(f"Expected a file name in {', '.join(SUFFIXES)}, got {path.name!r}.")
    with replacing(path) as target:
        writers[path.suffix.lower()](target, frame)


def write_layers(path: str | Path, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write several layers into one GeoPackage, whole or not at all.

    Parameters
    ----------
    path
        GeoPackage to write or replace.
    frames
        The layers by name; a layer may be empty.

    Raises
    ------
    ParameterError
        The suffix is not .gpkg, there is no layer, or one has no coordinate reference system.
    SourceError
        The file cannot be written; what stood there still stands.
    """
    path = Path(path)
    if path.suffix.lower() != ".gpkg":
        raise ParameterError(f"Expected a file name in .gpkg, got {path.name!r}.")
    if not frames:
        raise ParameterError("Expected at least one layer to write, got none.")
    with replacing(path) as target:
        write_gpkg(target, frames)


def _read_raw(path: Path, contract: LayerContract, *, encoding: str, max_bytes: int) -> RawLayer:
    """Read a file without judging its values; size, suffix and form are judged here."""
    source = str(path)
    if path.suffix.lower() not in SUFFIXES:
        raise LayerError([Fault(source, f"a file in {', '.join(SUFFIXES)}", path.suffix or "none")])
    try:
        _refuse_absent(path, contract.name, max_bytes)
        if path.suffix.lower() == ".csv":
            return read_csv(path, encoding=encoding)
        if path.suffix.lower() in {".geojson", ".json"}:
            return read_geojson(path, encoding=encoding)
        return _read_gdal(path, contract, encoding)
    except PermissionError as error:
        raise SourceError(f"Expected leave to read {path}, got: {error.strerror}.") from error


def _refuse_absent(path: Path, kind: str, max_bytes: int) -> None:
    """Refuse a file that is not there, or too large to be read."""
    if not path.is_file():
        raise SourceError(f"Expected a {kind} file at {path}, got none.")
    size = path.stat().st_size
    if size > max_bytes:
        expected = f"at most {max_bytes / 1e6:.6g} MB (cut the layer to the zone)"
        raise LayerError([Fault(str(path), expected, f"{size / 1e6:.6g} MB")])


def _read_gdal(path: Path, contract: LayerContract, encoding: str) -> RawLayer:
    """Read a GeoPackage or Shapefile; an open ring, which GDAL would only warn of, is a fault."""
    source = str(path)
    is_shapefile = path.suffix.lower() == ".shp"
    kind = "a shapefile" if is_shapefile else "a GeoPackage"
    # By whatever name, GDAL would read a virtual file, which names others or addresses to read.
    with path.open("rb") as file:
        begins = file.read(len(_BEGIN_GPKG))
    if not begins.startswith(_BEGIN_SHP if is_shapefile else _BEGIN_GPKG):
        raise LayerError([Fault(source, f"{kind} that can be read", "a file of another kind")])
    # A shapefile may name its own encoding in its .cpg file, which GDAL then heeds.
    named = not is_shapefile or path.with_suffix(".cpg").is_file()
    name: str | None = None
    try:
        name = _layer_name(path, contract)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Non closed ring", RuntimeWarning)
            frame = pyogrio.read_dataframe(path, layer=name, encoding=None if named else encoding)
    except shapely.errors.GEOSException as error:
        raise LayerError(_broken_shapes(path, name)) from error
    except UnicodeDecodeError as error:
        expected = f"{encoding.upper()} text (add a .cpg file, or name its encoding)"
        found = f"byte 0x{error.object[error.start]:02x}{other_encoding(error.object)}"
        raise LayerError([Fault(source, expected, found)]) from error
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise LayerError([Fault(source, f"{kind} that can be read", str(error))]) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError([Fault(source, "geometries", "a table without")])
    if is_shapefile:
        whole = {column.name[:_DBF_NAME]: column.name for column in contract.columns}
        frame = frame.rename(columns=whole)
        # A shapefile cannot tell empty text from none.
        texts = frame.select_dtypes(["object", "str"]).columns
        frame[texts] = frame[texts].fillna("").astype("str")
    return RawLayer(frame, range(1, len(frame) + 1))


def _layer_name(path: Path, contract: LayerContract) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if contract.name in names:
        return contract.name
    if len(names) != 1:
        found = ", ".join(names) or "none"
        raise LayerError([Fault(str(path), f"a layer named {contract.name}", found)])
    return names[0]


def _broken_shapes(path: Path, name: str | None) -> list[Fault]:
    """Return a fault for each geometry that cannot be built, such as a ring that stays open."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Non closed ring", RuntimeWarning)
        _, _, shapes, _ = pyogrio.raw.read(path, layer=name, columns=[])
    faults: list[Fault] = []
    for row, binary in enumerate(shapes, start=1):
        try:
            shapely.from_wkb(binary)
        except shapely.errors.GEOSException as error:
            found = str(error).partition(": ")[2] or str(error)
            faults.append(Fault(str(path), "a whole geometry", found.strip(), row, "geometry"))
    return faults
