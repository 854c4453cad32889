"""The zones of this service, among the pilot zones of the programme (/zones)."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.deps import SettingsDep, StoreDep
from api.forms import PAGE_TOO, FormDep
from api.settings import Settings
from api.store import Store, missing_layers
from api.zone_pages import ZonePages
from geo.errors import NotFoundError, SourceError, reason_of

router = APIRouter(prefix="/zones", tags=["Zones"])

_NONE: Final[dict[str, object]] = {
    "description": "There is no such zone here.",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


def read_stations(data_dir: Path) -> list[Mapping[str, Any]]:
    """Read the pilot stations of the programme.

    Parameters
    ----------
    data_dir
        Folder of the zones' folders, with `zones.toml`.

    Returns
    -------
    stations
        Each with its names in both languages; none where there is no such file.

    Raises
    ------
    SourceError
        The file is not TOML.
    """
    path = data_dir / "zones.toml"
    try:
        return list(tomllib.loads(path.read_text(encoding="utf-8")).get("station", []))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise SourceError(
            f"Expected a TOML file of stations at {path}, got: {reason_of(error)}."
        ) from error


@router.get("", summary="The zones", responses=PAGE_TOO)
def _zones(request: Request, settings: SettingsDep, store: StoreDep, form: FormDep) -> Response:
    """List the pilot zones of the programme, and tell which of them are served here."""
    stations = read_stations(settings.data_dir)
    listed = {station.get("folder") for station in stations}
    others = [{"folder": zone} for zone in settings.served_zones if zone not in listed]
    zones = [_told(station, request, settings, store) for station in [*stations, *others]]
    return form.answer({"zones": zones}, lambda: ZonePages.of(request, form).zones(zones))


@router.get("/{zone}", summary="One zone", responses={**PAGE_TOO, 404: _NONE})
def _zone(
    zone: str, request: Request, settings: SettingsDep, store: StoreDep, form: FormDep
) -> Response:
    """Tell of one zone that is served here."""
    if zone not in settings.served_zones:
        raise NotFoundError("Expected the id of a zone that is served.")
    stations: Sequence[Mapping[str, Any]] = read_stations(settings.data_dir)
    known = next((found for found in stations if found.get("folder") == zone), {"folder": zone})
    told = _told(known, request, settings, store)
    return form.answer(told, lambda: ZonePages.of(request, form).zone(told))


def _told(
    station: Mapping[str, Any], request: Request, settings: Settings, store: Store
) -> dict[str, object]:
    """Tell of a zone: what the programme says of it, and where it is served."""
    told = {name: value for name, value in station.items() if name != "folder"}
    zone = station.get("folder")
    if zone not in settings.served_zones:
        return {"id": zone, **told, "served": False, "loaded": False, "links": []}
    # Asked for below a zone, the list leads to the other zones all the same.
    own = f"zones/{request.scope.get('zone')}/"
    base = f"{str(request.base_url).removesuffix(own)}zones/{zone}"
    links = [
        {"rel": relation, "href": f"{base}{path}", "type": kind}
        for relation, path, kind in (
            ("self", "", "application/json"),
            ("service", "/ogc", "application/json"),
            ("console", "/console", "text/html"),
        )
    ]
    loaded = not missing_layers(store, zone)
    names = _names(store, zone) if loaded else {}
    return {"id": zone, **names, **told, "served": True, "loaded": loaded, "links": links}


def _names(store: Store, zone: str) -> dict[str, object]:
    """Return a zone's own names, which its boundary carries."""
    found = store.items(zone, "boundary", limit=1).features
    properties = json.loads(found[0])["properties"] if found else {}
    return {name: properties[name] for name in ("name_th", "name_en") if properties.get(name)}
