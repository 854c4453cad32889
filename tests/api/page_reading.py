"""Reads a page as a browser does: its elements, what they hold, and where they lead."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""What a browser asks for when a person opens an address."""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='",
    "</title></h1><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}&lt;b&gt;",
)
"""Texts that would be markup where anybody forgot to escape them."""


@dataclass
class ReadPage(HTMLParser):
    """A page that was read."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    @property
    def text(self):
        """What a person reads."""
        return " ".join(self.words)

    @property
    def shape(self):
        """The elements with the names of their attributes, whatever they hold."""
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def links(self):
        """Where the page leads, in order."""
        return [attributes["href"] for tag, attributes in self.elements if tag == "a"]

    def of(self, tag):
        """The attributes of the elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def assert_sound(self, language):
        """Assert what holds for every page: its frame, and that it brings nothing of its own."""
        assert self.of("html") == [{"lang": language}]
        for tag in ("title", "h1", "main", "header", "nav"):
            assert len(self.of(tag)) == 1, tag
        assert all(heading.get("scope") in {"col", "row"} for heading in self.of("th"))
        assert self.of("style") == []
        assert all("src" in script for script in self.of("script"))
        for tag, attributes in self.elements:
            assert "style" not in attributes, tag
            assert not any(name.startswith("on") for name in attributes), tag
        assert not any(link.lower().startswith(("javascript:", "data:")) for link in self.links)


def read_page(answer, language, status=200):
    """Read an answer that is a page, and hold it to what every page must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = ReadPage()
    page.feed(answer.text)
    page.assert_sound(language)
    return page
