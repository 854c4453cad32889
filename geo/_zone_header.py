"""What `zone.toml` says of a zone: its names, its time zone and its coordinate reference system."""

import tomllib
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pyproj import CRS

from geo._positions import metric_crs
from geo.errors import Fault, NotFoundError, SourceError

_TEXTS: Final = ("name", "name_th", "name_en", "timezone")


def read_header(folder: Path) -> tuple[dict[str, str], CRS | None, list[Fault]]:
    """Return the texts of `zone.toml`, its CRS if that can be used, and what is wrong with it."""
    path = folder / "zone.toml"
    if not path.is_file():
        raise NotFoundError(f"Expected a zone's folder with a zone.toml at {folder}, got none.")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return {}, None, [Fault(str(path), "TOML in UTF-8", str(error))]
    except OSError as error:
        raise SourceError(f"Expected to read {path}, got: {error}.") from error
    faults: list[Fault] = []
    for name in (*_TEXTS, "crs"):
        value = table.get(name)
        if not isinstance(value, str) or not value.strip():
            found = "nothing" if value is None else repr(value)
            faults.append(Fault(str(path), "text", found, field=name))
    texts = {name: str(table.get(name)) for name in _TEXTS}
    crs = metric_crs(table.get("crs"))
    if crs is None and isinstance(table.get("crs"), str):
        expected = "a projected coordinate reference system in metres, such as EPSG:32647"
        faults.append(Fault(str(path), expected, repr(table["crs"]), field="crs"))
    if isinstance(table.get("timezone"), str) and not _is_timezone(table["timezone"]):
        expected = "a time zone, such as Asia/Bangkok"
        faults.append(Fault(str(path), expected, repr(table["timezone"]), field="timezone"))
    return texts, crs, faults


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
