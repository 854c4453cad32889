"""Layers as files: the bytes of each format, and the step that makes a write whole or nothing."""

import csv
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo._columns import is_missing
from geo.errors import ParameterError, SourceError, reason_of

_DECIMALS: Final = 7
# What GDAL and QGIS of any age still in use read without a warning.
_GPKG_VERSION: Final = "1.2"
_DBF_NAME: Final = 10
_DBF_BYTES: Final = 254
# Indexes that other programs leave beside a shapefile; they would describe the replaced one.
_STALE: Final = (".qix", ".sbn", ".sbx")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside `path`; on success what was written there takes its place.

    The new file is complete before the old one goes, so a reader sees one or the other, and a
    failure leaves the folder as it was. A shapefile is several files: its .shp is moved last.
    """
    if not path.parent.is_dir():
        raise SourceError(f"Expected the folder {path.parent} to write {path.name} into, got none.")
    # The same folder is the same file system: only there is a rename one step.
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        yield beside / path.name
        for written in sorted(beside.iterdir(), key=lambda one: one.suffix == path.suffix):
            written.replace(path.parent / written.name)
        if path.suffix.lower() == ".shp":
            for suffix in _STALE:
                path.with_suffix(suffix).unlink(missing_ok=True)
    except OSError as error:
        raise SourceError(f"Expected to write {path}, got: {reason_of(error)}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_gpkg(path: Path, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write the layers of one GeoPackage."""
    for name, frame in frames.items():
        kinds = set(frame.geom_type.dropna())
        _with_id(frame).to_file(
            path,
            layer=name,
            driver="GPKG",
            engine="pyogrio",
            index=False,
            geometry_type="Unknown" if len(kinds) != 1 else None,
            VERSION=_GPKG_VERSION,
        )


def write_shapefile(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a shapefile in UTF-8; names are cut to ten letters, times are ISO 8601 text."""
    table = _with_id(frame)
    names = [str(name) for name in table.columns if name != table.geometry.name]
    cut = [name[:_DBF_NAME].lower() for name in names]
    twins = sorted(name for name, short in zip(names, cut, strict=True) if cut.count(short) > 1)
    if twins:
        raise ParameterError(
            f"Expected column names that differ in their first {_DBF_NAME} letters, "
            f"got {', '.join(twins)}."
        )
    for name in names:
        if not pd.api.types.is_numeric_dtype(table[name].dtype):
            table[name] = [_text(value) for value in table[name]]
            longest = max((len(text.encode()) for text in table[name]), default=0)
            if longest > _DBF_BYTES:
                raise ParameterError(
                    f"Expected `{name}` of at most {_DBF_BYTES} bytes in a shapefile, "
                    f"got {longest}; write a GeoPackage."
                )
    table = table.rename(columns={name: name[:_DBF_NAME] for name in names})
    table.to_file(path, driver="ESRI Shapefile", engine="pyogrio", index=False, encoding="UTF-8")


def write_geojson(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write GeoJSON (RFC 7946): EPSG:4326, seven decimals, rings counter-clockwise."""
    table = _in_degrees(frame)
    shapes = shapely.to_geojson(shapely.orient_polygons(table.geometry.to_numpy()))
    records = table.drop(columns=table.geometry.name).to_dict("records")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type": "FeatureCollection", "features": [\n')
        for number, (record, shape) in enumerate(zip(records, shapes, strict=True)):
            plain = {str(name): _plain(value) for name, value in record.items()}
            properties = json.dumps(plain, ensure_ascii=False, allow_nan=False)
            file.write(",\n" if number else "")
            file.write(
                f'{{"type": "Feature", "properties": {properties}, "geometry": {shape or "null"}}}'
            )
        file.write("\n]}\n")


def write_csv(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a CSV in EPSG:4326: points as `lon` and `lat`, other shapes as WKT in `geometry`."""
    table = _in_degrees(frame)
    geometry = table.geometry
    table = pd.DataFrame(table.drop(columns=geometry.name))
    if (geometry.geom_type == "Point").all() and not geometry.is_empty.any():
        table["lon"] = [f"{x:.{_DECIMALS}f}" for x in geometry.x]
        table["lat"] = [f"{y:.{_DECIMALS}f}" for y in geometry.y]
    else:
        table["geometry"] = shapely.to_wkt(geometry.to_numpy(), rounding_precision=_DECIMALS)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([_text(value) for value in row] for row in table.itertuples(index=False))


def _with_id(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise ParameterError("Expected a layer with a coordinate reference system, got none.")
    return frame.reset_index(drop=frame.index.name is None)


def _in_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer in EPSG:4326 on the grid of the last decimal, every shape still valid."""
    table = _with_id(frame).to_crs(4326)
    shapes = shapely.transform(table.geometry.to_numpy(), lambda xy: np.round(xy, _DECIMALS))
    # A sliver can cross itself once its corners are rounded; snapping as a whole repairs it.
    crossed = ~shapely.is_valid(shapes) & shapely.is_valid(table.geometry.to_numpy())
    shapes[crossed] = shapely.set_precision(shapes[crossed], 10.0**-_DECIMALS)
    return table.set_geometry(gpd.GeoSeries(shapes, index=table.index, crs=table.crs))


def _plain(value: object) -> object:
    """Return a value as JSON can hold it."""
    if is_missing(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


def _text(value: object) -> str:
    """Return a value as a text file holds it; nothing where it is missing."""
    if is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)
