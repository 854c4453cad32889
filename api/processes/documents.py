"""The JSON documents of OGC API Processes, Part 1 (OGC 18-062r2)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from api.processes.catalogue import Process
from api.store.job_records import Job
from api.words import Words

_JSON: Final = "application/json"
_HTML: Final = "text/html"
_GEOJSON: Final = "application/geo+json"
_RELATION: Final = "http://www.opengis.net/def/rel/ogc/1.0"
_EXCEPTION: Final = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
_CLASS: Final = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf"
_VERSION: Final = "1.0.0"

CONFORMS_TO: Final = tuple(
    f"{_CLASS}/{name}"
    for name in ("core", "ogc-process-description", "json", "job-list", "dismiss")
)
"""Classes of the standard that the processes keep."""

LINKS: Final[tuple[Mapping[str, str], ...]] = (
    {
        "rel": f"{_RELATION}/processes",
        "href": "ogc/processes",
        "type": _JSON,
        "title": "The processes",
    },
    {
        "rel": f"{_RELATION}/job-list",
        "href": "ogc/jobs",
        "type": _JSON,
        "title": "The jobs",
    },
)
"""What the landing page links to, relative to the application."""

NO_SUCH_PROCESS: Final = f"{_EXCEPTION}/no-such-process"
NO_SUCH_JOB: Final = f"{_EXCEPTION}/no-such-job"
NOT_READY: Final = f"{_EXCEPTION}/result-not-ready"

Document = dict[str, object]


@dataclass(frozen=True)
class Addresses:
    """Addresses of processes and jobs, as the client reaches them.

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
            Query parameters.

        Returns
        -------
        address
            The absolute address.
        """
        path = "/".join([f"{self.base}ogc", *parts])
        return f"{path}?{urlencode(query, doseq=True)}" if query else path


def process_list(
    at: Addresses,
    processes: Iterable[Process],
    words: Words,
    *,
    query: Mapping[str, object],
    following: Mapping[str, object] | None,
) -> Document:
    """List processes.

    Parameters
    ----------
    at
        Addresses of the resources.
    processes
        Those of this page that whoever asks may use.
    words
        The dictionary.
    query
        Query of this page.
    following
        Query of the next page; none where this is the last.

    Returns
    -------
    document
        The list.
    """
    return {
        "processes": [_summary(at, process, words) for process in processes],
        "links": _page_links(at, "processes", query, following),
    }


def process_description(at: Addresses, process: Process, words: Words) -> Document:
    """Describe one process with its inputs and its output.

    Parameters
    ----------
    at
        Addresses of the resources.
    process
        The process.
    words
        The dictionary.

    Returns
    -------
    document
        The description; each input by a JSON schema.
    """
    schemas = process.inputs.model_json_schema()["properties"]
    inputs = {
        name: {
            "title": _both(words, f"input.{name}"),
            "minOccurs": 0,
            "maxOccurs": 1,
            # The service fetches nothing from an address that a request names.
            "valuePassing": ["byValue"],
            "schema": {key: value for key, value in schema.items() if key != "title"},
        }
        for name, schema in schemas.items()
    }
    output = {
        "title": _both(words, "process.document"),
        "schema": {"type": "object", "contentMediaType": _JSON},
    }
    return {
        **_summary(at, process, words),
        "inputs": inputs,
        "outputs": {"document": output},
    }


def status_info(at: Addresses, job: Job, words: Words, *, layers: Iterable[str]) -> Document:
    """Tell what is known of a job.

    Parameters
    ----------
    at
        Addresses of the resources.
    job
        The job.
    words
        The dictionary.
    layers
        Names of the layers that it stores, and that whoever asks may read.

    Returns
    -------
    document
        Its status, with links to what came of it.
    """
    times = {
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "updated": job.updated_at,
    }
    running = job.state == "running" and job.step
    told = _both(words, job.step if running else f"process.{job.state}")
    links = [_link("self", at.of("jobs", job.id), "This document")]
    if job.state == "successful":
        results = at.of("jobs", job.id, "results")
        links.append(_link(f"{_RELATION}/results", results, _both(words, "process.document")))
        links += [
            _link(
                "related",
                at.of("collections", name, "items"),
                f"{_both(words, 'process.layer')}: {_both(words, f'layer.{name}')}",
                _GEOJSON,
            )
            for name in layers
        ]
    return {
        "processID": job.process,
        "type": "process",
        "jobID": job.id,
        "status": job.state,
        "message": job.message or told,
        "progress": int(100 * job.done),
        **{name: _written(instant) for name, instant in times.items() if instant is not None},
        "links": links,
    }


def job_list(
    at: Addresses,
    statuses: list[Document],
    *,
    query: Mapping[str, object],
    older: Mapping[str, object] | None,
) -> Document:
    """List jobs.

    Parameters
    ----------
    at
        Addresses of the resources.
    statuses
        What is known of each, the newest first.
    query
        Query of this page.
    older
        Query of the next page; none where this is the last.

    Returns
    -------
    document
        The list.
    """
    return {"jobs": statuses, "links": _page_links(at, "jobs", query, older)}


def _summary(at: Addresses, process: Process, words: Words) -> Document:
    key = f"process.{process.id.replace('-', '_')}"
    return {
        "id": process.id,
        "version": _VERSION,
        "title": _both(words, key),
        "description": _both(words, f"{key}_about"),
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "links": [
            _link("self", at.of("processes", process.id), "This process"),
            _link(
                f"{_RELATION}/execute",
                at.of("processes", process.id, "execution"),
                "Where it is asked for",
            ),
        ],
    }


def _page_links(
    at: Addresses, name: str, query: Mapping[str, object], following: Mapping[str, object] | None
) -> list[dict[str, str]]:
    links = [
        _link("self", at.of(name, **query), "This page"),
        _link("alternate", at.of(name, **query, f="html"), "This page, for people", _HTML),
    ]
    if following is not None:
        links.append(_link("next", at.of(name, **following), "The next page"))
    return links


def _both(words: Words, key: str) -> str:
    return f"{words.text(key, 'en')} · {words.text(key, 'th')}"


def _link(relation: str, address: str, title: str, media_type: str = _JSON) -> dict[str, str]:
    return {"rel": relation, "href": address, "type": media_type, "title": title}


def _written(instant: dt.datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
