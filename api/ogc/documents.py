"""The JSON documents of OGC API Features (OGC 17-069r4, 18-058r1, 19-079r2)."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus

from api.ogc.crs import CRS84
from api.ogc.marks import mark_of
from api.ogc.queries import ItemsQuery
from api.ogc.sights import Sight
from api.ogc.text import compact
from api.ogc.times import TIME_PROPERTIES
from api.store import OWNED_LAYERS, LayerRecord, Page
from api.words import Words

GEOJSON = "application/geo+json"
JSON = "application/json"
SCHEMA = "application/schema+json"
HTML = "text/html"
_OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
_QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"

Document = dict[str, object]
_ANY = "{any id}"
_PLAIN = re.compile(r"[-A-Za-z0-9_.,/:]*")


@dataclass(frozen=True)
class Addresses:
    """Addresses of the resources, as the client reaches them.

    Attributes
    ----------
    base
        Address of the application, ending in a slash.
    """

    base: str

    def of(self, *parts: str, **query: object) -> str:
        """Return the address of a resource below /ogc.

        Parameters
        ----------
        *parts
            Parts of the path.
        **query
            Query parameters; those that are none are left out.

        Returns
        -------
        address
            The absolute address.
        """
        path = "/".join([f"{self.base}ogc", *parts])
        given = [
            f"{name}={_quoted(str(value))}" for name, value in query.items() if value is not None
        ]
        return f"{path}?{'&'.join(given)}" if given else path


def _quoted(value: str) -> str:
    """Quote a value of a query; most need none, and every page has some."""
    return value if _PLAIN.fullmatch(value) else quote_plus(value, safe=",/:")


def landing(
    at: Addresses, words: Words, links: Iterable[Mapping[str, str]], *, demo: bool
) -> Document:
    """Describe the service.

    Parameters
    ----------
    at
        Addresses of the resources.
    words
        The dictionary.
    links
        Links to what else the service has, their addresses relative to the application.
    demo
        Whether the service runs in demo mode, which it says.

    Returns
    -------
    document
        The landing page.
    """
    notices = ["notice.synthetic_long", *(["notice.demo"] if demo else [])]
    return {
        "title": "smartzone",
        "description": " ".join(_both(words, notice) for notice in notices),
        "attribution": _both(words, "notice.attribution"),
        "links": [
            *_selves(at, JSON),
            _link("service-desc", f"{at.base}openapi.json", _OPENAPI, "The API"),
            _link("conformance", at.of("conformance"), JSON, "What the service conforms to"),
            _link("data", at.of("collections"), JSON, "The layers"),
            *(dict(link) | {"href": f"{at.base}{link['href']}"} for link in links),
        ],
    }


def collections(
    at: Addresses,
    layers: Sequence[tuple[LayerRecord, Sight]],
    words: Words,
    *,
    systems: Sequence[str],
) -> Document:
    """List the collections.

    Parameters
    ----------
    at
        Addresses of the resources.
    layers
        The layers that are served, each with what is seen of it.
    words
        The dictionary.
    systems
        Addresses of the reference systems in which they can be read.

    Returns
    -------
    document
        The list.
    """
    return {
        "links": _selves(at, JSON, "collections"),
        "collections": [
            collection(at, record, words, sight=sight, systems=systems) for record, sight in layers
        ],
    }


def collection(
    at: Addresses, record: LayerRecord, words: Words, *, sight: Sight, systems: Sequence[str]
) -> Document:
    """Describe one collection.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    words
        The dictionary.
    sight
        What is seen of it.
    systems
        Addresses of the reference systems in which it can be read.

    Returns
    -------
    document
        The description, with the layer's version and provenance, and the properties, if any, that
        the parameter `datetime` is put to.
    """
    title = _both(words, f"layer.{record.name}")
    path = ("collections", record.name)
    times = TIME_PROPERTIES.get(record.name)
    document: Document = {
        "id": record.name,
        "title": title,
        "description": _description(sight, words),
        "itemType": "feature",
        "crs": list(systems),
        "storageCrs": CRS84,
        "kind": record.kind,
        "version": sight.version(record),
        "created": record.created_at.isoformat(),
        "provenance": dict(record.provenance),
        "links": [
            *_selves(at, JSON, *path),
            _link("items", at.of(*path, "items"), GEOJSON, title),
            _link("items", at.of(*path, "items", f="html"), HTML, title),
            _link(_QUERYABLES, at.of(*path, "queryables"), SCHEMA, "What a filter may ask for"),
            _link(_TILESETS, at.of(*path, "tiles"), JSON, "Vector tiles"),
        ],
    }
    if times is not None:
        document["timeProperties"] = list(times)
    if record.bounds is not None:
        document["extent"] = {"spatial": {"bbox": [list(record.bounds)], "crs": CRS84}}
    return document


def queryables(
    at: Addresses,
    record: LayerRecord,
    schemas: Mapping[str, Mapping[str, object]],
    words: Words,
) -> Document:
    """Describe what a filter may ask for.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    schemas
        JSON schemas of the properties by name.
    words
        The dictionary.

    Returns
    -------
    document
        A JSON schema.
    """
    titled = {
        name: ({"title": _both(words, f"field.{name}")} if _is_titled(words, name) else {})
        | dict(schema)
        for name, schema in schemas.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": at.of("collections", record.name, "queryables"),
        "type": "object",
        "title": _both(words, f"layer.{record.name}"),
        "properties": titled,
        "additionalProperties": False,
    }


def items(
    at: Addresses, page: Page, features: Sequence[str], query: ItemsQuery, *, now: dt.datetime
) -> str:
    """Write a page of features.

    Parameters
    ----------
    at
        Addresses of the resources.
    page
        The page as read.
    features
        Its features as text, in the reference system asked for.
    query
        What was asked for.
    now
        The instant of the answer.

    Returns
    -------
    text
        A GeoJSON FeatureCollection; the features are copied into it as they are.
    """
    name = page.layer.name
    address = at.of("collections", name, "items", **dict(query.given), limit=query.limit)
    begin = address[address.index("?") :]
    here = f"{begin}&offset={query.offset}" if query.offset else begin
    here += f"&after={query.after}" if query.after else ""
    links = [_links_of_any_page(at, name).replace(_ANY, here)]
    if page.next_after is not None:
        beyond = _link_to_any_page(at, name, "next", "The next page")
        mark = mark_of(page.layer, page.next_after)
        links.append(beyond.replace(_ANY, f"{begin}&after={mark}"))
    if query.offset > 0:
        before = query.offset - query.limit
        skipped = f"&offset={before}" if before > 0 else ""
        link = _link_to_any_page(at, name, "prev", "The page before")
        links.append(link.replace(_ANY, begin + skipped))
    time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return (
        f'{{"type":"FeatureCollection","timeStamp":"{time}","numberMatched":{page.number_matched},'
        f'"numberReturned":{len(features)},"links":[{",".join(links)}],'
        f'"features":[{",".join(features)}]}}'
    )


@lru_cache(maxsize=256)
def _links_of_any_page(at: Addresses, layer: str) -> str:
    """Write the links that each page of a layer has, a query standing for any."""
    address = f"{at.of('collections', layer, 'items')}{_ANY}&f=html"
    links = [
        _link("alternate", address, HTML, "This page, for people"),
        _link("collection", at.of("collections", layer), JSON, "The collection"),
    ]
    return ",".join([_link_to_any_page(at, layer, "self", "This page"), *map(compact, links)])


@lru_cache(maxsize=1_024)
def _link_to_any_page(at: Addresses, layer: str, relation: str, title: str) -> str:
    """Write a link to a page of a layer, a query standing for any.

    Queries are percent-encoded, so that they need no escape in JSON.
    """
    address = f"{at.of('collections', layer, 'items')}{_ANY}"
    return compact(_link(relation, address, GEOJSON, title))


def item(at: Addresses, layer: str, feature_id: str, feature: str) -> str:
    """Write one feature.

    Parameters
    ----------
    at
        Addresses of the resources.
    layer
        Name of the feature's layer.
    feature_id
        Its id, as in the path of the request.
    feature
        The GeoJSON Feature.

    Returns
    -------
    text
        The feature with its links.
    """
    return f"{feature[:-1]},{_links_of_any(at, layer).replace(_ANY, feature_id)}}}"


@lru_cache(maxsize=256)
def _links_of_any(at: Addresses, layer: str) -> str:
    """Write the links of a layer's features, an id standing for any; they differ in nothing else.

    Ids in addresses are percent-encoded, so that they need no escape in JSON.
    """
    path = ("collections", layer)
    links = [
        *_selves(at, GEOJSON, *path, "items", _ANY),
        _link("collection", at.of(*path), JSON, "The collection"),
    ]
    return f'"links":{compact(links)}'


def _description(sight: Sight, words: Words) -> str:
    notices = ["notice.attribution"] if sight.collection == "streets" else []
    # Said whether or not there are any, which is for nobody to know.
    if sight.view == "public" and sight.collection in OWNED_LAYERS:
        notices.append("notice.private_cameras")
    return " ".join(_both(words, notice) for notice in notices)


def _both(words: Words, key: str) -> str:
    return f"{words.text(key, 'en')} · {words.text(key, 'th')}"


def _is_titled(words: Words, name: str) -> bool:
    return f"field.{name}" in words.entries


def _selves(at: Addresses, media_type: str, *path: str) -> list[dict[str, str]]:
    return [
        _link("self", at.of(*path), media_type, "This document"),
        _link("alternate", at.of(*path, f="html"), HTML, "This document, for people"),
    ]


def _link(relation: str, address: str, media_type: str, title: str) -> dict[str, str]:
    return {"rel": relation, "href": address, "type": media_type, "title": title}
