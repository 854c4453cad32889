import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics import fear_survey
from analytics.fear_survey import compare_fear
from geo.errors import LayerError, ParameterError

TEN = 10


def answers(seed=0, **groups):
    """Return answers of groups, given by their numbers of answers before and after."""
    rng = np.random.default_rng(seed)
    rows = [
        {"wave": wave, "score": int(score), "group": group}
        for group, counts in groups.items()
        for wave, count, mean in zip(("before", "after"), counts, (3.4, 2.8), strict=True)
        for score in np.clip(rng.normal(mean, 1, count).round(), 1, 5)
    ]
    return pd.DataFrame(rows, columns=["wave", "score", "group"])


def scores(table):
    return [table.loc[table["wave"] == wave, "score"].to_numpy() for wave in ("before", "after")]


@pytest.mark.parametrize("seed", range(4))
def test_intervals_and_chances_are_those_of_scipy(seed):
    table = answers(seed, all=(40, 25)).drop(columns="group")
    before, after = scores(table)
    row = compare_fear(table, confidence=0.9).loc[""]
    welch = stats.ttest_ind(after, before, equal_var=False)
    assert row["difference"] == pytest.approx(after.mean() - before.mean())
    assert (row["low"], row["high"]) == pytest.approx(tuple(welch.confidence_interval(0.9)))
    assert row["p_difference"] == pytest.approx(welch.pvalue)
    # The statistic is U of Mann and Whitney; the chance of Brunner and Munzel allows for unequal
    # spreads.
    pairs = stats.mannwhitneyu(after, before).statistic / (40 * 25)
    assert row["more_fear"] == pytest.approx(pairs)
    assert row["p_more"] == pytest.approx(stats.brunnermunzel(before, after).pvalue)
    assert (row["n_before"], row["n_after"]) == (40, 25)


def test_the_chance_of_more_fear_is_that_of_all_pairs():
    table = answers(3, all=(12, 11))
    before, after = scores(table)
    pairs = np.sign(after[:, None] - before[None, :])
    assert compare_fear(table).loc["all", "more_fear"] == pytest.approx((pairs.mean() + 1) / 2)


def worlds(count, before, after):
    rng = np.random.default_rng(1)
    for _ in range(count):
        x = rng.choice(np.arange(1, 6), 30, p=before)
        y = rng.choice(np.arange(1, 6), 45, p=after)
        yield compare_fear(
            pd.DataFrame({"wave": ["before"] * 30 + ["after"] * 45, "score": np.append(x, y)})
        ).loc[""]


def test_intervals_hold_the_truth_as_often_as_they_say():
    before, after = np.array([1, 2, 3, 3, 1]) / 10, np.array([2, 3, 3, 1, 1]) / 10
    change = (after - before) @ np.arange(1, 6)
    more = before @ (np.triu(np.ones((5, 5)), 1) + np.eye(5) / 2) @ after
    found = list(worlds(400, before, after))
    tolerance = 4 * np.sqrt(0.95 * 0.05 / 400)
    held = np.mean([row["low"] <= change <= row["high"] for row in found])
    assert abs(held - 0.95) < tolerance
    held = np.mean([row["more_low"] <= more <= row["more_high"] for row in found])
    assert abs(held - 0.95) < tolerance


def test_groups_stand_by_name_and_everyone_first():
    table = answers(women=(20, 20), men=(15, 30))
    found = compare_fear(table)
    assert list(found.index) == ["", "men", "women"]
    alone = compare_fear(table[table["group"] == "men"].drop(columns="group")).loc[""]
    pd.testing.assert_series_equal(found.loc["men"], alone, check_names=False)


def test_a_group_of_nine_is_not_told_and_cannot_be_worked_out():
    found = compare_fear(answers(women=(40, 40), men=(9, 40), visitors=(30, 30)))
    # Were the visitors told of too, men = everyone - women - visitors.
    assert list(found.index) == ["", "women"]


def test_a_name_in_the_wrong_column_is_not_repeated():
    table = answers(women=(40, 40))
    table.loc[:20, "group"] = [f"Somchai {number}" for number in range(21)]
    assert list(compare_fear(table).index) == [""]


def test_answers_of_no_group_cannot_be_worked_out_either():
    table = answers(women=(40, 40), none=(3, 12))
    table["group"] = table["group"].replace("none", None)
    assert list(compare_fear(table).index) == [""]
    many = answers(women=(40, 40), none=(TEN, TEN)).replace({"group": {"none": " "}})
    assert list(compare_fear(many).index) == ["", "women"]


