"""What answers of the public API look like, for its description."""

from typing import Any, Final

_NOTICE: Final = {"th": "…", "en": "…"}
_LINE: Final = {
    "type": "LineString",
    "coordinates": [[98.3874645, 7.8848732], [98.3892, 7.8847635]],
}

AREAS: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "title": {"th": "ถนนที่น่าเดิน", "en": "Streets to walk"},
    "release": {
        "number": 4,
        "valid_from": "2026-09-28",
        "valid_until": "2026-12-28",
        "latest": True,
    },
    "bands": [
        {
            "band": "recommended",
            "label_th": "แนะนำให้เดิน",
            "label_en": "Recommended for walking",
            "meaning_th": "ถนนที่ควรเลือกก่อนเมื่อเดิน",
            "meaning_en": "A street to prefer when you walk.",
            "colour_on_light": "#00693e",
            "colour_on_dark": "#4fd68f",
            "width_px": 7,
        }
    ],
    "synthetic": True,
    "notices": [_NOTICE],
    "links": [{"rel": "self", "href": "https://example.org/public/v1/safe-areas"}],
    "features": [
        {
            "id": "area-01",
            "type": "Feature",
            "properties": {
                "band": "recommended",
                "label_th": "แนะนำให้เดิน",
                "label_en": "Recommended for walking",
                "name_th": "ถนนถลาง, ซอยรมณีย์",
                "name_en": "Thalang Road, Soi Romanee",
                "reason_th": "ไฟสว่าง, มีกล้องสาธารณะ, มีสถานที่น่าสนใจ",
                "reason_en": "well lit, public cameras, places to see",
                "valid_from": "2026-09-28",
                "valid_until": "2026-12-28",
                "synthetic": True,
            },
            "geometry": {"type": "MultiLineString", "coordinates": [_LINE["coordinates"]]},
        }
    ],
}

RELEASES: Final[dict[str, Any]] = {
    "releases": [
        {
            "number": 4,
            "valid_from": "2026-09-28",
            "valid_until": "2026-12-28",
            "href": "https://example.org/public/v1/safe-areas?release=4",
        }
    ]
}

TILEJSON: Final[dict[str, Any]] = {
    "tilejson": "3.0.0",
    "name": "ถนนที่น่าเดิน / Streets to walk",
    "version": "4.0.0",
    "tiles": ["https://example.org/public/v1/safe-areas/tiles/{z}/{y}/{x}?release=4"],
    "minzoom": 10,
    "maxzoom": 20,
    "attribution": "…",
    "vector_layers": [{"id": "safe_areas", "fields": {"id": "", "band": ""}}],
}

PLACES: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "title": {"th": "สถานที่ที่ช่วยได้", "en": "Places that help"},
    "synthetic": True,
    "notices": [_NOTICE],
    "links": [{"rel": "self", "href": "https://example.org/public/v1/places"}],
    "features": [
        {
            "type": "Feature",
            "id": "sos-sos-01",
            "geometry": {"type": "Point", "coordinates": [98.3892, 7.8847]},
            "properties": {
                "kind": "sos",
                "kind_th": "จุดขอความช่วยเหลือ (SOS)",
                "kind_en": "SOS point",
                "name_th": "ถนนถลาง",
                "name_en": "Thalang Road",
                "synthetic": True,
            },
        }
    ],
}

WALK: Final[dict[str, Any]] = {
    "type": "FeatureCollection",
    "synthetic": True,
    "same": False,
    "cost": {
        "description": _NOTICE,
        "aversion": 2.0,
        "lit_percent": 50,
        "watched_percent": 25,
        "lively_percent": 25,
        "most_detour": 0.3,
        "detour_searched": 0.3,
    },
    "notices": [_NOTICE],
    "features": [
        {
            "type": "Feature",
            "id": "calm",
            "geometry": _LINE,
            "properties": {
                "label_th": "เส้นทางที่สว่างและมีผู้คน",
                "label_en": "A walk with more light and life",
                "length_m": 640,
                "minutes": 9,
                "lit_m": 610,
                "watched_m": 320,
                "lively_m": 540,
                "streets_th": ["ถนนถลาง"],
                "streets_en": ["Thalang Road"],
                "reasons_th": ["มีไฟถนนราว 610 ม."],
                "reasons_en": ["about 610 m lit by street lamps"],
            },
        }
    ],
}
