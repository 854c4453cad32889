"""The map of the dosage: streets by minutes spent against minutes planned. No track is drawn."""

from collections.abc import Iterator

from markupsafe import Markup

from api.bilingual import Phrases
from api.dosage.result import BANDS, DosageResult
from api.drawing import Sheet
from api.zone_maps import draw_discs, framed, place_discs, street_names, zone_sheet
from geo.shapes import middle


def map_streets(result: DosageResult, *, phrases: Phrases, titled: str) -> Markup:
    """Draw what became of the minutes planned on each street, and the hotspots.

    Parameters
    ----------
    result
        Dosage to draw.
    phrases
        Words to speak with.
    titled
        Element of the page that names the map.

    Returns
    -------
    Markup
        An SVG.
    """
    hotspots, streets = result.hotspots, result.streets
    sheet = zone_sheet(result.boundary, hotspots)
    spots = [middle(shape) for shape in hotspots.geometry]
    discs = place_discs([sheet.place(spot.x, spot.y) for spot in spots])
    drawn = [
        sheet.path(streets.geometry, of="street"),
        sheet.path(result.buildings.geometry, of="building"),
        sheet.path([result.boundary.exterior], of="boundary"),
        sheet.path(hotspots.geometry, of="stretch"),
        *_by_band(sheet, result),
        *street_names(sheet, streets, taken=[disc.area for disc in discs], phrases=phrases),
        *draw_discs(discs, hotspots["rank"], of="spot"),
    ]
    return framed(sheet, drawn, of="map", titled=titled)


def _by_band(sheet: Sheet, result: DosageResult) -> Iterator[Markup]:
    """Draw the streets of each band, those that were missed last."""
    for band in reversed(BANDS):
        chosen = result.streets["band"].eq(band)
        yield sheet.path(result.streets.geometry[chosen], of=f"dose {band}")
