"""Every route of the service with every role: what is asked, and what must come.

A new route needs a line in `DOORS`, or the crawl fails by its name. It says who may pass, by the
tables of `api.rights`; whoever may not is to be answered 401 (a stranger), 403 (a role), or 404
where even that there is something is not told.
"""

from dataclasses import dataclass

import httpx
from starlette.routing import Mount

from api.accounts.demo import DEMO_ROLES
from api.rights import EDITORS, READERS, RIGHTS
from tests.api.signing import signed_in

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STRANGER = "stranger"
ASKERS = (STRANGER, *DEMO_ROLES)

OPEN = "open"
"""Whoever asks: no data of a zone but public ones, or none at all."""
READ = "read"
"""Who may read the collection of the path; to others it does not exist."""
EDIT = "edit"
"""Who may edit the collection of the path."""

DOORS = {
    ("GET", "/"): OPEN,
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): "read_metrics",
    ("GET", "/audit"): "read_audit",
    ("GET", "/audit/head"): "read_audit",
    ("GET", "/zones"): OPEN,
    ("GET", "/zones/{zone}"): OPEN,
    ("GET", "/console"): OPEN,
    ("GET", "/console/setup.json"): OPEN,
    ("GET", "/console/{name}"): OPEN,
    ("GET", "/console/leaflet"): OPEN,
    ("GET", "/sign-in"): OPEN,
    ("GET", "/sign-in/{name}"): OPEN,
    ("POST", "/auth/token"): OPEN,
    ("POST", "/auth/session"): OPEN,
    ("DELETE", "/auth/session"): OPEN,
    ("POST", "/auth/password"): OPEN,
    ("GET", "/account"): OPEN,
    ("GET", "/auth/me"): OPEN,
    ("GET", "/auth/oidc/start"): OPEN,
    ("GET", "/auth/oidc/callback"): OPEN,
    ("GET", "/auth/oidc/end"): OPEN,
    ("GET", "/public/v1"): OPEN,
    ("GET", "/public/v1/files/{name}"): OPEN,
    ("GET", "/public/v1/safe-areas"): OPEN,
    ("GET", "/public/v1/releases"): OPEN,
    ("GET", "/public/v1/safe-areas/tilejson.json"): OPEN,
    ("GET", "/public/v1/safe-areas/tiles/{zoom}/{row}/{column}"): OPEN,
    ("GET", "/public/v1/places"): OPEN,
    ("GET", "/public/v1/walk"): OPEN,
    ("GET", "/ogc"): OPEN,
    ("GET", "/ogc/conformance"): OPEN,
    ("GET", "/ogc/files/{name}"): OPEN,
    ("GET", "/ogc/tileMatrixSets"): OPEN,
    ("GET", "/ogc/tileMatrixSets/WebMercatorQuad"): OPEN,
    ("GET", "/ogc/collections"): OPEN,
    ("GET", "/ogc/collections/{collection}"): READ,
    ("GET", "/ogc/collections/{collection}/queryables"): READ,
    ("GET", "/ogc/collections/{collection}/items"): READ,
    ("GET", "/ogc/collections/{collection}/items/{feature_id}"): READ,
    ("GET", "/ogc/collections/{collection}/tiles"): READ,
    ("GET", "/ogc/collections/{collection}/tiles/WebMercatorQuad"): READ,
    ("GET", "/ogc/collections/{collection}/tiles/WebMercatorQuad/tilejson.json"): READ,
    ("GET", "/ogc/collections/{collection}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"): READ,
    ("POST", "/ogc/collections/{collection}/items"): EDIT,
    ("PUT", "/ogc/collections/{collection}/items/{feature_id}"): EDIT,
    ("PATCH", "/ogc/collections/{collection}/items/{feature_id}"): EDIT,
    ("DELETE", "/ogc/collections/{collection}/items/{feature_id}"): EDIT,
    ("GET", "/ogc/processes"): "read_jobs",
    ("GET", "/ogc/processes/{process}"): "read_jobs",
    ("POST", "/ogc/processes/plan-patrol/execution"): "plan_patrol",
    ("POST", "/ogc/processes/site-cameras/execution"): "site_cameras",
    ("POST", "/ogc/processes/compute-hotspots/execution"): "compute_hotspots",
    ("POST", "/ogc/processes/forecast/execution"): "forecast",
    ("POST", "/ogc/processes/{process}/execution"): "read_jobs",
    ("GET", "/ogc/jobs"): "read_jobs",
    ("GET", "/ogc/jobs/{job}"): "read_jobs",
    ("DELETE", "/ogc/jobs/{job}"): "read_jobs",
    ("GET", "/ogc/jobs/{job}/results"): "read_jobs",
}
"""Who may pass each route: everybody, by the collection of its path, or by an operation."""

