"""A real PostgreSQL with PostGIS for the tests, in a cluster of their own on a free port."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import missing

_HOMES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class Cluster:
    """A running cluster.

    `url(name)` is the address of a database; `new()` makes an empty one with PostGIS and returns
    its address. `kill()` ends the server without a word; `start()` brings it back on its port.
    """

    def __init__(self, port, folder, control, options):
        self.port = port
        self.folder = folder
        self._control = control
        self._options = options
        self._has_template = False

    def start(self):
        quiet = {"cwd": self.folder, "env": _plain_env(), "capture_output": True}
        deadline = time.monotonic() + 60
        start = [*self._control, "-o", self._options, "start"]
        # What the server of before left in memory may take a moment to go.
        while subprocess.run(start, check=False, **quiet).returncode:
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)

    def stop(self):
        quiet = {"stdout": subprocess.DEVNULL, "cwd": self.folder, "env": _plain_env()}
        subprocess.run([*self._control, "-m", "immediate", "stop"], check=True, **quiet)

    def kill(self):
        pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < deadline, "the server did not end"
            time.sleep(0.01)

    def url(self, name):
        return f"postgresql://smartzone@127.0.0.1:{self.port}/{name}"

    def new(self):
        if not self._has_template:  # a copy takes a quarter of the time
            self.execute("CREATE DATABASE with_postgis")
            self.execute("CREATE EXTENSION postgis", "with_postgis")
            self._has_template = True
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE with_postgis STRATEGY FILE_COPY")
        return self.url(name)

    def execute(self, sql, name="postgres"):
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(sql)

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
        cluster = Cluster(port, folder, control, start)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy_database(source, target):
    """Copy all of a database into one that has only PostGIS, by PostgreSQL's own programs."""
    home = next(home for home in _HOMES if (home / "pg_dump").exists())
    told = {"capture_output": True, "env": _plain_env()}
    dumped = subprocess.run([home / "pg_dump", source], check=True, **told).stdout
    restore = [home / "psql", "-v", "ON_ERROR_STOP=1", target]
    subprocess.run(restore, check=True, input=dumped, **told)


def _plain_env():
    return {name: text for name, text in os.environ.items() if not name.startswith("PG")}
