"""Changes of single features: checked by the layer's contract, locked by version, and audited.

Nobody changes what they do not see: properties that are hidden from a role may not stand in what
it sends, and stay as they are when it replaces a feature.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
from shapely.geometry import mapping

from api.identity import Principal
from api.ogc.sights import Sight
from api.ogc.text import compact
from api.store import OWNED_LAYERS, Store
from api.store.audit import append_within
from api.store.engine import Session
from api.store.exposure import REGISTER_ONLY
from api.store.features import FeatureRow
from geo.errors import ConflictError, Fault, LayerError, NotFoundError
from geo.formats import read_features

_SOURCE = "feature"
MEMBERS = frozenset({"type", "id", "geometry", "properties", "links", "bbox"})
"""What a feature that is sent may have; links and bbox are set aside."""
_TAKEN = frozenset({"id", "geometry"})
_MOST_PROPERTIES = 250
_FEW_PROPERTIES = f"at most {_MOST_PROPERTIES} properties"
LONGEST_ID = 128
"""Most letters of an id."""

Json = dict[str, object]


@dataclass(frozen=True)
class Editor:
    """Somebody who changes features of one layer.

    Attributes
    ----------
    store
        The store.
    zone
        Name of the zone.
    principal
        Who changes.
    sight
        What they see of the layer.
    crs
        Coordinate reference system of the zone, as EPSG code; none where its folder is unknown.
    """

    store: Store
    zone: str
    principal: Principal
    sight: Sight
    crs: str | None

    def read(self, feature_id: str) -> tuple[Json, str]:
        """Read a feature that is to be changed.

        Parameters
        ----------
        feature_id
            Its id.

        Returns
        -------
        feature, version
            The whole feature, and its version.

        Raises
        ------
        NotFoundError
            There is none, or it is hidden from the editor.
        """
        layer = self.sight.collection
        _, text, version = self.store.item(self.zone, layer, feature_id, view="full")
        feature: Json = json.loads(text)
        if self.sight.shown(feature) is None:
            raise NotFoundError(f"Expected an item of layer {layer!r}, got {feature_id!r}.")
        return feature, version

    def checked(self, feature: Mapping[str, object], *, stored: Json | None = None) -> Json:
        """Check a feature that is to be stored.

        Parameters
        ----------
        feature
            The GeoJSON Feature, with its id.
        stored
            The whole feature that it replaces.

        Returns
        -------
        checked
            The feature with every property of its layer's contract, and with what is hidden from
            the editor as it was stored.

        Raises
        ------
        LayerError
            With every fault.
        """
        faults = self._faults(feature)
        hidden = self._hidden(stored)
        given = feature.get("properties")
        properties = dict(given) if isinstance(given, Mapping) else {}
        if not isinstance(given, Mapping | None):
            faults.append(_fault("an object", type(given).__name__, "properties"))
        if len(properties) > _MOST_PROPERTIES:  # each is a column to be checked
            found = f"{len(properties):,}"
            raise LayerError([*faults, _fault(_FEW_PROPERTIES, found, "properties")])
        faults += [
            _fault("a property of another name", name, name) for name in _TAKEN & {*properties}
        ]
        for name in sorted(properties):
            if self.sight.collection in OWNED_LAYERS and name in REGISTER_ONLY:
                faults.append(_fault("no property that only the register holds", name, name))
            elif not self._may_write(name, stored, properties) or name in hidden:
                faults.append(_fault("no property that is hidden from your role", name, name))
        whole = dict(feature) | {"properties": properties | hidden}
        collection = {"type": "FeatureCollection", "features": [whole]}
        try:
            frame = read_features(collection, self.sight.collection, source=_SOURCE, crs=self.crs)
        except LayerError as error:
            faults += error.faults
        if faults:
            raise LayerError(faults)
        [(name, row)] = frame.drop(columns="geometry").iterrows()
        kept = {str(column): _value(value) for column, value in row.items()}
        shape = frame.geometry.iloc[0]
        return {"type": "Feature", "id": name, "geometry": mapping(shape), "properties": kept}

    def put(self, feature: Json, *, if_version: str | None) -> str:
        """Store a checked feature, and tell the audit, both or neither.

        Parameters
        ----------
        feature
            The feature.
        if_version
            Version of the feature that it replaces; none where it is new.

        Returns
        -------
        tag
            Its entity tag.

        Raises
        ------
        NotFoundError
            There is none to be replaced.
        ConflictError
            Somebody else changed it meanwhile, or the id of a new one is taken.
        """
        operation = "create" if if_version is None else "replace"

        def record(session: Session, stored: FeatureRow) -> None:
            detail = self._detail(operation, if_version) | {"version": stored.version}
            self._record(session, stored.feature_id, detail)

        layer = self.sight.collection
        stored = self.store.put_feature(
            self.zone, layer, feature, if_version=if_version, besides=record
        )
        return self._tag(stored.version, json.loads(stored.feature))

    def delete(self, feature_id: str, *, if_version: str) -> None:
        """Delete a feature, and tell the audit, both or neither.

        Parameters
        ----------
        feature_id
            Its id.
        if_version
            Its version.

        Raises
        ------
        NotFoundError
            There is none.
        ConflictError
            Somebody else changed it meanwhile.
        """
        detail = self._detail("delete", if_version)
        self.store.delete_feature(
            self.zone,
            self.sight.collection,
            feature_id,
            if_version=if_version,
            besides=lambda session: self._record(session, feature_id, detail),
        )

    def expected(self, feature_id: str, given: str) -> tuple[Json, str]:
        """Read a feature, and hold it to what the header If-Match says.

        Parameters
        ----------
        feature_id
            Its id.
        given
            The header; tags may be weak, for they stand for the feature and not for its bytes.

        Returns
        -------
        feature, version
            The whole feature, and its version.

        Raises
        ------
        NotFoundError
            There is none, or it is hidden from the editor.
        ConflictError
            The header names other versions.
        """
        feature, version = self.read(feature_id)
        current = self._tag(version, feature).removeprefix("W/")
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        if given != "*" and current not in tags:
            raise ConflictError(f"Expected `If-Match` with {current}, got {given[:200]}.")
        return feature, version

    def _tag(self, version: str, feature: Json) -> str:
        return self.sight.tag(version, "", shown=compact(self.sight.shown(feature) or {}))

    def _faults(self, feature: Mapping[str, object]) -> list[Fault]:
        faults = []
        if feature.get("type") != "Feature":
            faults.append(_fault("a GeoJSON Feature", str(feature.get("type"))[:40], "type"))
        name = feature.get("id")
        if not _is_id(name):
            expected = f"an id of 1 to {LONGEST_ID} letters that may be a part of an address"
            faults.append(_fault(expected, repr(name)[:40], "id"))
        known = f"only {', '.join(sorted(MEMBERS))}"
        strange = sorted(feature.keys() - MEMBERS)
        return faults + [_fault(known, member[:40], member[:40]) for member in strange]

    def _hidden(self, stored: Json | None) -> Json:
        """Return the stored properties that the editor does not see."""
        properties = stored["properties"] if stored is not None else {}
        if not isinstance(properties, dict):
            return {}
        kind = properties.get("owner_kind")
        return {
            name: value for name, value in properties.items() if not self.sight.sees(name, kind)
        }

    def _may_write(self, name: str, stored: Json | None, given: Mapping[str, object]) -> bool:
        """Tell whether a property is seen of the feature as it was, and as it is to be."""
        before = stored["properties"] if stored is not None else given
        owners = (before if isinstance(before, Mapping) else {}, given)
        return all(self.sight.sees(name, owner.get("owner_kind")) for owner in owners)

    def _record(self, session: Session, feature_id: str, detail: Mapping[str, object]) -> None:
        now, target = dt.datetime.now(dt.UTC), f"{self.sight.collection}/{feature_id}"
        append_within(session, now, self.principal, "change", self.zone, target, detail)

    def _detail(self, operation: str, before: str | None) -> dict[str, object]:
        detail: dict[str, object] = {"operation": operation, "layer": self.sight.collection}
        return detail if before is None else detail | {"version_before": before}


def _is_id(name: object) -> bool:
    """Tell whether a feature of this id could be reached again by its address."""
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID or not name.isprintable():
        return False
    return "/" not in name and name not in {".", ".."}


def _fault(expected: str, found: str, field: str) -> Fault:
    return Fault(_SOURCE, expected, found, 1, field)


def _value(value: object) -> object:
    """Return a cell as the store keeps it; what is missing is none."""
    if isinstance(value, list | dict):
        return value
    return None if pd.isna(cast("Any", value)) else value
