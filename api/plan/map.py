"""The plan as one HTML map that needs no internet.

folium lays the map out; Leaflet comes from the installed `django-js-lib-leaflet`, style sheet and
icons included, and is written into the page. Streets are the base: no tile is asked for.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final, get_args

import folium
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from folium.utilities import JsCode
from geopandas import GeoDataFrame, GeoSeries
from jinja2 import Environment, StrictUndefined
from markupsafe import escape
from shapely.geometry.base import BaseGeometry

from api.bilingual import Both, Phrases, rows
from api.plan.beats import beats_drawn
from api.plan.document import synthetic_layers
from api.plan.legend import entry, legend, tour_legend
from api.plan.result import PlanResult
from api.plan.stamps import stamp, street_names
from api.plan.tips import tip
from api.plan.visits import visited_places
from api.styles import Group, LayerStyle, Styles
from api.words import LANGUAGES, Language

_SIMPLIFY_M: Final = 0.1
_DECIMALS: Final = 6
# Tours that share a street lie side by side, as far apart on the screen at every zoom.
_SHIFT_PX: Final = 2.0
# They would hide what they run over: that is drawn broader here than its style says.
_BROADER: Final = {"hotspots": 2.0, "blind_spots": 2.0}


def render_map(
    plan: PlanResult, *, phrases: Phrases, styles: Styles, language: Language = "th"
) -> str:
    """Render a plan as one HTML page.

    Parameters
    ----------
    plan
        Plan to show.
    phrases
        Words to speak with.
    styles
        Look of the layers.
    language
        Language the page opens in.

    Returns
    -------
    str
        The page, complete: it loads nothing from anywhere.
    """
    page = _Map()
    figure = Figure()
    figure.add_child(page)
    figure.header.add_child(_Verbatim(_head(plan, styles, phrases)), name="head")
    figure.html.add_child(_Verbatim(_bar(plan, phrases)), name="bar")
    page.add_child(_Script(f"smartzone.panes({page.get_name()}, {_panes(styles)});"))
    frames = {
        **plan.layers,
        "boundary": _boundary(plan),
        "patrol_stops": visited_places(plan.layers["patrol_stops"], plan.layers["patrol_tours"]),
        "beats": beats_drawn(plan.layers["beats"], plan.duty, colours=styles.beats),
    }
    for style in sorted(styles.layers, key=lambda style: get_args(Group).index(style.group)):
        if style.name in frames and not frames[style.name].empty:
            for layer in _layers(frames[style.name], style, phrases, styles):
                page.add_child(layer)
    page.add_child(_street_names(plan, phrases))
    page.add_child(_Control())
    bounds = _bounds(plan)
    credit = json.dumps(str(phrases.say("notice.attribution").spans()))
    opening = f"{page.get_name()}, {bounds}, {credit}, {json.dumps(language)}"
    page.add_child(_Script(f"smartzone.open({opening});"))
    html: str = figure.render()
    return html


class _Map(folium.Map):
    """A folium map that links to nothing."""

    def __init__(self) -> None:
        super().__init__(location=(0.0, 0.0), tiles=None, zoom_snap=0.25, max_zoom=20)
        self._id = "plan"
        self.default_js = []
        self.default_css = []


class _Control(folium.LayerControl):
    """The layer switch; its entries are the legend."""

    def __init__(self) -> None:
        super().__init__(collapsed=True)
        self._id = "plan"


class _Layer(folium.GeoJson):
    """One layer, named after itself so that the same plan gives the same page."""

    def __init__(
        self, name: str, features: dict[str, Any], style: LayerStyle, label: str | None
    ) -> None:
        # The number of a beat stands over the names of streets, though its lines lie under them.
        marks = "patrol_stops" if style.shape == "beat" else style.name
        drawn = "dot" if style.shape in {"dot", "place"} else "mark"
        super().__init__(
            features,
            name=None if label is None else _inert(label),
            control=label is not None,
            show=style.visible,
            style_function=lambda feature: _path(_coloured(style, feature)),
            on_each_feature=JsCode("smartzone.tell"),
            point_to_layer=JsCode(f"smartzone.{drawn}({json.dumps(marks)})"),
            pane=style.name,
        )
        self._id = name


class _Verbatim(Element):
    """Text that reaches the page as it is, whatever braces it holds."""

    def __init__(self, text: str) -> None:
        super().__init__("{{ this.text }}")
        self.text = text


class _Script(MacroElement):
    """A statement that runs among the map's own, in the order of the children."""

    _template = Template("{% macro script(this, kwargs) %}{{ this.text }}{% endmacro %}")

    def __init__(self, text: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca leaves it untyped
        self.text = text


def _layers(
    frame: GeoDataFrame, style: LayerStyle, phrases: Phrases, styles: Styles
) -> Iterator[_Layer]:
    """Draw a layer, the tours one by one: a unit is handed its own tour only."""
    if style.name != "patrol_tours":
        label = None if style.name == "streets" else legend(style, frame, phrases)
        yield _Layer(style.name, _features(frame, style, phrases), style, label)
        return
    for order in range(len(frame)):
        tour = frame.iloc[[order]]
        own = replace(style, colour=styles.tours[order % len(styles.tours)])
        shift = _SHIFT_PX * (order - (len(frame) - 1) / 2)
        label = tour_legend(own, rows(tour)[0], phrases)
        features = _features(tour, own, phrases, shift=f"{shift:g}")
        yield _Layer(f"{style.name}_{order + 1}", features, own, label)


def _features(
    frame: GeoDataFrame, style: LayerStyle, phrases: Phrases, *, shift: str = ""
) -> dict[str, Any]:
    features = [
        _feature(
            order,
            shape,
            {
                "tip": tip(style.name, row, phrases),
                "stamp": stamp(style.shape, row, style.colour),
                "shift": shift,
                "colour": row.get("colour", ""),
            },
        )
        for order, (row, shape) in enumerate(zip(rows(frame), _shapes(frame.geometry), strict=True))
    ]
    return {"type": "FeatureCollection", "features": features}


def _street_names(plan: PlanResult, phrases: Phrases) -> _Layer:
    named = list(street_names(plan.layers["streets"], phrases))
    points = GeoSeries([point for point, _ in named], crs=plan.crs)
    features = [
        _feature(order, shape, {"stamp": html})
        for order, (shape, (_, html)) in enumerate(zip(_shapes(points), named, strict=True))
    ]
    style = LayerStyle("street_names", "base", "stop", "#000000", visible=True)
    label = entry("base", phrases.say("map.street_names").spans(), phrases)
    return _Layer(style.name, {"type": "FeatureCollection", "features": features}, style, label)


def _feature(order: int, shape: BaseGeometry, properties: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": order,
        "geometry": shapely.geometry.mapping(shape),
        "properties": {key: _inert(text) for key, text in properties.items() if text},
    }


def _inert(text: str) -> str:
    """Write braces of an HTML text as entities: folium runs what it is given as a template."""
    return str(text).replace("{", "&#123;").replace("}", "&#125;")


def _coloured(style: LayerStyle, feature: dict[str, Any]) -> LayerStyle:
    """Give a feature its own colour where it has one."""
    return replace(style, colour=feature["properties"].get("colour", style.colour))


def _path(style: LayerStyle) -> dict[str, Any]:
    colour = style.colour
    if style.shape in {"line", "beat"}:
        return {
            "color": colour,
            "weight": style.width * _BROADER.get(style.name, 1.0),
            "opacity": style.opacity,
            "dashArray": style.dash or None,
            "lineCap": "butt" if style.dash else "round",
        }
    if style.shape == "area":
        return {
            "color": colour,
            "weight": 0.8,
            "opacity": min(1.0, style.opacity * 2),
            "fillColor": colour,
            "fillOpacity": style.opacity,
        }
    return {
        "color": "#ffffff" if style.shape == "place" else colour,
        "weight": 1,
        "fillColor": colour,
        "fillOpacity": style.opacity,
        "radius": 5 if style.shape == "place" else style.width,
    }


def _shapes(series: GeoSeries) -> GeoSeries:
    """Give shapes in lon/lat, no finer than a reader of the map can tell."""
    simple = series.simplify(_SIMPLIFY_M, preserve_topology=True).to_crs(4326)
    return shapely.transform(simple, lambda xy: np.round(xy, _DECIMALS))


def _boundary(plan: PlanResult) -> GeoDataFrame:
    edge = GeoSeries([plan.boundary.boundary], index=["boundary"], crs=plan.crs)
    return GeoDataFrame(geometry=edge)


def _bounds(plan: PlanResult) -> list[list[float]]:
    west, south, east, north = _boundary(plan).to_crs(4326).total_bounds.round(_DECIMALS).tolist()
    return [[south, west], [north, east]]


def _panes(styles: Styles) -> str:
    """List the panes from bottom to top: street names over all lines, under all marks."""
    panes: list[tuple[str, int]] = []
    for style in styles.layers:
        if style.shape not in {"area", "line", "beat"} and ("street_names", 0) not in panes:
            panes.append(("street_names", 0))
        panes.append((style.name, style.from_zoom))
    return json.dumps(panes)


def _head(plan: PlanResult, styles: Styles, phrases: Phrases) -> str:
    title = phrases.say("map.title", zone=Both(plan.name_th, plan.name_en))
    colours = [f"--{style.name}: {style.colour};" for style in styles.layers]
    return "\n".join(
        [
            f"<title>{escape(title.th)} · {escape(title.en)}</title>",
            "<style>",
            leaflet_css(),
            ":root {",
            f"--map: {styles.background};",
            *colours,
            "}",
            _own("map.css"),
            "</style>",
            "<script>",
            leaflet_js(),
            _own("map.js"),
            "</script>",
        ]
    )


def _bar(plan: PlanResult, phrases: Phrases) -> str:
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(_own("bar.html"))
    return template.render(
        title=phrases.say("map.title", zone=Both(plan.name_th, plan.name_en)),
        day=phrases.say("map.tonight", day=phrases.day(plan.tonight)),
        phrases=phrases,
        languages=LANGUAGES,
        synthetic=bool(synthetic_layers(plan)),
        approximate=plan.boundary_approximate,
    )


def _own(name: str) -> str:
    return resources.files("api.plan").joinpath(name).read_text(encoding="utf-8")


def _leaflet() -> Traversable:
    return resources.files("js_lib_leaflet").joinpath("static", "js_lib_leaflet")


def leaflet_js() -> str:
    """Read Leaflet's program.

    Returns
    -------
    str
        The minified program without the address of its source map.
    """
    text = _leaflet().joinpath("leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


def leaflet_css() -> str:
    """Read Leaflet's style sheet.

    Returns
    -------
    str
        The style sheet with its images written into it.
    """

    def written_in(match: re.Match[str]) -> str:
        image = _leaflet().joinpath(match[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(image).decode()})"

    text = _leaflet().joinpath("leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\((images/[\w.-]+\.png)\)", written_in, text)
