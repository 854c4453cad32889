"""Officers' tracks from GPX 1.1 files, read by GDAL: whose unit, when and where, and no more.

Units are known by their ids in the plan alone. Names of tracks are compared with these and go
nowhere; authors, descriptions, e-mails and devices are not read at all.

Format: Topografix (2004). GPX 1.1 Schema Documentation. https://www.topografix.com/GPX/1/1/
"""

import warnings
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple
from xml.parsers import expat

import numpy as np
import pandas as pd
import pyogrio
from geopandas import GeoDataFrame
from pyproj import CRS

from api.tour_files import tour_file
from geo.errors import Fault, LayerError, SourceError

MAX_BYTES: Final = 100_000_000
"""Size of the largest file that is read."""

MAX_POSITIONS: Final = 200_000
"""Most positions that a file may have: a day of one a second has 86,400."""

_MOST_DEG = (180.0, 90.0)
_CHUNK = 65_536
_POINTS, _TRACKS = "track_points", "tracks"


class _Piece(NamedTuple):
    """A track as one file holds it."""

    unit: str
    file: str
    points: GeoDataFrame


def read_tracks(
    paths: Sequence[Path], *, units: Collection[str], crs: CRS
) -> dict[str, GeoDataFrame]:
    """Read the tracks of a night's units.

    A file called as a unit is, or as the tour of one ("tour-police-foot-1.gpx"), is that unit's.
    In any other, each track must have the id of a unit as its name.

    Parameters
    ----------
    paths
        GPX files.
    units
        Ids of the units of the plan.
    crs
        Metric coordinate system to give the positions in.

    Returns
    -------
    dict
        Positions of each unit that has any, in order of time, with `at` in UTC; by the unit's id,
        in the order of `units`.

    Raises
    ------
    SourceError
        A file cannot be read.
    LayerError
        Files are no tracks of units of the plan, or positions lack times or are out of order; every
        fault is named, like ones by the first and their number.
    """
    faults: list[Fault] = []
    pieces: list[_Piece] = []
    for path in dict.fromkeys(paths):
        try:
            pieces += _pieces(path, units, crs)
        except LayerError as error:
            faults += error.faults
    faults += _overlaps(pieces)
    if faults:
        raise LayerError(faults)
    tracks: dict[str, GeoDataFrame] = {}
    for unit in units:
        own = sorted(
            (piece.points for piece in pieces if piece.unit == unit),
            key=lambda points: points["at"].iloc[0],
        )
        if own:
            tracks[unit] = GeoDataFrame(pd.concat(own, ignore_index=True), crs=crs)
    return tracks


def _pieces(path: Path, units: Collection[str], crs: CRS) -> list[_Piece]:
    points, names = _read(path)
    unit = _unit_of_file(path, units)
    faults: list[Fault] = []
    if not len(points):
        faults.append(Fault(path.name, "a track with positions", "none"))
    faults += _faults_of_positions(path.name, points)
    if unit is None and len(points):
        faults += _faults_of_names(path.name, points, names, units)
    if faults:
        raise LayerError(faults)
    metric = points.to_crs(crs)
    owner = np.array([unit or names[track] for track in points["track_fid"]])
    order = points["track_fid"].to_numpy()
    return [
        _Piece(
            str(owner[order == track][0]), path.name, metric.loc[order == track, ["at", "geometry"]]
        )
        for track in dict.fromkeys(order.tolist())
    ]


