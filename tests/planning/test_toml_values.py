"""Files of TOML written by hand: marks of their encoding, and what is no TOML at all."""

import pytest

from geo.errors import LayerError, SourceError
from planning._toml_values import is_text, read_document, shown


def test_a_mark_of_its_encoding_is_no_part_of_a_file(tmp_path):
    path = tmp_path / "one.toml"
    path.write_text("a = 1\n", encoding="utf-8-sig")
    assert read_document(path) == {"a": 1}


@pytest.mark.parametrize(
    "raw",
    ["a = [", "a = " + "[" * 100_000, "a = 1" + "0" * 5000, "a = 2026-02-30"],
    ids=["cut off", "nested too deep", "too many digits", "no date"],
)
def test_what_is_no_toml(tmp_path, raw):
    path = tmp_path / "one.toml"
    path.write_text(raw, encoding="utf-8")
    with pytest.raises(LayerError, match=r"one\.toml: expected a TOML file in UTF-8, got"):
        read_document(path)


@pytest.mark.parametrize("encoding", ["utf-16", "cp874"])
def test_other_encodings(tmp_path, encoding):
    path = tmp_path / "one.toml"
    path.write_text('a = "ถนน"', encoding=encoding)
    with pytest.raises(LayerError, match="in UTF-8"):
        read_document(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(SourceError, match="Expected to read"):
        read_document(tmp_path)


@pytest.mark.parametrize("value", ["", "  ", "a\0", "two\nlines", "\x1b[31m", 7, None])
def test_no_text_of_one_line(value):
    assert not is_text(value)


@pytest.mark.parametrize("value", ["สายตรวจเดินเท้า 1", "ก\u200bข", "a & <b>"])
def test_a_text_of_one_line(value):
    assert is_text(value)


def test_what_stands_there_is_told_in_a_line():
    assert shown({"a": "x" * 100_000}, "a") == "'" + "x" * 59
    assert shown({}, "a") == "nothing"
