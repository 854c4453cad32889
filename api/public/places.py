"""Places that help who walks: police, SOS points, and streets that are lit all along."""

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import shapely
from shapely.geometry import mapping

from api.bilingual import Both, Phrases
from api.public.towns import Town

Document = dict[str, object]
_DECIMALS = 7


def places(town: Town, *, base: str, phrases: Phrases) -> Document:
    """List the places.

    Parameters
    ----------
    town
        The zone as the public sees it.
    base
        Address of the public API, without a slash at its end.
    phrases
        The dictionary.

    Returns
    -------
    document
        A GeoJSON FeatureCollection; each feature tells its kind and name in both languages, and
        whether it was made up.
    """
    return {
        "type": "FeatureCollection",
        "title": phrases.say("public.places")._asdict(),
        "synthetic": town.synthetic,
        "notices": [
            phrases.say(key)._asdict() for key in ("public.lit_rule", "notice.attribution")
        ],
        "links": [{"rel": "self", "href": f"{base}/places"}],
        "features": list(_features(town, phrases)),
    }


def _features(town: Town, phrases: Phrases) -> Iterator[Document]:
    known = town.layers["places"]
    police = known[known["kind"].eq("police").to_numpy(bool)] if len(known) else known
    kinds = {"police": police, "sos": town.layers["sos_points"], "lit_street": town.lit_streets}
    for kind, layer in kinds.items():
        said = phrases.say(f"public_place.{kind}")
        placed = layer.to_crs(epsg=4326)
        lines = shapely.transform(placed.geometry.to_numpy(), lambda xy: xy.round(_DECIMALS))
        for (label, row), shape in zip(_rows(placed), lines, strict=True):
            name = _named(row, said)
            yield {
                "type": "Feature",
                "id": f"{kind}-{label}",
                "geometry": mapping(shape),
                "properties": {
                    "kind": kind,
                    "kind_th": said.th,
                    "kind_en": said.en,
                    "name_th": name.th,
                    "name_en": name.en,
                    # Which streets are lit is told by lamps.
                    "synthetic": bool(row.get("synthetic") or False)
                    or (kind == "lit_street" and town.synthetic),
                },
            }


def _rows(layer: gpd.GeoDataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    for label, row in zip(layer.index, layer.to_dict("records"), strict=True):
        yield str(label), {str(name): value for name, value in row.items()}


def _named(row: dict[str, Any], said: Both) -> Both:
    """Return a name in both languages; what has one alone is called by it in both."""
    thai, english = (row.get(f"name_{language}") or "" for language in ("th", "en"))
    return Both(thai or english or said.th, english or thai or said.en)
