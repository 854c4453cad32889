"""Entries of the layer switch, which is the legend as well."""

from geopandas import GeoDataFrame
from markupsafe import Markup

from api.plan.bilingual import Phrases, rows
from api.plan.stamps import stamp
from api.styles import Group, LayerStyle, Styles

_OWNERS = ("programme", "municipal", "private")


def legend(style: LayerStyle, frame: GeoDataFrame, phrases: Phrases, styles: Styles) -> Markup:
    """Write the entry of one layer: its sign, its name, and what its colours stand for.

    Parameters
    ----------
    style
        Look of the layer.
    frame
        The layer.
    phrases
        Words to speak with.
    styles
        Look of the map.

    Returns
    -------
    Markup
        The entry, in both languages.
    """
    text = _sign(style, frame) + phrases.say(f"layer.{style.name}").spans()
    if style.name == "cameras":
        text += _cameras(frame, phrases)
    if style.name == "patrol_tours":
        text += _tours(frame, phrases, styles)
    return entry(style.group, text, phrases)


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
    if style.shape == "line":
        kind = "dash" if style.dash else "line"
        return Markup(
            '<span class="key {}" style="border-color:{};border-top-width:{:.0f}px"></span>'
        ).format(kind, style.colour, style.width)
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


def _tours(frame: GeoDataFrame, phrases: Phrases, styles: Styles) -> Markup:
    return _keys(
        [
            Markup('<span class="key line" style="border-color:{}"></span>{}').format(
                styles.tours[order % len(styles.tours)], phrases.name(row).spans()
            )
            for order, row in enumerate(rows(frame))
        ]
    )


def _line(shape: str, row: dict[str, object]) -> Markup:
    return Markup('<span class="key stamp">{}</span>').format(stamp(shape, row, ""))


def _keys(lines: list[Markup]) -> Markup:
    spans = Markup().join(Markup("<span>{}</span>").format(line) for line in lines)
    return Markup('<span class="keys">{}</span>').format(spans)
