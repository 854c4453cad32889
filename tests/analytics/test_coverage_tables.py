"""Coverage by task and owner, against set operations and hand work."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.coverage_tables import coverage_table, street_table
from analytics.sightings import seen_lengths
from geo.errors import LayerError
from tests.analytics.quarters import (
    BOW,
    fields_of,
    passes,
    random_quarter,
    streets_of,
    tangled_quarter,
)

LABELS = ["a", "b", "c"]
OWNERS = pd.Series(["police", "shop", ""], index=LABELS)


def strips(*ends):
    """Fields along a street on the x axis."""
    shapes = [
        shapely.box(west, -1, east, 1) if east > west else shapely.Polygon() for west, east in ends
    ]
    return fields_of(*shapes, index=LABELS)


def test_each_owner_and_anyone_for_each_task():
    streets = streets_of([(0, 0), (80, 0)], [(0, 50), (20, 50)])
    fields = {
        "detect": strips((0, 40), (30, 60), (50, 70)),
        "identify": strips((0, 10), (0, 0), (0, 5)),
    }
    table = coverage_table(streets, fields, OWNERS)
    assert table.columns.tolist() == ["task", "owner", "seen_m", "share", "seen_twice_m"]
    assert list(table.itertuples(index=False, name=None)) == [
        ("detect", "", 70.0, 0.7, 20.0),
        ("detect", "police", 40.0, 0.4, 0.0),
        ("detect", "shop", 30.0, 0.3, 0.0),
        ("identify", "", 10.0, 0.1, 5.0),
        ("identify", "police", 10.0, 0.1, 0.0),
        ("identify", "shop", 0.0, 0.0, 0.0),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_owners_agree_with_their_own_cameras_alone(seed):
    streets, fields = tangled_quarter(seed)
    rng = np.random.default_rng(seed)
    owners = pd.Series(rng.choice(["", "police", "city"], len(fields)), index=fields.index)
    table = coverage_table(streets, {"observe": fields}, owners).set_index("owner")
    street, _, length_m, flags = passes(streets, fields, spacing_m=0.05)
    for owner in ("", "police", "city"):
        own = fields if owner == "" else fields[owners == owner]
        assert table["seen_m"][owner] == seen_lengths(streets, own).sum()
        assert table["seen_twice_m"][owner] == seen_lengths(streets, own, by_at_least=2).sum()
        depth = flags[:, fields.index.isin(own.index)].sum(axis=1)
        sampled = length_m[depth >= 2].sum()
        assert table["seen_twice_m"][owner] == pytest.approx(sampled, rel=0.02)
    assert street.size > 1000


def test_owners_rows_may_stand_in_any_order_and_be_missing():
    streets = streets_of([(0, 0), (80, 0)])
    fields = {"detect": strips((0, 40), (30, 60), (50, 70))}
    shuffled = pd.Series(["shop", None, "police", "idle"], index=["b", "c", "a", "z"])
    table = coverage_table(streets, fields, shuffled).set_index("owner")
    assert table["seen_m"].to_dict() == {"": 70.0, "idle": 0.0, "police": 40.0, "shop": 30.0}


@pytest.mark.parametrize(
    ("owners", "names"),
    [
        (pd.Series([float("nan")] * 3), [""]),
        (pd.Series([None] * 3, dtype="object"), [""]),
        (pd.Series(["police", None, "shop"], dtype="category"), ["", "police", "shop"]),
        (pd.Series(["police", 7, None], dtype="object"), ["", "7", "police"]),
        (pd.Series(["police", None, ""], dtype="string"), ["", "police"]),
    ],
)
def test_owners_may_be_of_any_type(owners, names):
    streets = streets_of([(0, 0), (80, 0)])
    fields = {"detect": strips((0, 40), (30, 60), (50, 70))}
    table = coverage_table(streets, fields, owners.set_axis(LABELS))
    assert table["owner"].tolist() == names
    seen_m = dict(zip(owners.astype("object").astype("str"), (40.0, 30.0, 20.0), strict=True))
    assert table["seen_m"].tolist() == [70.0, *(seen_m[name] for name in names[1:])]


@pytest.mark.parametrize("fields_by_task", [{}, {"detect": strips((0, 1), (0, 1), (0, 1))}])
def test_streets_in_degrees_are_refused_whatever_the_tasks(fields_by_task):
    streets = streets_of([(0, 0), (80, 0)]).set_crs(4326, allow_override=True)
    fields = {task: one.set_crs(4326, allow_override=True) for task, one in fields_by_task.items()}
    for measure in (
        lambda: coverage_table(streets, fields, OWNERS),
        lambda: street_table(streets, fields),
    ):
        with pytest.raises(LayerError) as caught:
            measure()
        assert [(fault.source, fault.expected) for fault in caught.value.faults] == [
            ("streets", "a projected coordinate reference system")
        ]


def test_each_street_by_task_and_how_many_cameras_see_it():
    streets = streets_of([(0, 0), (80, 0)], [(5, -5), (5, 5)], [(0, 50), (20, 50)], index=[7, 8, 9])
    fields = {
        "detect": strips((0, 40), (30, 60), (50, 70)),
        "identify": strips((0, 10), (0, 0), (0, 5)),
    }
    table = street_table(streets, fields)
    assert table.index.tolist() == [7, 8, 9]
    assert table.to_dict("list") == {
        "total_m": [80.0, 10.0, 20.0],
        "seen_m_detect": [70.0, 2.0, 0.0],
        "seen_m_identify": [10.0, 2.0, 0.0],
        "cameras": [3, 2, 0],
    }


def test_streets_agree_with_set_operations():
    streets, fields = random_quarter(4)
    table = street_table(streets, {"detect": fields})
    union = streets.intersection(fields.union_all()).length
    np.testing.assert_allclose(table["seen_m_detect"], union, atol=1e-7)
    brute = [fields.intersection(line).length.gt(1e-7).sum() for line in streets.geometry]
    assert table["cameras"].tolist() == brute


def test_nothing_to_see_and_nothing_to_see_with():
    streets = streets_of([(0, 0), (10, 0)])
    nobody = pd.Series([], dtype="str")
    for fields in (fields_of(), gpd.GeoSeries([])):
        table = coverage_table(streets, {"detect": fields}, nobody)
        assert list(table.itertuples(index=False, name=None)) == [("detect", "", 0.0, 0.0, 0.0)]
        assert street_table(streets, {"detect": fields})["cameras"].tolist() == [0]
    assert coverage_table(streets, {}, OWNERS).empty
    assert coverage_table(gpd.GeoDataFrame(), {}, nobody).empty
    assert street_table(streets, {}).to_dict("list") == {"total_m": [10.0], "cameras": [0]}
    none = coverage_table(streets.iloc[:0], {"detect": strips((0, 1), (0, 1), (0, 1))}, OWNERS)
    assert none[["seen_m", "share", "seen_twice_m"]].eq(0.0).all(axis=None)
    assert street_table(streets.iloc[:0], {"detect": fields_of()}).empty


def test_every_fault_is_reported_at_once():
    streets = gpd.GeoDataFrame(geometry=[None])
    fields = gpd.GeoSeries([BOW, BOW.envelope, BOW.envelope], index=["a", "b", "b"])
    stranger = gpd.GeoSeries([BOW.envelope], index=["x"])
    owners = pd.Series(["police", "police", "shop"], index=["a", "b", "a"])
    with pytest.raises(LayerError) as caught:
        coverage_table(streets, {"detect": fields, "identify": stranger}, owners)
    assert [(fault.source, fault.row) for fault in caught.value.faults] == [
        ("streets", 1),
        ("fields_of_view for detect", 1),
        ("fields_of_view for detect", 3),
        ("fields_of_view for identify", 1),
        ("owners", 3),
    ]
