"""Marks drawn as small pieces of HTML: cameras, sites, stops, SOS points and street names."""

from collections.abc import Iterator

from geopandas import GeoDataFrame
from markupsafe import Markup
from shapely.geometry import Point

from api.bilingual import Phrases, Row, rows
from api.lettering import reading_angle

MAJOR_CLASSES = frozenset({"primary", "secondary", "tertiary"})

_CAMERA = Markup(
    '<svg class="camera {owner} {status}" width="26" height="26" viewBox="-13 -13 26 26" '
    'style="transform:translate(-50%,-50%) rotate({azimuth}deg)">'
    '<path class="wedge" d="M0 0L-7 -11A13 13 0 0 1 7 -11Z"/><circle r="4.5"/>{cross}</svg>'
)
_NAME = Markup(
    '<span class="street-name {}" style="transform:translate(-50%,-50%) rotate({:.0f}deg)">'
    "{}</span>"
)
_CROSS = Markup('<path class="cross" d="M-5 -5L5 5M5 -5L-5 5"/>')


def stamp(shape: str, row: Row, colour: str) -> Markup:
    """Draw the mark of a feature.

    Parameters
    ----------
    shape
        Shape of the layer's style.
    row
        Columns of the feature.
    colour
        Colour of the feature as #rrggbb.

    Returns
    -------
    Markup
        HTML of the mark; empty for shapes that are drawn as paths.
    """
    if shape == "camera":
        down = row["status"] == "down"
        return _CAMERA.format(
            owner=row["owner_kind"],
            status=row["status"],
            azimuth=f"{row['azimuth_deg']:.0f}",
            cross=_CROSS if down else "",
        )
    if shape == "site":
        return Markup('<span class="site">{}</span>').format(row["rank"])
    if shape == "stop":
        mark = "stop" if row["kind"] == "visit" else "stop pause"
        return Markup('<span class="{}" style="background:{}">{}</span>').format(
            mark, colour, row["place"]
        )
    if shape == "beat":
        return Markup('<span class="beat" style="border-color:{}">{}</span>').format(
            row.get("colour", colour), row["beat"]
        )
    return Markup('<span class="sos">SOS</span>') if shape == "sos" else Markup()


def street_names(streets: GeoDataFrame, phrases: Phrases) -> Iterator[tuple[Point, Markup]]:
    """Write each street's name once, along its longest edge.

    Parameters
    ----------
    streets
        Streets in metres.
    phrases
        Words to speak with.

    Yields
    ------
    tuple
        Where the name stands, in the streets' coordinates, and its HTML.
    """
    named = streets[streets["name_en"].ne("") | streets["name_th"].ne("")]
    longest = named.assign(length=named.length).sort_values(["length"], ascending=False)
    longest = longest.drop_duplicates(["name_th", "name_en"]).drop(columns="length").sort_index()
    for row, line in zip(rows(longest), longest.geometry, strict=True):
        major = "major" if row["street_class"] in MAJOR_CLASSES else "minor"
        html = _NAME.format(major, reading_angle(line), phrases.name(row).spans())
        yield line.interpolate(0.5, normalized=True), html
