"""Where incidents are reported most: stretches of street and areas, as far as may be said."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from analytics.hotspot_areas import rank_areas
from analytics.hotspot_claims import HotspotClaims
from analytics.hotspot_significance import hotspot_significance
from analytics.hotspot_stability import rank_stability
from analytics.hotspots import find_hotspots
from analytics.network_density import network_density
from api.crossings import with_crossings
from api.hotspots.result import FINEST_M, HotspotsParams
from api.hotspots.telling import Telling
from api.hotspots.withheld import FEW
from geo.zone import Zone

CHANCE: Final = 0.05
"""A stretch that chance makes as dense anywhere with this probability or less is called none."""

_DECIMALS = 3  # of incidents per metre

LISTED: Final = ("tested", "ranked")
"""What may be said (`HotspotClaims.statement`) where stretches are listed at all."""


@dataclass(frozen=True, eq=False)
class Places:
    """Stretches, areas and densities.

    Attributes
    ----------
    layers
        The layers "hotspot_stretches", "hotspot_areas" and "street_densities".
    any_p_value
        In what part of the placings by chance some street stands out as far as the one that stands
        out most; none where there is no incident.
    """

    layers: Mapping[str, GeoDataFrame]
    any_p_value: float | None


def find_places(
    zone: Zone,
    reported: GeoDataFrame,
    claims: HotspotClaims,
    *,
    params: HotspotsParams,
    seed: int,
    tell: Telling,
) -> Places:
    """Find where incidents are reported most, as far as so many allow to say.

    Parameters
    ----------
    zone
        The zone.
    reported
        Its reported incidents; there may be none.
    claims
        What may be said.
    params
        Parameters of the job.
    seed
        Seed of every random choice.
    tell
        Whom to tell of each step.

    Returns
    -------
    Places
        Stretches where they may be told from chance: all of the densest where ranks are claimed,
        and otherwise those that are no chance, by name. Areas where ranks are claimed. Densities
        where stretches are listed: those of a few incidents would tell where each of them was.
    """
    tell.begin("hotspots")
    bandwidth_m, count = params.bandwidth_m, params.count
    hotspots = find_hotspots(zone.streets, reported, bandwidth_m=bandwidth_m, count=count)
    areas = rank_areas(zone.boundary, zone.streets, reported, bandwidth_m=bandwidth_m, count=count)
    densities = network_density(zone.streets, reported, bandwidth_m=bandwidth_m, lixel_m=FINEST_M)

    tell.begin("stability")
    draws, chances = params.resamples, params.simulations
    stable = rank_stability(
        hotspots,
        seed=seed,
        resamples=draws,
        level=params.level,
        progress=lambda done, _: tell.advance(done, draws + chances),
    )
    tested = hotspot_significance(
        hotspots,
        seed=seed,
        simulations=chances,
        progress=lambda done, _: tell.advance(draws + done, draws + chances),
    )
    stretches = with_crossings(hotspots.table, zone.streets).join(
        [stable.table.drop(columns="rank"), tested.table[["ratio", "p_value"]]]
    )
    layers = {
        "hotspot_stretches": _claimed(stretches, claims),
        "hotspot_areas": areas[(claims.statement == "ranked") & (areas["incidents"] >= FEW)],
        "street_densities": _blurred(densities, bandwidth_m)
        if claims.statement in LISTED
        else densities.iloc[:0],
    }
    return Places(layers, tested.p_value if len(reported) else None)


def _blurred(densities: GeoDataFrame, bandwidth_m: float) -> GeoDataFrame:
    """Blank densities below the peak of `FEW` incidents in one place, and round the others.

    A lone incident is a bump of its own, and from all its digits a density can be turned back into
    the places that it was spread from.
    """
    least = FEW / (math.sqrt(2 * math.pi) * bandwidth_m)
    density = densities["density"]
    return densities.assign(density=density.where(density >= least).round(_DECIMALS))


def _claimed(stretches: GeoDataFrame, claims: HotspotClaims) -> GeoDataFrame:
    """Keep the stretches that may be spoken of; without ranks their numbers follow their names.

    A stretch of fewer than `FEW` incidents is next to telling where each of them was.
    """
    stretches = stretches[stretches["incidents"] >= FEW]
    if claims.statement == "ranked":
        return stretches
    kept = stretches[stretches["p_value"] <= CHANCE]
    if claims.statement != "tested":
        kept = kept.iloc[:0]
    kept = kept.sort_values(["name_en", "near_en"], kind="stable", ignore_index=True)
    unclaimed = dict.fromkeys(("rank_low", "rank_high", "top_share"), np.nan)
    return kept.assign(rank=pd.RangeIndex(1, len(kept) + 1), **unclaimed)
