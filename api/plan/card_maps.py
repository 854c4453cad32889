"""The maps on the beat cards: a unit's way, its numbered stops, its beat, and where help is."""

from collections.abc import Iterator
from typing import Final

from geopandas import GeoDataFrame, GeoSeries
from markupsafe import Markup
from shapely import Point

from api.bilingual import Phrases, Row
from api.drawing import Sheet
from api.plan.result import PlanResult
from api.zone_maps import base_group, draw_discs, framed, place_discs, street_names, zone_sheet

_SMALL: Final = 0.62  # a card has room for a map beside its text, and numbers must stay readable
_BASE: Final = Markup('<use href="#base" transform="translate({:.1f} {:.1f}) scale({:.4f})"/>')
_SOS: Final = Markup(
    '<g class="sos" transform="translate({:.1f} {:.1f})">'
    '<rect x="-14" y="-7" width="28" height="14" rx="3"/><text dy=".35em">SOS</text></g>'
)
_POLICE: Final = Markup(
    '<g class="police" transform="translate({:.1f} {:.1f})">'
    '<path d="M0 -11L10 -6V2C10 8 4 11 0 12C-4 11 -10 8 -10 2V-6Z"/><text dy=".35em">P</text></g>'
)
_POST: Final = Markup('<path class="post" d="M{:.1f} {:.1f}m-8 6l8 -14l8 14Z"/>')


def base_map(plan: PlanResult) -> Markup:
    """Draw what all maps stand on, once for all.

    Parameters
    ----------
    plan
        Plan to draw.

    Returns
    -------
    Markup
        A hidden drawing whose group "base" the maps use.
    """
    sheet = _sheet(plan, plan.layers["patrol_stops"])
    return base_group(
        [
            sheet.path(plan.layers["streets"].geometry, of="street"),
            sheet.path(plan.layers["buildings"].geometry, of="building"),
            sheet.path([plan.boundary.boundary], of="boundary"),
        ]
    )


def map_unit(
    plan: PlanResult, unit: Row, stops: GeoDataFrame, *, phrases: Phrases, titled: str
) -> Markup:
    """Draw the way of a unit.

    Parameters
    ----------
    plan
        Plan to draw.
    unit
        The unit, a row of the plan's `duty`.
    stops
        Its stops.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG; the group "base" must stand on the page.
    """
    whole = _sheet(plan, plan.layers["patrol_stops"])
    sheet = _sheet(plan, stops).scaled(_SMALL)
    times = sheet.scale / whole.scale
    beats, tours = plan.layers["beats"], plan.layers["patrol_tours"]
    places = stops.drop_duplicates("place")
    discs = place_discs(sheet, places.geometry)
    taken = [disc.area for disc in discs]
    drawn = [
        _BASE.format(*sheet.place(whole.west, whole.north), times),
        sheet.path(beats.geometry[beats["beat"] == unit["beat"]], of="beat"),
        sheet.path(tours.geometry[tours["unit"] == unit["unit"]], of="tour"),
        *street_names(sheet, plan.layers["streets"], taken=taken, phrases=phrases),
        *_marks(sheet, plan.layers["sos_points"].geometry, _SOS),
        *_marks(sheet, _police(plan), _POLICE),
        *_marks(sheet, _post(plan, unit), _POST),
        *draw_discs(discs, places["place"], of="spot"),
    ]
    return framed(sheet, drawn, of="small", titled=titled)


def _sheet(plan: PlanResult, stops: GeoDataFrame) -> Sheet:
    """Lay the sheet around the zone and stops; ways may lead far beyond it."""
    return zone_sheet(plan.boundary, stops)


def _police(plan: PlanResult) -> GeoSeries:
    places = plan.layers["places"]
    return places.geometry[places["kind"] == "police"]


def _post(plan: PlanResult, unit: Row) -> GeoSeries:
    return plan.duty.geometry[plan.duty["unit"] == unit["unit"]]


def _marks(sheet: Sheet, points: GeoSeries, mark: Markup) -> Iterator[Markup]:
    for point in points:
        if isinstance(point, Point) and sheet.area.contains(point):
            yield mark.format(*sheet.place(point.x, point.y))
