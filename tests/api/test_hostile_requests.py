"""What no client sends by mistake, sent to the service on both stores: refused, and never a 5xx."""

import json
import socket
from urllib.parse import quote, urlsplit

import pytest

from tests.api.signing import filled, guarded, signed_in

PLACES = "/ogc/collections/places/items"
BROKEN = {
    "NUL": "a%00b",
    "half a surrogate": "%ED%A0%80",
    "no UTF-8": "%FF",
    "overlong": "%C0%AF",
    "a slash": "a%2Fb",
    "a way up": "..%2F..%2Fzone.toml",
    "very long": "a" * 30_000,
    "a line": "a%0D%0AX-A:%20b",
    "a number beyond all": "9" * 400,
    "right to left": "%E2%80%AE",
}
PATHS = (
    "/ogc/collections/{}/items",
    PLACES + "/{}",
    "/ogc/collections/places/tiles/WebMercatorQuad/1/{}/1",
    "/ogc/processes/{}",
    "/ogc/jobs/{}/results",
    "/zones/{}/ogc",
    "/console/{}",
    "/console/leaflet/{}",
    "/public/v1/files/{}",
)
QUERIES = tuple(
    f"{PLACES}?{name}={{}}"
    for name in ("limit", "after", "offset", "bbox", "datetime", "crs", "filter", "lang", "name_en")
)
CQL2 = quote('{"op":"=","args":[{"property":"name_en"},"') + "{}" + quote('"]}')
TOLD_APART = (
    f"{PLACES}?filter=name_en%3D'{{}}'",
    f"{PLACES}?filter-lang=cql2-json&filter={CQL2}",
    "/ogc/jobs?processID={}",
    "/auth/oidc/callback?state={}&code={}",
    "/sign-in?next={}",
)
HEADERS = {
    "Accept": "*/*;q=0, text/html;q=nan, ;;,",
    "Accept-Language": "xx-Klingon;q=0, *;q=9e999, \xff",
    "Accept-Encoding": "gzip;q=nan, *;q=0",
    "If-None-Match": '"a", W/"b, *, ,,' + '"c",' * 5_000,
    "If-Match": '\xff, "',
    "If-Modified-Since": "yesterday",
    "Range": "bytes=99999999999999999999-, -5,0-0",
    "Authorization": "Bearer \xff.\xfe.",
    "Cookie": "\xff=;;; __Host-smartzone=a.b.c; smartzone=\x80",
    "Content-Type": "\xff/json; charset=\xfe",
    "X-Forwarded-For": "\xff",
}
SHOWN = ("/ogc", PLACES, f"{PLACES}/p1", "/public/v1", "/console", "/console/main.js", "/auth/me")


class Sender:
    """Sends requests that no library would."""

    def __init__(self, client, account):
        self._to = urlsplit(str(client.base_url))
        self._token = signed_in(client, account)["Authorization"]

    def status(self, method, target, *, body=b"", **headers):
        """Return the status of the answer."""
        told = {"Host": self._to.netloc, "Connection": "close", "Authorization": self._token}
        told |= {"Content-Length": str(len(body))} | headers
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {told[name]}" for name in told)]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        with socket.create_connection((self._to.hostname, self._to.port), timeout=30) as connection:
            connection.sendall(head + body)
            answer = b""
            while b"\r\n" not in answer and (part := connection.recv(4_096)):
                answer += part
        return int(answer[9:12])


@pytest.fixture
def send(store_place):
    with guarded(filled(store_place), jobs=0) as client:
        yield Sender(client, "commander-1")


def test_what_is_broken_is_refused_on_both_stores(send):
    asked = [("GET", path, name) for path in (*PATHS, *QUERIES) for name in BROKEN]
    asked += [("DELETE", f"{PLACES}/{{}}", name) for name in BROKEN]
    for method, path, name in asked:
        target = path.replace("{}", BROKEN[name])
        status = send.status(method, target, **{"If-Match": "*"})
        assert 400 <= status < 500, (method, path, name, status)
    for path in TOLD_APART:
        for name, broken in BROKEN.items():
            assert send.status("GET", path.replace("{}", broken)) < 500, (path, name)


def test_broken_bodies_are_refused_on_both_stores(send):
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [98.387, 7.884]},
        "properties": {"kind": "museum", "name_th": "ก", "name_en": "M"},
    }
    for name in ("a\0", "\ud800", "a" * 129, {}, [], 7, None, True, 1e300):
        body = json.dumps(feature | {"id": name}).encode()
        told = {"Content-Type": "application/geo+json"}
        expected = 400 if name in ("a\0", "\ud800") else 422  # no text that can be stored
        assert send.status("POST", PLACES, body=body, **told) == expected, name
    for day in ('"\\u0000"', '"\\ud800"', "9" * 5_000, "NaN", "[" * 50_000, '"\xff"'):
        body = f'{{"inputs":{{"day":{day}}}}}'.encode("latin-1")
        told = {"Content-Type": "application/json"}
        status = send.status("POST", "/ogc/processes/forecast/execution", body=body, **told)
        assert status == 400, day[:20]
    for name in (b"%00", b"%ED%A0%80", b"\xff", b"%2F"):
        body = b"grant_type=password&username=" + name + b"&password=" + name
        told = {"Content-Type": "application/x-www-form-urlencoded"}
        assert send.status("POST", "/auth/token", body=body, **told) in {401, 429}, name


def test_strange_headers_are_set_aside_or_refused(send):
    for name, value in HEADERS.items():
        for path in SHOWN:
            assert send.status("GET", path, **{name: value}) < 500, (name, path)
    for path in SHOWN:
        assert send.status("HEAD", path, body=b"x" * 100) < 500
        many = {f"X-{number}": "v" for number in range(90)}
        assert send.status("GET", path, **many) < 500
