"""The units of the public overlay: whole named streets, merged until each has many addresses."""

import hashlib
from dataclasses import dataclass
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analytics._coverage_input import street_names
from geo.errors import Fault, LayerError
from geo.shapes import examine_shapes, system_faults
from geo.street_graph import StreetGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class StreetUnits:
    """Streets gathered into units.

    Attributes
    ----------
    of_street
        Unit of each street, from 0, labelled as the streets are.
    addresses
        Buildings whose nearest street is in each unit.
    length_m
        Length of the streets of each unit, in metres.
    lines
        A MultiLineString of the streets of each unit.
    names
        Thai and English names of the streets of each unit, the longest first, shape (units, 2).
    """

    of_street: "pd.Series[int]"
    addresses: Ints
    length_m: Floats
    lines: Shapes
    names: NDArray[np.object_]

    @classmethod
    def gathered(
        cls, streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, min_addresses: int
    ) -> Self:
        """Gather streets of one name, and merge what has too few addresses with what is nearest.

        Parameters
        ----------
        streets
            LineStrings in a projected CRS, with `name_th` and `name_en` where they have names.
        buildings
            Footprints in the CRS of the streets; each counts as one address.
        min_addresses
            Fewest addresses of a unit.

        Returns
        -------
        units
            The same for the same streets and buildings, whatever happened on them.

        Raises
        ------
        LayerError
            If a street or building has no valid shape, streets share a label, or the zone has too
            few addresses for a single unit; names every fault.
        """
        lines, faults = examine_shapes(streets, ("LineString",), source="streets")
        solids, of_solids = examine_shapes(
            buildings, ("Polygon", "MultiPolygon"), source="buildings"
        )
        faults += of_solids
        faults += system_faults(lines, solids, source="streets", other_source="buildings")
        if len(solids) < min_addresses:
            faults.append(Fault("buildings", f"at least {min_addresses}", str(len(solids))))
        labels = streets.index.tolist()
        faults += [
            Fault("streets", "a label of its own", f"{labels[row]!r} again", int(row) + 1)
            for row in np.flatnonzero(streets.index.duplicated())
        ]
        if not len(lines):
            faults.append(Fault("streets", "at least one street", "none"))
        if faults:
            raise LayerError(faults)
        places = StreetGraph.from_streets(streets).snap(solids.representative_point())
        row = streets.index.get_indexer(pd.Index(places["street"]))
        named = _named_groups(streets)
        addresses = np.bincount(named[row], minlength=named.max() + 1)
        gathered = [shapely.multilinestrings(lines[named == one]) for one in range(len(addresses))]
        merged = merge_small(np.array(gathered, dtype=object), addresses, least=min_addresses)
        return cls._of_groups(streets, merged[named], merged[named][row])

    @classmethod
    def _of_groups(cls, streets: gpd.GeoDataFrame, unit: Ints, of_building: Ints) -> Self:
        count = int(unit.max()) + 1
        lines, length = streets.geometry.to_numpy(), streets.length.to_numpy()
        texts = street_names(streets)
        return cls(
            of_street=pd.Series(unit, index=streets.index),
            addresses=np.bincount(of_building, minlength=count).astype(np.int64),
            length_m=np.bincount(unit, length, minlength=count).astype(np.float64),
            lines=np.array(
                [shapely.multilinestrings(lines[unit == one]) for one in range(count)],
                dtype=object,
            ),
            names=np.array(
                [_joined_names(texts[unit == one], length[unit == one]) for one in range(count)],
                dtype=object,
            ),
        )

    def digest(self) -> str:
        """Return a text that changes with any street, and with what unit it is in."""
        told = hashlib.sha256()
        for label, unit in self.of_street.items():
            told.update(f"{label!r} {unit}\n".encode())
        for line in self.lines:
            told.update(shapely.to_wkb(line))
        return told.hexdigest()


def merge_small(shapes: Shapes, addresses: Ints, *, least: int) -> Ints:
    """Merge groups with too few addresses, the smallest first, with the nearest one.

    Of groups equally near (all that touch), the one with the fewest addresses is taken, so that
    units stay alike in size; of those the first.

    Parameters
    ----------
    shapes
        Geometry of each group.
    addresses
        Addresses of each group.
    least
        Fewest addresses of a unit.

    Returns
    -------
    unit
        Unit of each group, numbered in the order of their first groups.
    """
    unit = np.arange(len(shapes))
    count = addresses.astype(np.float64)
    away = np.round(shapely.distance(shapes[:, None], shapes[None, :]), 3)
    np.fill_diagonal(away, np.inf)
    while count.min() < least and np.isfinite(count).sum() > 1:
        small = int(count.argmin())
        other = int(np.lexsort((count, away[small]))[0])
        keep, gone = min(small, other), max(small, other)
        count[keep] += count[gone]
        away[keep] = np.minimum(away[keep], away[gone])
        away[:, keep] = away[keep]
        away[keep, keep] = np.inf
        away[gone], away[:, gone], count[gone] = np.inf, np.inf, np.inf
        unit[unit == gone] = keep
    return np.unique(unit, return_inverse=True)[1].astype(np.int64)


def _named_groups(streets: gpd.GeoDataFrame) -> Ints:
    """Return the group of each street: its name, or that of the nearest street that has one."""
    texts = street_names(streets)
    has_name = (texts != "").any(axis=1)
    if not has_name.any():
        return np.arange(len(streets))
    group = np.zeros(len(streets), dtype=np.int64)
    group[has_name] = pd.factorize(pd.MultiIndex.from_arrays(texts[has_name].T))[0]
    lines = streets.geometry.to_numpy()
    nearest = shapely.STRtree(lines[has_name]).query_nearest(lines[~has_name], all_matches=False)
    group[~has_name] = group[has_name][nearest[1]]
    return group


def _joined_names(texts: NDArray[np.object_], length_m: Floats) -> list[str]:
    """Return the Thai and English names of streets, the longest first, each once."""
    frame = pd.DataFrame({"th": texts[:, 0], "en": texts[:, 1], "length_m": length_m})
    total = frame.groupby(["th", "en"])["length_m"].sum().sort_values(ascending=False)
    names = [name for name in total.index if any(name)]
    return [", ".join(name[language] for name in names if name[language]) for language in (0, 1)]
