"""How an answer is wanted: what a browser and a program send, and whatever else may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.forms import Form
from tests.api.page_reading import ACCEPT


def form(query="", **headers):
    raw = [
        (name.replace("_", "-").encode(), value.encode("latin-1", "replace"))
        for name, value in headers.items()
    ]
    scope = {"type": "http", "method": "GET", "query_string": query.encode(), "headers": raw}
    return Form.of(Request(scope))


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        ("", "", "json"),
        ("", "*/*", "json"),
        ("", "application/json", "json"),
        ("", ACCEPT["Accept"], "html"),
        ("", "text/html;q=0.5, application/geo+json", "json"),
        ("f=json", ACCEPT["Accept"], "json"),
        ("f=html", "application/json", "html"),
        ("f=xml", ACCEPT["Accept"], "html"),
        ("f=xml", "*/*", "json"),
        ("", "text/html;q=0", "json"),
        ("", "text/html;q=nonsense", "json"),
    ],
)
def test_programs_get_json_and_browsers_pages(query, accept, kind):
    assert form(query, accept=accept).kind == kind


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "th"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "de-DE, en;q=0.5", "en"),
        ("", "th-TH,en;q=0.8", "th"),
        ("", "fr", "th"),
        ("lang=en", "th", "en"),
        ("lang=fr", "en", "en"),
    ],
)
def test_the_language_is_asked_for_or_the_browsers_first_of_ours(query, accepted, language):
    assert form(query, accept_language=accepted).language == language


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=20))
def test_whatever_comes_has_a_form(accept, accepted, asked):
    found = form(f"f={asked}&lang={asked}", accept=accept, accept_language=accepted)
    assert found.kind in {"json", "html"}
    assert found.language in {"th", "en"}
