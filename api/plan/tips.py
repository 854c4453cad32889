"""What the map says about each feature, in both languages."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from markupsafe import Markup

from api.bilingual import Both, Phrases, Row

Tip = Callable[[Row, Phrases], Markup]


def tip(layer: str, row: Row, phrases: Phrases) -> Markup:
    """Describe a feature.

    Parameters
    ----------
    layer
        Layer of the feature.
    row
        Its columns.
    phrases
        Words to speak with.

    Returns
    -------
    Markup
        Escaped HTML in both languages; empty for layers that say nothing.
    """
    teller = _TIPS.get(layer)
    if teller is None:
        return Markup()
    text = teller(row, phrases)
    if row.get("synthetic") is True:
        text += Markup("<i>{}</i>").format(phrases.say("notice.synthetic").spans())
    return Markup('<div class="tip">{}</div>').format(text)


def _told(phrases: Phrases, head: Both, *facts: tuple[str, Both]) -> Markup:
    lines = [Markup("<b>{}</b>").format(head.spans())]
    lines += [
        Markup("{}: {}<br>").format(phrases.say(f"field.{field}").spans(), value.spans())
        for field, value in facts
    ]
    return Markup().join(lines)


def _plain(value: object) -> Both:
    return Both(str(value), str(value))


def _street(row: Row, phrases: Phrases) -> Markup:
    facts = [("street_class", phrases.known("street_class", str(row["street_class"])))]
    if row.get("oneway"):
        facts.append(("oneway", phrases.say("value.yes")))
    width = row.get("width_m")
    if width is not None and math.isfinite(width):
        facts.append(("width_m", phrases.metres(width)))
    return _told(phrases, phrases.name(row), *facts)


def _camera(row: Row, phrases: Phrases) -> Markup:
    head = phrases.name(row, prefix="place") if row.get("place_en") else phrases.say("map.camera")
    return _told(
        phrases,
        head,
        ("owner_kind", phrases.known("owner_kind", str(row["owner_kind"]))),
        ("status", phrases.known("status", str(row["status"]))),
        ("azimuth_deg", phrases.facing(row["azimuth_deg"])),
        ("range_m", phrases.metres(row["range_m"])),
    )


def _field_of_view(row: Row, phrases: Phrases) -> Markup:
    return _told(phrases, phrases.say("map.seen_from", place=phrases.name(row, prefix="place")))


def _blind_spot(row: Row, phrases: Phrases) -> Markup:
    return _told(
        phrases,
        phrases.say("map.blind_spot", rank=row["rank"], name=phrases.place(row)),
        ("length_m", phrases.metres(row["length_m"])),
    )


def _hotspot(row: Row, phrases: Phrases) -> Markup:
    return _told(
        phrases,
        phrases.say("map.hotspot", rank=row["rank"], name=phrases.place(row)),
        ("incidents", _plain(f"{row['incidents']:g}")),
        ("share", phrases.percent(row["share"], digits=1)),
        ("length_m", phrases.metres(row["length_m"])),
    )


def _site(row: Row, phrases: Phrases) -> Markup:
    return _told(
        phrases,
        phrases.say("map.camera_site", rank=row["rank"], name=phrases.place(row)),
        ("azimuth_deg", phrases.facing(row["azimuth_deg"])),
        ("gain_m", phrases.metres(row["gain_m"])),
    )


def _tour(row: Row, phrases: Phrases) -> Markup:
    return _told(
        phrases,
        phrases.name(row),
        ("starts_at", phrases.clock(row["starts_at"])),
        ("ends_at", phrases.clock(row["ends_at"])),
        ("length_m", phrases.metres(row["length_m"])),
        ("stops", _plain(row["stops"])),
    )


def _beat(row: Row, phrases: Phrases) -> Markup:
    between = Both(row["between_th"], row["between_en"])
    head = phrases.say("map.beat", name=phrases.name(row), between=between)
    facts = [
        ("length_m", phrases.metres(row["length_m"])),
        ("load_share", phrases.percent(row["load_share"], digits=1)),
        ("risk_share", phrases.percent(row["risk_share"], digits=1)),
    ]
    if row["walker_en"]:
        facts.insert(0, ("unit", phrases.name(row, prefix="walker")))
    return _told(phrases, head, *facts)


def _stop(row: Row, phrases: Phrases) -> Markup:
    visits = [
        phrases.say(
            "map.visit" if visit["kind"] == "visit" else "map.pause",
            start=phrases.clock(visit["arrives_at"]).en,
            end=phrases.clock(visit["leaves_at"]),
            unit=phrases.name(visit, prefix="unit"),
            what=phrases.name(visit),
        )
        for visit in row["visits"]
    ]
    head = phrases.say("map.stop", place=row["place"], name=phrases.name(row))
    if row["kind"] != "visit":
        head = phrases.say("map.stop", place=row["place"], name=phrases.say("report.pauses"))
    told = _told(phrases, head, ("reason", phrases.name(row, prefix="reason")))
    return told + Markup().join(Markup("{}<br>").format(visit.spans()) for visit in visits)


def _place(row: Row, phrases: Phrases) -> Markup:
    kind = phrases.known("place_kind", str(row["kind"]))
    return _told(phrases, phrases.name(row), ("kind", kind))


def _lamp(row: Row, phrases: Phrases) -> Markup:
    lit = phrases.say("value.yes" if row["lit"] else "value.no")
    return _told(phrases, phrases.say("map.lamp"), ("lit", lit))


def _ground(row: Row, phrases: Phrases) -> Markup:
    return _told(phrases, phrases.known("ground_kind", str(row["kind"])))


_TIPS: Final[Mapping[str, Tip]] = MappingProxyType(
    {
        "streets": _street,
        "cameras": _camera,
        "fields_of_view": _field_of_view,
        "blind_spots": _blind_spot,
        "hotspots": _hotspot,
        "camera_sites": _site,
        "patrol_tours": _tour,
        "patrol_stops": _stop,
        "beats": _beat,
        "places": _place,
        "sos_points": lambda row, phrases: _told(phrases, phrases.name(row)),
        "lamps": _lamp,
        "grounds": _ground,
    }
)
