"""Properties that a filter may ask for, as JSON schema (OGC 19-079r2), told from what is seen."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

from api.ogc.times import TIME_PROPERTIES

_GEOMETRY: Final = "geometry"
_ROLES: Final = ("primary-interval-start", "primary-interval-end")
_INSTANT_AT_LEAST: Final = len("2026-03-01T00:00Z")


def queryables(
    collection: str, features: Iterable[Mapping[str, object]]
) -> dict[str, Mapping[str, object]]:
    """Tell which properties features have, and of which type they are.

    Parameters
    ----------
    collection
        Name of the layer.
    features
        Its features as somebody sees them.

    Returns
    -------
    schemas
        JSON schema by name; the geometry first, then the id, then the properties.
    """
    seen: dict[str, set[str]] = {}
    for feature in features:
        properties = feature["properties"]
        if isinstance(properties, Mapping):
            for name, value in properties.items():
                seen.setdefault(str(name), set()).add(_kind(value))
    schemas: dict[str, Mapping[str, object]] = {
        _GEOMETRY: {"format": "geometry-any", "x-ogc-role": "primary-geometry"},
        "id": {"type": "string", "x-ogc-role": "id"},
    }
    for name, kinds in seen.items():
        schemas.setdefault(name, _schema(kinds))
    for name, role in zip(TIME_PROPERTIES.get(collection, ()), _ROLES, strict=False):
        if name in seen:
            schemas[name] = {"type": "string", "format": "date-time", "x-ogc-role": role}
    return schemas


def _schema(kinds: set[str]) -> Mapping[str, object]:
    known = kinds - {"null"}
    if known == {"integer", "number"}:
        known = {"number"}
    if known == {"date-time"}:
        return {"type": "string", "format": "date-time"}
    types = sorted({"string" if kind == "date-time" else kind for kind in known})
    if not types:
        return {}
    return {"type": types[0] if len(types) == 1 else types}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        return "date-time" if _is_instant(value) else "string"
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (list, "array"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "object")


def _is_instant(text: str) -> bool:
    if len(text) < _INSTANT_AT_LEAST or not text[:4].isdigit():
        return False
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
