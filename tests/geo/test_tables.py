"""Tables without places: answers as text, and bad files told without their values."""

from pathlib import Path

import pytest

from geo.errors import LayerError, ParameterError, SourceError
from geo.formats import read_table


def test_a_table_of_answers_keeps_text_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text('wave, score,group\nbefore,4,"a\nb"\n\nafter, 3 ,\n', encoding="utf-8-sig")
    table = read_table(path)
    assert table.index.tolist() == [2, 5]
    assert table.to_numpy().tolist() == [["before", "4", "a\nb"], ["after", "3", ""]]
    path.write_bytes("wave,score,group\nbefore,4,หญิง\n".encode("cp874"))
    assert read_table(path, encoding="cp874")["group"].tolist() == ["หญิง"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "expected a header and at least one row, got none"),
        (b"wave,score\n", "expected a header and at least one row, got none"),
        (b"Somchai,Somchai\n1,2\n", "row 1: expected each column once, got a value that is not"),
        (b"wave,score\nSomchai\nbefore,1\na,b,c\n", "row 2: .*got 1\n.*row 4: .*got 3"),
        ("wave,score\nสมชาย,4\n".encode("cp874"), "row 2: .*as in TIS-620"),
        (b'wave,score\n"Somchai,4\n', "expected comma-separated values"),
    ],
)
def test_a_table_that_will_not_do_is_told_without_its_values(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    with pytest.raises(LayerError, match=told) as refused:
        read_table(path)
    assert "Somchai" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_table_that_is_not_there_of_another_kind_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Expected a CSV file at .*none\.csv, got none"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(LayerError, match=r"expected a file in \.csv, got \.xlsx"):
        read_table(tmp_path / "answers.xlsx")
    (tmp_path / "answers.csv").write_text("wave,score\nbefore,1\n", encoding="utf-8")
    with pytest.raises(LayerError, match="at most 1e-05 MB"):
        read_table(tmp_path / "answers.csv", max_bytes=10)
    with pytest.raises(ParameterError, match=r"Expected `encoding` as the name.*got 'klingon'"):
        read_table(tmp_path / "answers.csv", encoding="klingon")
