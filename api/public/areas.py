"""The public overlay as documents: one release with what its bands mean, and the list of all."""

import json
from typing import Final, NamedTuple

from api.bilingual import Phrases
from api.store.releases import KeptRelease

Document = dict[str, object]


class Look(NamedTuple):
    """How a band is drawn. It differs in width as well as in colour, for who sees no colours.

    Attributes
    ----------
    on_light
        Colour on a light map.
    on_dark
        Colour on a dark map.
    width_px
        Width of the line in pixels.
    """

    on_light: str
    on_dark: str
    width_px: int


LIGHT_MAP: Final = "#ffffff"
DARK_MAP: Final = "#1b1f27"
LOOKS: Final = {
    "recommended": Look("#00693e", "#4fd68f", 7),
    "good": Look("#1f5fa8", "#7db8f5", 5),
    "ordinary": Look("#6b6f76", "#9aa0a8", 3),
}
"""The bands, the best first; each colour has a contrast of 4.5 or more to its map (WCAG 2.2)."""


def overlay(release: KeptRelease, *, latest: bool, base: str, phrases: Phrases) -> Document:
    """Describe a release, with its streets.

    Parameters
    ----------
    release
        The release.
    latest
        Whether it is the latest.
    base
        Address of the public API, without a slash at its end.
    phrases
        The dictionary.

    Returns
    -------
    document
        A GeoJSON FeatureCollection.
    """
    areas = json.loads(release.areas)
    here = f"{base}/safe-areas"
    this = f"{here}?release={release.number}"
    return {
        "type": "FeatureCollection",
        "title": phrases.say("public.areas")._asdict(),
        "release": _about(release) | {"latest": latest},
        "bands": [_band(name, look, phrases) for name, look in LOOKS.items()],
        "synthetic": is_synthetic(release),
        "notices": [
            phrases.say(key)._asdict()
            for key in ("public.meaning", "public.hidden", "notice.attribution")
        ],
        "links": [
            {"rel": "self", "href": here if latest else this},
            {"rel": "latest-version", "href": here},
            {"rel": "canonical", "href": this},
            {"rel": "version-history", "href": f"{base}/releases"},
            {"rel": "tiles", "href": f"{here}/tilejson.json?release={release.number}"},
        ],
        "features": areas["features"],
    }


def is_synthetic(release: KeptRelease) -> bool:
    """Tell whether a release rests on anything that was made up.

    Parameters
    ----------
    release
        The release.

    Returns
    -------
    synthetic
        Whether one of its streets says so.
    """
    areas = json.loads(release.areas)["features"]
    return any(one["properties"]["synthetic"] for one in areas)


def history(releases: list[KeptRelease], *, base: str) -> Document:
    """List all releases.

    Parameters
    ----------
    releases
        The releases, the oldest first.
    base
        Address of the public API, without a slash at its end.

    Returns
    -------
    document
        The list.
    """
    return {
        "releases": [
            _about(release) | {"href": f"{base}/safe-areas?release={release.number}"}
            for release in releases
        ]
    }


def tilejson(release: KeptRelease, *, base: str, phrases: Phrases) -> Document:
    """Describe the tiles of a release.

    Parameters
    ----------
    release
        The release.
    base
        Address of the public API, without a slash at its end.
    phrases
        The dictionary.

    Returns
    -------
    document
        TileJSON 3.0.0.
    """
    areas = json.loads(release.areas)["features"]
    fields = areas[0]["properties"] if areas else {}
    return {
        "tilejson": "3.0.0",
        "name": phrases.say("public.areas").line(),
        "version": f"{release.number}.0.0",
        "tiles": [f"{base}/safe-areas/tiles/{{z}}/{{y}}/{{x}}?release={release.number}"],
        "minzoom": 10,
        "maxzoom": 20,
        "attribution": phrases.say("notice.attribution").line(),
        "vector_layers": [{"id": "safe_areas", "fields": dict.fromkeys(["id", *fields], "")}],
    }


def _about(release: KeptRelease) -> Document:
    return {
        "number": release.number,
        "valid_from": release.until.isoformat(),
        "valid_until": release.shown_until.isoformat(),
    }


def _band(name: str, look: Look, phrases: Phrases) -> Document:
    label, meaning = phrases.say(f"band.{name}"), phrases.say(f"band_meaning.{name}")
    return {
        "band": name,
        "label_th": label.th,
        "label_en": label.en,
        "meaning_th": meaning.th,
        "meaning_en": meaning.en,
        "colour_on_light": look.on_light,
        "colour_on_dark": look.on_dark,
        "width_px": look.width_px,
    }
