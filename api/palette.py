"""Colours of every map, chart and page of smartzone, named after what they draw.

Map inks come from M. Okabe and K. Ito, "Color Universal Design" (2008), and P. Tol, "Colour
Schemes" (SRON/EPS/TN/09-002, 2021): sets that stay apart for readers with red-green or blue-yellow
colour blindness. The tests simulate both and measure how far apart each pair stays.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # ground: pale, so that findings stand out
        "paper": "#f6f4ee",
        "ink": "#22262b",
        "muted": "#5c6370",
        "boundary": "#5c6370",
        "street": "#ffffff",
        "street_edge": "#aeb4bd",
        "building": "#dcd5c8",
        "building_edge": "#b5ac9b",
        "place": "#6b5b4b",
        "lamp": "#e0c200",
        "lamp_out": "#8a8f98",
        # findings
        "field_of_view": "#56b4e9",
        "blind_spot": "#d55e00",
        "hotspot": "#aa3377",
        "camera_site": "#f0e442",
        "sos_point": "#cc3311",
        # cameras by owner
        "camera_programme": "#0072b2",
        "camera_municipal": "#009e73",
        "camera_private": "#8a8f98",
        "camera_down": "#22262b",
        # states
        "notice": "#fff3cd",
        "notice_edge": "#b8860b",
    }
)
"""Colour of each thing drawn, as #rrggbb."""

TOURS: Final[tuple[str, ...]] = (
    "#332288",
    "#117733",
    "#882255",
    "#999933",
    "#44aa99",
    "#cc6677",
)
"""Colours of patrol units, in the order of the units; the seventh unit begins again."""


def tour_colour(order: int) -> str:
    """Give the colour of a patrol unit.

    Parameters
    ----------
    order
        Position of the unit in its plan, from 0.

    Returns
    -------
    str
        Its colour as #rrggbb.

    Examples
    --------
    >>> tour_colour(0) == tour_colour(len(TOURS))
    True
    """
    return TOURS[order % len(TOURS)]
