"""The maps of the planner's report: the streets seen and blind, how surely, and close by."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from markupsafe import Markup
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from api.bilingual import Both, Phrases, rows
from api.lettering import reading_angle
from api.sites.drawing import Sheet, label, round_step
from api.sites.result import Ground, SitesResult

_WIDTH = 1000.0
_SMALL = 0.6  # size of the small map by that of the others
_MARGIN_M = 25.0
_CLOSE_WIDTH = 460.0
_CLOSE_MARGIN_M = 12.0
_CLOSE_LEAST_M = 60.0  # height of the drawing of a site that sees next to nothing
_CLOSE_SHAPE = 1.2  # width of these drawings by their height
_LETTER = 13.0  # height of a street's name, in units of the drawing
_LETTER_WIDTH = 0.56  # of an ordinary letter, in heights
_DISC = 11.0  # radius of a site's number
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)  # where along a street its name is tried
_BAR_PARTS = 5  # a scale bar takes about so much of the sheet

_SVG = Markup(
    '<svg class="{}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}">{}</svg>'
)
_CAMERA = Markup(
    '<g class="camera {owner} {status}" transform="translate({:.1f} {:.1f}) rotate({turn:.0f})">'
    '<path d="M0 -11V0"/><circle r="3.6"/>{cross}</g>'
)
_CROSS = Markup('<path class="cross" d="M-4 -4L4 4M4 -4L-4 4"/>')
_SITE = Markup(
    '<g class="site" transform="translate({:.1f} {:.1f})"><circle r="{}"/>'
    '<text dy=".35em">{}</text></g>'
)
_LEADER = Markup('<path class="leader" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>')
_BAR = Markup(
    '<g class="bar" transform="translate(14 {:.1f})"><path d="M0 -6V0H{:.1f}V-6"/>'
    '<text x="{:.1f}" dy=".1em">{:,.0f} m</text></g>'
)
_NORTH = Markup(
    '<g class="north" transform="translate({:.1f} 34)"><path d="M0 -24L7 0L0 -5L-7 0Z"/>'
    '<text y="15">N</text></g>'
)


class _Disc(NamedTuple):
    """A number on the map: where it stands, and the place it is of."""

    at: tuple[float, float]
    of: tuple[float, float]

    @property
    def area(self) -> Polygon:
        return shapely.Point(self.at).buffer(_DISC)


def sheet_of(ground: Ground) -> Sheet:
    """Lay the sheet on which both maps of the zone are drawn.

    Parameters
    ----------
    ground
        What the maps stand on.

    Returns
    -------
    Sheet
        Sheet around the boundary and all streets.
    """
    everything = shapely.union_all([ground.boundary, *ground.streets.geometry])
    return Sheet.around(everything.envelope, width=_WIDTH, margin_m=_MARGIN_M)


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
    sheet = sheet_of(result.ground)
    drawn = [
        sheet.path(result.ground.streets.geometry, of="street"),
        sheet.path(result.ground.buildings.geometry, of="building"),
        sheet.path([result.ground.boundary.exterior], of="boundary"),
        *_cameras(sheet, result.ground.cameras),
    ]
    return Markup(
        '<svg class="hidden" aria-hidden="true"><defs><g id="base">{}</g></defs></svg>'
    ).format(Markup().join(drawn))


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
    sheet, lines = sheet_of(result.ground), result.lines
    drawn = [
        sheet.path([lines.seen_before], of="seen"),
        sheet.path([lines.blind_before], of="blind"),
        *_street_names(sheet, result.ground.streets, [], phrases),
    ]
    return _map(sheet, drawn, titled)


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
    sheet, lines = sheet_of(result.ground), result.lines
    sites = result.layers["camera_sites"]
    discs = _discs([sheet.place(point.x, point.y) for point in sites.geometry])
    drawn = [
        sheet.path([lines.seen_before], of="seen"),
        sheet.path([lines.blind_after], of="blind"),
        *(sheet.path([view], of="wedge") for view in result.layers["site_fields_of_view"].geometry),
        sheet.path([lines.newly_seen], of="newly"),
        *_street_names(sheet, result.ground.streets, [disc.area for disc in discs], phrases),
        *(_LEADER.format(*disc.of, *disc.at) for disc in discs if disc.at != disc.of),
        *(
            _SITE.format(*disc.at, _DISC, rank)
            for rank, disc in zip(sites["rank"], discs, strict=True)
        ),
    ]
    return _map(sheet, drawn, titled)


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
    sheet = sheet_of(result.ground).scaled(_SMALL)
    drawn = [
        Markup('<use href="#base" transform="scale({})"/>').format(_SMALL),
        *(
            sheet.path([result.lines.by_survey[band]], of=band)
            for band in ("nearly_always", "nearly_never", "in_doubt")  # on top: it is short
        ),
        *_street_names(sheet, result.ground.streets, [], phrases),
    ]
    return _framed(sheet, drawn, "small", titled)


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
    place = sheet.place(point.x, point.y)
    drawn = [
        sheet.path(ground.buildings.geometry, of="building"),
        sheet.path(ground.private.geometry, of="private"),
        sheet.path(ground.streets.geometry, of="street"),
        sheet.path([view], of="view"),
        *(sheet.path([shape], of=f"ring ring-{n}") for n, shape in enumerate(own.geometry, 1)),
        *_street_names(sheet, ground.streets, [shapely.Point(place).buffer(_DISC)], phrases),
        _SITE.format(*place, _DISC, result.layers["camera_sites"].loc[site, "rank"]),
    ]
    return _framed(sheet, drawn, "close", titled)


def _discs(places: list[tuple[float, float]]) -> list[_Disc]:
    """Put a number on each place, beside it where another stands already."""
    discs: list[_Disc] = []
    for x, y in places:
        around = [(x, y)] + [
            (x + far * _DISC * math.cos(turn), y + far * _DISC * math.sin(turn))
            for far in (2.4, 4.2, 6.0)
            for turn in np.linspace(0.0, 2 * math.pi, 12, endpoint=False)
        ]
        free = (at for at in around if all(math.dist(at, d.at) > 2 * _DISC for d in discs))
        discs.append(_Disc(next(free, (x, y)), (x, y)))
    return discs


def _close_sheet(shape: BaseGeometry) -> Sheet:
    west, south, east, north = shape.bounds
    high = max((east - west) / _CLOSE_SHAPE, north - south, _CLOSE_LEAST_M)
    wide = high * _CLOSE_SHAPE
    x, y = (west + east - wide) / 2, (south + north - high) / 2
    around = shapely.box(x, y, x + wide, y + high)
    return Sheet.around(around, width=_CLOSE_WIDTH, margin_m=_CLOSE_MARGIN_M)


def _map(sheet: Sheet, drawn: list[Markup], titled: str) -> Markup:
    return _framed(sheet, [Markup('<use href="#base"/>'), *drawn], "map", titled)


def _framed(sheet: Sheet, drawn: list[Markup], of: str, titled: str) -> Markup:
    """Add scale bar and north arrow, and close the drawing."""
    length_m = round_step(sheet.width / sheet.scale, most=_BAR_PARTS)
    bar = length_m * sheet.scale
    furniture = [
        _BAR.format(sheet.height - 14, bar, bar + 6, length_m),
        _NORTH.format(sheet.width - 22),
    ]
    content = Markup().join([*drawn, *furniture])
    return _SVG.format(of, sheet.width, sheet.height, titled, content)


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


def _street_names(
    sheet: Sheet, streets: GeoDataFrame, taken: list[Polygon], phrases: Phrases
) -> Iterator[Markup]:
    """Write the name of each street once, longest street first, where nothing stands yet."""
    taken = list(taken)
    for name, line in _named_lines(streets, sheet.area, phrases):
        length = max(len(name.th), len(name.en)) * _LETTER * _LETTER_WIDTH
        if line.length * sheet.scale < length:
            continue
        for share in _SHARES:
            point = line.interpolate(share, normalized=True)
            at, angle_deg = sheet.place(point.x, point.y), reading_angle(line, share)
            box = _text_box(at, angle_deg, length)
            if not shapely.intersects(taken, box).any():
                taken.append(box)
                yield label(name, of="name", at=at, angle_deg=angle_deg)
                break


def _named_lines(
    streets: GeoDataFrame, area: Polygon, phrases: Phrases
) -> Iterator[tuple[Both, LineString]]:
    """Give each name with the longest edge on the sheet that bears it."""
    cut = streets.assign(geometry=streets.geometry.intersection(area)).explode()
    cut = cut[cut.geom_type.eq("LineString") & ~cut.is_empty]
    cut = cut[cut["name_en"].ne("") | cut["name_th"].ne("")]
    order = np.argsort(-cut.length.to_numpy(), kind="stable")
    longest = cut.iloc[order].drop_duplicates(["name_th", "name_en"])
    for row, line in zip(rows(longest), longest.geometry, strict=True):
        yield phrases.name(row), line


def _text_box(at: tuple[float, float], angle_deg: float, length: float) -> Polygon:
    text = LineString([(at[0] - length / 2, at[1]), (at[0] + length / 2, at[1])])
    turned = shapely.affinity.rotate(text, angle_deg, origin=at)
    return turned.buffer(_LETTER / 2, cap_style="flat")
