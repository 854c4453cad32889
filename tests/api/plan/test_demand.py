"""Where a patrol is wanted: each reason counted once, in the currency of incidents."""

import pandas as pd
import pytest

from api.plan.demand import DemandParams, patrol_demand
from geo.errors import ParameterError
from tests.api.plan.sample import phrases, sample_plan


def demand(params=None, **replaced):
    layers = {**sample_plan().layers, **replaced}
    names = ("streets", "hotspots", "blind_spots", "sos_points")
    return patrol_demand(
        **{name: layers[name] for name in names}, phrases=phrases(), params=params or DemandParams()
    )


def test_every_finding_is_wanted_with_its_weight_and_reason():
    wanted = demand()
    assert list(wanted["reason_en"]) == [
        "Hotspot 1: 31.0% of reported incidents",
        *("Blind spot, 220 m", "Blind spot, 150 m", "Blind spot, 60 m"),
        "Check the SOS point",
    ]
    assert wanted["weight"].tolist() == pytest.approx([31.0, 2.202, 1.5, 0.6, 1.0])
    assert wanted["dwell_s"].tolist() == [900.0, 300.0, 300.0, 300.0, 300.0]
    assert wanted.crs == sample_plan().crs


def test_places_lie_on_what_they_stand_for():
    plan, wanted = sample_plan(), demand()
    lines = [*plan.layers["hotspots"].geometry, *plan.layers["blind_spots"].geometry]
    for place, line in zip(wanted.geometry, lines, strict=False):
        assert place.distance(line) < 1e-6
    assert wanted.geometry.iloc[-1] == plan.layers["sos_points"].geometry.iloc[0]


def test_only_the_longest_blind_spots_count():
    assert demand(DemandParams(blind_spots=1))["reason_en"].str.startswith("Blind").sum() == 1


def test_a_named_street_far_from_every_other_stop_gets_presence():
    streets = sample_plan().layers["streets"]
    far = streets.iloc[[0]].assign(name_th="ถนนไกล", name_en="Far Road")
    far.index = far.index + "-far"
    far = far.set_geometry(far.geometry.translate(0, 1000))
    wanted = demand(streets=pd.concat([streets, far]))
    presence = wanted[wanted["reason_en"] == "Be seen in every street"]
    assert presence["name_en"].tolist() == ["Far Road"]
    assert presence.geometry.iloc[0].distance(far.geometry.iloc[0]) < 1e-6


def test_without_findings_every_named_street_still_gets_presence():
    empty = {
        name: sample_plan().layers[name].iloc[:0]
        for name in ("hotspots", "blind_spots", "sos_points")
    }
    assert demand(**empty)["name_en"].tolist() == ["Thalang Road"]


def test_negative_weights_are_refused():
    with pytest.raises(ParameterError, match=r"Expected `sos_weight` >= 0, got -1"):
        DemandParams(sos_weight=-1.0)
