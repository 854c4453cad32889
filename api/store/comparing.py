"""What differs between a layer as it is stored and as it arrives: by meaning, not by letter.

Formats of maps keep places to a centimetre, turn rings about, know no flags and order columns as
they like. A feature that comes back from one of them as it went out is no change.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from api.store.engine import Row, Session
from api.store.features import FeatureRow

TOLERANCE_DEG: Final = 7.5e-8
"""Largest shift of a corner that is none: half a seventh decimal each way, under a centimetre."""


class Changes(NamedTuple):
    """How a layer differs from the stored one, in numbers of features.

    Attributes
    ----------
    added
        Features that are not stored.
    changed
        Features that are stored otherwise.
    removed
        Stored features that did not arrive.
    """

    added: int
    changed: int
    removed: int


class Difference(NamedTuple):
    """How a layer differs from the stored one.

    Attributes
    ----------
    added
        Features that are not stored, in the order of the layer.
    changed
        Features that are stored otherwise.
    removed
        Ids of stored features that did not arrive.
    """

    added: list[FeatureRow]
    changed: list[FeatureRow]
    removed: list[str]

    @property
    def counts(self) -> Changes:
        """Count the features of each.

        Returns
        -------
        counts
            How many there are of each.
        """
        return Changes(len(self.added), len(self.changed), len(self.removed))


def difference(session: Session, layer_id: int, rows: Sequence[FeatureRow]) -> Difference:
    """Tell how a layer that arrives differs from the stored one.

    Parameters
    ----------
    session
        A transaction.
    layer_id
        Key of the stored layer.
    rows
        All features of the one that arrives.

    Returns
    -------
    difference
        What is new, other and gone.
    """
    stored = {row["feature_id"]: row for row in session.rows(_SELECT, layer=layer_id)}
    arrived = {row.feature_id for row in rows}
    return Difference(
        added=[row for row in rows if row.feature_id not in stored],
        changed=[
            row
            for row in rows
            if row.feature_id in stored and not _alike(stored[row.feature_id], row)
        ],
        removed=[name for name in stored if name not in arrived],
    )


def same_place(one: BaseGeometry | None, other: BaseGeometry | None) -> bool:
    """Tell whether two geometries are one, but for what files round and turn about.

    Parameters
    ----------
    one
        A geometry in degrees, or none.
    other
        Another.

    Returns
    -------
    same
        Whether all corners agree. The way in which a ring is drawn says nothing, that of a line
        does: a street may be one-way.
    """
    if one is None or other is None:
        return one is other
    first, second = shapely.orient_polygons(one), shapely.orient_polygons(other)
    return bool(shapely.equals_exact(first, second, tolerance=TOLERANCE_DEG))


def _alike(stored: Row, row: FeatureRow) -> bool:
    if (stored["version"], stored["public_version"]) == (row.version, row.public_version):
        return True
    # What the public may see is looked at by itself: whether it is shown may have changed alone.
    return _same(stored["feature"], row.feature) and _same(
        stored["public_feature"], row.public_feature
    )


def _same(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    first, second = json.loads(one), json.loads(other)
    if _present(first["properties"]) != _present(second["properties"]):
        return False
    return same_place(_shape(first["geometry"]), _shape(second["geometry"]))


def _present(properties: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in properties.items() if value is not None}


def _shape(geometry: Mapping[str, object] | None) -> BaseGeometry | None:
    return None if geometry is None else shape(dict(geometry))


_SELECT = (
    "SELECT feature_id, version, public_version, feature, public_feature FROM features"
    " WHERE layer_id = :layer ORDER BY position"
)