@pytest.mark.parametrize("seed", range(30))
def test_whatever_the_sizes_what_is_left_is_nothing_or_enough(seed):
    assert leaks(seed) == []


def test_a_rule_without_the_second_look_is_caught(monkeypatch):
    monkeypatch.setattr(
        fear_survey, "_told", lambda sizes, _, smallest: (sizes >= smallest).all(axis=1)
    )
    assert any(leaks(seed) for seed in range(30))


def leaks(seed):
    """Return the waves of which an attacker can work out fewer than ten answers."""
    rng = np.random.default_rng(seed)
    sizes = {f"g{number}": rng.integers(0, 25, 2) for number in range(rng.integers(1, 6))}
    found = compare_fear(answers(seed, g=(9, 9), **sizes))
    shown = found[["n_before", "n_after"]]
    if shown.loc[""].isna().any():
        assert len(shown) == 1
        return []
    assert (shown >= TEN).all().all()
    left = shown.loc[""] - shown.drop(index="").sum()
    enough = (left == 0).all() or (left >= TEN).all()
    return [] if enough else list(left)


@pytest.mark.parametrize("table", [answers(), answers(all=(9, 30)), answers(all=(30, 0))])
def test_too_few_answers_tell_nothing(table):
    found = compare_fear(table)
    assert list(found.index) == [""]
    assert found.isna().all().all()
    assert list(found.dtypes) == list(compare_fear(answers(all=(30, 30))).dtypes)


def test_answers_that_are_all_alike_have_no_interval():
    table = pd.DataFrame({"wave": ["before"] * 12 + ["after"] * 12, "score": [4] * 12 + [2] * 12})
    row = compare_fear(table).loc[""]
    assert (row["difference"], row["more_fear"]) == (-2, 0)
    assert row[["low", "high", "p_difference", "more_low", "more_high", "p_more"]].isna().all()


def test_columns_that_no_anonymous_answer_needs_are_refused():
    table = answers(all=(12, 12)).assign(phone="0000000000", ชื่อ="x")
    with pytest.raises(LayerError) as error:
        compare_fear(table)
    assert [fault.field for fault in error.value.faults] == ["phone", "ชื่อ"]
    assert "0000000000" not in str(error.value)


def test_values_that_do_not_fit_are_named_by_row_and_never_repeated():
    table = answers(all=(12, 12)).astype({"score": "object"})
    table.loc[1, "score"] = "0812345678"
    table.loc[2, "score"] = 2.5
    table.loc[3, "score"] = 6
    table.loc[4, ["wave", "score"]] = ["Somchai", None]
    with pytest.raises(LayerError) as error:
        compare_fear(table)
    assert [(fault.row, fault.field) for fault in error.value.faults] == [
        (2, "score"),
        (3, "score"),
        (4, "score"),
        (5, "score"),
        (5, "wave"),
    ]
    assert "081" not in str(error.value)
    assert "Somchai" not in str(error.value)


def test_missing_and_repeated_columns_are_named():
    with pytest.raises(LayerError, match=r"`wave`: expected the column.*\n.*`score`"):
        compare_fear(pd.DataFrame({"group": ["a"]}))
    table = answers(all=(12, 12))
    with pytest.raises(LayerError, match="each column once"):
        compare_fear(pd.concat([table, table["score"]], axis=1))


def test_a_scale_from_zero_to_ten_will_do():
    table = answers(all=(12, 12))
    table.loc[0, "score"] = 10
    with pytest.raises(LayerError, match="a whole number 1 to 5"):
        compare_fear(table)
    assert compare_fear(table, scale=(0, 10)).loc["", "n_before"] == 12


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"scale": (5, 1)}, "Expected `scale` as two whole numbers, the lower first"),
        ({"scale": (1, 2.5)}, "Expected `scale` as two whole numbers"),
        ({"scale": 5}, "Expected `scale` as two whole numbers"),
        ({"smallest_group": 9}, "Expected whole `smallest_group` >= 10, got 9"),
        ({"smallest_group": None}, "Expected whole `smallest_group` >= 10, got None"),
        ({"confidence": 1}, "Expected 0 < `confidence` < 1, got 1"),
    ],
)
def test_bad_arguments_are_named(changed, message):
    with pytest.raises(ParameterError, match=message):
        compare_fear(answers(all=(12, 12)), **changed)


def test_an_endless_score_is_a_fault_like_others():
    table = pd.DataFrame({"wave": ["before", "after"], "score": [np.inf, 3.0]})
    with pytest.raises(LayerError, match="row 1, `score`: expected a whole number 1 to 5"):
        compare_fear(table)
