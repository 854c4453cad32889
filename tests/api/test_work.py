"""What jobs really compute: the same as the commands, stored whole, and nobody's incidents told."""

import dataclasses
import datetime as dt
import json
import re
from contextlib import closing

import geopandas as gpd
import numpy as np
import pytest
from scipy.spatial import cKDTree
from shapely import Point

import api.work
from api.hotspots.result import LAYERS as HOTSPOTS_LAYERS
from api.hotspots.result import HotspotsParams
from api.jobs.orders import Order, Outcome, Telling
from api.plan.result import FINDINGS
from api.processes.catalogue import PROCESSES
from api.processes.inputs import HotspotsInputs, SitesInputs
from api.sites.result import LAYERS as SITES_LAYERS
from api.sites.result import SitesParams
from api.store import Store
from geo.errors import NotFoundError, ParameterError
from geo.pixel_density import STANDARDS
from geo.zone import Zone
from tests.api.hotspots.town import incidents, places, plan, write_town
from tests.api.jobs.pools import until
from tests.api.signing import add_everyone, guarded, signed_in
from tests.api.small_zone import write_zone

DAY = "2026-03-01"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
QUICK = {"day": DAY, "origins": 4}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Return a folder of a zone with many incidents, and of one that is planned quickly."""
    folder = tmp_path_factory.mktemp("data")
    write_town(folder / "town", incidents(400))
    write_zone(folder / "small")
    return folder


def order(data_dir, process, inputs, *, zone="town", store=None):
    """Give an order to work on, on a store that is there, if only empty."""
    place = store or data_dir / "store.sqlite"
    Store(place).close()
    return Order(
        job="1f0",
        runner="runner",
        zone=zone,
        process=process,
        inputs=inputs,
        store=str(place),
        data_dir=str(data_dir),
        work="api.work:work",
        workers=1,
        memory_mb=4096,
    )


def told(said):
    return Telling(lambda done, step: said.append((done, step)))


def test_the_inputs_have_the_defaults_of_the_commands():
    for inputs, params in [(SitesInputs, SitesParams()), (HotspotsInputs, HotspotsParams())]:
        given = inputs().model_dump(exclude={"day", "seed"})
        given |= {"fixed": tuple(given["fixed"])} if "fixed" in given else {}
        assert given.items() <= dataclasses.asdict(params).items()
    described = SitesInputs.model_json_schema()["properties"]["standard"]
    assert described["enum"] == list(STANDARDS)


def test_each_process_stores_the_layers_that_it_names():
    layers = {name: set(process.layers) for name, process in PROCESSES.items()}
    assert layers == {
        "plan-patrol": set(FINDINGS),
        "site-cameras": set(SITES_LAYERS),
        "compute-hotspots": set(HOTSPOTS_LAYERS),
        "forecast": {"forecast_cells"},
    }
    assert set(api.work._WORK) == set(PROCESSES)


def test_the_forecast_alone_is_that_of_the_hotspots(data_dir, tmp_path):
    said = []
    alone = api.work.work(order(data_dir, "forecast", QUICK), told(said))
    asked = QUICK | {"resamples": 49}
    store = tmp_path / "store.sqlite"
    whole = api.work.work(order(data_dir, "compute-hotspots", asked, store=store), told([]))
    assert set(whole.layers) == set(HOTSPOTS_LAYERS)
    assert alone.layers["forecast_cells"].equals(whole.layers["forecast_cells"])
    assert json.loads(alone.document)["forecast"] == json.loads(whole.document)["forecast"]
    assert said[0] == (0, "cli.step_zone")
    assert said[-1] == (0.75, "cli.step_store")
    assert said == sorted(said, key=lambda one: one[0])


def test_provenance_names_files_parameters_and_seed(data_dir):
    done = api.work.work(order(data_dir, "forecast", QUICK | {"seed": 5}), told([]))
    provenance = done.provenance
    assert provenance["seed"] == 5
    assert provenance["day"] == DAY
    assert provenance["parameters"]["origins"] == 4
    digests = provenance["inputs"].values()
    assert digests
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)


def test_hotspots_read_the_patrols_of_the_last_plan_and_tell_no_incident(data_dir, tmp_path):
    asked = QUICK | {"resamples": 49}
    place = tmp_path / "store.sqlite"
    with closing(Store(place)) as store:
        job = store.jobs.submit("town", "plan-patrol", {}, subject="commander-1", now=NOW)
        store.jobs.runs.claim("runner", now=NOW)
        with store.engine.writing() as session:
            stops = [(*where, 30) for where in places()]
            document = json.dumps(plan(*stops))
            store.jobs.runs.finish(session, job, "runner", document=document, now=NOW)
    done = api.work.work(order(data_dir, "compute-hotspots", asked, store=place), told([]))
    assert "plan.json" in done.provenance["inputs"]
    assert json.loads(done.document)["audit"]["minutes"] == 60
    assert not tells(done, Zone.load(data_dir / "town"))


def test_a_document_with_an_incident_would_be_found(data_dir):
    """Plant the fault that the document lists where an incident was."""
    zone = Zone.load(data_dir / "town")
    done = api.work.work(order(data_dir, "forecast", QUICK), told([]))
    point = zone.incidents.geometry.to_crs(4326).iloc[0]
    listed = {"incidents": [{"lon": point.x, "lat": point.y}]}
    assert tells(dataclasses.replace(done, document=json.dumps(listed)), zone)


def test_what_cannot_be_done_says_so(data_dir):
    with pytest.raises(NotFoundError, match="process"):
        api.work.work(order(data_dir, "none", {}), told([]))
    with pytest.raises(NotFoundError):
        api.work.work(order(data_dir, "forecast", {}, zone="nowhere"), told([]))
    with pytest.raises(ParameterError, match="cell_m"):
        api.work.work(order(data_dir, "forecast", {"cell_m": 9_999}), told([]))


@pytest.fixture
def client(data_dir, tmp_path):
    """Return a client of a service that computes for the small zone."""
    place = tmp_path / "store.sqlite"
    with closing(Store(place)) as store:
        add_everyone(store, zones=frozenset({"small"}))
    with guarded(place, zone="small", data_dir=data_dir, jobs=1) as client:
        yield client


@pytest.mark.slow
def test_a_service_computes_a_whole_plan(client, data_dir, tmp_path):
    headers = signed_in(client, "commander-1")
    status = run(client, headers, "plan-patrol", {"evening": DAY, "seed": 1})
    assert status["status"] == "successful", status
    document = client.get(f"/ogc/jobs/{status['jobID']}/results", headers=headers).json()
    assert document["format"] == "smartzone-plan/1"
    assert (document["seed"], document["tonight"]) == (1, DAY)
    whole = Outcome(json.dumps(document), {}, {})
    assert not tells(whole, Zone.load(data_dir / "small"))
    with closing(Store(tmp_path / "store.sqlite")) as store:
        stored = {record.name: record for record in store.layers("small")}
        assert set(stored) == set(FINDINGS)
        assert {record.provenance["job"] for record in stored.values()} == {status["jobID"]}
        related = [link["href"] for link in status["links"] if link["rel"] == "related"]
        for href, name in zip(related, PROCESSES["plan-patrol"].layers, strict=True):
            answer = client.get(href, headers=headers).json()
            assert answer["numberMatched"] == stored[name].count


def run(client, headers, process, inputs):
    """Ask for a process and give the last status of its job."""
    address = f"/ogc/processes/{process}/execution"
    asked = client.post(address, json={"inputs": inputs}, headers=headers)
    assert asked.status_code == 201, asked.text

    def look():
        status = client.get(asked.headers["location"], headers=headers).json()
        return status if status["status"] not in {"accepted", "running"} else None

    return until(look, within_s=240)


def tells(done, zone):
    """Tell whether a document or layer holds the place or the instant of some incident."""
    listed = _points(json.loads(done.document))
    told = [layer.to_crs(zone.crs).get_coordinates() for layer in done.layers.values()]
    if listed:
        told.append(gpd.GeoSeries(listed, crs=4326).to_crs(zone.crs).get_coordinates())
    nearest, _ = cKDTree(np.concatenate(told)).query(zone.incidents.get_coordinates())
    text = done.document + "".join(layer.to_json() for layer in done.layers.values())
    instants = zone.incidents["occurred_at"].dt
    written = [*instants.strftime("%Y-%m-%dT%H:%M:%SZ"), *instants.strftime("%Y-%m-%d %H:%M:%S")]
    return bool((nearest < 0.002).any()) or any(instant in text for instant in written)


def _points(value):
    """Give the points that a document names."""
    if isinstance(value, list):
        return [point for one in value for point in _points(one)]
    if not isinstance(value, dict):
        return []
    here = [Point(value["lon"], value["lat"])] if {"lon", "lat"} <= set(value) else []
    return here + [point for one in value.values() for point in _points(one)]
