"""The colours of the pages, and that their words and addresses are written as they must be."""

import itertools
import re
from importlib import resources

import numpy as np
import pytest

import api.ogc
from api.web_pages import Part, Table, WebPages
from api.words import LANGUAGES, Words
from tests.api.page_reading import ReadPage
from tests.api.test_colours import linear

TEXTS, GROUNDS = ("ink", "quiet", "link"), ("ground", "wash")


def style():
    return resources.files(api.ogc).joinpath("page.css").read_text(encoding="utf-8")


def contrast(one, other):
    """Return the contrast of two colours by WCAG 2.2."""
    light = sorted(float(np.dot(linear(c), (0.2126, 0.7152, 0.0722))) for c in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def faint(css):
    """Return the pairs of a text and what is behind it that are too much alike."""
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))
    return [
        (text, ground)
        for text, ground in itertools.product(TEXTS, GROUNDS)
        if contrast(colours[text], colours[ground]) < 4.5
    ]


def test_every_text_stands_out_from_what_is_behind_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert faint(style()) == []


def test_the_search_for_faint_texts_finds_one():
    spoilt = style().replace("--quiet: #535d70", "--quiet: #8a93a5")
    assert faint(spoilt) == [("quiet", "ground"), ("quiet", "wash")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("query", "kept"), [("", "?"), ("limit=2&a=b", "?limit=2&a=b&")])
def test_a_page_is_offered_in_both_languages_and_as_json(language, query, kept):
    page = ReadPage()
    page.feed(WebPages("/", Words.load(), language, query).write("x", [], []))
    assert page.links[1:] == [f"{kept}f=html&lang=th", f"{kept}f=html&lang=en", f"{kept}f=json"]


def test_a_page_that_cannot_be_asked_for_again_offers_nothing_of_the_kind():
    page = ReadPage()
    page.feed(WebPages("/", Words.load(), "en", None).write("x", [], []))
    assert page.links == ["#content"]


def test_a_table_without_rows_says_so_in_words():
    pages = WebPages("/", Words.load(), "en", "")
    page = ReadPage()
    page.feed(pages.write("x", [], [Part(table=Table(heads=["a"], rows=[], none="None yet."))]))
    assert "None yet." in page.words
    assert page.of("table") == []
