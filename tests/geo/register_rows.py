"""Registers made by hand; every owner, contact and number in them is invented."""

import csv
import io
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.errors import Fault, LayerError
from geo.formats import read_layer
from geo.layers import check_layer

CRS = "EPSG:32647"
CONTACT = "office-of-nobody@example.org"
# Thirteen digits made up here: all alike, and refused by the check digit of real ones.
INVENTED_ID = "1" * 12 + "0"


def row(number: int = 1, **changes: object) -> dict[str, object]:
    plain = {
        "id": f"reg-{number}",
        "lon": "98.389",
        "lat": "7.885",
        "azimuth_deg": "90",
        "fov_deg": "80",
        "range_m": "40",
        "owner_kind": "private",
        "owner": f"Private owner {number:02d}",
        "place_en": "Thalang Road",
        "consent": "given",
        "consented_on": "2026-01-31",
        "consent_until": "",
        "retention_days": "30",
        "contact": CONTACT,
        "audience": "police",
        "remark": "",
        "synthetic": "true",
    }
    return plain | changes


def csv_of(*rows: dict[str, object]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def register(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(list(rows))
    points = gpd.points_from_xy(table.pop("lon").astype(float), table.pop("lat").astype(float))
    frame = gpd.GeoDataFrame(table, geometry=points, crs=4326)
    return check_layer(frame, "register", source="register", crs=CRS)


def faults_in(path: Path, text: str) -> list[Fault]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_layer(path, "register", crs=CRS)
    return list(caught.value.faults)


def only_fault(tmp_path: Path, **changes: object) -> Fault:
    (fault,) = faults_in(tmp_path / "r.csv", csv_of(row(**changes)))
    return fault