def _read(path: Path) -> tuple[GeoDataFrame, list[str]]:
    """Return the positions of a file with their track and time, and the names of its tracks."""
    if not path.is_file():
        raise SourceError(f"Expected a GPX file at {path}, got none.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        found = f"{size:,} bytes"
        raise LayerError([Fault(path.name, f"at most {MAX_BYTES:,} bytes", found)])
    _refuse_others(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # GDAL's, of odd coordinates and times
            return _read_layers(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError) as error:
        raise LayerError(
            [Fault(path.name, "a GPX file", "something else, or a broken one")]
        ) from error


def _refuse_others(path: Path) -> None:
    """Refuse what is no GPX by its first element, before GDAL looks at it.

    Some of GDAL's formats lead it to other files or addresses, and entities grow without end.
    """

    def refuse(*_: object) -> None:
        raise LayerError([Fault(path.name, "a GPX file without a document type", "one with")])

    roots: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, _: roots.append(name)
    with path.open("rb") as file:
        try:
            while not roots and (chunk := file.read(_CHUNK)):
                parser.Parse(chunk)
        except expat.ExpatError:
            # What follows the first element is GDAL's to judge.
            pass
    if not roots or roots[0].rpartition(" ")[2] != "gpx":
        raise LayerError([Fault(path.name, "a GPX file", "something else")])


def _read_layers(path: Path) -> tuple[GeoDataFrame, list[str]]:
    if pyogrio.read_info(path, layer=0)["driver"] != "GPX":
        raise LayerError([Fault(path.name, "a GPX file", "something else")])
    points = pyogrio.read_dataframe(
        path,
        layer=_POINTS,
        columns=["track_fid", "time"],
        datetime_as_string=True,
        max_features=MAX_POSITIONS + 1,
    )
    if len(points) > MAX_POSITIONS:
        found = f"more than {MAX_POSITIONS:,}"
        raise LayerError([Fault(path.name, f"at most {MAX_POSITIONS:,} positions", found)])
    named = pyogrio.read_dataframe(path, layer=_TRACKS, columns=["name"], read_geometry=False)
    points["at"] = pd.to_datetime(points["time"], utc=True, format="ISO8601", errors="coerce")
    return points, [str(name) for name in named["name"]]


def _unit_of_file(path: Path, units: Collection[str]) -> str | None:
    named = {name: unit for unit in units for name in (f"{unit}.gpx", tour_file(unit))}
    return named.get(f"{path.stem}.gpx")


def _faults_of_names(
    file: str, points: GeoDataFrame, names: Sequence[str], units: Collection[str]
) -> Iterator[Fault]:
    """Refuse tracks that are of no unit, without telling their names: they may be persons'."""
    accepted = ", ".join(units)
    strange = [track for track in points["track_fid"].unique() if names[track] not in units]
    if strange:
        number = f"{len(strange)} of {points['track_fid'].nunique()} tracks with another name"
        yield Fault(
            file,
            f"to be called as the tour of a unit, or its id as the name of each track, one of: "
            f"{accepted}",
            f"another file name and {number}",
        )


def _faults_of_positions(file: str, points: GeoDataFrame) -> Iterator[Fault]:
    missing = points["at"].isna().to_numpy()
    if missing.any():
        yield _fault(file, missing, "a time in each position", "no time")
    at, track = points["at"], points["track_fid"]
    same = track.eq(track.shift()).to_numpy()
    yield from (
        _fault(file, wrong, "times that rise along a track", found)
        for wrong, found in (
            (same & at.lt(at.shift()).to_numpy(), "a time before that of the position before"),
            (same & at.eq(at.shift()).to_numpy(), "the time of the position before"),
        )
        if wrong.any()
    )
    placed = (np.abs(points.get_coordinates().to_numpy()) <= np.array(_MOST_DEG)).all(axis=1)
    if not placed.all():
        yield _fault(file, ~placed, "a latitude and a longitude", "none")


def _fault(
    file: str, wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], expected: str, found: str
) -> Fault:
    rows = np.flatnonzero(wrong)
    more = f", and {rows.size - 1:,} more" if rows.size > 1 else ""
    return Fault(file, expected, f"{found}{more}", row=int(rows[0]) + 1)


def _overlaps(pieces: Sequence[_Piece]) -> Iterator[Fault]:
    """Refuse two tracks of one unit at one time: its minutes would count twice."""
    by_time = sorted(pieces, key=lambda piece: (piece.unit, piece.points["at"].iloc[0]))
    for one, other in pairwise(by_time):
        if one.unit == other.unit and other.points["at"].iloc[0] <= one.points["at"].iloc[-1]:
            yield Fault(
                other.file,
                f"one track of {one.unit} at a time",
                f"another, in {one.file}, at the same time",
            )
