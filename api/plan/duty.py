"""Who is on duty in a night: the units with their shifts, their company and their beats."""

from collections.abc import Mapping

from geopandas import GeoDataFrame

from api.plan.beats import NO_BEAT
from planning.patrol import PatrolPlan


def on_duty(patrol: PatrolPlan, own: Mapping[str, int]) -> GeoDataFrame:
    """List the units of a night, those that stay at their posts too.

    Parameters
    ----------
    patrol
        Plan of the night.
    own
        Beat of each unit that has one.

    Returns
    -------
    GeoDataFrame
        A unit a row, its post the geometry: `unit`, `name_th`, `name_en`, `mode`, `officers`,
        `skills` (a tuple), `starts_at` and `ends_at` (its shift), `note_th` and `note_en` (why it
        stays at its post or visits nothing), `beat` (0 where it has none), `company` (a tuple of
        `units`, `starts_at` and `ends_at`: whom it moves with, and when), `synthetic`.
    """
    told = [
        {
            **{key: getattr(tour.unit, key) for key in ("name_th", "name_en", "mode", "officers")},
            **{key: getattr(tour.unit, key) for key in ("starts_at", "ends_at", "synthetic")},
            "unit": tour.unit.id,
            "skills": tuple(sorted(tour.unit.skills)),
            "note_th": tour.note_th,
            "note_en": tour.note_en,
            "beat": own.get(tour.unit.id, NO_BEAT),
            "company": _company(patrol, tour.unit.id),
        }
        for tour in patrol.tours
    ]
    posts = [tour.unit.post for tour in patrol.tours]
    return GeoDataFrame(told, geometry=posts, crs=patrol.crs)


def _company(patrol: PatrolPlan, unit: str) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "units": tuple(other for other in team.units if other != unit),
            "starts_at": team.starts_at,
            "ends_at": team.ends_at,
        }
        for team in patrol.teams
        if unit in team.units and len(team.units) > 1
    )
