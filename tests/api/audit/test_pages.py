"""The audit as pages: every entry in words for its auditor, and for nobody else."""

import pytest

from api.words import LANGUAGES, Words
from tests.api.page_reading import ACCEPT, read_page
from tests.api.signing import filled, guarded, signed_in

WORDS = Words.load()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with guarded(filled(tmp_path_factory.mktemp("audit") / "store.sqlite"), jobs=0) as client:
        yield client


@pytest.fixture(scope="module")
def auditor(service):
    signed_in(service, "officer-1")
    return signed_in(service, "auditor-1")


def opened(service, path, headers, language="en"):
    asked = service.get(path, headers=ACCEPT | {"Accept-Language": language} | headers)
    assert asked.headers["cache-control"] == "no-store"
    return read_page(asked, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_auditor_reads_who_did_what_in_words(service, auditor, language):
    page = opened(service, "/audit?limit=1000", auditor, language)
    for word in ("audit_action.sign_in", "role.officer", "page.hash", "page.account"):
        assert WORDS.text(word, language) in page.words
    entries = service.get("/audit?limit=1000", headers=auditor).json()["entries"]
    for entry in entries[:-1]:
        assert f"{entry['hash'][:12]}…" in page.words
        assert entry["subject"] in page.words


def test_the_pages_lead_on_to_the_last_which_says_that_there_are_no_more(service, auditor):
    page, seen = opened(service, "/audit?limit=2", auditor), 0
    while following := [link for link in page.links if link.startswith("/audit?after=")]:
        page = read_page(service.get(following[0], headers=ACCEPT | auditor), "en")
        seen += 1
        if seen == 2:
            break
    assert seen == 2
    none = opened(service, "/audit?after=1000000", auditor)
    assert WORDS.text("page.no_entries", "en") in none.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_newest_head_is_told_or_that_there_is_none(service, auditor, language):
    page = opened(service, "/audit/head", auditor, language)
    head = service.get("/audit/head", headers=auditor).json()["head"]
    expected = WORDS.text("page.no_head", language) if head is None else head["signature"]
    assert expected in page.text


@pytest.mark.parametrize("path", ["/audit", "/audit/head"])
def test_nobody_else_sees_a_word_of_it(service, path):
    read_page(service.get(path, headers=ACCEPT), "th", 401)
    for role in ("commander", "officer", "partner"):
        headers = signed_in(service, f"{role}-1")
        page = read_page(service.get(path, headers=ACCEPT | headers), "th", 403)
        assert "auditor-1" not in page.text
