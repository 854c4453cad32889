"""The search for camera sites: from a zone's folder to the result, step by step.

The steps are pure and nothing is written on the way, so that stopping them leaves nothing behind.
"""

import hashlib
import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

from geopandas import GeoDataFrame

from analytics.camera_state import fields_now
from api.inputs import NOTHING_STORED, digests_of, streets_within
from api.sites.candidates import own_candidates, telling_all
from api.sites.findings import FORBIDDEN, MASKED, Found, Standing, grounds_of, tell_sites
from api.sites.result import SitesParams, SitesResult
from api.sites.survey import survey_points
from api.sites.tables import curve_budgets
from geo.errors import ParameterError
from geo.pixel_density import STANDARDS
from geo.visibility import fields_of_view, inside_buildings
from geo.zone import Zone
from planning.candidates import camera_candidates
from planning.site_problem import SiteProblem
from planning.sites import choose_sites, cost_curve

STEPS: Final = ("fields_of_view", "candidates", "camera_sites", "cost_curve", "survey", "tasks")
"""Names of the steps of `run_sites`, in order."""

# What some parameters, which are at least 0, may be at most.
_MOST: Final = {"least_share": 1, "position_error_m": 1000, "azimuth_error_deg": 180}


@dataclass(frozen=True, eq=False)
class SitesInputs:
    """What the search for sites is made from.

    Attributes
    ----------
    zone
        The zone with its layers.
    day
        Day of the computation, on the zone's calendar.
    candidates
        Places and facings to choose from; none where they are to be made.
    digests
        SHA-256 of each file that was read, by name, and the version of each layer of the store.
    own
        File that the candidates were read from; none where they were not.
    """

    zone: Zone
    day: date
    candidates: GeoDataFrame | None
    digests: Mapping[str, str]
    own: Path | None = None

    @classmethod
    def gather(
        cls,
        zone: Zone,
        folder: Path,
        *,
        day: date,
        candidates: Path | None = None,
        stored: Mapping[str, str] = NOTHING_STORED,
    ) -> "SitesInputs":
        """Gather what the search needs besides the zone.

        Parameters
        ----------
        zone
            The zone.
        folder
            Folder the zone was loaded from.
        day
            Day of the computation, on the zone's calendar.
        candidates
            File of places and facings to choose from: a cameras layer, with `cost`, `kind` and
            `camera_type` where they are known.
        stored
            Version of each layer that was read from the store in place of the folder, by its name.

        Returns
        -------
        SitesInputs
            Zone, candidates and digests.

        Raises
        ------
        LayerError
            Candidates break the contract of the cameras.
        SourceError
            A file cannot be read.
        """
        digests = digests_of(folder, stored=stored)
        if candidates is None:
            return cls(zone, day, None, digests)
        own = own_candidates(candidates, zone)
        digest = hashlib.sha256(candidates.read_bytes()).hexdigest()
        return cls(
            zone, day, own, {**digests, f"--candidates {candidates.name}": digest}, candidates
        )


def run_sites(
    inputs: SitesInputs,
    *,
    seed: int,
    params: SitesParams | None = None,
    progress: Callable[[str], None] = lambda _: None,
    keep_going: Callable[[], bool] = lambda: True,
) -> SitesResult:
    """Choose sites for new cameras and tell what they would see.

    Parameters
    ----------
    inputs
        What it is made from.
    seed
        Seed of every random choice, 0 or greater.
    params
        Parameters of the search; the defaults where none.
    progress
        Called with the name of each of `STEPS` as it begins.
    keep_going
        Asked between the steps of the search; where it says false, the search stops with what it
        has.

    Returns
    -------
    SitesResult
        The sites.

    Raises
    ------
    ZoneError
        A step cannot be done with these inputs.
    """
    params = params or SitesParams()
    _check(params)

    progress("fields_of_view")
    standing = _standing(inputs.zone, params)

    progress("candidates")
    problem = _problem(inputs, standing, params)

    progress("camera_sites")
    sites = choose_sites(
        problem,
        budget=params.budget,
        seed=seed,
        time_limit_s=params.time_limit_s,
        keep_going=keep_going,
    )

    progress("cost_curve")
    curve = cost_curve(
        problem,
        curve_budgets(problem, params.budget),
        seed=seed,
        time_limit_s=params.time_limit_s,
        known={params.budget: sites.result},
        keep_going=keep_going,
    )

    progress("survey")
    survey = survey_points(inputs.zone, standing.streets, standing.seen, params=params, seed=seed)

    progress("tasks")
    synthetic = _is_synthetic(inputs)
    found = Found(inputs.zone, params, standing, problem, sites, curve, survey, synthetic)
    tasks = STANDARDS[params.standard]
    return tell_sites(found, tasks, day=inputs.day, seed=seed, inputs=inputs.digests)


