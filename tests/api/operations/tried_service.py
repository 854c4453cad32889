"""The real service in a process of its own, with routes that are slow or fail, for the tests.

`python -m tests.api.operations.tried_service STORE [--leaky]`; with --leaky, the request log
tells paths, as a planted fault.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from fastapi import Body

import api.operations.requests
from api.logs import configure_logs
from api.main import create_app
from api.operations.server import StoppingServer
from api.settings import Settings
from geo.errors import SourceError
from tests.api.operations.ports import listening

SLOW_S = 1.5


def main(store, leaky):
    configure_logs(style="json")
    settings = Settings.load(zone="sample", store=store)
    if leaky:
        api.operations.requests.route_of = lambda scope: scope["path"]
    app = create_app(settings)

    @app.get("/slow/{value}")
    def slow(value: str):
        time.sleep(SLOW_S)
        return value

    @app.api_route("/fail/{value}", methods=["GET", "POST"])
    async def fail(value: str):
        try:
            float(value)
        except ValueError as error:
            raise KeyError(value) from error

    @app.get("/absent/{value}")
    def absent(value: str):
        raise SourceError(f"Expected {value}.")

    @app.post("/body")
    def body(value: bytes = Body()):
        return len(value)

    with listening() as (listener, port):
        print(port, flush=True)  # noqa: T201 - the test waits for it
        StoppingServer(app, settings).run(sockets=[listener])


@contextmanager
def tried_service(store, log, *options, **settings):
    """Run the service; yield its process and a client. The log goes to a file."""
    environment = {f"SMARTZONE_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.api.operations.tried_service", str(store), *options],
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=Path(__file__).parents[3],
            env=os.environ | environment,
        )
    try:
        line = process.stdout.readline()
        assert line, log.read_text()
        with httpx.Client(base_url=f"http://127.0.0.1:{int(line)}", timeout=30) as client:
            yield process, client
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    main(sys.argv[1], "--leaky" in sys.argv[2:])
