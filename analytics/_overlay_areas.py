"""The words of the public overlay: where to walk, and never where not to."""

from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from analytics._overlay_units import StreetUnits
from geo.zone import Zone

BANDS: Final = ("ordinary", "good", "recommended")
LABELS_TH: Final = ("ถนนทั่วไป", "เดินสะดวก", "แนะนำให้เดิน")
LABELS_EN: Final = ("Everyday street", "Good for walking", "Recommended for walking")
# What speaks for a unit is told; what does not is not.
REASONS: Final = {
    "lit": ("ไฟสว่าง", "well lit"),
    "watched": ("มีกล้องสาธารณะ", "public cameras"),
    "lively": ("มีสถานที่น่าสนใจ", "places to see"),
    "posted": ("มีจุดตรวจใกล้เคียง", "a post nearby"),
}
REASON_FROM: Final = 0.5
PUBLIC_CRS: Final = "EPSG:4326"


def public_areas(
    zone: Zone,
    surface: gpd.GeoDataFrame,
    units: StreetUnits,
    level: NDArray[np.int64],
    merits: dict[str, NDArray[np.float64]],
    *,
    shown: tuple[date, date],
) -> gpd.GeoDataFrame:
    """Return the overlay; but for its bands it knows only whether an incident was made up.

    Parameters
    ----------
    zone
        The zone.
    surface
        The incident surface, of which no more is read than `synthetic`.
    units
        Its units.
    level
        Band of each unit, by position in `BANDS`.
    merits
        What is public of each unit, from 0 to 1.
    shown
        First day of the release, and first day after it.

    Returns
    -------
    areas
        One unit a row, in longitude and latitude.
    """
    strong = {name: merit >= REASON_FROM for name, merit in merits.items()}
    reasons = [
        [
            ", ".join(REASONS[name][language] for name in merits if strong[name][unit])
            for unit in range(len(level))
        ]
        for language in (0, 1)
    ]
    layers = (zone.buildings, zone.cameras, zone.lamps, zone.places, surface)
    made_up = any(bool(layer["synthetic"].any()) for layer in layers if "synthetic" in layer)
    areas = gpd.GeoDataFrame(
        {
            "band": [BANDS[one] for one in level],
            "label_th": [LABELS_TH[one] for one in level],
            "label_en": [LABELS_EN[one] for one in level],
            "name_th": units.names[:, 0],
            "name_en": units.names[:, 1],
            "reason_th": reasons[0],
            "reason_en": reasons[1],
            "valid_from": shown[0].isoformat(),
            "valid_until": shown[1].isoformat(),
            "synthetic": made_up,
        },
        geometry=units.lines,
        crs=zone.crs,
    )
    return areas.to_crs(PUBLIC_CRS)
