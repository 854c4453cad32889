"""A density on lixels as a function of the place along a street."""

from dataclasses import dataclass
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analytics._coverage_input import repeated_labels
from analytics._intervals import Flags, Floats, Intervals
from geo.errors import Fault

# The lengths of the lixels of a street add up to its own but for rounding; so close, as a part of
# it, is equal.
ROUNDING = 1e-9


@dataclass(frozen=True)
class StreetDensity:
    """A density that is constant on each lixel.

    Attributes
    ----------
    base_m
        Where each street begins when all are laid one behind the other.
    reached_m
        Where each lixel ends on that line, after a 0.
    total
        Integral of the density from the beginning of the line to there.
    """

    base_m: Floats
    reached_m: Floats
    total: Floats

    @classmethod
    def of_lixels(cls, lixels: pd.DataFrame, lines: gpd.GeoSeries) -> Self:
        """Take a density over from lixels that `lixel_faults` finds no fault in.

        Parameters
        ----------
        lixels
            `street` (label), `length_m`, `density`; those of one street from its start to its end.
        lines
            The streets.

        Returns
        -------
        density
            The density along the streets; lixels of other streets are left out.
        """
        street = lines.index.get_indexer(pd.Index(lixels["street"]))
        order = np.argsort(street, kind="stable")
        order = order[street[order] >= 0]
        length_m = lixels["length_m"].to_numpy(dtype=np.float64)[order]
        density = lixels["density"].to_numpy(dtype=np.float64)[order]
        reached_m = np.append(0.0, np.cumsum(length_m))
        ends = np.searchsorted(street[order], np.arange(len(lines)), side="left")
        return cls(reached_m[ends], reached_m, np.append(0.0, np.cumsum(length_m * density)))

    def integrals(self, parts: Intervals) -> Floats:
        """Integrate the density over parts of streets.

        Parameters
        ----------
        parts
            Parts of streets.

        Returns
        -------
        integral
            Density times length of each part, its first and last lixel cut where it begins and
            ends.
        """
        base_m = self.base_m[parts.street]
        begin, end = (
            np.interp(base_m + offset, self.reached_m, self.total)
            for offset in (parts.from_m, parts.to_m)
        )
        return np.asarray(end - begin, dtype=np.float64)


def lixel_faults(lixels: pd.DataFrame, lines: gpd.GeoSeries) -> list[Fault]:
    """Return what is wrong with a density on lixels.

    Parameters
    ----------
    lixels
        `street` (label), `length_m`, `density`.
    lines
        The streets, each of which lixels must make up.

    Returns
    -------
    faults
        Every absent column; or every row without a length or density that is a number >= 0; or
        every street that is not as long as its lixels.
    """
    absent = [name for name in ("street", "length_m", "density") if name not in lixels]
    if absent:
        return [Fault("lixels", "a column of that name", "none", field=name) for name in absent]
    faults = [
        Fault("lixels", "a number >= 0", str(lixels[name].iloc[row]), int(row) + 1, name)
        for name in ("length_m", "density")
        for row in np.flatnonzero(~_sound(lixels[name]))
    ]
    faults += repeated_labels(lines.index, source="streets")
    if faults:
        return faults
    wanted = shapely.length(lines.to_numpy())
    found = lixels.groupby("street")["length_m"].sum().reindex(lines.index).fillna(0.0).to_numpy()
    return [
        Fault(
            "lixels",
            f"lixels of street {lines.index[row]!r} that add up to its {wanted[row]:.3f} m",
            f"{found[row]:.3f} m",
        )
        for row in np.flatnonzero(np.abs(found - wanted) > ROUNDING * wanted)
    ]


def _sound(values: "pd.Series[float]") -> Flags:
    """Tell which values are finite numbers >= 0."""
    number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    return np.asarray(np.isfinite(number) & (number >= 0.0), dtype=np.bool_)
