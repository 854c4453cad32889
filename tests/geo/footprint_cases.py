"""One camera's footprint, and where a ray runs in it."""

import math
from functools import partial

import numpy as np
import pytest
import shapely

from geo.visibility import footprints
from tests.geo.sights import ARC_TOLERANCE_M

NEAR = partial(pytest.approx, abs=1e-6 + ARC_TOLERANCE_M)
FAR_WALL = shapely.box(-20.0, 6.0, 20.0, 7.0)


def footprint(camera, buildings, **options):
    """Return the footprint of one camera for the coarsest task, its arcs hardly cut."""
    options = {"task": "monitor", "arc_tolerance_m": ARC_TOLERANCE_M} | options
    field = footprints(camera, buildings, **options).iloc[0]
    assert field.is_valid
    assert field.geom_type in {"Polygon", "MultiPolygon"}
    return field


def along(field, azimuth_deg=0.0, *, origin=(0.0, 0.0), reach=200.0):
    """Return where a ray from a place runs in a field: from one distance to the next, and so on."""
    turn = math.radians(azimuth_deg)
    end = (origin[0] + reach * math.sin(turn), origin[1] + reach * math.cos(turn))
    pieces = shapely.get_parts(field.intersection(shapely.LineString([origin, end])))
    pieces = pieces[shapely.length(pieces) > 1e-6]
    ends = np.hypot(*(shapely.get_coordinates(pieces) - origin).T)
    return sorted(ends)