def _check(params: SitesParams) -> None:
    known = ", ".join(STANDARDS)
    given = asdict(params)
    faults = [
        f"Expected `{name}` {expected}, got {value!r}."
        for name, expected, value, wrong in (
            *(
                (name, ">= 0", given[name], not 0 <= given[name] < math.inf)
                for name in ("budget", "target_height_m")
            ),
            *(
                (name, f"from 0 to {most}", given[name], not 0 <= given[name] <= most)
                for name, most in _MOST.items()
            ),
            ("standard", f"among {known}", params.standard, params.standard not in STANDARDS),
            ("sos_cameras", ">= 1", params.sos_cameras, params.sos_cameras < 1),
            ("draws", ">= 1", params.draws, params.draws < 1),
            ("time_limit_s", "> 0", params.time_limit_s, not params.time_limit_s > 0),
        )
        if wrong
    ]
    if faults:
        raise ParameterError("\n".join(faults))


def _standing(zone: Zone, params: SitesParams) -> Standing:
    streets = streets_within(zone.streets, zone.boundary.buffer(params.boundary_tolerance_m))
    fields = fields_of_view(zone.cameras, zone.buildings)
    seen = fields_now(
        zone.cameras,
        fields,
        lamps=zone.lamps,
        night=params.night,
        lamp_reach_m=params.lamp_reach_m,
    )
    inside = zone.cameras.index[inside_buildings(zone.cameras, zone.buildings)]
    return Standing(streets, seen, tuple(inside))


def _problem(inputs: SitesInputs, standing: Standing, params: SitesParams) -> SiteProblem:
    zone = inputs.zone
    candidates = inputs.candidates
    if candidates is None:
        candidates = camera_candidates(
            standing.streets,
            zone.buildings,
            lamps=zone.lamps,
            boundary=zone.boundary.buffer(params.boundary_tolerance_m),
        )
    whole = nullcontext() if inputs.own is None else telling_all(candidates, inputs.own)
    with whole:
        return _prepared(zone, standing, candidates, params)


def _prepared(
    zone: Zone, standing: Standing, candidates: GeoDataFrame, params: SitesParams
) -> SiteProblem:
    return SiteProblem.prepare(
        standing.streets,
        zone.buildings,
        standing.seen,
        candidates,
        boundary=zone.boundary.buffer(params.boundary_tolerance_m),
        wanted=zone.sos_points.assign(folds=params.sos_cameras, weight=params.sos_weight_m),
        masked=grounds_of(zone, MASKED),
        forbidden=grounds_of(zone, FORBIDDEN),
        communities=zone.communities,
        least_share=params.least_share,
        fixed=params.fixed,
        spacing_m=params.spacing_m,
    )


def _is_synthetic(inputs: SitesInputs) -> bool:
    zone = inputs.zone
    layers = [
        *(zone.buildings, zone.cameras, zone.lamps),
        *(zone.sos_points, zone.grounds, zone.communities),
    ]
    if inputs.candidates is not None:
        layers.append(inputs.candidates)
    return any(bool(layer["synthetic"].any()) for layer in layers)
