"""The OpenAPI document of a running service: what its settings add."""

from api.main import create_app
from api.ogc.crs import systems_of
from tests.api.signing import account_settings


def systems_told(app):
    operation = app.openapi()["paths"]["/ogc/collections/{collection}/items"]["get"]
    schemas = {one["name"]: one["schema"] for one in operation["parameters"]}
    told = [schemas[name]["enum"] for name in ("crs", "bbox-crs", "filter-crs")]
    assert told[0] == told[1] == told[2]
    return told[0]


def test_the_reference_systems_are_those_of_the_zones(tmp_path, root):
    more = {"data_dir": root / "data", "zones": ("old_town",)}
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0, **more))
    assert systems_told(app) == list(systems_of(root / "data", "old_town"))
    assert systems_told(app)[-1].endswith("/32647")


def test_a_zone_without_a_folder_has_the_systems_of_all(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0, data_dir=tmp_path))
    assert systems_told(app) == list(systems_of(tmp_path, "sample"))
    assert len(systems_told(app)) == 3


def test_what_an_editor_sends_is_described(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))
    operation = app.openapi()["paths"]["/ogc/collections/{collection}/items"]["post"]
    schema = operation["requestBody"]["content"]["application/geo+json"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["type", "geometry"]


def test_the_routes_that_need_a_token_say_so(tmp_path):
    paths = create_app(account_settings(tmp_path / "store.sqlite", jobs=0)).openapi()["paths"]
    guarded = {
        path for path, told in paths.items() if any("security" in one for one in told.values())
    }
    assert {"/audit", "/audit/head", "/ogc/jobs", "/ogc/processes/forecast/execution"} <= guarded
    assert not {path for path in guarded if path.startswith(("/public", "/auth", "/healthz"))}
