"""The audit as pages: every entry in words for its auditor, and for nobody else."""

import ast

import pytest

from api.store.audit import BEGIN_SIGNING, MACHINE
from api.words import LANGUAGES, Words
from tests.api.page_reading import ACCEPT, read_page
from tests.api.sample import ZONE, fill
from tests.api.signing import NOW, filled, guarded, signed_in

WORDS = Words.load()


# Which argument names the action, of whatever appends to the audit.
APPENDS = {"append": 2, "append_within": 3, "audit": 0, "_record": 3, "record_sign_in": 2}


def actions(text):
    """Return the actions that a source appends to the audit by name."""
    for call in ast.walk(ast.parse(text)):
        named = getattr(call, "func", None)
        place = APPENDS.get(getattr(named, "attr", getattr(named, "id", "")))
        word = call.args[place] if place is not None and len(call.args) > max(place, 1) else None
        if isinstance(word, ast.Constant):
            yield word.value


def planned(store):
    """Fill a store as the command does that plans."""
    fill(store)
    store.audit.append(NOW, MACHINE, "plan", ZONE, "products")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    place = filled(tmp_path_factory.mktemp("audit") / "store.sqlite", planned)
    with guarded(place, jobs=0) as client:
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_service_does_by_itself_is_no_deed_of_the_public(service, auditor, language):
    words = opened(service, "/audit?limit=1000", auditor, language).words
    role = words[words.index(MACHINE.subject) + 1]
    assert role == WORDS.text("page.machine", language)


def test_every_action_has_words(root):
    appended = {BEGIN_SIGNING}
    for file in root.glob("api/**/*.py"):
        appended.update(actions(file.read_text(encoding="utf-8")))
    assert {"read", "change", "run", "keep", "forget", "sign_out", "unlock_account"} <= appended
    assert {word for word in appended if f"audit_action.{word}" not in WORDS.entries} == set()


def test_the_search_for_actions_would_find_one_without_words():
    assert list(actions('log.append(now, MACHINE, "erase", zone, "all")')) == ["erase"]
    assert list(actions('audit("erase", target)')) == ["erase"]


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
