import pytest

from api.ogc.told import columns_of, field_told, spoken, value_told
from api.words import LANGUAGES, Words
from geo.layers import CONTRACTS
from tests.api.sample import products
from tests.api.sites.sample import layers

WORDS = Words.load()


def told(value, column, language="en"):
    return value_told(value, column, WORDS, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_of_every_layer_has_a_name_to_read(language):
    served = [contract for name, contract in CONTRACTS.items() if name != "register"]
    brought = {column.name for contract in served for column in contract.columns}
    computed = [*products().values(), *layers().values()]
    made = {column for layer in computed for column in layer.columns}
    names = brought | made | {"id"}
    assert {"tilt_deg", "source", "incidents", "px_per_m"} <= names
    assert [name for name in sorted(names) if field_told(name, WORDS, language) == name] == []


def test_a_value_is_told_with_its_unit_or_its_word():
    assert told(8.0, "width_m") == "8 m"
    assert told(15782.3879, "length_m") == "15,782.4 m"
    assert told(93.7, "azimuth_deg", "th") == "93.7°"
    assert told(2560.0, "resolution_px") == "2,560 px"
    assert told(4.8, "focal_mm") == "4.8 mm"
    assert told(12.5, "masked_m2") == "12.5 m²"
    assert told(0.0270118, "share") == "2.7%"
    assert told(0.247845, "density") == told(0.247845, "density_low") == "0.2478 incidents/m"
    assert told(25.0, "px_per_m") == "25 px/m"
    assert told(1234, "incidents") == "1,234"
    assert told("shophouse", "kind") == "Shophouse"
    assert told("blind_spot", "purpose") == "blind spots"
    assert told(True, "synthetic", "th") == "ใช่"
    assert told("2026-11-29T18:07:01.95+07:00", "starts_at") == "2026-11-29 11:07 UTC"
    assert told("2026-12-28", "valid_until") == "2026-12-28"
    assert told("soon", "starts_at") == "soon"
    assert told(None, "width_m") == told("", "name_en") == "–"


def test_a_property_is_named_for_what_it_is_in_its_layer():
    # A stop's `place` is a number; a camera's, in either language, is where it stands.
    assert field_told("place", WORDS, "en") == "Number of the stop on the map"
    assert field_told("place_en", WORDS, "en") == "Place of the camera"
    assert field_told("order", WORDS, "en") == "Order in the tour"


def test_a_table_leaves_out_what_no_row_has_and_puts_the_long_source_last():
    rows = [
        {"source": "OSM way/1", "name_th": "ก", "name_en": "A", "focal_mm": None, "near_en": ""},
        {"source": "OSM way/2", "name_th": "ข", "name_en": "B", "status": "up"},
    ]
    assert columns_of(rows, "en", most=12) == ["name_en", "status", "source"]
    assert columns_of(rows, "th", most=2) == ["name_th", "status"]


def test_nothing_is_said_twice_in_two_languages():
    assert spoken(["camera_type", "camera_type_th"], "en") == ["camera_type"]
    assert spoken(["camera_type", "camera_type_th"], "th") == ["camera_type_th"]
    assert spoken(["name_th", "name_en"], "th") == ["name_th"]