OF_AN_ACCOUNT = {("DELETE", "/auth/session"), ("POST", "/auth/password")}
"""Open to whoever signed in, for their own account."""

# What stands for the parameters of paths; a file that is none is answered as any other absence.
EXAMPLES = {
    "zone": "sample",
    "name": "main.js",
    "process": "forecast",
    "job": "11111111-1111-1111-1111-111111111111",
    "zoom": "16",
    "row": "31323",
    "column": "50681",
}
FIRST = {"cameras": "cam-programme", "incidents": "i1", "streets": "thalang-01"}
"""A feature of a collection that every reader of it knows of."""


@dataclass(frozen=True)
class Cell:
    """What one asker got from one route by one method."""

    method: str
    path: str
    asker: str
    status: int
    allowed: tuple[int, ...] | None
    text: str

    @property
    def fault(self):
        """What is wrong with it; none where nothing is."""
        if (self.allowed is None and self.status in {401, 403, 405}) or self.status >= 500:
            return f"{self.asker} may {self.method} {self.path}, got {self.status}"
        if self.allowed is not None and self.status not in self.allowed:
            expected = " or ".join(map(str, self.allowed))
            return f"{self.method} {self.path} as {self.asker}: {expected}, got {self.status}"
        return None


def templates(app):
    """Return the paths of an application's routes with the methods that each takes."""
    found = {}

    def add(path, methods):
        found.setdefault(path, set()).update(set(methods or {"GET"}) - {"HEAD", "OPTIONS"})

    for route in app.routes:
        if isinstance(route, Mount):
            add(route.path, None)
        elif hasattr(route, "effective_route_contexts"):
            for context in route.effective_route_contexts():
                add(context.path, context.methods)
        else:
            add(route.path, route.methods)
    return found


def unexpected(app, doors=DOORS):
    """Return the routes that have no expectation, and expectations that no route has."""
    routes = {(method, path) for path, methods in templates(app).items() for method in methods}
    return sorted(routes - set(doors)), sorted(set(doors) - routes)


def expected(method, path, asker, collection):
    """Return the statuses that an asker may get; none for any that does not refuse."""
    door = DOORS.get((method, path))
    if door is None:
        return (404, 405)
    if door == OPEN:
        return None
    role = "public" if asker == STRANGER else asker
    refused = (401,) if asker == STRANGER else (403,)
    if door in {READ, EDIT}:
        if role not in READERS.get(collection, ()):
            return (404,)
        known = door == READ or role in EDITORS.get(collection, ())
        return None if known else refused
    return None if role in RIGHTS[door] else refused


def crawl(app, client, *, collections, other_methods=ASKERS, below=""):
    """Ask every route by every method, as a stranger and as every role; yield the cells.

    `other_methods` are those who also ask by methods that a route does not take; only routes
    whose paths begin with `below` are asked.
    """
    headers = {role: signed_in(client, f"{role}-1") for role in DEMO_ROLES} | {STRANGER: {}}
    asked = [(path, taken) for path, taken in templates(app).items() if path.startswith(below)]
    for path, taken in sorted(asked):
        for collection in collections if "{collection}" in path else [None]:
            values = EXAMPLES | {
                "collection": collection,
                "feature_id": FIRST.get(collection, "none"),
            }
            url = path.format(**values)
            for asker in ASKERS:
                for method in METHODS if asker in other_methods else sorted(taken):
                    own = headers[asker]
                    if (method, path) == ("DELETE", "/auth/session") and own:
                        own = signed_in(client, f"{asker}-1")  # it ends with this request
                    answer = client.request(method, url, headers=own)
                    allowed = expected(method, path, asker, collection)
                    if (method, path) in {("POST", "/auth/session"), ("POST", "/auth/password")}:
                        allowed = (422,)  # an empty form
                    if (method, path) in OF_AN_ACCOUNT and asker == STRANGER:
                        allowed = (401,)  # nobody to sign out, or whose password would be changed
                    yield Cell(method, url, asker, answer.status_code, allowed, answer.text)


def is_success(cell):
    """Tell whether an asker got what it asked for."""
    return httpx.codes.is_success(cell.status)
