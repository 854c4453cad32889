"""The maps of the planner's report: the streets seen and blind, how surely, and close by."""

from collections.abc import Iterator

import shapely
from geopandas import GeoDataFrame
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from api.bilingual import Phrases, rows
from api.drawing import Sheet
from api.sites.result import SitesResult
from api.zone_maps import (
    SMALL,
    base_group,
    draw_discs,
    draw_ground,
    framed,
    on_base,
    on_small_base,
    place_discs,
    street_names,
    zone_sheet,
)

_CLOSE_WIDTH = 460.0
_CLOSE_MARGIN_M = 12.0
_CLOSE_LEAST_M = 60.0  # height of the drawing of a site that sees next to nothing
_CLOSE_SHAPE = 1.2  # width of these drawings by their height
_CAMERA = Markup(
    '<g class="camera {owner} {status}" transform="translate({:.1f} {:.1f}) rotate({turn:.0f})">'
    '<path d="M0 -11V0"/><circle r="3.6"/>{cross}</g>'
)
_CROSS = Markup('<path class="cross" d="M-4 -4L4 4M4 -4L-4 4"/>')


def base_map(result: SitesResult) -> Markup:
    """Draw what both maps stand on, once for both.

    Parameters
    ----------
    result
        Sites to draw.

    Returns
    -------
    Markup
        A hidden drawing whose group "base" the maps use.
    """
    sheet, ground = _sheet(result), result.ground
    return base_group([*draw_ground(sheet, ground), *_cameras(sheet, ground.cameras)])


def map_before(result: SitesResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw the streets as the standing cameras see them.

    Parameters
    ----------
    result
        Sites to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet, lines = _sheet(result), result.lines
    drawn = [
        sheet.path([lines.seen_before], of="seen"),
        sheet.path([lines.blind_before], of="blind"),
        *street_names(sheet, result.ground.streets, taken=[], phrases=phrases),
    ]
    return on_base(sheet, drawn, titled=titled)


def map_after(result: SitesResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw the streets as they are seen with the new cameras.

    Parameters
    ----------
    result
        Sites to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet, lines = _sheet(result), result.lines
    sites = result.layers["camera_sites"]
    discs = place_discs(sheet, sites.geometry)
    drawn = [
        sheet.path([lines.seen_before], of="seen"),
        sheet.path([lines.blind_after], of="blind"),
        *(sheet.path([view], of="wedge") for view in result.layers["site_fields_of_view"].geometry),
        sheet.path([lines.newly_seen], of="newly"),
        *street_names(sheet, result.ground.streets, taken=[d.area for d in discs], phrases=phrases),
        *draw_discs(discs, sites["rank"], of="site"),
    ]
    return on_base(sheet, drawn, titled=titled)


def map_survey(result: SitesResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw, in small, how sure it is that the standing cameras see each street.

    Parameters
    ----------
    result
        Sites to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    sheet = _sheet(result).scaled(SMALL)
    drawn = [
        *(
            sheet.path([result.lines.by_survey[band]], of=band)
            for band in ("nearly_always", "nearly_never", "in_doubt")  # on top: it is short
        ),
        *street_names(sheet, result.ground.streets, taken=[], phrases=phrases),
    ]
    return on_small_base(sheet, drawn, titled=titled)


def close_up(result: SitesResult, site: str, *, phrases: Phrases, titled: str) -> Markup:
    """Draw what one new camera sees, ring by ring of its tasks.

    Parameters
    ----------
    result
        Sites to draw.
    site
        Label of the site.
    phrases
        Words to speak with.
    titled
        Element of the page that names the drawing.

    Returns
    -------
    Markup
        An SVG.
    """
    point = result.layers["camera_sites"].geometry.loc[site]
    view = result.layers["site_fields_of_view"].geometry.loc[site]
    sheet = _close_sheet(shapely.union(point, view))
    ground, prints = result.ground, result.layers["site_footprints"]
    own = prints[prints["site"] == site]
    (disc,) = place_discs(sheet, [point])
    drawn = [
        sheet.path(ground.buildings.geometry, of="building"),
        sheet.path(ground.private.geometry, of="private"),
        sheet.path(ground.streets.geometry, of="street"),
        sheet.path([view], of="view"),
        *(sheet.path([shape], of=f"ring ring-{n}") for n, shape in enumerate(own.geometry, 1)),
        *street_names(sheet, ground.streets, taken=[disc.area], phrases=phrases),
        *draw_discs([disc], [result.layers["camera_sites"].loc[site, "rank"]], of="site"),
    ]
    return framed(sheet, drawn, of="close", titled=titled)


def _sheet(result: SitesResult) -> Sheet:
    return zone_sheet(result.ground.boundary, result.ground.streets)


def _close_sheet(shape: BaseGeometry) -> Sheet:
    west, south, east, north = shape.bounds
    high = max((east - west) / _CLOSE_SHAPE, north - south, _CLOSE_LEAST_M)
    wide = high * _CLOSE_SHAPE
    x, y = (west + east - wide) / 2, (south + north - high) / 2
    around = shapely.box(x, y, x + wide, y + high)
    return Sheet.around(around, width=_CLOSE_WIDTH, margin_m=_CLOSE_MARGIN_M)


def _cameras(sheet: Sheet, cameras: GeoDataFrame) -> Iterator[Markup]:
    for row, point in zip(rows(cameras), cameras.geometry, strict=True):
        if sheet.area.contains(point):
            yield _CAMERA.format(
                *sheet.place(point.x, point.y),
                owner=row["owner_kind"],
                status=row["status"],
                turn=row["azimuth_deg"],
                cross=_CROSS if row["status"] == "down" else "",
            )
