"""A small zone and its products for the tests of the service, made by hand."""

import geopandas as gpd
from shapely.geometry import LineString, Point, Polygon, box

ZONE = "sample"
ORIGIN = (431_500.0, 871_600.0)  # in Old Phuket Town, EPSG:32647
PROVENANCE = {
    "created_at": "2026-03-01T12:00:00+00:00",
    "inputs": {"streets": "abc"},
    "parameters": {"count": 2},
    "seed": 7,
}


def frame(rows):
    """Return a metric layer from rows of `id`, `geometry` (metres from the origin) and columns."""
    layer = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:32647").set_index("id")
    return layer.set_geometry(layer.geometry.translate(*ORIGIN))


def zone_layers():
    """Return the layers that a zone brings, by name."""
    named = {"name_th": "ถนนถลาง", "name_en": "Thalang Road"}
    street = {"street_class": "residential", "oneway": False, "width_m": 7.5, "grade": "A"}
    return {
        "boundary": frame(
            [
                {
                    "id": "sample",
                    "geometry": box(-50, -50, 350, 250),
                    "name_th": "ย่านตัวอย่าง",
                    "name_en": "Sample Quarter",
                    "approximate": True,
                }
            ]
        ),
        "streets": frame(
            [
                {"id": "thalang-01", "geometry": LineString([(0, 0), (150, 0)])} | named | street,
                {"id": "thalang-02", "geometry": LineString([(150, 0), (300, 0)])} | named | street,
                {"id": "soi-01", "geometry": LineString([(150, 0), (150, 200)])}
                | {"name_th": "ซอยรมณีย์", "name_en": "Soi Romanee"}
                | street
                | {"width_m": None},
            ]
        ),
        "buildings": frame(
            [
                {
                    "id": f"b{n}",
                    "geometry": box(10 * n, 8, 10 * n + 9, 28),
                    "kind": "shophouse",
                    "height_m": 8.0,
                    "synthetic": True,
                }
                for n in range(12)
            ]
        ),
        "cameras": frame(
            [
                {
                    "id": f"cam-{owner}",
                    "geometry": Point(30 + 100 * n, 3),
                    "azimuth_deg": 90.0,
                    "fov_deg": 60.0,
                    "range_m": 40.0,
                    "owner_kind": owner,
                    "status": "down" if owner == "municipal" else "up",
                    "place_th": "ถนนถลาง",
                    "place_en": "Thalang Road",
                    "synthetic": True,
                }
                for n, owner in enumerate(["programme", "municipal", "private"])
            ]
        ),
        "incidents": frame(
            [
                {
                    "id": "i1",
                    "geometry": Point(20, 0),
                    "category": "theft",
                    "severity": 2,
                    "synthetic": True,
                }
            ]
        ),
        "places": frame(
            [
                {
                    "id": "p1",
                    "geometry": Point(250, 20),
                    "kind": "museum",
                    "name_th": "พิพิธภัณฑ์ภูเก็ตไทยหัว",
                    "name_en": "Thai Hua Museum",
                }
            ]
        ),
        "lamps": frame(
            [
                {"id": f"l{n}", "geometry": Point(30 * n, -4), "lit": n != 3, "synthetic": True}
                for n in range(8)
            ]
        ),
        "sos_points": frame(
            [{"id": "s1", "geometry": Point(150, 6), "synthetic": True} | named],
        ),
        "grounds": frame(
            [
                {
                    "id": "g1",
                    "geometry": box(0, 5, 120, 8),
                    "kind": "five_foot_way",
                    "building": "b0",
                    "synthetic": True,
                }
            ]
        ),
    }


def tour(number, path):
    """Return a row of a patrol's tour."""
    return {
        "id": f"tour-{number}",
        "geometry": LineString(path),
        "unit": f"foot-{number}",
        "name_th": f"สายตรวจเดินเท้า {number}",
        "name_en": f"Foot patrol {number}",
        "starts_at": "2026-03-01T13:00:00+00:00",
        "ends_at": "2026-03-01T15:30:00+00:00",
        "length_m": LineString(path).length,
        "stops": 1,
    }


def stop(number, *, unit, minute):
    """Return a row of a patrol's stop, always at the same place."""
    return {
        "id": f"stop-{number}",
        "geometry": Point(70, 0),
        "unit": f"foot-{unit}",
        "order": 1,
        "arrives_at": f"2026-03-01T13:{minute}:00+00:00",
        "leaves_at": f"2026-03-01T13:{minute + 15}:00+00:00",
        "name_th": "ถนนถลาง",
        "name_en": "Thalang Road",
        "reason_th": "จุดเสี่ยงอันดับ 1",
        "reason_en": "Hotspot 1",
    }


def products():
    """Return what a plan computes, by name."""
    named = {"name_th": "ถนนถลาง", "name_en": "Thalang Road"}
    wedge = Polygon([(30, 3), (65, -17), (70, 3), (65, 23)])
    return {
        "fields_of_view": frame(
            [
                {"id": f"cam-{owner}", "geometry": shape, "owner_kind": owner, "synthetic": True}
                for owner, shape in [
                    ("programme", wedge),
                    ("municipal", Polygon()),
                    ("private", wedge),
                ]
            ]
        ),
        "blind_spots": frame(
            [
                {
                    "id": "blind-1",
                    "geometry": LineString([(150, 60), (150, 200)]),
                    "rank": 1,
                    "name_th": "ซอยรมณีย์",
                    "name_en": "Soi Romanee",
                    "length_m": 140.0,
                }
            ]
        ),
        "hotspots": frame(
            [
                {
                    "id": "hotspot-1",
                    "geometry": LineString([(20, 0), (120, 0)]),
                    "rank": 1,
                    "length_m": 100.0,
                    "incidents": 12.0,
                    "share": 0.4,
                    "density": 0.01,
                    "near_th": "ซอยรมณีย์",
                    "near_en": "Soi Romanee",
                }
                | named
            ]
        ),
        "camera_sites": frame(
            [
                {
                    "id": "site-1",
                    "geometry": Point(150, 120),
                    "rank": 1,
                    "azimuth_deg": 0.0,
                    "fov_deg": 90.0,
                    "range_m": 50.0,
                    "gain_m": 96.0,
                    "name_th": "ซอยรมณีย์",
                    "name_en": "Soi Romanee",
                    "synthetic": True,
                }
            ]
        ),
        "patrol_tours": frame(
            [tour(1, [(0, 0), (150, 0), (150, 200)]), tour(2, [(300, 0), (0, 0)])]
        ),
        "patrol_stops": frame([stop(1, unit=1, minute=10), stop(2, unit=2, minute=40)]),
    }


def fill(store):
    """Put the zone and its products into a store."""
    store.put_layers(ZONE, zone_layers(), kind="layer", provenance=PROVENANCE)
    store.put_layers(ZONE, products(), kind="product", provenance=PROVENANCE)
