"""A full disk while writing: one line says so, the old version stays, and room lets work go on.

Once on a small file system of its own, where one may be mounted, and once with files that may not
grow (RLIMIT_FSIZE), which needs no leave.
"""

import getpass
import resource
import secrets
import shutil
import subprocess
from contextlib import contextmanager, suppress

import pytest

from api.store import Store
from geo.errors import SourceError
from tests.api.sample import PROVENANCE, ZONE
from tests.api.store.conftest import NOW
from tests.api.store.test_store import points, read


@contextmanager
def small_disk(folder, megabytes):
    """Lend a file system of its own, so small that it can be filled."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "smartzone", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("leave to mount a small file system is missing")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill_up(disk, *, leave):
    """Take all but some bytes of a file system."""
    free = shutil.disk_usage(disk).free
    with (disk / "filler").open("wb") as file, suppress(OSError):
        file.write(b"\0" * max(0, free - leave))


@pytest.fixture
def on_small_disk(request, tmp_path):
    """Return a store whose data stand on a small file system, and that file system."""
    if request.param == "sqlite":
        with small_disk(tmp_path / "disk", 8) as disk:
            store = Store(disk / "store.sqlite")
            yield store, disk
            store.close()
        return
    cluster = request.getfixturevalue("postgres")
    with small_disk(cluster.folder / "disk", 64) as disk:
        shutil.chown(disk, "postgres")
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        cluster.execute("CREATE DATABASE small TABLESPACE small")
        store = Store(cluster.url("small"))
        yield store, disk
        store.close()
        cluster.drop(cluster.url("small"))
        cluster.execute("DROP TABLESPACE small")


@pytest.mark.parametrize("on_small_disk", ["sqlite", "postgres"], indirect=True)
def test_a_full_disk_leaves_the_old_version(on_small_disk):
    store, disk = on_small_disk
    store.put_layer(ZONE, "lamps", points(400, "old"), kind="layer", provenance=PROVENANCE)
    store.events.append(ZONE, "sos", {"n": 1}, at=NOW)
    before, record = read(store, "lamps"), store.layer(ZONE, "lamps")
    fill_up(disk, leave=200_000)
    big = points(4_000, "new")
    for _ in range(3):
        with pytest.raises(SourceError, match=r"full|space") as refused:
            store.put_layer(ZONE, "lamps", big, kind="layer", provenance=PROVENANCE)
        assert "\n" not in str(refused.value)
        assert read(store, "lamps") == before
        assert store.layer(ZONE, "lamps") == record
    (disk / "filler").unlink()
    store.put_layer(ZONE, "lamps", points(3, "new"), kind="layer", provenance=PROVENANCE)
    assert read(store, "lamps")[1] == 3
    assert [event.payload for event in store.events.after(0, 10)] == [{"n": 1}]


@contextmanager
def files_no_longer_than(limit):
    """Let no file that this process writes grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def assert_refused(store, layer, name="lamps"):
    """A layer is refused in a line, and the one that is there stays as it is."""
    before, record = read(store, name), store.layer(ZONE, name)
    with pytest.raises(SourceError) as refused:
        store.put_layer(ZONE, name, layer, kind="layer", provenance=PROVENANCE)
    assert "\n" not in str(refused.value)
    assert read(store, name) == before
    assert store.layer(ZONE, name) == record


def test_a_file_that_may_not_grow_leaves_the_old_version(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    store.put_layer(ZONE, "lamps", points(400, "old"), kind="layer", provenance=PROVENANCE)
    with files_no_longer_than((tmp_path / "store.sqlite").stat().st_size + 100_000):
        for _ in range(3):
            assert_refused(store, points(4_000, "new"))
    store.put_layer(ZONE, "lamps", points(3, "new"), kind="layer", provenance=PROVENANCE)
    store.close()
    store = Store(tmp_path / "store.sqlite")
    assert read(store, "lamps")[1] == 3
    store.close()


def limit_files_of(cluster, limit):
    """Let no file grow beyond so many bytes that servers write which are started from now on."""
    pid = (cluster.folder / "data" / "postmaster.pid").read_text().split()[0]
    as_user = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
    limits = ["prlimit", f"--pid={pid}", f"--fsize={limit}:"]
    subprocess.run([*as_user, *limits], check=True, capture_output=True)


@pytest.mark.slow
def test_a_server_whose_files_may_not_grow_leaves_the_old_version(postgres):
    """Segments of PostgreSQL's log of changes have 16 MiB, so that no less can be allowed."""
    place = postgres.new()
    store = Store(place)
    store.put_layer(ZONE, "lamps", points(400, "old"), kind="layer", provenance=PROVENANCE)
    store.close()
    big = points(4_000, "new").assign(told=[secrets.token_hex(2_000) for _ in range(4_000)])
    limit_files_of(postgres, 2**24)
    try:
        store = Store(place)
        assert_refused(store, big)
        store.close()
    finally:
        limit_files_of(postgres, "unlimited")
    store = Store(place)
    store.put_layer(ZONE, "lamps", big, kind="layer", provenance=PROVENANCE)
    assert read(store, "lamps")[1] == 4_000
    store.close()
    postgres.drop(place)
