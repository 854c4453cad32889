"""A real PostgreSQL with PostGIS for the tests, in a cluster of their own on a free port."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import missing

_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class Cluster:
    """A running cluster.

    `url(name)` is the address of a database; `new()` makes an empty one and returns its address.
    """

    def __init__(self, port):
        self.port = port

    def url(self, name):
        return f"postgresql://smartzone@127.0.0.1:{self.port}/{name}"

    def new(self):
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url):
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")


@contextmanager
def postgres_cluster(*, durable=False):
    """Start a cluster of its own and yield it; skip, or fail under CI, where there is none.

    `durable` keeps its promises to the disk, for tests that kill it.
    """
    programs = next((home for home in _HOMES if (home / "initdb").exists()), None)
    if programs is None or not shutil.which("runuser"):
        missing("PostgreSQL with PostGIS")
    as_user = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
    folder = Path(tempfile.mkdtemp(prefix="smartzone-postgres-"))
    if as_user:
        shutil.chown(folder, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "env": _plain_env()}
    options = [f"-c {option}" for option in (() if durable else _FAST)]
    start = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {' '.join(options)}"
    data, log = folder / "data", folder / "log"
    init = ["-D", data, "-U", "smartzone", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    try:
        subprocess.run([*as_user, programs / "initdb", *init, "--no-sync"], check=True, **quiet)
        control = [*as_user, programs / "pg_ctl", "-D", data, "-w", "-l", log]
        subprocess.run([*control, "-o", start, "start"], check=True, **quiet)
        try:
            yield Cluster(port)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plain_env():
    return {name: text for name, text in os.environ.items() if not name.startswith("PG")}
