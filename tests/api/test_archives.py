"""Archives: what lies in their folder comes out, and nothing else gets anywhere."""

import stat
import zipfile

import pytest

from api.archives import MOST_FILES, unpacked
from geo.errors import LayerError, SourceError


@pytest.fixture
def archive(tmp_path):
    """Return a writer of an archive from names and texts."""

    def write(members):
        path = tmp_path / "layers.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, text in members:
                file.writestr(name, text)
        return path

    return write


def test_files_come_out_in_their_folders(archive):
    path = archive([("a/", ""), ("a/โคมไฟ.csv", "id"), ("b.csv", "x")])
    with unpacked(path) as folder:
        found = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.csv")}
    assert found == {"a/โคมไฟ.csv": "id", "b.csv": "x"}
    assert not folder.exists()


@pytest.mark.parametrize(
    "name",
    ["../out.csv", "a/../../out.csv", "/srv/out.csv", "..\\out.csv", "C:\\out.csv", "C:out.csv"],
)
def test_a_name_that_leads_outside_is_refused_before_anything_is_written(archive, tmp_path, name):
    path = archive([("good.csv", "id"), (name, "x")])
    before = sorted(tmp_path.parent.rglob("*.csv"))
    with pytest.raises(LayerError, match="inside the archive's own folder"), unpacked(path):
        pytest.fail("it was unpacked")
    assert sorted(tmp_path.parent.rglob("*.csv")) == before


def test_a_link_is_refused(archive):
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(LayerError, match="own folder"), unpacked(archive([(link, "/etc/passwd")])):
        pytest.fail("it was unpacked")


def test_too_much_is_refused_with_every_fault(archive):
    members = [(f"{number}.csv", "0" * 1000) for number in range(MOST_FILES + 1)]
    with (
        pytest.raises(LayerError) as refused,
        unpacked(archive([*members, ("../x", "")]), max_bytes=50_000),
    ):
        pytest.fail("it was unpacked")
    told = str(refused.value)
    assert len(refused.value.faults) == 3
    assert "at most 100 files, got 102" in told
    assert "at most 0.05 MB in it, got 0.101 MB" in told


def test_a_file_that_says_less_than_it_holds_yields_no_more(archive):
    path = archive([("bomb.csv", "0" * 5_000_000)])
    raw = path.read_bytes()
    size = (5_000_000).to_bytes(4, "little")
    path.write_bytes(raw.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(LayerError, match="whole zip archive"), unpacked(path):
        pytest.fail("it was unpacked")


def test_the_same_name_twice_is_refused(archive):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = archive([("a.csv", "1"), ("a.csv", "2")])
    with pytest.raises(SourceError, match="exists"), unpacked(path):
        pytest.fail("it was unpacked")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive at all"])
def test_what_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "layers.zip"
    path.write_bytes(content)
    with pytest.raises(LayerError, match="whole zip archive"), unpacked(path):
        pytest.fail("it was unpacked")
    with pytest.raises(SourceError, match="archive at"), unpacked(tmp_path / "none.zip"):
        pytest.fail("it was unpacked")


def test_errors_of_the_block_pass_as_they_are(archive):
    with pytest.raises(RuntimeError, match="own"), unpacked(archive([("a.csv", "1")])):
        raise RuntimeError("own")
