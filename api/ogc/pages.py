"""The same documents as pages for people, in Thai and English, with a small map."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict
from urllib.parse import quote

from api.ogc.documents import Addresses
from api.ogc.marks import mark_of
from api.ogc.queries import ItemsQuery
from api.ogc.told import columns_of, field_told, spoken, value_told
from api.pages import report_page
from api.store import LayerRecord, Page
from api.words import Language, Words

_COLUMNS = 12
_LONG = 48  # characters from which a cell is given the width to be read in


class Link(TypedDict):
    """A link, with the language of what it leads to where that is another."""

    title: str
    href: str
    lang: str | None


class Cell(TypedDict):
    """A cell of a table; its address is empty where it leads nowhere."""

    text: str
    href: str
    long: bool


class Table(TypedDict):
    """Heads and rows of a table."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Pages:
    """Writes pages in one language.

    Attributes
    ----------
    at
        Addresses of the resources.
    words
        The dictionary.
    language
        Language of the pages.
    here
        Address of the page, without `f` and `lang`.
    notices
        What every page says below its title.
    """

    at: Addresses
    words: Words
    language: Language
    here: str
    notices: Sequence[str] = field(default=())

    def landing(self) -> str:
        """Write the page of the service.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [self._cell(self._say("ogc.collections"), self._page("collections"))],
            [self._cell(self._say("ogc.conformance"), self._page("conformance"))],
            [self._cell("OpenAPI", f"{self.at.base}openapi.json")],
            [self._cell(self._say("ogc.console"), f"{self.at.base}console?lang={self.language}")],
        ]
        notices = [self._say("notice.synthetic_long"), self._say("notice.attribution")]
        table = Table(heads=[self._say("ogc.contents")], rows=rows)
        return self._write(self._say("ogc.title"), [], table=table, notices=notices)

    def conformance(self, classes: Sequence[str]) -> str:
        """Write the page of the standards that are kept.

        Parameters
        ----------
        classes
            Their addresses.

        Returns
        -------
        page
            HTML.
        """
        rows = [[self._cell(address)] for address in classes]
        title = self._say("ogc.conformance")
        return self._write(title, self._trail(), table=Table(heads=[title], rows=rows))

    def collections(self, records: Sequence[LayerRecord]) -> str:
        """Write the list of the layers.

        Parameters
        ----------
        records
            The layers.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [
                self._cell(self._layer(record.name), self._page("collections", record.name)),
                self._cell(record.name),
                self._cell(f"{record.created_at:%Y-%m-%d %H:%M} UTC"),
            ]
            for record in records
        ]
        heads = [self._say("ogc.layer"), self._say("ogc.id"), self._say("ogc.made")]
        title = self._say("ogc.collections")
        return self._write(title, self._trail(), table=Table(heads=heads, rows=rows))

    def collection(self, record: LayerRecord, systems: Sequence[str]) -> str:
        """Write the page of a layer.

        Parameters
        ----------
        record
            The layer.
        systems
            Addresses of the reference systems in which it can be read.

        Returns
        -------
        page
            HTML.
        """
        path = ("collections", record.name)
        rows = [
            [self._cell(self._say("ogc.features"), self._page(*path, "items"))],
            [self._cell(self._say("ogc.queryables"), self._page(*path, "queryables"))],
            *([self._cell(self._say("ogc.system", address=system))] for system in systems),
        ]
        return self._write(
            self._layer(record.name),
            self._trail("collections"),
            table=Table(heads=[self._say("ogc.contents")], rows=rows),
            place=self.at.of(*path, "items"),
            features=self.at.of(*path, "items"),
        )

    def queryables(self, layer: str, schemas: Mapping[str, Mapping[str, object]]) -> str:
        """Write the page of what a filter may ask for.

        Parameters
        ----------
        layer
            Name of the layer.
        schemas
            JSON schemas of the properties by name.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [
                self._cell(self._field(name)),
                self._cell(name),
                self._cell(str(schema.get("format") or schema.get("type") or "")),
            ]
            for name, schema in schemas.items()
        ]
        heads = [self._say("ogc.property"), self._say("ogc.id"), self._say("ogc.type")]
        title = self._say("ogc.queryables")
        trail = self._trail("collections", layer)
        return self._write(title, trail, table=Table(heads=heads, rows=rows))

    def items(self, page: Page, query: ItemsQuery) -> str:
        """Write a page of features.

        Parameters
        ----------
        page
            The features.
        query
            What was asked for.

        Returns
        -------
        page
            HTML.
        """
        name = page.layer.name
        path = ("collections", name, "items")
        features = [json.loads(text) for text in page.features]
        given = dict(query.given) | {"limit": query.limit}
        here = {"offset": query.offset or None, "after": query.after or None}
        spoken = {"f": "html", "lang": self.language}
        following = page.next_after and mark_of(page.layer, page.next_after)
        before = max(0, query.offset - query.limit) or None
        pages = {
            "told": self._say(
                "ogc.shown", shown=f"{len(features):,}", matched=f"{page.number_matched:,}"
            ),
            "next": following and self.at.of(*path, **given, **spoken, after=following),
            "previous": query.offset and self.at.of(*path, **given, **spoken, offset=before),
        }
        # The map draws longitude and latitude, whatever the features are placed in.
        drawn = given | here | {"crs": None}
        return self._write(
            f"{self._layer(name)}: {self._say('ogc.features')}",
            self._trail("collections", name),
            table=self._features(name, features) if features else None,
            pages=pages,
            place=self.at.of(*path),
            features=self.at.of(*path, **drawn),
        )

    def item(self, layer: str, feature_id: str, feature: str) -> str:
        """Write the page of one feature.

        Parameters
        ----------
        layer
            Name of the layer.
        feature_id
            Id of the feature, as in the path of the request.
        feature
            The GeoJSON Feature.

        Returns
        -------
        page
            HTML.
        """
        document = json.loads(feature)
        rows = [
            [self._cell(self._field(name)), self._cell(self._value(value, name))]
            for name, value in self._spoken(document)
        ]
        path = ("collections", layer, "items")
        heads = [self._say("ogc.property"), self._say("ogc.value")]
        return self._write(
            str(document["id"]),
            self._trail("collections", layer, "items"),
            table=Table(heads=heads, rows=rows),
            place=self.at.of(*path),
            features=self.at.of(*path, feature_id),
        )

    def _features(self, layer: str, features: Sequence[Mapping[str, object]]) -> Table:
        columns = columns_of(map(self._properties, features), self.language, most=_COLUMNS)
        rows = []
        for feature in features:
            properties = self._properties(feature)
            name = str(feature["id"])
            href = self._page("collections", layer, "items", quote(name, safe=""))
            cells = [self._cell(self._value(properties.get(column), column)) for column in columns]
            rows.append([self._cell(name, href), *cells])
        return Table(heads=[self._say("ogc.id"), *map(self._field, columns)], rows=rows)

    def _spoken(self, feature: Mapping[str, object]) -> Sequence[tuple[str, object]]:
        properties = self._properties(feature)
        return [(name, properties[name]) for name in spoken(properties, self.language)]

    def _write(
        self,
        title: str,
        trail: Sequence[Link],
        *,
        table: Table | None,
        notices: Sequence[str] = (),
        pages: Mapping[str, object] | None = None,
        place: str = "",
        features: str = "",
    ) -> str:
        boundary = self.at.of("collections", "boundary", "items")
        drawn = {"features": features, "boundary": boundary, "place": place}
        joint = "&" if "?" in self.here else "?"
        tools = [
            self._link("ไทย", f"{self.here}{joint}f=html&lang=th", "th"),
            self._link("English", f"{self.here}{joint}f=html&lang=en", "en"),
            self._link("JSON", f"{self.here}{joint}f=json"),
        ]
        return report_page("api.ogc", name="page.html").render(
            language=self.language,
            base=self.at.base,
            say=self._say,
            title=title,
            trail=trail,
            tools=tools,
            notices=[*self.notices, *notices],
            map=drawn if features else None,
            pages=pages,
            table=table,
        )

    def _trail(self, *path: str) -> list[Link]:
        """Return the links to what is above a page, from the service down."""
        titles = {
            "collections": self._say("ogc.collections"),
            "items": self._say("ogc.features"),
        }
        trail = [self._link(self._say("ogc.title"), self._page())]
        for depth, name in enumerate(path, start=1):
            title = titles.get(name) or self._layer(name)
            trail.append(self._link(title, self._page(*path[:depth])))
        return trail

    def _page(self, *path: str) -> str:
        return self.at.of(*path, f="html", lang=self.language)

    def _say(self, key: str, **values: object) -> str:
        return self.words.text(key, self.language, **values)

    def _layer(self, name: str) -> str:
        return self._say(f"layer.{name}")

    def _field(self, name: str) -> str:
        return field_told(name, self.words, self.language)

    def _value(self, value: object, column: str) -> str:
        return value_told(value, column, self.words, self.language)

    @staticmethod
    def _properties(feature: Mapping[str, object]) -> Mapping[str, object]:
        properties = feature["properties"]
        return properties if isinstance(properties, Mapping) else {}

    @staticmethod
    def _cell(text: str, href: str = "") -> Cell:
        return Cell(text=text, href=href, long=len(text) >= _LONG)

    @staticmethod
    def _link(title: str, href: str, lang: str | None = None) -> Link:
        return Link(title=title, href=href, lang=lang)
