"""Layers as somebody sees them, held in memory to be sifted by what the database cannot judge.

Filters, times and what belongs to somebody are judged feature by feature. The features read for it
are kept while their layer does not change, and so is what was sifted, so that the pages after the
first cost no second look. Both are bounded.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from api.ogc.filters import refuse_unknown
from api.ogc.marks import position_of
from api.ogc.queries import ItemsQuery
from api.ogc.queryables import queryables
from api.ogc.sights import Sight
from api.ogc.times import TIME_PROPERTIES
from api.store import Box, LayerRecord, Page, Store
from geo.errors import ZoneError

_EVERYTHING = 2**31
_MOST_SIFTED = 64
_OFTEN = 20


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
    """

    layer: LayerRecord
    positions: NDArray[np.int64]
    texts: list[str]
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
    def features(self) -> list[dict[str, object]]:
        """What is seen of each feature, as documents.

        Returns
        -------
        features
            In the order of the texts.
        """
        return [json.loads(text) for text in self.texts]

    @cached_property
    def _shapes(self) -> NDArray[np.object_]:
        """The shape of each feature; none where it has none, which cannot be read as one."""
        return np.asarray(shapely.from_geojson(self.texts, on_invalid="ignore"), dtype=np.object_)

    @cached_property
    def _bounds(self) -> NDArray[np.float64]:
        """West, south, east and north of all features, a line each; not a number where none."""
        return np.ascontiguousarray(shapely.bounds(self._shapes).reshape(-1, 4).T)

    @cached_property
    def by_id(self) -> Mapping[str, str]:
        """What is seen of each feature, as text.

        Returns
        -------
        texts
            By the features' ids.
        """
        return {str(json.loads(text)["id"]): text for text in self.texts}

    def prepare(self) -> None:
        """Do ahead what the first searches by place and by id would have to wait for."""
        self._in(Box(0.0, 0.0, 0.0, 0.0))
        self.by_id.get("")

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
        RequestValidationError
            When the mark that the page begins after is none of this layer.
        """
        if query.filter is not None:
            refuse_unknown(query.filter, self.queryables)
        matching = self._matching(query)
        beyond = matching
        if query.after:
            beyond = matching[self.positions[matching] > position_of(self.layer, query.after)]
        beyond = beyond[query.offset :]
        chosen = beyond[: query.limit]
        positions = tuple(self.positions[chosen].tolist())
        next_after = positions[-1] if len(beyond) > len(chosen) else None
        texts = tuple([self.texts[index] for index in chosen.tolist()])
        return Page(self.layer, texts, len(matching), next_after, positions)

    def _matching(self, query: ItemsQuery) -> NDArray[np.int64]:
        """Return the indices of the features that match; what took long is kept for more pages."""
        if query.period is None and query.filter is None:
            return self._sift(query)
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
        found = np.arange(len(self.texts)) if query.box is None else self._in(query.box)
        if query.period is None and query.filter is None:
            return found
        kept = [index for index in found if self._meets(query, self.features[index])]
        return np.array(kept, dtype=np.int64)

    def _in(self, box: Box) -> NDArray[np.int64]:
        """Return the indices of what meets a box; bounds settle all but what crosses two sides."""
        parts = [self._in_part(*part) for part in box.parts()]
        return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _in_part(self, w: float, s: float, e: float, n: float) -> NDArray[np.int64]:
        west, south, east, north = self._bounds
        near = np.flatnonzero((west <= e) & (east >= w) & (south <= n) & (north >= s))
        # Of what reaches over one side alone, the point farthest from that side is in the box.
        west, south, east, north = self._bounds[:, near]
        sides = (west < w).astype(np.int8) + (south < s) + (east > e) + (north > n)
        crossing = np.flatnonzero(sides > 1)
        if not crossing.size:
            return near
        part = shapely.box(w, s, e, n)
        shapely.prepare(part)
        meets = np.ones(len(near), dtype=np.bool_)
        meets[crossing] = shapely.intersects(part, self._shapes[near[crossing]])
        return near[meets]

    def _meets(self, query: ItemsQuery, feature: dict[str, object]) -> bool:
        properties = feature["properties"]
        if query.period is not None and self.layer.name in TIME_PROPERTIES:
            told = properties if isinstance(properties, dict) else {}
            if not query.period.meets(self.layer.name, told):
                return False
        return query.filter is None or query.filter.matches(feature)


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
        self._asked: tuple[LayerRecord, int] | None = None
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="snapshots")

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
        kept = self.kept(sight, self._store.layer(zone, sight.collection))
        if kept is not None:
            return kept
        read = self._read(zone, sight)
        with self._lock:
            self._kept[zone, sight] = read
            self._kept.move_to_end((zone, sight))
            while self._kept and self._count() > self._most_features:
                self._kept.popitem(last=False)
        return read

    def kept(self, sight: Sight, record: LayerRecord) -> Snapshot | None:
        """Return a layer as somebody sees it, where it is held in memory.

        Parameters
        ----------
        sight
            Who sees what of which layer.
        record
            The layer as it is now.

        Returns
        -------
        snapshot
            The layer; none where it is not held, or has changed.
        """
        key = (record.zone, sight)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or (kept.layer is not record and kept.layer != record):
                return None
            self._kept.move_to_end(key)
            return kept

    def wish(self, sight: Sight, record: LayerRecord) -> None:
        """Have a layer read into memory beside other work, once it is asked for often enough.

        Parameters
        ----------
        sight
            Who sees what of which layer.
        record
            The layer as it is now.
        """
        last, times = self._asked or (record, 0)
        times = times + 1 if last is record else 1
        self._asked = (record, times)
        if times == _OFTEN:
            self._builder.submit(self._prepare, record.zone, sight)

    def _prepare(self, zone: str, sight: Sight) -> None:
        with suppress(ZoneError):  # whoever asks next is told
            self.of(zone, sight).prepare()

    def _count(self) -> int:
        return sum(len(snapshot.texts) for snapshot in self._kept.values())

    def _read(self, zone: str, sight: Sight) -> Snapshot:
        page = self._store.items(zone, sight.collection, view=sight.view, limit=_EVERYTHING)
        if not sight.is_partial:
            return Snapshot(page.layer, _whole(page.positions), list(page.features))
        seen = [
            (position, shown)
            for position, text in zip(page.positions, page.features, strict=True)
            if (shown := sight.shown_text(text)) is not None
        ]
        positions = tuple(position for position, _ in seen)
        return Snapshot(page.layer, _whole(positions), [shown for _, shown in seen])


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
    RequestValidationError
        When the mark that the page begins after is none of this layer.
    """
    timed = query.period is not None and sight.collection in TIME_PROPERTIES
    if sight.is_partial or timed or query.filter is not None:
        return snapshots.of(zone, sight).page(query)
    layer = store.layer(zone, sight.collection) if query.after else None
    return store.items(
        zone,
        sight.collection,
        view=sight.view,
        bbox=query.box,
        limit=query.limit,
        after=0 if layer is None else position_of(layer, query.after),
        offset=query.offset,
    )


def _whole(positions: tuple[int, ...]) -> NDArray[np.int64]:
    return np.array(positions, dtype=np.int64)
