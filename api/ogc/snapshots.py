"""Layers as somebody sees them, held in memory to be sifted by what the database cannot judge.

Filters, times and what belongs to somebody are judged feature by feature. The features read for it
are kept while their layer does not change, and so is what was sifted, so that the pages after the
first cost no second look. Both are bounded.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from api.ogc.filters import refuse_unknown
from api.ogc.queries import ItemsQuery
from api.ogc.queryables import queryables
from api.ogc.sights import Sight
from api.ogc.text import compact
from api.ogc.times import TIME_PROPERTIES
from api.store import LayerRecord, Page, Store

_EVERYTHING = 2**31
_MOST_SIFTED = 64


@dataclass
class Snapshot:
    """A layer as somebody sees it.

    Attributes
    ----------
    layer
        The layer, in the version the features were read from.
    positions
        Position of each feature, ascending.
    texts
        What is seen of each feature, as text.
    features
        The same, as documents.
    """

    layer: LayerRecord
    positions: NDArray[np.int64]
    texts: list[str]
    features: list[dict[str, object]]
    _sifted: OrderedDict[Hashable, NDArray[np.int64]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def queryables(self) -> Mapping[str, Mapping[str, object]]:
        """JSON schemas of the properties that a filter may ask for.

        Returns
        -------
        schemas
            By name.
        """
        return queryables(self.layer.name, self.features)

    @cached_property
    def _shapes(self) -> NDArray[np.object_]:
        geometries = [compact(feature["geometry"]) for feature in self.features]
        hidden = np.array([geometry == "null" for geometry in geometries], dtype=np.bool_)
        texts = np.array(geometries, dtype=np.object_)
        texts[hidden] = None
        shapes: NDArray[np.object_] = np.asarray(shapely.from_geojson(texts))
        return shapes

    def page(self, query: ItemsQuery) -> Page:
        """Return a page of the features that are asked for.

        Parameters
        ----------
        query
            What is asked for.

        Returns
        -------
        page
            The features, the count of all that match, and the layer.

        Raises
        ------
        ParameterError
            When the filter asks for a property that is not seen.
        """
        if query.filter is not None:
            refuse_unknown(query.filter, self.queryables)
        matching = self._matching(query)
        beyond = matching[self.positions[matching] > query.after][query.offset :]
        chosen = beyond[: query.limit]
        positions = tuple(self.positions[chosen].tolist())
        next_after = positions[-1] if len(beyond) > len(chosen) else None
        texts = tuple(self.texts[index] for index in chosen)
        return Page(self.layer, texts, len(matching), next_after, positions)

    def _matching(self, query: ItemsQuery) -> NDArray[np.int64]:
        """Return the indices of the features that match, kept for the pages after this one."""
        asked = (query.box, query.period, query.filter and query.filter.text)
        with self._lock:
            known = self._sifted.get(asked)
            if known is not None:
                self._sifted.move_to_end(asked)
                return known
        found = self._sift(query)
        with self._lock:
            self._sifted[asked] = found
            while len(self._sifted) > _MOST_SIFTED:
                self._sifted.popitem(last=False)
        return found

    def _sift(self, query: ItemsQuery) -> NDArray[np.int64]:
        kept = np.ones(len(self.features), dtype=np.bool_)
        if query.box is not None:
            parts = [shapely.box(*part) for part in query.box.parts()]
            kept = np.any([shapely.intersects(self._shapes, part) for part in parts], axis=0)
        for index in np.flatnonzero(kept):
            feature = self.features[index]
            kept[index] = self._meets(query, feature) and (
                query.filter is None or query.filter.matches(feature)
            )
        return np.flatnonzero(kept)

    def _meets(self, query: ItemsQuery, feature: Mapping[str, object]) -> bool:
        if query.period is None or self.layer.name not in TIME_PROPERTIES:
            return True
        properties = feature["properties"]
        return isinstance(properties, dict) and query.period.meets(self.layer.name, properties)


class Snapshots:
    """Snapshots of a store's layers; those used last are kept.

    Parameters
    ----------
    store
        The store.
    most_features
        Number of features that all snapshots kept may have together.
    """

    def __init__(self, store: Store, *, most_features: int = 50_000) -> None:
        self._store = store
        self._most_features = most_features
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Snapshot] = OrderedDict()

    def of(self, zone: str, sight: Sight) -> Snapshot:
        """Return a layer as somebody sees it now.

        Parameters
        ----------
        zone
            Name of the zone.
        sight
            Who sees what of which layer.

        Returns
        -------
        snapshot
            The layer.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        """
        record = self._store.layer(zone, sight.collection)
        with self._lock:
            kept = self._kept.get((zone, sight))
            if kept is not None and kept.layer == record:
                self._kept.move_to_end((zone, sight))
                return kept
        read = self._read(zone, sight)
        with self._lock:
            self._kept[zone, sight] = read
            self._kept.move_to_end((zone, sight))
            while self._kept and self._count() > self._most_features:
                self._kept.popitem(last=False)
        return read

    def _count(self) -> int:
        return sum(len(snapshot.features) for snapshot in self._kept.values())

    def _read(self, zone: str, sight: Sight) -> Snapshot:
        page = self._store.items(zone, sight.collection, view=sight.view, limit=_EVERYTHING)
        documents = [json.loads(text) for text in page.features]
        if not sight.is_partial:
            return Snapshot(page.layer, _whole(page.positions), list(page.features), documents)
        seen = [
            (position, shown)
            for position, document in zip(page.positions, documents, strict=True)
            if (shown := sight.shown(document)) is not None
        ]
        positions = tuple(position for position, _ in seen)
        features = [shown for _, shown in seen]
        texts = [compact(shown) for shown in features]
        return Snapshot(page.layer, _whole(positions), texts, features)


def read_page(
    store: Store, snapshots: Snapshots, zone: str, sight: Sight, query: ItemsQuery
) -> Page:
    """Read a page of features as somebody sees them.

    Parameters
    ----------
    store
        The store.
    snapshots
        Snapshots of its layers, for what the database cannot judge.
    zone
        Name of the zone.
    sight
        Who sees what of which layer.
    query
        What is asked for.

    Returns
    -------
    page
        The features, as the store keeps them; the count of all that match, and the layer.

    Raises
    ------
    NotFoundError
        When the zone has no such layer.
    ParameterError
        When the filter asks for a property that is not seen.
    """
    timed = query.period is not None and sight.collection in TIME_PROPERTIES
    if sight.is_partial or timed or query.filter is not None:
        return snapshots.of(zone, sight).page(query)
    return store.items(
        zone,
        sight.collection,
        view=sight.view,
        bbox=query.box,
        limit=query.limit,
        after=query.after,
        offset=query.offset,
    )


def _whole(positions: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(positions, dtype=np.int64)
