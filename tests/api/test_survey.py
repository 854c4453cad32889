"""The command `smartzone survey`: own figures, both languages, and that no answer is repeated."""

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import api.cli
import api.survey
from api.survey import find_fear

SECRETS = ("Somchai", "0812345678", "สมชาย")


def answers(seed=0, change=-0.8, **groups):
    """Return rows of groups, given by their numbers of answers before and after."""
    rng = np.random.default_rng(seed)
    return [
        (wave, int(score), group)
        for group, counts in groups.items()
        for wave, count, mean in zip(("before", "after"), counts, (3.4, 3.4 + change), strict=True)
        for score in np.clip(rng.normal(mean, 1, count).round(), 1, 5)
    ]


def csv_of(rows, header="wave,score,group"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""])


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(content, *arguments, name="answers.csv"):
        raw = content if isinstance(content, bytes) else content.encode("utf-8")
        (tmp_path / "answers.csv").write_bytes(raw)
        before = sorted(tmp_path.rglob("*"))
        asked = ["survey", name, *(str(argument) for argument in arguments)]
        result = CliRunner().invoke(api.cli.app, asked)
        assert sorted(tmp_path.rglob("*")) == before
        return result

    return call


def told(result):
    """Give what stands on standard error in one line, as the terminal may have wrapped it."""
    return " ".join(result.stderr.split())


def cells(result):
    """Give the cells of each row of the table by its group."""
    assert result.exit_code == 0, result.stderr
    rows = [[cell.strip() for cell in line.split("│")] for line in result.stdout.splitlines()]
    return {row[1]: row[2:-1] for row in rows if len(row) > 2}


# --- what goes well


def by_scipy(rows):
    """Write the cells of a row by the second method."""
    x, y = (np.array([score for wave, score, _ in rows if wave == w]) for w in ("before", "after"))
    low, high = stats.ttest_ind(y, x, equal_var=False).confidence_interval(0.95)
    more = stats.mannwhitneyu(y, x).statistic / (x.size * y.size)
    return [
        f"{x.size} → {y.size}",
        f"{x.mean():.2f} → {y.mean():.2f}",
        f"{y.mean() - x.mean():+.2f} ({low:+.2f} to {high:+.2f})",
        f"{more:.2f}",
    ]


def test_the_table_is_that_of_a_second_method(run):
    rows = answers(women=(60, 50), men=(40, 45))
    found = cells(run(csv_of(rows)))
    groups = {"Everyone": rows} | {
        name: [row for row in rows if row[2] == name] for name in ("women", "men")
    }
    assert set(found) == set(groups)
    for name, of_group in groups.items():
        expected = by_scipy(of_group)
        assert found[name][:3] == expected[:3]
        assert found[name][3].startswith(f"{expected[3]} (")


def test_waves_that_change_places_are_caught(run, monkeypatch):
    rows = answers(women=(60, 50))
    real = api.survey.compare_fear
    turned = {"before": "after", "after": "before"}
    monkeypatch.setattr(
        api.survey,
        "compare_fear",
        lambda table, **rest: real(table.assign(wave=table["wave"].map(turned)), **rest),
    )
    assert cells(run(csv_of(rows)))["Everyone"][:3] != by_scipy(rows)[:3]


@pytest.mark.parametrize(
    ("change", "english", "thai"),
    [
        (-0.8, "tell of less fear", "กลัวน้อยกว่าก่อน"),
        (0.8, "tell of more fear", "กลัวมากกว่าก่อน"),
        (0.0, "differ no more than chance would bring", "ไม่เกินความบังเอิญ"),
    ],
)
def test_one_sentence_says_which_way_and_both_what_it_cannot_tell(run, change, english, thai):
    content = csv_of(answers(change=change, women=(80, 80)))
    for language, sentence, cannot in (
        ("en", english, "This cannot tell why"),
        ("th", thai, "บอกสาเหตุไม่ได้"),
    ):
        result = run(content, "--lang", language)
        assert result.exit_code == 0, result.stderr
        assert sentence in result.stdout
        assert cannot in result.stdout


def test_small_groups_are_left_out_and_counted_but_not_named(run):
    result = run(csv_of(answers(women=(40, 40), men=(9, 40), visitors=(30, 30))))
    assert list(cells(result)) == ["Everyone", "women"]
    assert "Groups of which nothing is told: 2." in result.stdout
    assert "men " not in result.stdout.replace("women ", "")
    assert "nothing is told" not in run(csv_of(answers(women=(40, 40)))).stdout


def test_names_in_the_column_of_groups_are_not_repeated(run):
    rows = answers(women=(40, 40))
    rows += [("before", 3, secret) for secret in SECRETS]
    result = run(csv_of(rows))
    assert "Groups of which nothing is told: " in result.stdout
    assert not any(secret in result.stdout for secret in SECRETS)


