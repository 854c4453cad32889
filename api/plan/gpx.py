"""The tour of one unit as a GPX 1.1 file: its way in order, and its stops as waypoints.

Format: Topografix (2004). GPX 1.1 Schema Documentation. https://www.topografix.com/GPX/1/1/
"""

from collections.abc import Mapping
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from geopandas import GeoDataFrame
from shapely import Point
from shapely.geometry.base import BaseGeometry

from api.bilingual import Phrases, Row, rows
from api.plan.company import Company
from api.plan.printable import printable
from api.plan.result import PlanResult
from api.tour_files import tour_file
from geo.errors import SourceError

TOUR_FILES: Final = "tour-*.gpx"
"""Pattern of the names of tours."""

_NAMESPACE: Final = "http://www.topografix.com/GPX/1/1"
_DEGREE_DECIMALS: Final = 7
_CREATOR: Final = b'creator="smartzone '
_HEAD_BYTES: Final = 256


def tours_found(folder: Path) -> list[str]:
    """Find the tours that earlier plans left in a folder.

    Parameters
    ----------
    folder
        Folder to look into; it may be missing.

    Returns
    -------
    list of str
        Names of files called as tours are that smartzone wrote, in alphabetical order. Tracks that
        came from anywhere else are not among them, whatever they are called.

    Raises
    ------
    SourceError
        A file called so cannot be read.
    """
    return sorted(path.name for path in folder.glob(TOUR_FILES) if _is_own(path))


def write_tours(plan: PlanResult, *, phrases: Phrases) -> Mapping[str, str]:
    """Write every tour of a plan as GPX.

    Parameters
    ----------
    plan
        Plan whose tours are written.
    phrases
        Words to speak with.

    Returns
    -------
    Mapping
        Text of each file by its name, in the order of the tours: positions in EPSG:4326; each
        stop a waypoint with its names, its reasons, who comes too, its times on the zone's clocks,
        its arrival in UTC, and its kind as the type; the way a track without times. A unit that
        stays at its post has none.
    """
    tours = plan.layers["patrol_tours"].to_crs(4326)
    stops = plan.layers["patrol_stops"].to_crs(4326)
    company = Company(plan, phrases)
    return {
        tour_file(tour["unit"]): _document(
            plan, tour, way, stops[stops["unit"] == tour["unit"]], phrases, company
        )
        for tour, way in zip(rows(tours), tours.geometry, strict=True)
        if tour["length_m"] > 0
    }


def _is_own(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return _CREATOR in file.read(_HEAD_BYTES)
    except OSError as error:
        raise SourceError(f"Expected to read {path}, got: {error.strerror}.") from error


def _document(  # noqa: PLR0917  # all of them go into one file
    plan: PlanResult,
    tour: Row,
    way: BaseGeometry,
    stops: GeoDataFrame,
    phrases: Phrases,
    company: Company,
) -> str:
    creator = f"smartzone {version('smartzone')}"
    root = Element("gpx", {"version": "1.1", "creator": creator, "xmlns": _NAMESPACE})
    name = phrases.say("plan.tour", unit=phrases.name(tour), day=phrases.day(plan.tonight)).line()
    notices = [phrases.say("plan.internal").line(), phrases.say("notice.attribution").line()]
    if tour["synthetic"]:
        notices.insert(0, phrases.say("summary.synthetic").line())
    metadata = SubElement(root, "metadata")
    _say(metadata, "name", name)
    _say(metadata, "desc", "\n".join(notices))
    for stop, point in zip(rows(stops), stops.geometry, strict=True):
        _waypoint(root, stop, point, phrases, company)
    track = SubElement(root, "trk")
    _say(track, "name", name)
    segment = SubElement(track, "trkseg")
    for lon, lat in way.coords:
        SubElement(segment, "trkpt", _position(lon, lat))
    indent(root, space=" ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _waypoint(root: Element, stop: Row, point: Point, phrases: Phrases, company: Company) -> None:
    waypoint = SubElement(root, "wpt", _position(point.x, point.y))
    _say(waypoint, "time", f"{stop['arrives_at'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _say(waypoint, "name", f"{stop['order']}. {phrases.name(stop).line()}")
    start, end = (phrases.clock(stop[instant]).en for instant in ("arrives_at", "leaves_at"))
    reason = phrases.name(stop, prefix="reason").line()
    together = company.at(stop)
    told = f"{reason}; {together.line()}" if together else reason
    _say(waypoint, "desc", f"{start}–{end} {told}")
    _say(waypoint, "type", stop["kind"])


def _say(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = printable(text)


def _position(lon: float, lat: float) -> dict[str, str]:
    return {"lat": f"{lat:.{_DEGREE_DECIMALS}f}", "lon": f"{lon:.{_DEGREE_DECIMALS}f}"}
