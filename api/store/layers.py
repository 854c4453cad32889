"""Layers of zones and their features in the store: each call is one transaction."""

import datetime as dt
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import get_args

import geopandas as gpd

from api.store.boxes import Box
from api.store.engine import Engine, Session
from api.store.features import FeatureRow, encode_feature, encode_features
from api.store.frames import read_frame
from api.store.reading import read_item, read_page
from api.store.records import FOLDER, Kind, LayerRecord, Page, View, read_record, read_records
from api.store.writing import Making, erase_feature, provenance_text, replace_layer, write_feature
from geo.errors import ParameterError


class Layers:
    """Layers of zones and their features.

    Parameters
    ----------
    engine
        The database.

    Attributes
    ----------
    engine
        The same.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def put_layer(
        self,
        zone: str,
        name: str,
        frame: gpd.GeoDataFrame,
        *,
        kind: Kind,
        provenance: Mapping[str, object],
    ) -> LayerRecord:
        """Add or replace one layer at once: readers see the old one or the new, never a part.

        Parameters
        ----------
        zone
            Name of the zone.
        name
            Name of the layer.
        frame
            Features in any CRS; the index holds their ids.
        kind
            `layer` for what the zone brings, `product` for what was computed from it.
        provenance
            What it was made from, as JSON values; `created_at` is the aware instant it was made.

        Returns
        -------
        record
            The layer as stored.

        Raises
        ------
        ParameterError
            When the frame, kind or provenance cannot be stored.
        SourceError
            When the file cannot be written; the old layer then stays.
        """
        return self.put_layers(zone, {name: frame}, kind=kind, provenance=provenance)[0]

    def put_layers(
        self,
        zone: str,
        frames: Mapping[str, gpd.GeoDataFrame],
        *,
        kind: Kind,
        provenance: Mapping[str, object],
        files: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        besides: Callable[[Session], None] | None = None,
        keep: Callable[[LayerRecord], bool] | None = None,
    ) -> list[LayerRecord]:
        """Add or replace several layers at once: all of them, or none.

        Parameters
        ----------
        zone
            Name of the zone.
        frames
            Features by layer, in any CRS; the index holds their ids.
        kind
            `layer` for what the zone brings, `product` for what was computed from it.
        provenance
            What they were made from, as JSON values; `created_at` is the aware instant.
        files
            SHA-256 of the files of the zone's folder that a layer is of, by their names, by layer.
        besides
            What else is to be written with them or not at all.
        keep
            Tells of a stored layer whether it is to stay as it is.

        Returns
        -------
        records
            The layers as stored, in the order given.

        Raises
        ------
        ParameterError
            When a frame, kind or provenance cannot be stored.
        SourceError
            When the file cannot be written; the old layers then stay.
        """
        if kind not in get_args(Kind):
            raise ParameterError(f"Expected `kind` layer or product, got {kind!r}.")
        created = _aware_instant(provenance).isoformat()
        made = {name: {FOLDER: dict(digests)} for name, digests in files.items()}
        texts = {name: provenance_text(provenance, **made.get(name, {})) for name in frames}
        encoded = {name: encode_features(name, frame) for name, frame in frames.items()}
        with self.engine.writing() as session:
            if besides is not None:
                besides(session)
            kept = [] if keep is None else read_records(session, zone)
            staying = {record.name for record in kept if keep is not None and keep(record)}
            for name, rows in encoded.items():
                if name not in staying:
                    replace_layer(session, zone, name, rows, Making(kind, created, texts[name]))
            return [read_record(session, zone, name)[1] for name in frames]

    def layers(self, zone: str) -> list[LayerRecord]:
        """List the layers of a zone by name.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        records
            One a layer; none where the zone is unknown.
        """
        with self.engine.reading() as session:
            return read_records(session, zone)

    def layer(self, zone: str, name: str) -> LayerRecord:
        """Return what the store knows of one layer.

        Parameters
        ----------
        zone
            Name of the zone.
        name
            Name of the layer.

        Returns
        -------
        record
            The layer.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        """
        with self.engine.reading() as session:
            return read_record(session, zone, name)[1]

    def items(
        self,
        zone: str,
        layer: str,
        *,
        view: View = "public",
        bbox: Box | None = None,
        limit: int,
        after: int = 0,
        offset: int = 0,
    ) -> Page:
        """Read some features of a layer in its own order: the order in which they came.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        view
            What is read of the features: what the public may see, or everything.
        bbox
            Only features whose geometry meets this box; features without geometry meet none.
        limit
            Largest number of features to return, at least 1.
        after
            Position after which to go on, as a page told; at least 0, which is before the first.
        offset
            Number of matching features to skip from there, at least 0.

        Returns
        -------
        page
            The features, the count of all that match, and the layer, from one moment.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        ParameterError
            When `limit`, `after` or `offset` is out of its range.
        """
        if not 1 <= limit < _TOO_LARGE:
            raise ParameterError(f"Expected `limit` >= 1 and below 2^62, got {limit}.")
        for name, value in (("after", after), ("offset", offset)):
            if not 0 <= value < 2 * _TOO_LARGE:
                raise ParameterError(f"Expected `{name}` >= 0 and below 2^63, got {value}.")
        with self.engine.reading() as session:
            return read_page(
                session,
                zone,
                layer,
                view=view,
                bbox=bbox,
                limit=limit,
                after=after,
                offset=offset,
            )

    def item(
        self, zone: str, layer: str, feature_id: str, *, view: View = "public"
    ) -> tuple[LayerRecord, str, str]:
        """Read one feature.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        feature_id
            Id of the feature.
        view
            What is read of it: what the public may see, or everything.

        Returns
        -------
        layer, feature, version
            The layer, the GeoJSON Feature as text, and the fingerprint of this text.

        Raises
        ------
        NotFoundError
            When there is no such layer or feature.
        """
        with self.engine.reading() as session:
            return read_item(session, zone, layer, feature_id, view=view)

    def frame(self, zone: str, layer: str) -> gpd.GeoDataFrame:
        """Read a whole layer, with everything that is known of its features.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.

        Returns
        -------
        frame
            The features in longitude and latitude, in the layer's order; the index "id" holds
            their ids.

        Raises
        ------
        NotFoundError
            When the zone has no such layer.
        """
        with self.engine.reading() as session:
            return read_frame(session, zone, layer)

    def put_feature(
        self,
        zone: str,
        layer: str,
        feature: Mapping[str, object],
        *,
        if_version: str | None,
        besides: Callable[[Session, FeatureRow], None] | None = None,
    ) -> FeatureRow:
        """Add one feature to a layer, or replace it where nobody changed it meanwhile.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        feature
            A GeoJSON Feature with its `id`, in longitude and latitude; the caller has checked it
            by the layer's contract.
        if_version
            Version of the whole feature that is to be replaced; none to add a new one.
        besides
            What else is to be written with it, given as it is stored, or not at all.

        Returns
        -------
        stored
            The feature as stored.

        Raises
        ------
        NotFoundError
            When there is no such layer, or no such feature to be replaced.
        ConflictError
            When the stored version is another, or the new feature's id is taken.
        ParameterError
            When the feature cannot be stored.
        """
        row = encode_feature(layer, feature)
        with self.engine.writing() as session:
            write_feature(session, zone, layer, row, if_version=if_version)
            if besides is not None:
                besides(session, row)
        return row

    def delete_feature(
        self,
        zone: str,
        layer: str,
        feature_id: str,
        *,
        if_version: str,
        besides: Callable[[Session], None] | None = None,
    ) -> None:
        """Delete one feature where nobody changed it meanwhile.

        Parameters
        ----------
        zone
            Name of the zone.
        layer
            Name of the layer.
        feature_id
            Id of the feature.
        if_version
            Version of the whole feature that is to be deleted.
        besides
            What else is to be written as it goes, or not at all.

        Raises
        ------
        NotFoundError
            When there is no such layer or feature.
        ConflictError
            When the stored version is another.
        """
        with self.engine.writing() as session:
            erase_feature(session, zone, layer, feature_id, if_version=if_version)
            if besides is not None:
                besides(session)


_TOO_LARGE = 2**62


def _aware_instant(provenance: Mapping[str, object]) -> dt.datetime:
    given = provenance.get("created_at")
    try:
        instant = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(str(given))
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() is None:
        raise ParameterError(
            f"Expected `provenance` with an aware instant `created_at`, got {given!r}."
        )
    return instant.astimezone(dt.UTC)
