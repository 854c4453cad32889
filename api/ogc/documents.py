"""The JSON documents of OGC API Features (OGC 17-069r4)."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.store import LayerRecord, Page
from api.words import Words

GEOJSON = "application/geo+json"
_JSON = "application/json"
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
CONFORMS_TO = (f"{_CONFORMANCE}/core", f"{_CONFORMANCE}/geojson")

Document = dict[str, object]


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
        given = {name: value for name, value in query.items() if value is not None}
        path = "/".join([f"{self.base}ogc", *parts])
        return f"{path}?{urlencode(given, safe=',/:')}" if given else path


def landing(at: Addresses, words: Words) -> Document:
    """Describe the service.

    Parameters
    ----------
    at
        Addresses of the resources.
    words
        The dictionary.

    Returns
    -------
    document
        The landing page.
    """
    return {
        "title": "smartzone",
        "description": f"{_both(words, 'notice.synthetic_long')} {_both(words, 'notice.demo')}",
        "attribution": _both(words, "notice.attribution"),
        "links": [
            _link("self", at.of(), _JSON, "This document"),
            _link(
                "service-desc",
                f"{at.base}openapi.json",
                "application/vnd.oai.openapi+json;version=3.1",
                "The API",
            ),
            _link("conformance", at.of("conformance"), _JSON, "What the service conforms to"),
            _link("data", at.of("collections"), _JSON, "The layers"),
        ],
    }


def collections(at: Addresses, records: list[LayerRecord], words: Words) -> Document:
    """List the collections.

    Parameters
    ----------
    at
        Addresses of the resources.
    records
        The layers that are served.
    words
        The dictionary.

    Returns
    -------
    document
        The list.
    """
    return {
        "links": [_link("self", at.of("collections"), _JSON, "This document")],
        "collections": [collection(at, record, words) for record in records],
    }


def collection(at: Addresses, record: LayerRecord, words: Words) -> Document:
    """Describe one collection.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The layer.
    words
        The dictionary.

    Returns
    -------
    document
        The description, with the layer's version and provenance.
    """
    title = _both(words, f"layer.{record.name}")
    here = at.of("collections", record.name)
    document: Document = {
        "id": record.name,
        "title": title,
        "description": _description(record, words),
        "itemType": "feature",
        "crs": [_CRS84],
        "kind": record.kind,
        "version": record.version,
        "created": record.created_at.isoformat(),
        "provenance": dict(record.provenance),
        "links": [
            _link("self", here, _JSON, "This document"),
            _link("items", f"{here}/items", GEOJSON, title),
        ],
    }
    if record.bounds is not None:
        document["extent"] = {"spatial": {"bbox": [list(record.bounds)], "crs": _CRS84}}
    return document


def items(
    at: Addresses,
    page: Page,
    *,
    query: Mapping[str, object],
    limit: int,
    offset: int,
    now: dt.datetime,
) -> str:
    """Write a page of features.

    Parameters
    ----------
    at
        Addresses of the resources.
    page
        The features.
    query
        Parameters that select features, as given, kept in the links.
    limit
        Largest number of features on a page.
    offset
        Number of matching features before this page.
    now
        The instant of the answer.

    Returns
    -------
    text
        A GeoJSON FeatureCollection; the stored features are copied into it as they are.
    """
    path = ("collections", page.layer.name)

    def address(start: int) -> str:
        return at.of(*path, "items", **query, limit=limit, offset=start or None)

    links = [
        _link("self", address(offset), GEOJSON, "This page"),
        _link("collection", at.of(*path), _JSON, "The collection"),
    ]
    if offset + len(page.features) < page.number_matched and page.features:
        links.append(_link("next", address(offset + limit), GEOJSON, "The next page"))
    if offset > 0:
        links.append(_link("prev", address(max(0, offset - limit)), GEOJSON, "The page before"))
    head: Document = {
        "type": "FeatureCollection",
        "timeStamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": page.number_matched,
        "numberReturned": len(page.features),
        "links": links,
    }
    return f'{_text(head)[:-1]},"features":[{",".join(page.features)}]}}'


def item(at: Addresses, record: LayerRecord, feature_id: str, feature: str) -> str:
    """Write one feature.

    Parameters
    ----------
    at
        Addresses of the resources.
    record
        The feature's layer.
    feature_id
        Its id, as in the path of the request.
    feature
        The stored GeoJSON Feature.

    Returns
    -------
    text
        The feature with its links.
    """
    path = ("collections", record.name)
    links = [
        _link("self", at.of(*path, "items", feature_id), GEOJSON, "This feature"),
        _link("collection", at.of(*path), _JSON, "The collection"),
    ]
    return f'{feature[:-1]},"links":{_text(links)}}}'


def _description(record: LayerRecord, words: Words) -> str:
    notices = ["notice.attribution"] if record.name == "streets" else []
    if record.public_count < record.count:
        notices.append("notice.private_cameras")
    return " ".join(_both(words, notice) for notice in notices)


def _both(words: Words, key: str) -> str:
    return f"{words.text(key, 'en')} · {words.text(key, 'th')}"


def _link(relation: str, address: str, media_type: str, title: str) -> dict[str, str]:
    return {"rel": relation, "href": address, "type": media_type, "title": title}


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
