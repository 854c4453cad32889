"""What cameras see at each task of a standard, by their footprints."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from geopandas import GeoDataFrame, GeoSeries

from analytics.camera_state import fields_now
from api.sites.result import SitesParams
from geo.visibility import footprints
from geo.zone import Zone
from planning.privacy import masked_fields
from planning.sites import CameraSites

_MOUNTING = ("height_m", "tilt_deg", "resolution_px")
_SENSOR = ("focal_mm", "sensor_height_mm")


@dataclass(frozen=True)
class Footprints:
    """Ground that cameras see well enough for each task of a standard.

    Attributes
    ----------
    px_per_m
        Least pixels per metre of each task, from coarse to fine.
    standing
        Ground that each standing camera sees now, by task; cameras that cannot be judged are left
        out.
    new
        Ground that each new camera would see, by task, private ground taken out.
    """

    px_per_m: Mapping[str, float]
    standing: Mapping[str, GeoSeries]
    new: Mapping[str, GeoSeries]

    def layer(self, *, synthetic: bool) -> GeoDataFrame:
        """Give the ground of the new cameras as a layer.

        Parameters
        ----------
        synthetic
            Whether it rests on synthetic data.

        Returns
        -------
        GeoDataFrame
            A row per site and task, site after site: site, task, px_per_m, synthetic.
        """
        pieces = [
            GeoDataFrame(
                {"site": fields.index, "task": task, "px_per_m": self.px_per_m[task]},
                geometry=fields.to_numpy(),
                crs=fields.crs,
            )
            for task, fields in self.new.items()
        ]
        layer = GeoDataFrame(pd.concat(pieces, ignore_index=True))
        layer = layer.sort_values(["site", "px_per_m"], kind="stable").assign(synthetic=synthetic)
        labels = [f"{site}-{task}" for site, task in zip(layer["site"], layer["task"], strict=True)]
        layer.index = pd.Index(labels, name="id", dtype="str")
        return layer.astype({"site": "str", "task": "str"})


def has_lens(cameras: GeoDataFrame) -> "pd.Series[bool]":
    """Say of which cameras mounting, lens and resolution are known.

    Parameters
    ----------
    cameras
        Rows of the cameras layer.

    Returns
    -------
    pandas.Series
        Whether footprints can be traced, labelled as the cameras are.
    """
    known = cameras.reindex(columns=[*_MOUNTING, "vfov_deg", *_SENSOR]).notna()
    tall = known["vfov_deg"] | known[list(_SENSOR)].all(axis=1)
    complete: pd.Series[bool] = known[list(_MOUNTING)].all(axis=1) & tall
    return complete


def is_judged(cameras: GeoDataFrame, params: SitesParams) -> "pd.Series[bool]":
    """Say which cameras can be judged at tasks at all.

    Parameters
    ----------
    cameras
        Rows of the cameras layer.
    params
        Height at which people are judged.

    Returns
    -------
    pandas.Series
        Whether lens and mounting are known and the camera hangs higher than that, labelled as the
        cameras are.
    """
    height_m = cameras.reindex(columns=["height_m"])["height_m"].astype("float64")
    judged: pd.Series[bool] = has_lens(cameras) & height_m.gt(params.target_height_m)
    return judged


def task_footprints(
    zone: Zone,
    sites: CameraSites,
    px_per_m: Mapping[str, float],
    *,
    params: SitesParams,
    private: GeoDataFrame,
) -> Footprints:
    """Trace what standing and new cameras see at each task.

    Parameters
    ----------
    zone
        Zone of the cameras.
    sites
        The new cameras.
    px_per_m
        Pixels per metre by task of the standard.
    params
        Standard, height of the targets, and the state of the standing cameras.
    private
        Ground that new cameras must not show.

    Returns
    -------
    Footprints
        Ground by task.
    """
    standing = zone.cameras[is_judged(zone.cameras, params)]
    new = sites.layer[is_judged(sites.layer, params)]
    now, later = {}, {}
    for task in px_per_m:
        now[task] = fields_now(
            standing,
            _seen_at(task, standing, zone, params),
            lamps=zone.lamps,
            night=params.night,
            lamp_reach_m=params.lamp_reach_m,
        )
        later[task] = masked_fields(_seen_at(task, new, zone, params), private.geometry)[0]
    return Footprints(px_per_m, now, later)


def _seen_at(task: str, cameras: GeoDataFrame, zone: Zone, params: SitesParams) -> GeoSeries:
    return footprints(
        cameras,
        zone.buildings,
        standard=params.standard,
        task=task,
        target_height_m=params.target_height_m,
    )
