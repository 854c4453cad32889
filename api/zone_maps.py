"""What printed maps of a zone share: the sheet, names of streets, numbered discs, a scale bar."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from markupsafe import Markup
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from api.bilingual import Both, Phrases, rows
from api.drawing import Sheet, label, round_step
from api.lettering import reading_angle
from api.zone_results import Ground

DISC: Final = 11.0
"""Radius of a numbered disc, in units of the drawing."""

SMALL: Final = 0.6
"""Size of a small map by that of the others."""

_WIDTH = 1000.0
_MARGIN_M = 25.0
_LETTER = 13.0  # height of a street's name, in units of the drawing
_LETTER_WIDTH = 0.56  # of an ordinary letter, in heights
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)  # where along a street its name is tried
_BAR_PARTS = 5  # a scale bar takes about so much of the sheet

_SVG = Markup(
    '<svg class="{}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="{}">{}</svg>'
)
_BASE = Markup('<svg class="hidden" aria-hidden="true"><defs><g id="base">{}</g></defs></svg>')
_ON_BASE = Markup('<use href="#base"/>')
_ON_SMALL_BASE = Markup('<use href="#base" transform="scale({})"/>').format(SMALL)
_DISC = Markup(
    '<g class="{}" transform="translate({:.1f} {:.1f})"><circle r="{}"/>'
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


class Disc(NamedTuple):
    """A number on the map.

    Attributes
    ----------
    at
        Where it stands, in units of the drawing.
    of
        The place it is of.
    """

    at: tuple[float, float]
    of: tuple[float, float]

    @property
    def area(self) -> Polygon:
        """What the disc covers.

        Returns
        -------
        Polygon
            Circle, in units of the drawing.
        """
        return shapely.Point(self.at).buffer(DISC)


def zone_sheet(boundary: BaseGeometry, besides: GeoDataFrame) -> Sheet:
    """Lay the sheet on which the maps of a zone are drawn.

    Parameters
    ----------
    boundary
        Outline of the zone, in metres.
    besides
        What must be on it besides; there may be nothing.

    Returns
    -------
    Sheet
        Sheet around both.
    """
    everything = shapely.union_all([boundary, *besides.geometry])
    return Sheet.around(everything.envelope, width=_WIDTH, margin_m=_MARGIN_M)


def draw_ground(sheet: Sheet, ground: Ground) -> list[Markup]:
    """Draw what the maps of a zone stand on.

    Parameters
    ----------
    sheet
        Sheet of the drawing.
    ground
        Streets, buildings and boundary.

    Returns
    -------
    list of Markup
        Paths, from below.
    """
    return [
        sheet.path(ground.streets.geometry, of="street"),
        sheet.path(ground.buildings.geometry, of="building"),
        sheet.path([ground.boundary.exterior], of="boundary"),
    ]


def base_group(drawn: Iterable[Markup]) -> Markup:
    """Keep what several maps stand on, so that it is on the page once.

    Parameters
    ----------
    drawn
        What it is made of, from below.

    Returns
    -------
    Markup
        A hidden drawing with the group "base".
    """
    return _BASE.format(Markup().join(drawn))


def on_base(sheet: Sheet, drawn: Iterable[Markup], *, titled: str) -> Markup:
    """Make a map that stands on the group "base".

    Parameters
    ----------
    sheet
        Sheet of the drawing, that of the group.
    drawn
        What is on it, from below.
    titled
        Element of the page that names it.

    Returns
    -------
    Markup
        An SVG; the group must stand on the page.
    """
    return framed(sheet, [_ON_BASE, *drawn], of="map", titled=titled)


def on_small_base(sheet: Sheet, drawn: Iterable[Markup], *, titled: str) -> Markup:
    """Make a small map that stands on the group "base".

    Parameters
    ----------
    sheet
        Sheet of the drawing, that of the group in `SMALL`.
    drawn
        What is on it, from below.
    titled
        Element of the page that names it.

    Returns
    -------
    Markup
        An SVG; the group must stand on the page.
    """
    return framed(sheet, [_ON_SMALL_BASE, *drawn], of="small", titled=titled)


def framed(sheet: Sheet, drawn: Iterable[Markup], *, of: str, titled: str) -> Markup:
    """Add scale bar and north arrow, and close the drawing.

    Parameters
    ----------
    sheet
        Sheet of the drawing.
    drawn
        What is on it, from below.
    of
        Class of the drawing.
    titled
        Element of the page that names it.

    Returns
    -------
    Markup
        An SVG.
    """
    length_m = round_step(sheet.width / sheet.scale, most=_BAR_PARTS)
    bar = length_m * sheet.scale
    furniture = [
        _BAR.format(sheet.height - 14, bar, bar + 6, length_m),
        _NORTH.format(sheet.width - 22),
    ]
    content = Markup().join([*drawn, *furniture])
    return _SVG.format(of, sheet.width, sheet.height, titled, content)


def place_discs(sheet: Sheet, points: Iterable[Point]) -> list[Disc]:
    """Put a disc on each place, beside it where another stands already.

    Parameters
    ----------
    sheet
        Sheet of the drawing.
    points
        Places, in metres.

    Returns
    -------
    list of Disc
        One disc a place.
    """
    discs: list[Disc] = []
    for x, y in (sheet.place(point.x, point.y) for point in points):
        around = [(x, y)] + [
            (x + far * DISC * math.cos(turn), y + far * DISC * math.sin(turn))
            for far in (2.4, 4.2, 6.0)
            for turn in np.linspace(0.0, 2 * math.pi, 12, endpoint=False)
        ]
        free = (at for at in around if all(math.dist(at, d.at) > 2 * DISC for d in discs))
        discs.append(Disc(next(free, (x, y)), (x, y)))
    return discs


def draw_discs(discs: Sequence[Disc], numbers: Iterable[int], *, of: str) -> Iterator[Markup]:
    """Draw discs with their numbers, each led to its place where it stands beside it.

    Parameters
    ----------
    discs
        Discs.
    numbers
        Number of each.
    of
        Class of the discs.

    Yields
    ------
    Markup
        First all leaders, then the discs.
    """
    for disc in discs:
        if disc.at != disc.of:
            yield _LEADER.format(*disc.of, *disc.at)
    for disc, number in zip(discs, numbers, strict=True):
        yield _DISC.format(of, *disc.at, DISC, number)


def street_names(
    sheet: Sheet, streets: GeoDataFrame, *, taken: Iterable[Polygon], phrases: Phrases
) -> Iterator[Markup]:
    """Write the name of each street once, longest street first, where nothing stands yet.

    Parameters
    ----------
    sheet
        Sheet of the drawing.
    streets
        Street edges with `name_th` and `name_en`.
    taken
        Where names may not stand, in units of the drawing.
    phrases
        Words to speak with.

    Yields
    ------
    Markup
        Texts.
    """
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
