"""Streets and features from an Overpass server, through osmnx.

osmnx takes an overloaded server's refusal for a reason to try again for ever, and a query that the
server broke off for a complete answer. Both are looked at here before osmnx sees them.

https://wiki.openstreetmap.org/wiki/Overpass_API
https://dev.overpass-api.de/overpass-doc/en/preface/commons.html
"""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import geopandas as gpd
import networkx as nx
import osmnx
from shapely import Polygon

from geo.errors import ParameterError, SourceError, reason_of
from geo.osm import feature_tags, kept_tags, no_features

_T = TypeVar("_T")

_BUSY: Final = frozenset({429, 504})
# Ways in use that people walk or drive along. Pavements and crossings drawn on their own are part
# of the street beside them; driveways and private ways are nobody's beat.
_STREETS: Final = (
    '["highway"]["area"!~"yes"]'
    '["highway"!~"abandoned|bus_guideway|construction|corridor|cycleway|elevator|motor|no|planned|'
    'platform|proposed|raceway|razed|rest_area|services"]'
    '["footway"!~"sidewalk|crossing"]["access"!~"private|no"]'
    '["service"!~"private|driveway|parking_aisle"]'
)


class _BusyError(Exception):
    """The server has no slot for us now."""


class _Response(Protocol):
    url: str
    status_code: int
    reason: str
    ok: bool

    def json(self) -> object: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Overpass:
    """An Overpass server and how patiently it is asked.

    Attributes
    ----------
    url
        Address of the interface, such as "https://overpass-api.de/api", with or without the
        "/interpreter" at its end.
    timeout_s
        Longest time a request may take, s, > 0.
    attempts
        How often a request is sent before a busy server is given up, >= 1.
    wait_s
        Pause before the second attempt, s, >= 0; each later pause is twice the one before. After
        it the server's own status says whether to wait longer.
    """

    url: str = "https://overpass-api.de/api"
    timeout_s: float = 180.0
    attempts: int = 4
    wait_s: float = 15.0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ParameterError(
                f"Expected `url` to begin with http:// or https://, got {self.url!r}."
            )
        if not self.timeout_s > 0.0:
            raise ParameterError(f"Expected `timeout_s` > 0, got {self.timeout_s}.")
        if self.attempts < 1:
            raise ParameterError(f"Expected `attempts` >= 1, got {self.attempts}.")
        if not self.wait_s >= 0.0:
            raise ParameterError(f"Expected `wait_s` >= 0, got {self.wait_s}.")

    def streets(self, boundary: Polygon) -> "nx.MultiDiGraph[int]":
        """Download the street graph inside a boundary.

        Parameters
        ----------
        boundary
            Area to ask for, in EPSG:4326.

        Returns
        -------
        graph
            The osmnx graph in EPSG:4326; streets that leave the area run on to their next node.

        Raises
        ------
        SourceError
            The server cannot be reached, stays busy, answers nonsense or knows no street there.
        """
        try:
            return self._ask(
                lambda: osmnx.graph_from_polygon(
                    boundary, truncate_by_edge=True, custom_filter=_STREETS
                )
            )
        except ValueError as error:
            raise SourceError(
                f"Expected streets inside the boundary from {self.url}, got: {error} "
                "Check the boundary of the zone."
            ) from error

    def features(self, boundary: Polygon) -> gpd.GeoDataFrame:
        """Download the buildings and places inside a boundary.

        Parameters
        ----------
        boundary
            Area to ask for, in EPSG:4326.

        Returns
        -------
        features
            What osmnx gives, in EPSG:4326; no rows where the map holds none.

        Raises
        ------
        SourceError
            The server cannot be reached, stays busy or answers nonsense.
        """
        try:
            return self._ask(lambda: osmnx.features_from_polygon(boundary, feature_tags()))
        except ValueError:  # osmnx says so where nothing matches
            return no_features()

    def _ask(self, request: Callable[[], _T]) -> _T:
        """Send a request through osmnx, again and with growing pauses while the server is busy."""
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(self.wait_s * 2 ** (attempt - 1))
            try:
                # osmnx asks for the server's status, and waits as it says, only when told to. The
                # first attempt goes without: a server out of reach would cost a minute of waiting.
                with self._settings(heed_status=attempt > 0), kept_tags():
                    return request()
            except _BusyError as error:
                last = error
            except SourceError:
                raise
            except OSError as error:
                raise SourceError(
                    f"Expected an Overpass server at {self.url}, got: {reason_of(error)}. "
                    "Check the network and the address; the zone's files are as they were."
                ) from error
            except (KeyError, TypeError, AttributeError) as error:
                raise self._nonsense(f"an element without {error}") from error
        raise SourceError(
            f"Expected a free slot at {self.url} within {self.attempts} attempts, got {last}. "
            "Try again later, or name another server."
        )

    @contextmanager
    def _settings(self, *, heed_status: bool) -> Iterator[None]:
        """Set up osmnx for this server; afterwards it has the settings that it had before."""
        ours = {
            "overpass_url": self.url.rstrip("/").removesuffix("/interpreter"),
            "overpass_rate_limit": heed_status,
            "requests_timeout": self.timeout_s,
            "requests_kwargs": {"hooks": {"response": self._judge}},
            "use_cache": False,
            "doh_url_template": None,
            "http_user_agent": "smartzone (OSMnx)",
        }
        before = {name: getattr(osmnx.settings, name) for name in ours}
        # osmnx pins the server's address by replacing this function for the whole process.
        resolve = socket.getaddrinfo
        try:
            for name, value in ours.items():
                setattr(osmnx.settings, name, value)
            yield
        finally:
            for name, value in before.items():
                setattr(osmnx.settings, name, value)
            socket.getaddrinfo = resolve

    def _judge(self, response: _Response, **_: object) -> None:
        """Raise unless the response is a whole answer to a query."""
        try:
            if response.url.endswith("/interpreter"):
                self._demand_whole(response)
        except (_BusyError, SourceError):
            response.close()
            raise

    def _demand_whole(self, response: _Response) -> None:
        if response.status_code in _BUSY:
            raise _BusyError(f"{response.status_code} {response.reason}")
        if not response.ok:
            raise self._nonsense(f"{response.status_code} {response.reason}")
        try:
            answer = response.json()
        except ValueError as error:
            raise self._nonsense("no JSON") from error
        if not isinstance(answer, dict) or not isinstance(answer.get("elements"), list):
            raise self._nonsense("JSON without elements")
        if "error" in str(answer.get("remark", "")):
            raise self._nonsense(f"a broken-off query: {answer['remark']}")

    def _nonsense(self, found: str) -> SourceError:
        return SourceError(
            f"Expected an answer of the Overpass API from {self.url}, got {found}. "
            "Check the address, or name another server."
        )
