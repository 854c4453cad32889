"""Files that are written together stand together, or not at all."""

import pytest

from api.files import replacing_together
from geo.errors import SourceError

NAMES = ["a.txt", "b.txt"]


def write(folder, text, names=NAMES, outdated=()):
    with replacing_together(folder, NAMES, outdated=outdated) as beside:
        for name in names:
            (beside / name).write_text(text, encoding="utf-8")


def write_half(folder, error):
    with replacing_together(folder, NAMES) as beside:
        (beside / "a.txt").write_text("new", encoding="utf-8")
        raise error


def texts(root):
    return {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob("*") if p.is_file()}


def test_files_are_replaced_and_strangers_left_alone(tmp_path):
    write(tmp_path / "x" / "out", "old")
    (tmp_path / "x" / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    write(tmp_path / "x" / "out", "new")
    assert texts(tmp_path) == {"x/out/a.txt": "new", "x/out/b.txt": "new", "x/out/mine.txt": "mine"}


def test_readers_see_the_old_files_until_all_new_ones_are_there(tmp_path):
    write(tmp_path / "out", "old")
    with replacing_together(tmp_path / "out", NAMES) as beside:
        for name in NAMES:
            (beside / name).write_text("new", encoding="utf-8")
        assert set(texts(tmp_path / "out").values()) == {"old"}


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_error_in_the_block_changes_nothing(tmp_path, error):
    write(tmp_path / "out", "old")
    before = texts(tmp_path)
    with pytest.raises(error):
        write_half(tmp_path / "out", error)
    assert texts(tmp_path) == before


@pytest.mark.parametrize("present", [[], ["b.txt"], NAMES])
def test_a_file_that_is_missing_puts_the_others_back(tmp_path, present):
    write(tmp_path / "out", "old")
    for name in set(NAMES) - set(present):
        (tmp_path / "out" / name).unlink()
    before = texts(tmp_path)
    with pytest.raises(SourceError, match="Expected to write into"):
        write(tmp_path / "out", "new", names=["a.txt"])
    assert texts(tmp_path) == before


def test_a_folder_in_the_place_of_a_file_is_never_lost(tmp_path):
    (tmp_path / "out" / "b.txt").mkdir(parents=True)
    (tmp_path / "out" / "b.txt" / "inner.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(SourceError, match=r"Expected a file at .*, got a folder"):
        write(tmp_path / "out", "new")
    assert texts(tmp_path) == {"out/b.txt/inner.txt": "dear"}


def test_outdated_files_go_as_the_new_ones_come(tmp_path):
    write(tmp_path / "out", "old")
    for name in ("c.txt", "d.txt", "mine.txt"):
        (tmp_path / "out" / name).write_text("old", encoding="utf-8")
    write(tmp_path / "out", "new", outdated=["c.txt", "d.txt"])
    assert texts(tmp_path) == {"out/a.txt": "new", "out/b.txt": "new", "out/mine.txt": "old"}


@pytest.mark.parametrize("names", [NAMES, ["a.txt"]])
def test_outdated_files_stay_where_the_new_ones_do_not_come(tmp_path, names):
    (tmp_path / "out").mkdir()
    for name in ("b.txt", "c.txt"):
        (tmp_path / "out" / name).write_text("old", encoding="utf-8")
    before = texts(tmp_path)
    with pytest.raises(SourceError, match="Expected to write into"):
        write(tmp_path / "out", "new", names=names, outdated=["c.txt", "vanished.txt"])
    assert texts(tmp_path) == before
