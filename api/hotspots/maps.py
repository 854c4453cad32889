"""The maps of the commander's report: stretches and densities, areas, and what to expect.

Nothing on them is finer than a stretch of street or a cell of the forecast: no incident is drawn.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from geopandas import GeoDataFrame
from markupsafe import Markup

from analytics.evaluation import AREA_SHARES
from api.bilingual import Phrases
from api.drawing import Sheet
from api.hotspots.result import HotspotsResult
from api.zone_maps import (
    SMALL,
    Disc,
    base_group,
    draw_discs,
    draw_ground,
    on_base,
    on_small_base,
    place_discs,
    street_names,
    zone_sheet,
)
from geo.shapes import middle

DENSITY_BANDS: Final = 4
"""Bands of density along streets, of equal width from 0 to the greatest."""

TOP_SHARES: Final = AREA_SHARES
"""Shares of the area by which the cells of the forecast are shaded, and by which it is tried."""


def base_map(result: HotspotsResult) -> Markup:
    """Draw what all maps stand on, once for all.

    Parameters
    ----------
    result
        Hotspots to draw.

    Returns
    -------
    Markup
        A hidden drawing whose group "base" the maps use.
    """
    return base_group(draw_ground(_sheet(result), result.ground))


def map_stretches(result: HotspotsResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw how densely incidents are reported along the streets, and the listed stretches.

    Parameters
    ----------
    result
        Hotspots to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet, stretches = _sheet(result), result.layers["hotspot_stretches"]
    discs = place_discs(sheet, [middle(shape) for shape in stretches.geometry])
    drawn = [
        sheet.path(stretches.geometry, of="stretch"),
        *_by_band(sheet, result.layers["street_densities"]),
        *_names(sheet, result, discs, phrases),
        *draw_discs(discs, stretches["rank"], of="spot"),
    ]
    return on_base(sheet, drawn, titled=titled)


def map_areas(result: HotspotsResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw the listed areas, in small.

    Parameters
    ----------
    result
        Hotspots to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet, areas = _sheet(result).scaled(SMALL), result.layers["hotspot_areas"]
    discs = place_discs(sheet, areas.geometry.representative_point())
    drawn = [
        sheet.path(areas.geometry, of="area"),
        *_names(sheet, result, discs, phrases),
        *draw_discs(discs, areas["rank"], of="spot"),
    ]
    return on_small_base(sheet, drawn, titled=titled)


def map_forecast(result: HotspotsResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw the cells of the forecast, those with the most incidents to expect shaded.

    Parameters
    ----------
    result
        Hotspots to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet, cells = _sheet(result), result.layers["forecast_cells"]
    band = forecast_band(cells)
    drawn = [
        *(
            sheet.path(cells.geometry[band == number], of=f"cell top-{number}")
            for number in range(len(TOP_SHARES) + 1, 0, -1)
        ),
        *_names(sheet, result, [], phrases),
    ]
    return on_base(sheet, drawn, titled=titled)


def forecast_band(cells: GeoDataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Tell in which share of the area, by what is expected, each cell lies.

    Parameters
    ----------
    cells
        Cells with `expected` and `top_share`.

    Returns
    -------
    ndarray
        1 for the first of `TOP_SHARES`, and so on; one more than there are for the rest, and for
        every cell where nothing is expected.
    """
    share = cells["top_share"].to_numpy(dtype=np.float64)
    band = 1 + np.searchsorted(TOP_SHARES, share - 1e-9, side="left")
    expected = cells["expected"].to_numpy(dtype=np.float64)
    return np.where(expected > 0, band, len(TOP_SHARES) + 1).astype(np.int64)


def density_edges(densities: GeoDataFrame) -> list[float]:
    """Give where one band of density ends and the next begins.

    Parameters
    ----------
    densities
        Pieces of street with `density`, incidents per metre; missing where it is not told.

    Returns
    -------
    list of float
        Upper edges, rising, in incidents per 100 m; the last is the greatest density.
    """
    most = float(densities["density"].max()) if densities["density"].notna().any() else 0.0
    return [100 * most * band / DENSITY_BANDS for band in range(1, DENSITY_BANDS + 1)]


def _sheet(result: HotspotsResult) -> Sheet:
    """Lay the sheet around the zone: its streets lead far beyond it, where nothing is told."""
    return zone_sheet(result.ground.boundary, result.layers["hotspot_stretches"])


def _names(
    sheet: Sheet, result: HotspotsResult, discs: list[Disc], phrases: Phrases
) -> Iterator[Markup]:
    taken = [disc.area for disc in discs]
    return street_names(sheet, result.ground.streets, taken=taken, phrases=phrases)


def _by_band(sheet: Sheet, densities: GeoDataFrame) -> Iterator[Markup]:
    """Draw the pieces of street, those of the greatest density last."""
    per_100_m = 100 * densities["density"].to_numpy(dtype=np.float64)
    edges = density_edges(densities)
    band = 1 + np.searchsorted(edges[:-1], per_100_m, side="left")
    for number in range(1, DENSITY_BANDS + 1):
        chosen = (band == number) & (per_100_m > 0)
        yield sheet.path(densities.geometry[chosen], of=f"band band-{number}")
