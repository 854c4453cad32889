"""What the cameras see of the streets tonight."""

from collections.abc import Callable
from dataclasses import dataclass

from geopandas import GeoDataFrame, GeoSeries

from analytics.blindspots import Coverage, blind_spots, coverage_of, street_coverage
from analytics.camera_state import fields_now
from api.crossings import with_crossings
from geo.visibility import fields_of_view, inside_buildings
from geo.zone import Zone


@dataclass(frozen=True, eq=False)
class Sight:
    """What the cameras see of the streets.

    Attributes
    ----------
    cameras
        The cameras that are up.
    fields
        What each of them sees tonight.
    inside
        Labels of those that stand inside a building.
    coverage
        How much of the streets is seen.
    points_seen_share
        Share of the points along the streets that at least one camera sees.
    blind
        Stretches of street that none sees, longest first.
    """

    cameras: GeoDataFrame
    fields: GeoSeries
    inside: tuple[str, ...]
    coverage: Coverage
    points_seen_share: float
    blind: GeoDataFrame


def look(
    zone: Zone, streets: GeoDataFrame, *, spacing_m: float, progress: Callable[[str], None]
) -> Sight:
    """Find what the cameras of a zone see of its streets tonight.

    Parameters
    ----------
    zone
        The zone on the evening of the plan.
    streets
        Its streets, cut to its boundary.
    spacing_m
        Distance between the points along the streets.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Sight
        Fields of view and what they leave blind.
    """
    progress("fields_of_view")
    cameras = zone.cameras[zone.cameras["status"] == "up"]
    by_day = fields_of_view(cameras, zone.buildings)
    fields = fields_now(cameras, by_day, lamps=zone.lamps, night=True)
    inside = inside_buildings(cameras, zone.buildings)

    progress("blind_spots")
    points = street_coverage(streets, fields, spacing_m=spacing_m)
    return Sight(
        cameras=cameras,
        fields=fields,
        inside=tuple(cameras.index[inside]),
        coverage=coverage_of(streets, fields),
        points_seen_share=float(points["seen_by"].gt(0).mean()),
        blind=with_crossings(blind_spots(streets, fields), zone.streets),
    )
