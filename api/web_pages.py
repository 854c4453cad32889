"""What every page of the service for people is made of: a frame, tables, and its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self, TypedDict
from urllib.parse import urlencode

from starlette.requests import Request

from api.forms import Form
from api.pages import report_page
from api.words import Language, Words

_LONG: Final = 48  # characters from which a cell is given the width to be read in
_CHOOSING: Final = ("f", "lang")


class Link(TypedDict):
    """A link, with the language of what it leads to where that is another."""

    title: str
    href: str
    lang: str | None


class Cell(TypedDict):
    """A cell of a table; its address is empty where it leads nowhere, its language the page's."""

    text: str
    href: str
    long: bool
    lang: str | None


@dataclass(frozen=True)
class Table:
    """Heads and rows of a table.

    Attributes
    ----------
    heads
        Heads of its columns.
    rows
        Cells of each row; the first is the row's own head.
    none
        What is said where there are no rows.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    none: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a page.

    Attributes
    ----------
    heading
        What stands above it; empty for nothing.
    told
        Paragraphs.
    english
        What is told to programs, and is in English alone.
    done
        Share of something that is done, in [0, 1]; none where that is not told.
    table
        A table; none where there is none.
    links
        Where to go on.
    """

    heading: str = ""
    told: Sequence[str] = ()
    english: Sequence[str] = ()
    done: float | None = None
    table: Table | None = None
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class WebPages:
    """Writes pages in one language.

    Attributes
    ----------
    base
        Path of the application, ending in a slash.
    words
        The dictionary.
    language
        Language of the pages.
    query
        Query of the page without `f` and `lang`; none where the page cannot be asked for again.
    notices
        What every page says below its title.
    """

    base: str
    words: Words
    language: Language
    query: str | None
    notices: Sequence[str] = field(default=())

    @classmethod
    def of(cls, request: Request, form: Form) -> Self:
        """Return what writes the pages that answer a request.

        Parameters
        ----------
        request
            The request.
        form
            How its answer is wanted.

        Returns
        -------
        pages
            The writer.
        """
        state, language = request.app.state, form.language
        demo = state.settings.mode == "demo"
        return cls(
            base=f"{request.scope.get('root_path', '')}/",
            words=state.words,
            language=language,
            query=_query_of(request) if request.method == "GET" else None,
            notices=[state.words.text("notice.demo", language)] if demo else [],
        )

    def write(
        self,
        title: str,
        trail: Sequence[Link],
        parts: Sequence[Part],
        *,
        notices: Sequence[str] = (),
        drawn: Mapping[str, str] | None = None,
        pages: Mapping[str, object] | None = None,
    ) -> str:
        """Write a page.

        Parameters
        ----------
        title
            Its title.
        trail
            Links to what is above it.
        parts
            What it tells.
        notices
            What it says below its title beside what every page does.
        drawn
            What its map draws; none where it has no map.
        pages
            Where it stands among the pages of a list; none where it is none of these.

        Returns
        -------
        page
            HTML.
        """
        return report_page("api", name="page.html").render(
            language=self.language,
            base=self.base,
            say=self.say,
            title=title,
            trail=trail,
            tools=self._tools(),
            notices=[*self.notices, *notices],
            map=drawn,
            pages=pages,
            parts=parts,
        )

    def service(self) -> Link:
        """Link to the page of the service.

        Returns
        -------
        link
            The link.
        """
        return self.link(self.say("ogc.title"), self.page("ogc"))

    def page(self, path: str, **query: object) -> str:
        """Return the address of another page, in the language of this one.

        Parameters
        ----------
        path
            Its path below the application.
        **query
            Its query parameters.

        Returns
        -------
        address
            The address.
        """
        chosen = {**query, "f": "html", "lang": self.language}
        return f"{self.base}{path}?{urlencode(chosen, doseq=True)}"

    def say(self, key: str, **values: object) -> str:
        """Say a word or phrase in the language of the page.

        Parameters
        ----------
        key
            Section and word.
        **values
            What the braces of the text are filled with.

        Returns
        -------
        text
            The text.
        """
        return self.words.text(key, self.language, **values)

    def _tools(self) -> Sequence[Link]:
        if self.query is None:
            return ()
        kept = f"?{self.query}&" if self.query else "?"
        return [
            self.link("ไทย", f"{kept}f=html&lang=th", "th"),
            self.link("English", f"{kept}f=html&lang=en", "en"),
            self.link("JSON", f"{kept}f=json"),
        ]

    @staticmethod
    def cell(text: str, href: str = "", *, lang: str | None = None) -> Cell:
        """Make a cell of a table.

        Parameters
        ----------
        text
            What stands in it.
        href
            Where it leads; empty for nowhere.
        lang
            Language of the text; none for the page's.

        Returns
        -------
        cell
            The cell.
        """
        return Cell(text=text, href=href, long=len(text) >= _LONG, lang=lang)

    @staticmethod
    def link(title: str, href: str, lang: str | None = None) -> Link:
        """Make a link.

        Parameters
        ----------
        title
            What it is called.
        href
            Where it leads.
        lang
            Language of what it leads to; none for the page's.

        Returns
        -------
        link
            The link.
        """
        return Link(title=title, href=href, lang=lang)


def _query_of(request: Request) -> str:
    """Return the query of a request without what chooses how it is answered."""
    given = request.query_params.multi_items()
    return urlencode([(name, value) for name, value in given if name not in _CHOOSING])
