"""The OpenAPI document of a running service: what its settings add."""

from api.main import create_app
from api.ogc.crs import systems_of
from tests.api.crawl import DOORS, OF_AN_ACCOUNT, OPEN, READ
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


NEEDED = [{"token": []}, {"password": []}, {"session": []}]


def expected_security(door):
    """Return what the document must say of a route, by who may pass it."""
    if DOORS[door] == OPEN and door not in OF_AN_ACCOUNT:
        return None
    return [{}, *NEEDED] if DOORS[door] == READ else NEEDED


def wrong_security(app):
    """Return the routes of which the document does not say what the table of doors does."""
    paths = app.openapi()["paths"]
    told = {
        (method.upper(), path): operation.get("security")
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert told.keys() <= DOORS.keys()
    return sorted(door for door in told if told[door] != expected_security(door))


def test_each_route_says_whether_it_needs_a_token_as_the_table_of_doors_does(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))
    assert wrong_security(app) == []


def test_a_route_that_says_another_thing_would_be_found(tmp_path, monkeypatch):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))
    monkeypatch.setitem(DOORS, ("GET", "/audit"), OPEN)
    monkeypatch.setitem(DOORS, ("GET", "/healthz"), "read_metrics")
    monkeypatch.setitem(DOORS, ("GET", "/zones"), READ)
    assert wrong_security(app) == [("GET", "/audit"), ("GET", "/healthz"), ("GET", "/zones")]


def test_the_document_names_each_way_to_say_who_asks(tmp_path):
    place = tmp_path / "store.sqlite"
    named = create_app(account_settings(place, jobs=0)).openapi()["components"]["securitySchemes"]
    assert [ways for (ways,) in NEEDED] == list(named)
    assert named["token"]["scheme"] == "bearer"
    assert named["password"]["flows"]["password"]["tokenUrl"] == "auth/token"
    cookie = {"type": "apiKey", "in": "cookie", "name": "__Host-smartzone"}
    assert cookie.items() <= named["session"].items()
    more = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "zone"}
    document = create_app(account_settings(place, jobs=0, **more)).openapi()
    provider = document["components"]["securitySchemes"]["provider"]
    address = "https://id.example.org/.well-known/openid-configuration"
    assert provider == {"type": "openIdConnect", "openIdConnectUrl": address}
    assert {"provider": []} in document["paths"]["/audit"]["get"]["security"]


def test_pages_are_told_wherever_people_are_answered_one(tmp_path):
    app = create_app(account_settings(tmp_path / "store.sqlite", jobs=0))
    paths = app.openapi()["paths"]
    for path in ("/ogc/jobs", "/ogc/processes/{process}", "/zones", "/audit", "/audit/head"):
        answers = paths[path]["get"]["responses"]
        assert set(answers["200"]["content"]) == {"application/json", "text/html"}, path
        schemas = {one["name"]: one["schema"] for one in paths[path]["get"]["parameters"]}
        assert schemas["f"]["enum"] == ["json", "html"]
        assert schemas["lang"]["enum"] == ["th", "en"]
    for operations in paths.values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                assert ("application/problem+json" in content) <= ("text/html" in content)
