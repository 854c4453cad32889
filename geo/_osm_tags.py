"""What OpenStreetMap's tags mean for the layers of a zone.

Keys and values are those of https://wiki.openstreetmap.org/wiki/Map_features; heights follow
https://wiki.openstreetmap.org/wiki/Simple_3D_Buildings.
"""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

NAN: Final = float("nan")
LEVEL_M: Final = 3.0
"""Height of a storey where only the number of storeys is known."""

STREET_TAGS: Final = ("name", "name:th", "name:en", "width", "est_width")
"""Tags that an extract must keep on its ways, besides those osmnx keeps anyway."""

_CLASSES: Final = (
    *("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential"),
    *("motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link"),
    *("living_street", "pedestrian", "service", "track", "footway", "cycleway", "path", "steps"),
)
_NOT_STREETS: Final = frozenset(
    {"abandoned", "bus_guideway", "construction", "corridor", "elevator", "emergency_bay", "no"}
    | {"planned", "platform", "proposed", "raceway", "razed", "rest_area", "services"}
)
# A roof on posts stops nobody and hides nothing: it has no walls on the ground floor.
_WITHOUT_WALLS: Final = frozenset({"no", "roof", "carport"})
_SHRINE_RELIGIONS: Final = frozenset(
    {"taoist", "chinese_folk", "confucian", "hindu", "animist", "shinto"}
)
# The first rule that a feature meets names its kind.
_KINDS: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("police", "amenity", ("police",)),
    ("museum", "tourism", ("museum",)),
    ("school", "amenity", ("school", "kindergarten", "college", "university")),
    ("hotel", "tourism", ("hotel", "hostel", "guest_house", "motel")),
    ("bus_stop", "highway", ("bus_stop",)),
    ("market", "amenity", ("marketplace",)),
    ("mall", "shop", ("mall", "department_store")),
    ("landmark", "amenity", ("place_of_worship",)),
    ("landmark", "tourism", ("attraction",)),
    ("landmark", "historic", ("monument", "memorial", "castle", "fort", "city_gate")),
)


def feature_tags() -> dict[str, bool | str | list[str]]:
    """Return the tags by which buildings and places are asked for."""
    wanted: dict[str, bool | str | list[str]] = {"building": True}
    for key in dict.fromkeys(key for _, key, _ in _KINDS):
        wanted[key] = [value for _, own, values in _KINDS if own == key for value in values]
    return wanted


def place_kind(tags: Mapping[str, object]) -> str | None:
    """Return the kind of place that a feature is, or none where it is no place of ours."""
    if tags.get("amenity") == "place_of_worship":
        religion = tags.get("religion")
        if religion == "buddhist":
            return "temple"
        if religion in _SHRINE_RELIGIONS:
            return "shrine"
    return next((kind for kind, key, values in _KINDS if tags.get(key) in values), None)


def building_kind(tags: Mapping[str, object]) -> str | None:
    """Return the kind of a building that has walls, "" where the map says only that it is one."""
    kind = tags.get("building")
    if not isinstance(kind, str) or kind in _WITHOUT_WALLS:
        return None
    return "" if kind == "yes" else kind


def height_m(tags: Mapping[str, object]) -> float:
    """Return the height of a building, from its storeys where the map gives no height."""
    height = metres(tags.get("height"))
    return metres(tags.get("building:levels")) * LEVEL_M if math.isnan(height) else height


def metres(value: object) -> float:
    """Return a length as OpenStreetMap writes it ("7", "7.5 m", "25'"); NaN where it is none.

    A street put together from ways of several widths is as wide as its narrowest way.
    """
    lengths = [_length(text) for text in _values(value)]
    return min((length for length in lengths if length > 0.0), default=NAN)


def _length(text: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(m|'|ft)?\s*", text)
    if match is None:
        return NAN
    return float(match[1]) * (1.0 if match[2] in {None, "m"} else 0.3048)


def street_class(value: object) -> str:
    """Return the class of a street, of several that of the greatest road; "" for what is none."""
    ranks = {name: rank for rank, name in enumerate(_CLASSES)}
    classes = [name for name in _values(value) if name not in _NOT_STREETS]
    return min(classes, key=lambda name: (ranks.get(name, len(ranks)), name), default="")


def names(tags: Mapping[str, object]) -> tuple[str, str]:
    """Return the Thai and the English name; the plain name stands in for that of its script."""
    plain = _joined(tags.get("name"))
    is_thai = any("ก" <= letter <= "๛" for letter in plain)
    thai = _joined(tags.get("name:th")) or (plain if is_thai else "")
    english = _joined(tags.get("name:en")) or ("" if is_thai else plain)
    return thai, english


def joined_ids(value: object) -> str:
    """Return the ids of the ways a street is put together from, such as "12;34"."""
    several: Iterable[object] = value if isinstance(value, list) else [value]
    return ";".join(str(number) for number in sorted({int(str(one)) for one in several}))


def _values(value: object) -> list[str]:
    """Return the values of a tag in a fixed order; osmnx gives several as a list in no order."""
    several = value if isinstance(value, list) else [value]
    return sorted({one for one in several if isinstance(one, str)})


def _joined(value: object) -> str:
    return "; ".join(_values(value))
