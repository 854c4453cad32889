"""Big bodies, big headers and slow clients are refused, and the connection is closed."""

import json
import socket
import time

import httpx
import pytest
from fastapi import Body, Request

from api.main import create_app
from api.operations.connections import MAX_HEADER_BYTES, MAX_HEADERS
from api.settings import Settings
from tests.api.operations.ports import served

MAX_BODY_BYTES = 4096
PATIENCE_S = 0.5
ANSWER_BYTES = 50_000_000


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    place = tmp_path_factory.mktemp("limits") / "store.sqlite"
    settings = Settings(
        store=str(place), max_body_bytes=MAX_BODY_BYTES, receive_s=PATIENCE_S, send_s=PATIENCE_S
    )
    app = create_app(settings)

    @app.post("/body")
    def body(given: bytes = Body()):
        return len(given)

    @app.post("/stream")
    async def stream(request: Request):
        return len(await request.body())

    @app.get("/big")
    def big():
        return "x" * ANSWER_BYTES

    @app.get("/waits")
    async def waits(request: Request):
        await request.is_disconnected()
        return "done"

    with served(app, settings) as port:
        yield port


@pytest.fixture
def client(port):
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client


@pytest.fixture
def raw(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        yield connection


def everything(connection):
    """Read until the other side closes the connection."""
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def is_problem(answer, status):
    return (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )


def test_a_body_within_the_limit_is_taken(client):
    for body in (b"x" * MAX_BODY_BYTES, iter([b"x" * 2048, b"x" * 2048])):
        assert client.post("/body", content=body).json() == MAX_BODY_BYTES


@pytest.mark.parametrize("declared", [True, False])
def test_a_bigger_body_is_refused_whether_it_says_so_or_not(client, declared):
    parts = [b"x" * 1024] * 8
    answer = client.post("/body", content=b"".join(parts) if declared else iter(parts))
    assert is_problem(answer, 413)
    assert f"at most {MAX_BODY_BYTES:,} bytes" in answer.json()["detail"]
    assert answer.headers["connection"] == "close"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "asked", ["POST /nothing", "PUT /healthz", "GET /healthz", "HEAD /healthz"]
)
def test_a_body_that_nobody_reads_is_not_taken_either(raw, asked):
    head = f"{asked} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    raw.sendall(head.encode() + b"5\r\nhello\r\n")
    answer = everything(raw)
    assert answer.startswith(b"HTTP/1.1 ")
    assert answer.count(b"\r\nconnection: close\r\n") == 1


def test_a_connection_stays_open_where_the_body_was_read(client):
    assert "connection" not in client.get("/healthz").headers
    assert "connection" not in client.request("GET", "/healthz", content=b"").headers
    assert "connection" not in client.post("/body", content=b"x").headers


def test_a_body_that_does_not_come_is_not_waited_for(raw):
    raw.sendall(b"POST /body HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
    began = time.monotonic()
    answer = everything(raw)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["status"] == 408
    assert PATIENCE_S / 2 < time.monotonic() - began < 5


def test_a_client_that_leaves_in_the_middle_is_no_error_of_the_service(raw, client):
    raw.sendall(b"POST /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nhalf")
    raw.close()
    deadline = time.monotonic() + 10
    while not (told := [line for line in counts(client) if '"/stream"' in line]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert all('status="4xx"' in line for line in told), told


def counts(client):
    """Return how many requests were counted, a line each kind."""
    lines = client.get("/metrics").text.splitlines()
    return [line for line in lines if line.startswith("smartzone_requests_total")]


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: 127.0"])
def test_a_head_that_does_not_come_is_not_waited_for(raw, sent):
    raw.sendall(sent)
    began = time.monotonic()
    assert everything(raw) == b""
    assert PATIENCE_S / 2 < time.monotonic() - began < 5


def drip(connection):
    for number in range(1000):
        connection.sendall(f"X-{number}: 1\r\n".encode())
        time.sleep(PATIENCE_S / 10)


def test_a_head_that_drips_is_not_waited_for(raw):
    raw.sendall(b"GET / HTTP/1.1\r\n")
    began = time.monotonic()
    with pytest.raises(OSError, match=r"reset|pipe"):
        drip(raw)
    assert time.monotonic() - began < 5


def test_a_second_head_on_a_connection_is_not_waited_for_either(raw):
    raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert raw.recv(65_536).startswith(b"HTTP/1.1 200 ")
    raw.sendall(b"GET /healthz HTT")
    began = time.monotonic()
    assert everything(raw) == b""
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "headers",
    [
        b"X-A: " + b"a" * MAX_HEADER_BYTES + b"\r\n",
        b"".join(b"X-%d: 1\r\n" % number for number in range(MAX_HEADERS)),
        b"X-A: " + b"a" * (3 * MAX_HEADER_BYTES),
    ],
)
def test_too_many_or_too_large_headers_are_refused(raw, headers):
    raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + b"\r\n")
    head, body = everything(raw).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 431 ")
    assert json.loads(body)["status"] == 431


def test_a_long_address_is_refused_and_a_usual_one_is_not(raw, client):
    assert client.get("/healthz?" + "a" * 8000).status_code == 200
    raw.sendall(b"GET /" + b"a" * MAX_HEADER_BYTES + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert everything(raw).startswith(b"HTTP/1.1 431 ")


def test_a_client_that_does_not_take_its_answer_is_left(raw):
    raw.sendall(b"GET /big HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    time.sleep(4 * PATIENCE_S)
    assert len(everything(raw)) < ANSWER_BYTES


def test_several_requests_on_one_connection_and_one_that_listens_are_answered(client):
    for _ in range(3):
        assert client.get("/healthz").status_code == 200
        assert client.get("/waits").json() == "done"
    assert client.post("/body", content=b"xy").json() == 2
