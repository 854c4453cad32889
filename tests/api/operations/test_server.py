"""A real process that is told to stop: what runs is answered, and nothing more begins."""

import json
import signal
import threading
import time

import httpx
import pytest

from api.store import Store
from tests.api.operations.tried_service import SLOW_S, tried_service
from tests.api.sample import fill

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "store.sqlite"
    store = Store(place)
    fill(store)
    store.close()
    return place


class Asking(threading.Thread):
    """A slow request in a thread of its own."""

    def __init__(self, client):
        super().__init__()
        self.client, self.answer = client, None
        self.start()
        time.sleep(SLOW_S / 5)

    def run(self):
        try:
            self.answer = self.client.get("/slow/word")
        except httpx.HTTPError as error:
            self.answer = error


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_is_answered_and_the_end_is_in_order(place, tmp_path, word):
    with tried_service(place, tmp_path / "log") as (process, client):
        slow = Asking(client)
        process.send_signal(word)
        slow.join()
        assert (slow.answer.status_code, slow.answer.json()) == (200, "word")
        assert process.wait(timeout=20) == 0
    store = Store(place)
    assert store.audit.unsigned_since() is None
    store.close()
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [event["route"] for event in events if event["event"] == "request"] == ["/slow/{value}"]


def test_while_draining_it_serves_and_says_that_it_is_not_ready(place, tmp_path):
    with tried_service(place, tmp_path / "log", drain_s=1.5) as (process, client):
        assert client.get("/readyz").status_code == 200
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "The service is stopping.")
        assert client.get("/healthz").status_code == 200
        assert process.wait(timeout=20) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(client.base_url.join("/healthz"))


def test_a_second_word_ends_it_at_once(place, tmp_path):
    with tried_service(place, tmp_path / "log") as (process, client):
        slow = Asking(client)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
        slow.join()
        assert isinstance(slow.answer, httpx.HTTPError)  # it did not wait for what runs
        assert isinstance(slow.answer, httpx.RemoteProtocolError)


def test_what_takes_longer_than_the_limit_is_not_waited_for(place, tmp_path):
    with tried_service(place, tmp_path / "log", shutdown_s=0.3) as (process, client):
        slow = Asking(client)
        process.send_signal(signal.SIGTERM)
        slow.join()
        assert process.wait(timeout=20) == 0
