"""A quarter of Hanoi as a second zone, its streets, buildings and places from an extract of OSM."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.formats import write_layer
from geo.osm import read_osm, street_edges

CRS = "EPSG:32648"
ZONE = """name = "van_mieu"
name_th = "วันเหมียว"
name_en = "Van Mieu"
crs = "EPSG:32648"
timezone = "Asia/Ho_Chi_Minh"
"""


def write_van_mieu(folder, reference):
    """Write the zone's folder, its boundary around its streets."""
    folder.mkdir()
    streets, buildings, places = read_osm(reference / "osm" / "hanoi_vanmieu_full.osm", crs=CRS)
    (folder / "zone.toml").write_text(ZONE, encoding="utf-8")
    edges = street_edges(streets)
    outline = shapely.box(*edges.total_bounds).buffer(20)
    area = gpd.GeoSeries([outline], crs=edges.crs).to_crs(4326).iloc[0]
    feature = {
        "type": "Feature",
        "properties": {"approximate": True},
        "geometry": json.loads(shapely.to_geojson(area)),
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (folder / "boundary.geojson").write_text(text, encoding="utf-8")
    for name, layer in {"streets": edges, "buildings": buildings, "places": places}.items():
        write_layer(folder / f"{name}.gpkg", layer)
    return folder


def add_made_up(folder, *, cameras=4, incidents=60):
    """Add cameras, incidents and a unit, all made up, so that a night can be planned."""
    streets = gpd.read_file(folder / "streets.gpkg").sort_values("id", ignore_index=True)
    middles = streets.geometry.interpolate(0.5, normalized=True)

    def at(places, prefix, **columns):
        index = pd.Index([f"{prefix}-{n + 1}" for n in range(len(places))], name="id")
        layer = gpd.GeoDataFrame(columns, geometry=list(places), index=index, crs=CRS)
        return layer.assign(synthetic=True)

    watched = middles.iloc[:cameras]
    optics = {"azimuth_deg": 90.0, "fov_deg": 90.0, "range_m": 40.0}
    write_layer(folder / "cameras.geojson", at(watched, "camera", **optics, status="up"))
    rng = np.random.default_rng(3)
    hours = rng.integers(0, 4000, incidents)
    since = pd.Timestamp("2026-01-01T12:00:00Z")
    struck = middles.iloc[rng.integers(0, 12, incidents)]
    told = {"category": "theft", "severity": 2, "reporting": "reported"}
    told["occurred_at"] = [since + pd.Timedelta(hours=int(hour)) for hour in hours]
    write_layer(folder / "incidents.csv", at(struck, "incident", **told))
    post = gpd.GeoSeries(middles.iloc[:1], crs=CRS).to_crs(4326).iloc[0]
    unit = {"id": "foot-1", "name_th": "สายตรวจ 1", "name_en": "Foot patrol 1", "kind": "police"}
    unit |= {"speed_mps": 1.2, "lon": round(post.x, 6), "lat": round(post.y, 6)}
    unit |= {"starts_at": "20:00", "ends_at": "21:00", "synthetic": True}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in unit.items()]
    (folder / "units.toml").write_text("\n".join(["[[unit]]", *lines, ""]), encoding="utf-8")
