"""What somebody sees of a layer: which text of the store, and what of an owned feature."""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from api.identity import Principal
from api.ogc.text import compact
from api.rights import READERS, may_read
from api.roles import Role, sees
from api.store import OWNED_LAYERS, LayerRecord
from api.store.features import fingerprint
from api.store.records import EDITED, FOLDER
from geo.errors import NotFoundError

_GEOMETRY = "geometry"
_NIGHT: Final = "tonight"  # what is made with a plan says of which night
_UNTOLD: Final = frozenset({"inputs", EDITED, FOLDER})
# A plain hash of what somebody sees in part would let them try what the rest may be: a telephone
# number has few digits. Of a layer a key that nobody has prevents it; it ends with the process.
_KEY: Final = secrets.token_bytes(32)


@dataclass(frozen=True)
class Sight:
    """What somebody sees of one layer.

    Attributes
    ----------
    collection
        Name of the layer.
    view
        Which of the store's texts is read.
    role
        Whose part of each feature is shown.
    owner
        For a partner, whose features are shown.
    """

    collection: str
    view: Literal["public", "full"]
    role: Role
    owner: str | None = None

    @property
    def is_partial(self) -> bool:
        """Whether each feature must be judged by itself, for it belongs to somebody.

        Returns
        -------
        partial
            False where the text is shown as the store has it.
        """
        return self.view == "full" and self.collection in OWNED_LAYERS

    @property
    def is_restricted(self) -> bool:
        """Whether reading it is told to the audit.

        Returns
        -------
        restricted
            False where anybody may read the same.
        """
        return self.view == "full" and (
            self.is_partial or "public" not in READERS.get(self.collection, frozenset())
        )

    def version(self, record: LayerRecord) -> str:
        """Return a fingerprint of what is seen of a layer.

        Parameters
        ----------
        record
            The layer.

        Returns
        -------
        version
            Differs where what is seen differs.
        """
        if self.view == "public":
            return record.public_version
        if not self.is_partial:
            return f"{record.version}-full"
        seen = f"{record.version} {self.role} {self.owner or ''}"
        return hmac.digest(_KEY, seen.encode(), "sha256").hex()[:20]

    def tag(self, version: str, mark: str, *, shown: str) -> str:
        """Return the entity tag of a feature.

        Parameters
        ----------
        version
            Version of the text that was read.
        mark
            What the form of the answer adds.
        shown
            What is seen of the feature, as text.

        Returns
        -------
        tag
            The tag; of a feature that is shown in part it tells nothing of what is hidden.
        """
        version = fingerprint(shown) if self.is_partial else version
        part = f"-{self.role}" if self.is_partial else "-full" if self.view == "full" else ""
        return f'W/"{version}{part}{mark}"'

    def shown_text(self, feature: str) -> str | None:
        """Return what is seen of a feature, as text.

        Parameters
        ----------
        feature
            The GeoJSON Feature as it was read.

        Returns
        -------
        shown
            The feature without what is hidden; none where it is hidden as a whole.
        """
        if not self.is_partial:
            return feature
        shown = self.shown(json.loads(feature))
        return None if shown is None else compact(shown)

    def shown(self, feature: Mapping[str, object]) -> dict[str, object] | None:
        """Return what is seen of a feature.

        Parameters
        ----------
        feature
            A GeoJSON Feature of the layer, with everything that is known of it.

        Returns
        -------
        shown
            The feature without what is hidden; none where it is hidden as a whole.
        """
        if not self.is_partial:
            return dict(feature)
        given = feature["properties"]
        properties: Mapping[str, object] = given if isinstance(given, Mapping) else {}
        kind = properties.get("owner_kind")
        if self.role == "partner" and (not self.owner or properties.get("owner") != self.owner):
            return None
        kept = {name: value for name, value in properties.items() if self.sees(name, kind)}
        is_placed = self.sees(_GEOMETRY, kind)
        if not kept and not is_placed:
            return None
        geometry = feature[_GEOMETRY] if is_placed else None
        return dict(feature) | {_GEOMETRY: geometry, "properties": kept}

    def sees(self, column: str, owner_kind: object) -> bool:
        """Tell whether a column is seen.

        Parameters
        ----------
        column
            Name of a property, or "geometry".
        owner_kind
            Kind of the feature's owner.

        Returns
        -------
        seen
            Whether it is shown.
        """
        return not self.is_partial or sees(self.role, column, owner_kind=owner_kind)


def told_of(principal: Principal, record: LayerRecord) -> LayerRecord:
    """Return what somebody may know of how a layer was made.

    Parameters
    ----------
    principal
        Who asks.
    record
        The layer, which they may read.

    Returns
    -------
    record
        The same; what was made with a plan without its seed, by which the plan can be computed
        again, for whoever may not read the plan; and to the public no name of a file, which
        somebody may have called by a person's, no hash of anything that private cameras are in,
        by which their places could be tried, and not whether such a layer was edited.
    """
    kept, inputs = dict(record.provenance), record.provenance.get("inputs")
    if _NIGHT in kept and not may_read(principal, "patrol_tours"):
        kept.pop("seed", None)
    if principal.role == "public" and isinstance(inputs, Mapping):
        kept["inputs"] = {name: value for name, value in inputs.items() if name != "file"}
    if principal.role == "public" and (record.kind == "product" or record.name in OWNED_LAYERS):
        kept = {name: value for name, value in kept.items() if name not in _UNTOLD}
    return replace(record, provenance=kept)


def sight_of(principal: Principal, collection: str, *, zone: str) -> Sight:
    """Return what somebody sees of a layer.

    Parameters
    ----------
    principal
        Who asks.
    collection
        Name of the layer.
    zone
        Name of the zone, for the message.

    Returns
    -------
    sight
        What they see.

    Raises
    ------
    NotFoundError
        They may not read it; it is told like one that does not exist.
    """
    if not may_read(principal, collection):
        raise NotFoundError(f"Expected a layer of zone {zone!r}, got {collection!r}.")
    view: Literal["public", "full"] = "public" if principal.role == "public" else "full"
    return Sight(collection, view, principal.role, principal.owner)
