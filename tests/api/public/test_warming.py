"""What the first walk needs is ready before it is asked, and nothing is held up by that."""

import asyncio
import logging
import socket
import threading
from contextlib import ExitStack
from unittest.mock import patch

import httpx
import pytest

from api.main import create_app
from api.public import warming as warming_module
from api.public.towns import Towns
from api.public.warming import warming
from api.store import Store
from geo.errors import NotFoundError
from planning.walk import WalkNetwork
from tests.api.sample import ZONE
from tests.api.sample import fill as fill_sample
from tests.api.serving import serving, settings_for


@pytest.fixture
def towns(old_town_store):
    store = Store(old_town_store)
    yield Towns(store)
    store.close()


def warmed(towns, zones):
    """Warm as the service does, to the end."""
    ended = threading.Event()

    async def run():
        async with warming(towns, [*zones, "last"]):
            assert await asyncio.to_thread(ended.wait, 60)

    def town(zone):
        if zone == "last":
            ended.set()
            raise NotFoundError
        return honest(zone)

    honest = towns.town
    with patch.object(towns, "town", town):
        asyncio.run(run())


def test_the_first_walk_finds_everything_ready(towns, monkeypatch):
    warmed(towns, ["old_town"])

    def unwanted(*_, **__):
        pytest.fail("made once more")

    monkeypatch.setattr(Towns, "_read", unwanted)
    network = towns.town("old_town").network
    assert len(network._networks) == 1
    line = network.graph.lines.iloc[3]
    monkeypatch.setattr("planning.walk.Network.of", unwanted)
    walks = network.walks(
        *(line.interpolate(part, normalized=True) for part in (0, 1)), params=warming_module.PARAMS
    )
    assert walks.shortest.length_m == pytest.approx(line.length, abs=0.01)


def test_what_goes_wrong_is_told_and_the_next_zone_is_made_ready(towns, monkeypatch, caplog):
    made = []

    def town(zone):
        made.append(zone)
        if zone == "broken":
            raise ZeroDivisionError
        return honest(zone)

    honest = towns.town
    monkeypatch.setattr(towns, "town", town)
    with caplog.at_level(logging.INFO):
        warmed(towns, ["nowhere", "broken", "old_town"])
    assert list(dict.fromkeys(made)) == ["nowhere", "broken", "old_town"]
    assert [record.getMessage() for record in caplog.records] == [
        "Zone broken was not made ready for walks"
    ]


def test_who_ends_waits_for_what_is_being_done_and_no_longer(towns, monkeypatch):
    begun, go_on, made = threading.Event(), threading.Event(), []

    def town(zone):
        made.append(zone)
        begun.set()
        assert go_on.wait(20)
        return honest(zone)

    honest = towns.town
    monkeypatch.setattr(towns, "town", town)
    monkeypatch.setattr(WalkNetwork, "walks", lambda *_, **__: pytest.fail("went on"))

    async def run():
        async with warming(towns, ["old_town", "second"]):
            await asyncio.to_thread(begun.wait, 20)
            asyncio.get_running_loop().call_later(0.1, go_on.set)
        assert go_on.is_set()

    asyncio.run(run())
    assert made == ["old_town"]


def test_a_service_is_ready_before_it_is_warm_and_stops_cleanly(tmp_path, monkeypatch):
    """Warming that takes a while holds up no request."""
    begun, go_on = threading.Event(), threading.Event()

    def town(*_):
        begun.set()
        assert go_on.wait(20)
        raise NotFoundError

    monkeypatch.setattr(Towns, "town", town)
    store = Store(tmp_path / "store.sqlite")
    fill_sample(store)
    store.close()
    application = create_app(settings_for(tmp_path / "store.sqlite", ZONE), warm=True)
    with serving(application) as address:
        assert begun.wait(20)
        assert httpx.get(f"{address}/readyz").status_code == 200
        go_on.set()


@pytest.mark.parametrize("path", ["walk?from=98.3871,7.8846&to=98.3905,7.8870", "places"])
def test_whoever_waits_for_a_town_holds_up_nobody_else(tmp_path, monkeypatch, path):
    """More ask at once than there are threads for all requests."""
    begun, go_on = threading.Event(), threading.Event()

    def town(*_):
        begun.set()
        assert go_on.wait(60)
        raise NotFoundError

    monkeypatch.setattr(Towns, "town", town)
    store = Store(tmp_path / "store.sqlite")
    fill_sample(store)
    store.close()
    application = create_app(settings_for(tmp_path / "store.sqlite", ZONE))
    with serving(application) as address, ExitStack() as asking:
        host, port = address.removeprefix("http://").split(":")
        request = f"GET /public/v1/{path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
        waiting = [
            asking.enter_context(socket.create_connection((host, int(port)))) for _ in range(60)
        ]
        for connection in waiting:
            connection.sendall(request)
        try:
            assert begun.wait(20)
            assert httpx.get(f"{address}/sign-in", timeout=10).status_code == 200
        finally:
            go_on.set()
        for connection in waiting:
            assert connection.recv(64).startswith(b"HTTP/1.1 404")


def test_only_who_asks_for_it_warms(tmp_path, monkeypatch):
    monkeypatch.setattr(Towns, "town", lambda *_: pytest.fail("warmed"))
    store = Store(tmp_path / "store.sqlite")
    fill_sample(store)
    store.close()
    with serving(create_app(settings_for(tmp_path / "store.sqlite", ZONE))):
        pass
