"""The map of the dosage: streets by minutes spent against minutes planned. No track is drawn."""

from collections.abc import Iterator

from markupsafe import Markup

from api.bilingual import Phrases
from api.dosage.result import BANDS, DosageResult
from api.drawing import Sheet
from api.zone_maps import draw_discs, draw_ground, framed, place_discs, street_names, zone_sheet
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
    hotspots, streets = result.hotspots, result.ground.streets
    sheet = zone_sheet(result.ground.boundary, hotspots)
    discs = place_discs(sheet, [middle(shape) for shape in hotspots.geometry])
    drawn = [
        *draw_ground(sheet, result.ground),
        sheet.path(hotspots.geometry, of="stretch"),
        *_by_band(sheet, result),
        *street_names(sheet, streets, taken=[disc.area for disc in discs], phrases=phrases),
        *draw_discs(discs, hotspots["rank"], of="spot"),
    ]
    return framed(sheet, drawn, of="map", titled=titled)


def _by_band(sheet: Sheet, result: DosageResult) -> Iterator[Markup]:
    """Draw the streets of each band, those that were missed last."""
    streets = result.ground.streets
    for band in reversed(BANDS):
        yield sheet.path(streets.geometry[streets["band"].eq(band)], of=f"dose {band}")
