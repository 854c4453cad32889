"""How patrols move: on foot, by bicycle, by motorcycle and by car.

Which classes of street a vehicle may use follows the usual defaults of OpenStreetMap
(https://wiki.openstreetmap.org/wiki/OSM_tags_for_routing/Access_restrictions): no vehicle on steps,
none with an engine on footways. Thailand drives on the left, so a right turn crosses the oncoming
traffic and takes longer than a left one. The seconds of turns, the walking pace and the widths are
assumptions of this project, not measured.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.turn_graph import TurnGraph
from geo.turns import TurnCosts

WALKING_MPS: Final = 1.2
"""Speed at which a vehicle is pushed where it may not be ridden, in metres a second."""

_MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})
_ON_FOOT_ONLY: Final = frozenset({"steps"})
_WITHOUT_ENGINES: Final = frozenset({"footway", "pedestrian", "path", "bridleway", "cycleway"})


@dataclass(frozen=True)
class TravelMode:
    """What one way of moving may do.

    Attributes
    ----------
    name
        Name of the mode, as units give it.
    barred
        Classes of street that may not be used.
    pushed
        Classes of street on which the vehicle is pushed at walking pace.
    least_width_m
        A street known to be narrower may not be used.
    is_vehicle
        Whether one-way streets and forbidden turns bind.
    exempt_as
        What signs call it that exempt it from a forbidden turn, as OpenStreetMap writes it.
    turns
        What turning takes.
    """

    name: str
    barred: frozenset[str]
    pushed: frozenset[str]
    least_width_m: float
    is_vehicle: bool
    exempt_as: str
    turns: TurnCosts

    def usable(self, streets: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        """Tell which streets may be used.

        Parameters
        ----------
        streets
            Streets, with `street_class` and `width_m` where they are known: what is not known
            bars nobody.

        Returns
        -------
        usable
            A flag a street.
        """
        usable = np.ones(len(streets), dtype=bool)
        if "street_class" in streets:
            usable &= ~streets["street_class"].isin(self.barred).to_numpy(dtype=bool)
        if "width_m" in streets:
            usable &= ~(streets["width_m"].to_numpy(dtype=np.float64) < self.least_width_m)
        return usable

    def network(
        self,
        streets: gpd.GeoDataFrame,
        *,
        speed_mps: float,
        forbidden: pd.DataFrame | None = None,
    ) -> TurnGraph:
        """Build the graph of the streets that may be used.

        Parameters
        ----------
        streets
            All streets of the zone.
        speed_mps
            Speed where nothing slows it, in metres a second, > 0.
        forbidden
            Turns forbidden to vehicles, as `TurnGraph.from_streets` takes them; with a column
            `exempt` where signs exempt some, their names joined by ";".

        Returns
        -------
        network
            Streets labelled as in the frame, and the turns between them.

        Raises
        ------
        LayerError
            A value of `oneway` is no flag; names every such row.
        ParameterError
            The speed is not positive.
        """
        own = streets[self.usable(streets)]
        speed = np.full(len(own), float(speed_mps))
        if "street_class" in own:
            slow = own["street_class"].isin(self.pushed).to_numpy(dtype=bool)
            speed = np.where(slow, np.minimum(speed, WALKING_MPS), speed)
        return TurnGraph.from_streets(
            own,
            speed_mps=speed,
            respect_oneway=self.is_vehicle,
            turns=self.turns,
            forbidden=self._bound_by(forbidden),
        )

    def _bound_by(self, forbidden: pd.DataFrame | None) -> pd.DataFrame | None:
        if forbidden is None or not self.is_vehicle:
            return None
        if "exempt" not in forbidden:
            return forbidden
        exempt = [self.exempt_as in str(names).split(";") for names in forbidden["exempt"]]
        return forbidden[~np.array(exempt, dtype=bool)]


TRAVEL_MODES: Final = MappingProxyType(
    {
        mode.name: mode
        for mode in (
            TravelMode(
                name="foot",
                barred=_MOTORWAYS,
                pushed=frozenset(),
                least_width_m=0.0,
                is_vehicle=False,
                exempt_as="foot",
                turns=TurnCosts(),
            ),
            TravelMode(
                name="bicycle",
                barred=_MOTORWAYS | _ON_FOOT_ONLY,
                pushed=frozenset({"footway", "pedestrian"}),
                least_width_m=0.0,
                is_vehicle=True,
                exempt_as="bicycle",
                turns=TurnCosts(left_s=1.0, right_s=3.0, u_turn_s=4.0, u_turn_anywhere=True),
            ),
            TravelMode(
                name="motorcycle",
                barred=_MOTORWAYS | _ON_FOOT_ONLY | _WITHOUT_ENGINES,
                pushed=frozenset(),
                least_width_m=1.0,
                is_vehicle=True,
                exempt_as="motorcycle",
                turns=TurnCosts(left_s=2.0, right_s=5.0, u_turn_s=8.0, u_turn_anywhere=False),
            ),
            TravelMode(
                name="car",
                barred=_ON_FOOT_ONLY | _WITHOUT_ENGINES,
                pushed=frozenset(),
                least_width_m=2.5,
                is_vehicle=True,
                exempt_as="motorcar",
                turns=TurnCosts(left_s=3.0, right_s=8.0, u_turn_s=15.0, u_turn_anywhere=False),
            ),
        )
    }
)
"""The modes by their names, as `Unit.mode` gives them."""
