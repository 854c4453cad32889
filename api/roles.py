"""Who sees what of the cameras and their register: one table for everything that shows them.

The command line names a role, the service knows it from the account; what it hands out to anyone
is what `public` may see. In doubt the table is closed: a column it does not name is shown to
no role, and an owner of no known kind is taken for a private one.

- commander: everything, to answer for it.
- planner: exact places, to choose sites among the cameras that stand; no contacts.
- operator: exact places and contacts, to open a feed or ring an office now.
- officer: on which street a private camera is, whether it works, and how long its pictures last.
- partner: the own cameras only.
- auditor: consent, retention and audience of every camera; neither places nor contacts.
- public: the cameras of programme and municipality; private ones are left out.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

import geopandas as gpd
import numpy as np

from geo.errors import ParameterError

Role = Literal["commander", "planner", "operator", "officer", "partner", "auditor", "public"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

OPEN_OWNERS: Final = ("programme", "municipal")
"""Kinds of owner whose cameras stand in public view; every other is taken for private."""

_GEOMETRY: Final = "geometry"
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("owner_kind", "synthetic"),
    "street": ("street_th", "street_en"),
    "place": (_GEOMETRY, "place_th", "place_en", "position_sd_m"),
    "optics": (
        *("azimuth_deg", "fov_deg", "range_m", "height_m", "tilt_deg", "vfov_deg", "focal_mm"),
        *("sensor_width_mm", "sensor_height_mm", "resolution_px", "azimuth_sd_deg"),
    ),
    "state": ("status", "state", "night_vision"),
    "owner": ("owner",),
    "consent": ("consent", "consented_on", "consent_until"),
    "terms": ("retention_days", "audience"),
    "contact": ("contact",),
}
"""The columns of the register, the street's name and the state on a day, by what they tell."""


class Sight(NamedTuple):
    """What a role sees of a camera, as groups of columns; nothing where the camera is left out.

    Attributes
    ----------
    private
        Of a private camera.
    others
        Of a camera of the programme or the municipality.
    """

    private: frozenset[str]
    others: frozenset[str]


def _sight(*, both: str = "", private: str = "", others: str = "") -> Sight:
    return Sight(frozenset(f"{both} {private}".split()), frozenset(f"{both} {others}".split()))


SIGHTS: Final[Mapping[Role, Sight]] = {
    "commander": _sight(both="kind street place optics state owner consent terms contact"),
    "planner": _sight(both="kind street place optics state owner consent terms"),
    "operator": _sight(both="kind street place optics state owner consent terms contact"),
    "officer": _sight(both="kind street state terms", others="place optics owner"),
    "partner": _sight(both="kind street place optics state owner consent terms"),
    "auditor": _sight(both="kind street consent terms", others="owner"),
    "public": _sight(others="kind street place optics state owner terms"),
}
"""What each role sees."""


def sees(role: Role, column: str, *, owner_kind: object) -> bool:
    """Tell whether a role sees a column of a camera.

    Parameters
    ----------
    role
        Who asks.
    column
        Name of the column; the exact place is "geometry".
    owner_kind
        Kind of the camera's owner.

    Returns
    -------
    seen
        Whether it may be shown; false for a column that the table does not know.
    """
    sight = SIGHTS[role].others if owner_kind in OPEN_OWNERS else SIGHTS[role].private
    return any(column in _GROUPS[group] for group in sight)


def visible_register(
    frame: gpd.GeoDataFrame, role: Role, *, owner: str | None = None
) -> gpd.GeoDataFrame:
    """Return what a role may see of the register, or of the cameras of a zone.

    Parameters
    ----------
    frame
        Register or cameras with `owner_kind`, and `owner` for a partner; index "id".
    role
        Who asks.
    owner
        Name of the owner that a partner is, as the register spells it; for no other role.

    Returns
    -------
    visible
        The rows the role may know of. A column it sees of none of them is left out; one it sees
        of some is missing in the others. The geometry column is always there, missing where
        the exact place is hidden.

    Raises
    ------
    ParameterError
        There is no such role, a partner does not say which owner, or another role does.
    """
    _refuse_asker(role, owner)
    sight, place = SIGHTS[role], str(frame.geometry.name)
    is_open = frame["owner_kind"].isin(OPEN_OWNERS).to_numpy()
    known = np.where(is_open, bool(sight.others), bool(sight.private))
    if role == "partner":
        known &= frame["owner"].eq(owner).to_numpy()
    rows, is_open = frame[known], is_open[known]
    visible = rows[[place]].copy()
    for column in frame.columns:
        field = _GEOMETRY if column == place else column
        seen = np.where(
            is_open,
            sees(role, field, owner_kind=OPEN_OWNERS[0]),
            sees(role, field, owner_kind="private"),
        )
        if column == place:
            visible[place] = rows.geometry.where(seen)
        elif seen.all() and seen.size:
            visible[column] = rows[column]
        elif seen.any():
            visible[column] = rows[column].astype("object").where(seen, None)
    return visible[[*(name for name in visible.columns if name != place), place]]


def _refuse_asker(role: Role, owner: str | None) -> None:
    if role not in SIGHTS:
        raise ParameterError(f"Expected `role` among {', '.join(SIGHTS)}, got {role!r}.")
    if (role == "partner") != bool(owner):
        expected = "the name of an owner" if role == "partner" else "none but for a partner"
        found = repr(owner) if owner else "none"
        raise ParameterError(f"Expected `owner` to be {expected}, got {found}.")
