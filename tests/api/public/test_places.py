"""Places that help who walks."""

import re

from shapely.geometry import shape

from analytics.walking_merits import walking_merits

THAI = re.compile("[\u0e00-\u0e7f]")


def of_kind(public, kind):
    features = public.get("/places").json()["features"]
    return [one for one in features if one["properties"]["kind"] == kind]


def test_police_and_sos_points_are_those_of_the_zone(public, old_town):
    for kind, layer in (
        ("police", old_town.places[old_town.places["kind"] == "police"]),
        ("sos", old_town.sos_points),
    ):
        found = of_kind(public, kind)
        assert [one["id"] for one in found] == [f"{kind}-{label}" for label in layer.index]
        for one, place in zip(found, layer.to_crs(epsg=4326).geometry, strict=True):
            assert shape(one["geometry"]).distance(place) < 1e-6


def test_lit_streets_are_lit(public, old_town):
    """Beside a second count: the share of each name's length that is near a lamp that burns."""
    lamps = old_town.lamps[old_town.lamps["lit"].astype(bool)].buffer(20).union_all()
    streets = old_town.streets
    by_name = {}
    for name, line in zip(streets["name_en"], streets.geometry, strict=True):
        lit, length = by_name.get(name, (0, 0))
        by_name[name] = (lit + line.intersection(lamps).length, length + line.length)
    found = {one["properties"]["name_en"] for one in of_kind(public, "lit_street")}
    assert 0 < len(found) < len(by_name)
    for name, (lit, length) in by_name.items():
        if name and abs(lit / length - 0.75) > 0.1:
            assert (name in found) == (lit / length > 0.75)


def test_every_place_has_a_name_in_both_languages_and_says_whether_it_is_made_up(public):
    told = public.get("/places").json()
    ids = [one["id"] for one in told["features"]]
    assert len(set(ids)) == len(ids)
    for one in told["features"]:
        properties = one["properties"]
        assert properties["name_th"]
        assert properties["name_en"]
        assert THAI.search(properties["kind_th"])
        assert not THAI.search(properties["kind_en"])
    synthetic = {
        one["properties"]["kind"]: one["properties"]["synthetic"] for one in told["features"]
    }
    assert synthetic == {"police": False, "sos": True, "lit_street": True}


def test_the_rule_is_told_as_it_is(public):
    (rule,) = [n["en"] for n in public.get("/places").json()["notices"] if "Lit streets" in n["en"]]
    assert "three quarters" in rule
    assert "20 m" in rule
    assert walking_merits.__doc__ is not None
    assert "within 20 m of a lamp" in walking_merits.__doc__
