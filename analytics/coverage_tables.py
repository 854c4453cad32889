"""How much of the streets is seen: for which task, by whose cameras, by how many at once."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from analytics._coverage_input import examine_coverage, repeated_labels
from analytics._street_segments import StreetSegments, Views
from geo.errors import Fault, LayerError
from geo.shapes import examine_shapes, system_faults

ANYONE = ""
"""Owner under which every camera counts."""


def coverage_table(
    streets: gpd.GeoDataFrame,
    fields_by_task: Mapping[str, gpd.GeoSeries],
    owners: "pd.Series[str]",
) -> pd.DataFrame:
    """Measure the streets that each owner's cameras see well enough for each task.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_by_task
        For each task, what each camera sees well enough for it: Polygons, possibly empty, in the
        CRS of `streets`, labelled as the cameras are.
    owners
        Owner of each camera, labelled as the cameras are; empty or missing where unknown.

    Returns
    -------
    pandas.DataFrame
        A row per task and owner, in the order of the tasks, anyone first, then the owners by name:
        `task`; `owner`, empty for anyone, cameras of unknown owner among them; `seen_m`, length
        that at least one of the cameras sees; `share`, its part of all streets, 0 where there are
        none; `seen_twice_m`, length that at least two of them see.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        that of the fields differs, or a camera has no owner's row or no label of its own.
    """
    segments, views = _views(streets, fields_by_task, owners)
    total_m = float(segments.length_m.sum())
    known = owners.astype("object").where(owners.notna(), ANYONE).astype("str")
    names = [ANYONE, *sorted(set(known) - {ANYONE})]
    rows = []
    for task, (parts, field) in views.items():
        of_part = known.reindex(fields_by_task[task].index).to_numpy()[field]
        for name in names:
            own = parts.taken(np.flatnonzero((of_part == name) | (name == ANYONE)))
            seen_m, twice_m = (
                float(own.overlapping(count).lengths(segments.length_m.size).sum())
                for count in (1, 2)
            )
            share = seen_m / total_m if total_m else 0.0
            rows.append((task, name, seen_m, share, twice_m))
    table = pd.DataFrame(rows, columns=["task", "owner", "seen_m", "share", "seen_twice_m"])
    return table.astype({"task": "str", "owner": "str"} | dict.fromkeys(table.columns[2:], float))


def street_table(
    streets: gpd.GeoDataFrame, fields_by_task: Mapping[str, gpd.GeoSeries]
) -> pd.DataFrame:
    """Measure how much of each street is seen well enough for each task.

    Parameters
    ----------
    streets
        Lines in a projected CRS, one a street.
    fields_by_task
        For each task, what each camera sees well enough for it: Polygons, possibly empty, in the
        CRS of `streets`, labelled as the cameras are.

    Returns
    -------
    pandas.DataFrame
        A row per street, labelled as the streets are: `total_m`, its length; `seen_m_` and the
        name of the task for each task, length that at least one camera sees; `cameras`, how many
        cameras see any of it for any task.

    Raises
    ------
    LayerError
        If a layer does not hold valid shapes of its kind, the CRS of the streets is not projected,
        that of the fields differs, or a camera has no label of its own.
    """
    segments, views = _views(streets, fields_by_task)
    table = pd.DataFrame({"total_m": segments.length_m}, index=streets.index)
    pairs = []
    for task, (parts, field) in views.items():
        table[f"seen_m_{task}"] = parts.overlapping().lengths(len(table))
        cameras = fields_by_task[task].index.take(field)
        pairs.append(pd.DataFrame({"street": parts.street, "camera": cameras}))
    met = pd.concat(pairs).drop_duplicates() if pairs else pd.DataFrame({"street": []}, dtype=int)
    return table.assign(cameras=np.bincount(met["street"], minlength=len(table)))


def _views(
    streets: gpd.GeoDataFrame,
    fields_by_task: Mapping[str, gpd.GeoSeries],
    owners: "pd.Series[str] | None" = None,
) -> tuple[StreetSegments, dict[str, Views]]:
    """Return what is seen for each task; refuse all faults of all layers at once."""
    lines, faults = examine_shapes(streets, ("LineString",), source="streets")
    faults += system_faults(lines, lines.iloc[:0], source="streets", other_source="streets")
    areas = {}
    for task, fields in fields_by_task.items():
        source = f"fields_of_view for {task}"
        _, areas[task], of_task = examine_coverage(streets, fields, source=source)
        faults += [fault for fault in of_task if fault not in faults]
        faults += repeated_labels(areas[task].index, source=source)
        if owners is not None:
            faults += _ownerless(areas[task].index, owners, source=source)
    if owners is not None:
        faults += repeated_labels(owners.index, source="owners")
    if faults:
        raise LayerError(faults)
    segments = StreetSegments.of_lines(lines.to_numpy())
    return segments, {task: segments.within(area.to_numpy()) for task, area in areas.items()}


def _ownerless(cameras: pd.Index, owners: "pd.Series[str]", *, source: str) -> list[Fault]:
    return [
        Fault(source, "a camera with a row in `owners`", repr(cameras[row]), row + 1)
        for row in np.flatnonzero(~cameras.isin(owners.index)).tolist()
    ]
