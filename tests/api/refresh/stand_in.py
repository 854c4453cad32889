"""A stand-in for an Overpass server: its protocol on a free port of this machine, over a small map.

It answers POST /api/interpreter for the two queries that osmnx sends and GET /api/status, and
refuses once, breaks off or babbles when a test asks for it.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Refusal = tuple[int, str, str]  # status, content type, body
BUSY: Refusal = (429, "text/html", "<html>Too Many Requests</html>")
OVERLOADED: Refusal = (504, "text/html", "<html>The server is probably too busy</html>")


def _way(number: int, nodes: list[int], **tags: str) -> dict:
    plain = {key.replace("__", ":"): value for key, value in tags.items()}
    return {"type": "way", "id": number, "nodes": nodes, "tags": plain}


def _node(number: int, lon: float, lat: float, **tags: str) -> dict:
    element = {"type": "node", "id": number, "lon": lon, "lat": lat}
    return element | ({"tags": tags} if tags else {})


# Two streets that cross in node 5, a one-way street along the east, a shop row and three places.
NODES = [
    _node(1, 98.3880, 7.8850),
    _node(2, 98.3900, 7.8850),
    _node(3, 98.3890, 7.8840),
    _node(4, 98.3890, 7.8860),
    _node(5, 98.3890, 7.8850),
    _node(6, 98.3900, 7.8860),
    _node(11, 98.3881, 7.8851),
    _node(12, 98.3883, 7.8851),
    _node(13, 98.3883, 7.8853),
    _node(14, 98.3881, 7.8853),
    _node(21, 98.3889, 7.8852, amenity="police", name="สถานีตำรวจ"),
    _node(22, 98.3895, 7.8852, tourism="hotel", name="The Old Inn"),
    _node(23, 98.3895, 7.8848, amenity="bench"),
]
WAYS = [
    _way(100, [1, 5, 2], highway="residential", name="ถนนถลาง", name__en="Thalang Road", width="7"),
    _way(101, [3, 5, 4], highway="tertiary", name="Yaowarat Road"),
    _way(102, [2, 6, 4], highway="service", oneway="yes"),
    _way(110, [11, 12, 13, 14, 11], building="house", building__levels="2"),
    _way(111, [12, 13, 14, 12], building="roof"),
]


def _asks_for_streets(query: str) -> bool:
    return '(way["highway"]' in query


class StandIn:
    """The server's state: what it holds, what it was asked, and refusals it still has to make."""

    def __init__(self) -> None:
        self.elements = [*NODES, *WAYS]
        self.refusals: list[Refusal] = []
        self.queries: list[str] = []
        self.status_asked = 0
        self.fails_features = False
        self.url = ""

    def answer(self, query: str) -> Refusal:
        self.queries.append(query)
        if self.refusals:
            return self.refusals.pop(0)
        if not query.startswith("[out:json][timeout:") or "(poly:" not in query:
            return 400, "text/html", "<html>parse error</html>"
        if self.fails_features and not _asks_for_streets(query):
            return 500, "text/html", "<html>down</html>"
        wanted = self._matches(query)
        ways = [one for one in wanted if one["type"] == "way"]
        corners = {node for way in ways for node in way["nodes"]}
        nodes = [one for one in self.elements if one["type"] == "node" and one["id"] in corners]
        found = [*wanted, *(node for node in nodes if node not in wanted)]
        body = {"version": 0.6, "generator": "stand-in", "elements": found}
        return 200, "application/json", json.dumps(body)

    def _matches(self, query: str) -> list[dict]:
        if _asks_for_streets(query):
            return [one for one in self.elements if "highway" in one.get("tags", {})]
        pairs = re.findall(r"\['([^']+)'='([^']+)'\]", query)
        keys = re.findall(r"\['([^']+)'\]", query)
        return [
            one
            for one in self.elements
            if any(one.get("tags", {}).get(key) == value for key, value in pairs)
            or any(key in one.get("tags", {}) for key in keys)
        ]

    def status(self) -> str:
        self.status_asked += 1
        return (
            "Connected as: 1\n"
            "Current time: 2026-11-22T23:00:00Z\n"
            "Announced endpoint: none\n"
            "Rate limit: 2\n"
            "2 slots available now.\n"
            "Currently running queries (pid, space limit, time limit, start time):\n"
        )


@contextmanager
def serving() -> Iterator[StandIn]:
    """Run a stand-in for the time of a test."""
    state = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(state: StandIn) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/api/interpreter":
                self._send(*state.answer(parse_qs(body)["data"][0]))
            else:
                self._send(404, "text/plain", "no such page")

        def do_GET(self) -> None:
            if self.path == "/api/status":
                self._send(200, "text/plain", state.status())
            else:
                self._send(404, "text/plain", "no such page")

        def _send(self, status: int, kind: str, body: str) -> None:
            raw = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