def test_too_few_answers_and_answers_all_alike_are_told(run):
    result = run("wave,score\nbefore,3\nafter,2\n")
    assert set(cells(result)["Everyone"]) == {"– → –", "–"}
    assert "fewer than 10 answers before or after: nothing is told" in result.stdout
    result = run(csv_of([("before", 4), ("after", 2)] * 12, "wave,score"))
    assert cells(result)["Everyone"] == ["12 → 12", "4.00 → 2.00", "-2.00", "0.00"]
    assert "are all alike" in result.stdout


def test_scale_smallest_and_encoding_are_heeded(run):
    rows = [*answers(ผู้หญิง=(40, 40)), ("before", 10, "ผู้หญิง")]
    raw = csv_of(rows).encode("cp874")
    result = run(raw, "--scale", 0, 10, "--encoding", "cp874")
    assert cells(result)["ผู้หญิง"][0] == "41 → 40"
    assert "Scores from 0 to 10" in result.stdout
    result = run(raw, "--scale", 0, 10, "--encoding", "cp874", "--smallest", 41)
    assert "fewer than 41 answers" in result.stdout


def test_brackets_in_the_name_of_a_group_are_no_markup(run):
    found = cells(run(csv_of(answers(**{"[red]women": (20, 20)}))))
    assert "[red]women" in found


# --- what goes wrong

GOOD = csv_of(answers(women=(12, 12)))
BAD = {
    "further columns": (
        csv_of([("before", 3, "Somchai", "0812345678")], "wave,score,name,phone"),
        [
            *("Faults found: 2", "answers.csv, row 1, `name`: expected no column but"),
            "row 1, `phone`: expected no column but wave, score, group, got a further one",
        ],
    ),
    "no header": (
        csv_of([("before", 3), ("after", 3)], "Somchai,0812345678"),
        ["row 1: expected a first line that names the columns, wave and score among them"],
    ),
    "missing column": (csv_of([("before", "x")], "wave,group"), ["row 1, `score`: expected"]),
    "values": (
        csv_of(
            [("before", 3, "w"), ("Somchai", "0812345678", "w"), ("after", 9, "w")],
            "wave,score,group\n",  # a blank line, so that rows are not lines
        ),
        [
            *("Faults found: 3", "row 4, `score`: expected a whole number 1 to 5, got another"),
            *("row 4, `wave`: expected one of before, after", "row 5, `score`"),
        ],
    ),
    "ragged": (
        GOOD + "Somchai,0812345678\n",
        ["row 26: expected 3 fields as in the"],
    ),
    "twice": ("wave,score,score\nbefore,1,1\n", ["row 1: expected each column once"]),
    "empty": ("", ["expected a header and at least one row, got none"]),
    "header alone": ("wave,score\n", ["expected a header and at least one row, got none"]),
    "code page": (csv_of([("before", 3, "สมชาย")]).encode("cp874"), ["as in TIS-620 (cp874)"]),
    "UTF-16": (GOOD.encode("utf-16"), ["as in UTF-16"]),
    "quotes": (GOOD + '"Somchai,1', ["expected comma-separated values"]),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_will_not_do_is_one_message_that_repeats_no_value(run, name):
    content, expected = BAD[name]
    result = run(content)
    assert (result.exit_code, result.stdout) == (1, "")
    for part in expected:
        assert part in told(result), told(result)
    assert not any(secret in result.stderr for secret in SECRETS)
    assert "--debug" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--scale", 5, 1), "Expected `scale` as two whole numbers, the lower first"),
        (("--smallest", 9), "Expected whole `smallest_group` >= 10, got 9"),
        (("--scale", 5, 1, "--smallest", 9), "got (5, 1). Expected whole `smallest_group`"),
        (("--encoding", "klingon"), "Expected `encoding` as the name of an encoding"),
    ],
)
def test_options_that_will_not_do_are_one_clear_message(run, arguments, expected):
    result = run(GOOD, *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert expected in told(result), told(result)


def test_a_file_that_is_not_there_or_of_another_kind(run, tmp_path):
    assert "Expected a CSV file at none.csv" in told(run(GOOD, name="none.csv"))
    assert "expected a file in .csv, got .xlsx" in told(run(GOOD, name="answers.xlsx"))
    assert run(GOOD, "--scale", 1).exit_code == 2


def test_faults_keep_no_trace_of_the_file(tmp_path):
    """An error that is logged with its causes must not carry the values either."""
    path = tmp_path / "answers.csv"
    path.write_text(BAD["values"][0], encoding="utf-8")
    with pytest.raises(ValueError, match="another value") as refused:
        find_fear(path)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
