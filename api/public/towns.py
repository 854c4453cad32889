"""What walks and lit streets are made from: the layers of a zone as the public sees them.

Nothing else is read: of cameras only those in public view are in it, so that no walk can tell of
another. It is made anew when one of the layers has changed.
"""

import json
import threading
from dataclasses import dataclass
from typing import Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd
from anyio import CapacityLimiter
from shapely import MultiLineString

from analytics.walking_merits import walking_merits
from api.store import Store
from geo.errors import NotFoundError, SourceError
from geo.layers import empty_layer
from planning.travel_modes import TRAVEL_MODES
from planning.walk import WalkNetwork

LAYERS: Final = ("streets", "cameras", "buildings", "lamps", "places", "sos_points")
LIT_FROM: Final = 0.75
_EVERYTHING: Final = 2**31
_AT_ONCE: Final = 4
_MOST_LOOKS: Final = 5


@dataclass(frozen=True, eq=False)
class Town:
    """A zone as the public walks it.

    Attributes
    ----------
    version
        Differs where any of its layers does.
    layers
        Its layers in a metric CRS, by name.
    network
        The streets to walk, with what speaks for each.
    lit_streets
        Named streets that are lit for three quarters of their length or more: `name_th`,
        `name_en` and their lines.
    synthetic
        Whether a layer of it was made up.
    """

    version: str
    layers: dict[str, gpd.GeoDataFrame]
    network: WalkNetwork
    lit_streets: gpd.GeoDataFrame
    synthetic: bool

    @classmethod
    def of(cls, version: str, shown: dict[str, gpd.GeoDataFrame]) -> Self:
        """Make a town from layers.

        Parameters
        ----------
        version
            Version of the layers.
        shown
            Layers in longitude and latitude, by name.

        Returns
        -------
        town
            The town.
        """
        crs = shown["streets"].estimate_utm_crs()
        layers = {name: layer.to_crs(crs) for name, layer in shown.items()}
        streets = layers["streets"]
        stretches = walking_merits(
            streets,
            cameras=layers["cameras"],
            buildings=layers["buildings"],
            lamps=layers["lamps"],
            places=layers["places"],
        )
        made_up = (
            layer["synthetic"].fillna(False).any()
            for layer in layers.values()
            if "synthetic" in layer
        )
        return cls(
            version=version,
            layers=layers,
            network=WalkNetwork.of(streets, stretches),
            lit_streets=_lit_streets(streets, stretches),
            synthetic=any(made_up),
        )


class Towns:
    """The towns of the zones that are served, each made once a version. Threads may share them.

    Parameters
    ----------
    store
        The store.

    Attributes
    ----------
    limiter
        Lets few requests at once ask for a town, which may have to be made first: were all threads
        of the service to wait for that, nobody would be answered anything.
    """

    def __init__(self, store: Store) -> None:
        self.limiter = CapacityLimiter(_AT_ONCE)
        self._store = store
        self._towns: dict[str, Town] = {}
        self._making = threading.Lock()

    def town(self, zone: str) -> Town:
        """Return a zone as the public walks it now.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        town
            The town.

        Raises
        ------
        NotFoundError
            The store has no streets of the zone.
        SourceError
            The store does not answer, or layers change again and again.
        """
        version = self._version(zone)
        town = self._towns.get(zone)
        if town is not None and town.version == version:
            return town
        with self._making:
            town = self._towns.get(zone)
            # Whoever made it meanwhile may have made it of what is newer still.
            if town is None or town.version != self._version(zone):
                town = self._towns[zone] = Town.of(*self._layers(zone))
        return town

    def _layers(self, zone: str) -> tuple[str, dict[str, gpd.GeoDataFrame]]:
        """Read all layers with their version, and again where one of them changed meanwhile."""
        for _ in range(_MOST_LOOKS):
            version = self._version(zone)
            shown = {name: self._read(zone, name) for name in LAYERS}
            # What is made of a town is remembered by its version.
            if self._version(zone) == version:
                return version, shown
        raise SourceError(
            f"Expected the layers of zone {zone!r} to rest for a moment, got change on change."
        )

    def _version(self, zone: str) -> str:
        records = {record.name: record for record in self._store.layers(zone)}
        if "streets" not in records:
            raise NotFoundError(f"Expected streets of zone {zone!r} in the store, got none.")
        return " ".join(records[name].public_version for name in LAYERS if name in records)

    def _read(self, zone: str, name: str) -> gpd.GeoDataFrame:
        try:
            page = self._store.items(zone, name, view="public", limit=_EVERYTHING)
        except NotFoundError:
            return empty_layer(name, crs="EPSG:4326")
        features = [json.loads(feature) for feature in page.features]
        placed = [feature for feature in features if feature["geometry"] is not None]
        if not placed:
            return empty_layer(name, crs="EPSG:4326")
        layer = gpd.GeoDataFrame.from_features(placed, crs="EPSG:4326")
        return layer.set_axis(pd.Index([feature["id"] for feature in placed], name="id"))


def _lit_streets(streets: gpd.GeoDataFrame, stretches: pd.DataFrame) -> gpd.GeoDataFrame:
    own = streets[TRAVEL_MODES["foot"].usable(streets) & streets["name_en"].fillna("").ne("")]
    length_m = stretches["to_m"] - stretches["from_m"]
    name = stretches["street"].map(own["name_en"])
    lit_m = (length_m * stretches["lit"]).groupby(name).sum()
    lit = lit_m.index[lit_m / length_m.groupby(name).sum() >= LIT_FROM]
    rows = [
        (
            own["name_th"][own["name_en"] == one].iloc[0] or one,
            one,
            MultiLineString(own.geometry[own["name_en"] == one].tolist()),
        )
        for one in lit
    ]
    names_th, names_en, lines = zip(*rows, strict=True) if rows else ((), (), ())
    told = {"name_th": list(names_th), "name_en": list(names_en)}
    return gpd.GeoDataFrame(
        told, geometry=np.array([*lines, None], dtype=object)[:-1], crs=streets.crs
    )
