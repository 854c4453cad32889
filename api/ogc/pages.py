"""The same documents as pages for people, in Thai and English, with a small map."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from api.ogc.documents import Addresses
from api.ogc.marks import mark_of
from api.ogc.queries import ItemsQuery
from api.ogc.told import columns_of, field_told, spoken, value_told
from api.store import LayerRecord, Page
from api.web_pages import Link, Part, Table, WebPages

_COLUMNS = 12


class Pages(WebPages):
    """Writes pages of the layers in one language."""

    @property
    def at(self) -> Addresses:
        """Return the addresses of the resources.

        Returns
        -------
        addresses
            Those of the documents for programs.
        """
        return Addresses(self.base)

    def landing(self, more: Sequence[Link]) -> str:
        """Write the page of the service.

        Parameters
        ----------
        more
            What else the service has for who asks.

        Returns
        -------
        page
            HTML.
        """
        rows = [
            [self.cell(self.say("ogc.collections"), self._page("collections"))],
            *([self.cell(link["title"], link["href"])] for link in more),
            [self.cell(self.say("ogc.console"), f"{self.base}console?lang={self.language}")],
            [self.cell(self.say("ogc.conformance"), self._page("conformance"))],
            [self.cell("OpenAPI", f"{self.base}openapi.json")],
        ]
        notices = [self.say("notice.synthetic_long"), self.say("notice.attribution")]
        table = Table(heads=[self.say("ogc.contents")], rows=rows)
        return self._write(self.say("ogc.title"), [], table=table, notices=notices)

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
        rows = [[self.cell(address)] for address in classes]
        title = self.say("ogc.conformance")
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
                self.cell(self._layer(record.name), self._page("collections", record.name)),
                self.cell(record.name),
                self.cell(f"{record.created_at:%Y-%m-%d %H:%M} UTC"),
            ]
            for record in records
        ]
        heads = [self.say("ogc.layer"), self.say("ogc.id"), self.say("ogc.made")]
        title = self.say("ogc.collections")
        table = Table(heads=heads, rows=rows, none=self.say("page.no_layers"))
        return self._write(title, self._trail(), table=table)

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
            [self.cell(self.say("ogc.features"), self._page(*path, "items"))],
            [self.cell(self.say("ogc.queryables"), self._page(*path, "queryables"))],
            *([self.cell(self.say("ogc.system", address=system))] for system in systems),
        ]
        return self._write(
            self._layer(record.name),
            self._trail("collections"),
            table=Table(heads=[self.say("ogc.contents")], rows=rows),
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
                self.cell(self._field(name)),
                self.cell(name),
                self.cell(str(schema.get("format") or schema.get("type") or "")),
            ]
            for name, schema in schemas.items()
        ]
        heads = [self.say("ogc.property"), self.say("ogc.id"), self.say("ogc.type")]
        title = self.say("ogc.queryables")
        trail = self._trail("collections", layer)
        table = Table(heads=heads, rows=rows, none=self.say("page.nothing"))
        return self._write(title, trail, table=table)

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
            "told": self.say(
                "ogc.shown", shown=f"{len(features):,}", matched=f"{page.number_matched:,}"
            ),
            "next": following and self.at.of(*path, **given, **spoken, after=following),
            "previous": query.offset and self.at.of(*path, **given, **spoken, offset=before),
        }
        # The map draws longitude and latitude, whatever the features are placed in.
        drawn = given | here | {"crs": None}
        return self._write(
            f"{self._layer(name)}: {self.say('ogc.features')}",
            self._trail("collections", name),
            table=self._features(name, features),
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
            [self.cell(self._field(name)), self.cell(self._value(value, name))]
            for name, value in self._spoken(document)
        ]
        path = ("collections", layer, "items")
        heads = [self.say("ogc.property"), self.say("ogc.value")]
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
            cells = [self.cell(self._value(properties.get(column), column)) for column in columns]
            rows.append([self.cell(name, href), *cells])
        heads = [self.say("ogc.id"), *map(self._field, columns)]
        return Table(heads=heads, rows=rows, none=self.say("page.no_features"))

    def _spoken(self, feature: Mapping[str, object]) -> Sequence[tuple[str, object]]:
        properties = self._properties(feature)
        return [(name, properties[name]) for name in spoken(properties, self.language)]

    def _write(
        self,
        title: str,
        trail: Sequence[Link],
        *,
        table: Table,
        notices: Sequence[str] = (),
        pages: Mapping[str, object] | None = None,
        place: str = "",
        features: str = "",
    ) -> str:
        boundary = self.at.of("collections", "boundary", "items")
        drawn = {"features": features, "boundary": boundary, "place": place}
        return self.write(
            title,
            trail,
            [Part(table=table)],
            notices=notices,
            drawn=drawn if features else None,
            pages=pages,
        )

    def _trail(self, *path: str) -> list[Link]:
        """Return the links to what is above a page, from the service down."""
        titles = {
            "collections": self.say("ogc.collections"),
            "items": self.say("ogc.features"),
        }
        trail = [self.service()]
        for depth, name in enumerate(path, start=1):
            title = titles.get(name) or self._layer(name)
            trail.append(self.link(title, self._page(*path[:depth])))
        return trail

    def _page(self, *path: str) -> str:
        return self.at.of(*path, f="html", lang=self.language)

    def _layer(self, name: str) -> str:
        return self.say(f"layer.{name}")

    def _field(self, name: str) -> str:
        return field_told(name, self.words, self.language)

    def _value(self, value: object, column: str) -> str:
        return value_told(value, column, self.words, self.language)

    @staticmethod
    def _properties(feature: Mapping[str, object]) -> Mapping[str, object]:
        properties = feature["properties"]
        return properties if isinstance(properties, Mapping) else {}
