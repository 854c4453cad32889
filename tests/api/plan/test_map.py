"""map.html: complete in itself, in two languages, safe against hostile names."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest
from shapely.geometry import shape

from api.plan.map import leaflet_css, leaflet_js, render_map
from api.styles import Styles
from tests.api.plan.sample import HOSTILE, changed, phrases, sample_plan


@pytest.fixture(scope="module")
def page():
    return render_map(sample_plan(), phrases=phrases(), styles=Styles.load(), language="en")


class Loads(HTMLParser):
    """Collects every address a browser would load from by itself."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in {"src", "srcset", "poster", "data"} or (name == "href" and tag == "link"):
                self.addresses.append(value)


def loads(page):
    parser = Loads()
    parser.feed(page)
    return parser.addresses + [
        address
        for address in re.findall(r"(?:url\(|@import\s+|sourceMappingURL=)[\"']?([^\"')\s]+)", page)
        if not address.startswith("data:")
    ]


def features(page, layer):
    found = re.search(rf"geo_json_{layer}_add\((\{{.*\}})\);", page)
    assert found, layer
    return json.loads(found[1])["features"]


def test_the_page_loads_nothing_from_anywhere(page):
    assert set(loads(page)) == {"#default#VML"}  # Leaflet's own word for Internet Explorer 8


def test_a_link_to_a_network_would_be_noticed():
    assert loads('<link href="https://cdn.example/x.css"><script src="//cdn/x.js"></script>') == [
        "https://cdn.example/x.css",
        "//cdn/x.js",
    ]
    assert loads("<style>a { background: url('images/a.png') }</style>") == ["images/a.png"]


def test_leaflet_is_written_into_the_page(page):
    assert leaflet_js() in page
    assert leaflet_css() in page
    assert "images/layers.png" not in leaflet_css()


def test_the_same_plan_gives_the_same_page(page):
    again = render_map(sample_plan(), phrases=phrases(), styles=Styles.load(), language="en")
    assert again == page


def test_every_product_is_a_layer_with_all_its_features(page):
    plan = sample_plan()
    for name, frame in plan.layers.items():
        if name == "patrol_tours":
            continue
        assert len(features(page, name)) == len(frame), name


def test_every_unit_has_a_tour_of_its_own_to_switch():
    plan = sample_plan()
    tours = plan.layers["patrol_tours"]
    second = tours.assign(unit="bike", name_th="จักรยาน", name_en="Bike patrol")
    layers = {**plan.layers, "patrol_tours": pd.concat([tours, second])}
    stops = plan.layers["patrol_stops"]
    page = render_map(
        replace(plan, layers={**layers, "patrol_stops": stops}),
        phrases=phrases(),
        styles=Styles.load(),
    )
    shifts = [
        [float(one["properties"]["shift"]) for one in features(page, f"patrol_tours_{order}")]
        for order in (1, 2)
    ]
    assert shifts == [[-1.0], [1.0]]
    assert "Bike patrol" in page


def test_shapes_stand_where_they_were(page):
    plan = sample_plan()
    expected = plan.layers["cameras"].to_crs(4326).geometry
    drawn = [shape(feature["geometry"]) for feature in features(page, "cameras")]
    assert max(a.distance(b) for a, b in zip(expected, drawn, strict=True)) < 1e-6


def test_hostile_names_stay_text(page):
    assert HOSTILE not in page
    tip = features(page, "places")[0]["properties"]["tip"]
    assert "&lt;script&gt;" in tip
    assert "7*7" in tip


def test_both_languages_and_the_notices_are_in_the_page(page):
    for text in ("ถนนถลาง", "Thalang Road", "ข้อมูลจำลอง", "Synthetic data", "OpenStreetMap"):
        assert text in page or json.dumps(text).strip('"') in page, text
    assert "approximate" in page
    assert "internal use" in page


def test_tips_tell_times_on_the_clocks_of_the_zone(page):
    tip = features(page, "patrol_stops")[0]["properties"]["tip"]
    assert "20:05–20:15" in tip
    assert "Foot patrol" in tip


def test_stops_at_one_place_are_one_mark_that_tells_them_all():
    plan = sample_plan()
    stops = plan.layers["patrol_stops"]
    again = stops.assign(place=7).set_geometry([stops.geometry.iloc[0]] * 2)
    layers = {**plan.layers, "patrol_stops": again}
    page = render_map(replace(plan, layers=layers), phrases=phrases(), styles=Styles.load())
    (mark,) = features(page, "patrol_stops")
    assert ">7<" in mark["properties"]["stamp"]
    assert mark["properties"]["tip"].index("20:05") < mark["properties"]["tip"].index("20:40")


def test_beats_have_colours_and_numbers_and_say_where_they_are_and_whose(page):
    one, other = features(page, "beats")
    assert one["properties"]["colour"] != other["properties"]["colour"]
    assert ">1<" in one["properties"]["stamp"]
    assert "Beat 1, beside Thalang Road" in one["properties"]["tip"]
    assert "Foot patrol" in one["properties"]["tip"]
    assert "Synthetic" in one["properties"]["tip"]


def test_breaks_and_meetings_look_otherwise_and_say_what_they_are():
    plan = changed(
        sample_plan(), "patrol_stops", kind=["visit", "break"], name_en=["Gate", "Break"]
    )
    drawn = render_map(plan, phrases=phrases(), styles=Styles.load(), language="en")
    visit, pause = features(drawn, "patrol_stops")
    assert 'class="stop"' in visit["properties"]["stamp"]
    assert 'class="stop pause"' in pause["properties"]["stamp"]
    assert "Breaks and meetings" in pause["properties"]["tip"]
    assert "Foot patrol: Break" in pause["properties"]["tip"]


def test_tips_of_generated_features_say_so(page):
    assert "Synthetic" in features(page, "cameras")[0]["properties"]["tip"]
    assert "Synthetic" not in features(page, "streets")[0]["properties"]["tip"]


def test_real_data_within_a_sure_boundary_is_not_called_otherwise():
    plan = sample_plan()
    layers = {
        name: frame.drop(columns="synthetic", errors="ignore")
        for name, frame in plan.layers.items()
    }
    real = replace(plan, layers=layers, boundary_approximate=False)
    page = render_map(real, phrases=phrases(), styles=Styles.load(), language="en")
    assert "Synthetic data" not in page
    assert "approximate" not in page
    assert "internal use" in page
