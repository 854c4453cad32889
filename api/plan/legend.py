"""Entries of the layer switch, which is the legend as well."""

from geopandas import GeoDataFrame
from markupsafe import Markup

from api.bilingual import Phrases, Row, rows
from api.plan.stamps import stamp
from api.styles import Group, LayerStyle

_OWNERS = ("programme", "municipal", "private")


def legend(style: LayerStyle, frame: GeoDataFrame, phrases: Phrases) -> Markup:
    """Write the entry of one layer: its sign, its name, and what its colours stand for.

    Parameters
    ----------
    style
        Look of the layer.
    frame
        The layer.
    phrases
        Words to speak with.

    Returns
    -------
    Markup
        The entry, in both languages.
    """
    text = _sign(style, frame) + phrases.say(f"layer.{style.name}").spans()
    if style.name == "cameras":
        text += _cameras(frame, phrases)
    return entry(style.group, text, phrases)


def tour_legend(style: LayerStyle, row: Row, phrases: Phrases) -> Markup:
    """Write the entry of one unit's tour.

    Parameters
    ----------
    style
        Look of the tour.
    row
        Columns of the tour.
    phrases
        Words to speak with.

    Returns
    -------
    Markup
        The entry, in both languages.
    """
    return entry(style.group, _stroke(style) + phrases.name(row).spans(), phrases)


def entry(group: Group, text: Markup, phrases: Phrases) -> Markup:
    """Wrap an entry with the heading it stands under; the page lifts each heading out once.

    Parameters
    ----------
    group
        Group of the layer.
    text
        The entry.
    phrases
        Words to speak with.

    Returns
    -------
    Markup
        The entry with its heading.
    """
    heading = Markup('<span class="heading" data-group="{}">{}</span>').format(
        group, phrases.say(f"group.{group}").spans()
    )
    return heading + text


def _sign(style: LayerStyle, frame: GeoDataFrame) -> Markup:
    if style.shape in {"line", "beat"}:
        return _stroke(style)
    if style.shape == "area":
        return Markup('<span class="key" style="background:{};opacity:{}"></span>').format(
            style.colour, max(style.opacity, 0.5)
        )
    if style.shape in {"dot", "place"}:
        return Markup('<span class="key dot" style="background:{}"></span>').format(style.colour)
    if style.shape == "camera":
        return Markup()
    return Markup('<span class="key stamp">{}</span>').format(
        stamp(style.shape, rows(frame)[0], style.colour)
    )


def _stroke(style: LayerStyle) -> Markup:
    return Markup(
        '<svg class="key" width="18" height="12"><path d="M0 6H18" stroke="{}" stroke-width="{}" '
        'stroke-dasharray="{}"/></svg>'
    ).format(style.colour, min(style.width, 10), style.dash)


def _cameras(frame: GeoDataFrame, phrases: Phrases) -> Markup:
    lines = [
        _line("camera", {"owner_kind": owner, "status": "up", "azimuth_deg": 0.0})
        + phrases.say(f"owner_kind.{owner}").spans()
        for owner in _OWNERS
        if owner in set(frame["owner_kind"])
    ]
    if "down" in set(frame["status"]):
        broken = {"owner_kind": "programme", "status": "down", "azimuth_deg": 0.0}
        lines.append(_line("camera", broken) + phrases.say("status.down").spans())
    return _keys(lines)


def _line(shape: str, row: dict[str, object]) -> Markup:
    return Markup('<span class="key stamp">{}</span>').format(stamp(shape, row, ""))


def _keys(lines: list[Markup]) -> Markup:
    spans = Markup().join(Markup("<span>{}</span>").format(line) for line in lines)
    return Markup('<span class="keys">{}</span>').format(spans)
