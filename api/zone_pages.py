"""The zones as pages for people, in Thai and English."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.web_pages import Cell, Part, Table, WebPages

_THAI = re.compile("[\u0e01-\u0e5b]")
_LINKS = {"service": "ogc.title", "console": "ogc.console"}


class ZonePages(WebPages):
    """Writes pages of the zones in one language."""

    def zones(self, zones: Sequence[Mapping[str, Any]]) -> str:
        """Write the list of the zones.

        Parameters
        ----------
        zones
            What is told of each.

        Returns
        -------
        page
            HTML.
        """
        heads = [self.say(f"page.{head}") for head in ("station", "zone", "area_km2", "open")]
        first = sorted(zones, key=lambda zone: not zone["served"])
        rows = [self._row(zone) for zone in first]
        table = Table(heads=heads, rows=rows, none=self.say("page.no_zones"))
        return self.write(self.say("page.zones"), [self.service()], [Part(table=table)])

    def zone(self, zone: Mapping[str, Any]) -> str:
        """Write the page of a zone that is served.

        Parameters
        ----------
        zone
            What is told of it.

        Returns
        -------
        page
            HTML.
        """
        told = {
            "station": zone.get(f"station_{self.language}"),
            "programme_name": zone.get("zone"),
            "area_km2": zone.get("area_km2"),
            "open": self._state(zone),
            "source": zone.get("source"),
            "name": zone["id"],
        }
        rows = [
            [self.cell(self.say(f"page.{name}")), self._named(str(value))]
            for name, value in told.items()
            if value is not None
        ]
        heads = [self.say("ogc.property"), self.say("ogc.value")]
        links = [
            self.link(self.say(_LINKS[link["rel"]]), f"{link['href']}?f=html&lang={self.language}")
            for link in zone["links"]
            if link["rel"] in _LINKS
        ]
        return self.write(
            self._name(zone),
            [self.service(), self.link(self.say("page.zones"), self.page("zones"))],
            [Part(links=links), Part(table=Table(heads=heads, rows=rows))],
        )

    def _row(self, zone: Mapping[str, Any]) -> list[Cell]:
        area = zone.get("area_km2")
        links = {link["rel"]: link["href"] for link in zone["links"]}
        here = self.cell(self._state(zone))
        if zone["served"]:
            here["href"] = f"{links['self']}?f=html&lang={self.language}"
        return [
            self.cell(zone.get(f"station_{self.language}") or "–"),
            self._named(self._name(zone) if zone["served"] else zone.get("zone") or "–"),
            self.cell("–" if area is None else f"{area:,}"),
            here,
        ]

    def _named(self, text: str) -> Cell:
        """Tell a name; the programme has some in Thai alone."""
        return self.cell(text, lang="th" if _THAI.search(text) else None)

    def _name(self, zone: Mapping[str, Any]) -> str:
        return str(zone.get(f"name_{self.language}") or zone.get("zone") or zone["id"])

    def _state(self, zone: Mapping[str, Any]) -> str:
        if not zone["served"]:
            return self.say("page.not_served")
        return self.say("page.loaded" if zone["loaded"] else "page.not_loaded")
