"""Cases of the public overlay: a state, and incidents before given buildings."""

from datetime import date

import pandas as pd
import shapely

from analytics.overlay_state import OverlayState
from tests.analytics.overlay_attack import incident

KEY = bytes(range(32))
FIRST_DAY = date(2025, 9, 1)
STATE = OverlayState(key=KEY, first_day=FIRST_DAY, day=FIRST_DAY)


def at_addresses(zone, rows, day, *, reporting="reported"):
    """Return an incident at each of some buildings, at noon of a day."""
    places = shapely.point_on_surface(zone.buildings.geometry.to_numpy()[rows])
    one = pd.concat([incident(place, day) for place in places], ignore_index=True)
    return one.assign(reporting=reporting)


def mass(surface):
    """Return the incidents of a surface."""
    return float((surface["density"] * surface["length_m"]).sum())
