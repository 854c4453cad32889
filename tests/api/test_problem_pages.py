"""Problems as pages: what a person reads, where they go on, and that nothing sent is markup."""

import re
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, PackageLoader

import api.problem_pages
import api.web_pages
from api.headers import SECURITY_HEADERS
from api.main import create_app
from api.problem_pages import _apart
from api.store import Store
from api.words import LANGUAGES, Words
from tests.api.page_reading import ACCEPT, HOSTILE, read_page
from tests.api.sample import ZONE, fill
from tests.api.serving import serving, settings_for
from tests.api.signing import filled, guarded, signed_in

WORDS = Words.load()
FEATURES = "/ogc/collections/streets/items"
REFLECTING = (
    "/{}",
    "/ogc/collections/{}",
    "/ogc/collections/{}/items",
    f"{FEATURES}/{{}}",
    f"{FEATURES}?{{}}=1",
    f"{FEATURES}?limit={{}}",
    f"{FEATURES}?filter={{}}",
    f"{FEATURES}?bbox={{}}",
    "/ogc/files/{}",
    "/zones/{}/ogc",
    "/sign-in?refused={}",
    "/public/v1/safe-areas?release={}",
    "/ogc/jobs?limit=2&a={}",
)
"""Addresses that answer with what was sent."""


@pytest.fixture(scope="module")
def guarded_service(tmp_path_factory):
    with guarded(filled(tmp_path_factory.mktemp("problems") / "store.sqlite"), jobs=0) as client:
        yield client


@pytest.fixture(scope="module")
def officer(guarded_service):
    return signed_in(guarded_service, "officer-1")


def opened(client, path, *, language="en", **headers):
    return client.get(path, headers=ACCEPT | {"Accept-Language": language} | headers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{FEATURES}?limit=none&colour=red", 400),
        ("/audit", 401),
        ("/ogc/collections/tunnels", 404),
        ("/nowhere", 404),
        ("/auth/session", 405),
    ],
)
def test_a_problem_is_a_page_for_people_and_json_for_programs(client, path, status, language):
    page = read_page(opened(client, path, language=language), language, status)
    assert WORDS.text(f"problem.s{status}", language) in page.text
    assert WORDS.text(f"problem.s{status}_about", language) in page.text
    assert WORDS.text("notice.demo", language) in page.text
    for answer in (opened(client, path), client.get(path)):
        assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    told = client.get(path)
    assert told.headers["content-type"] == "application/problem+json"
    assert told.json()["status"] == status


def test_every_fault_is_told_by_what_was_expected_and_what_came(client):
    page = read_page(opened(client, f"{FEATURES}?limit=none&bbox=1,2&colour=red"), "en", 400)
    cells = [word for word in page.words if word in {"limit", "bbox", "colour", "'none'", "'1,2'"}]
    assert sorted(cells) == ["'1,2'", "'none'", "bbox", "colour", "limit"]
    assert "a whole number >= 1 and below 2^63" in page.words
    english = [attributes for attributes in page.of("td") if attributes.get("lang") == "en"]
    assert len(english) == 3


def test_what_the_routes_themselves_check_is_told_as_well(guarded_service):
    auditor = signed_in(guarded_service, "auditor-1")
    page = read_page(opened(guarded_service, "/audit?limit=0", **auditor), "en", 400)
    assert ("limit" in page.words, "'0'" in page.words) == (True, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_must_sign_in_finds_the_way_there_and_back(guarded_service, language):
    path = f"/zones/{ZONE}/ogc/jobs?limit=5&status=failed&lang={language}"
    page = read_page(opened(guarded_service, path, language="de"), language, 401)
    [way] = [urlsplit(link) for link in page.links if "sign-in" in link]
    assert (way.netloc, way.path) == ("", f"/zones/{ZONE}/sign-in")
    assert parse_qs(way.query) == {"lang": [language], "next": [path]}
    form = guarded_service.get(f"{way.path}?{way.query}").text
    assert f'data-then="{path.replace("&", "&amp;")}"' in form


def test_a_stranger_who_finds_nothing_may_sign_in_and_an_account_need_not(guarded_service, officer):
    for headers, expected in (({}, True), (officer, False)):
        page = read_page(opened(guarded_service, "/ogc/collections/x", **headers), "en", 404)
        assert any("sign-in" in link for link in page.links) is expected


def test_a_role_that_may_not_is_told_so(guarded_service, officer):
    page = read_page(opened(guarded_service, "/audit", **officer), "en", 403)
    assert WORDS.text("problem.s403", "en") in page.text


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/\\evil.example", "/%5Cevil.example", "/%2F%2Fevil.example"]
)
def test_no_problem_leads_to_another_host(guarded_service, path):
    host, port = guarded_service.base_url.host, guarded_service.base_url.port
    raw = httpx.URL(f"http://{host}:{port}").copy_with(raw_path=path.encode())
    page = read_page(guarded_service.get(raw, headers=ACCEPT), "th", 404)
    for link in page.links:
        assert urlsplit(link.replace("\\", "/")).netloc == "", link
        back = parse_qs(urlsplit(link).query).get("next", ["/"])[0]
        assert urlsplit(back.replace("\\", "/")).netloc == "", back
        assert not back.startswith("//")


@pytest.mark.parametrize("pattern", REFLECTING)
def test_nothing_that_is_sent_becomes_markup(client, pattern):
    assert_no_markup(client, pattern)


def assert_no_markup(client, pattern):
    known = {("td", ("class",)), ("td", ("class", "lang"))}  # long texts are given room
    for harmless in (pattern.format("zzz"), "/nowhere", f"{FEATURES}?limit=none"):
        answer = opened(client, harmless)
        known |= set(read_page(answer, "en", answer.status_code).shape)
    for text in HOSTILE:
        answer = opened(client, pattern.format(quote(text, safe="")))
        assert answer.status_code >= 400
        assert set(read_page(answer, "en", answer.status_code).shape) <= known


def test_the_search_for_markup_finds_a_page_that_does_not_escape(client, monkeypatch):
    bare = Environment(loader=PackageLoader("api", "."))  # noqa: S701  # the planted fault
    monkeypatch.setattr(api.web_pages, "report_page", lambda _, name: bare.get_template(name))
    with pytest.raises(AssertionError):
        assert_no_markup(client, "/ogc/collections/{}")


@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_what_came_is_told_as_it_was_sent(expected, came):
    found = _apart(f"Expected {expected}, got {came!r}.")
    if ", got " not in expected:
        assert found is not None
        assert found["came"] == repr(came)


@pytest.mark.parametrize(
    "sentence",
    [
        "Too many. Wait a little.",
        "Expected fewer attempts. Wait, then try again.",
        "Expected at most 1 per 1 minute, got more. Ask again in 5 s.",
    ],
)
def test_sentences_that_say_more_are_left_whole(sentence):
    assert _apart(sentence) is None


def test_too_many_requests_say_when_to_come_back(tmp_path):
    store = Store(tmp_path / "store.sqlite")
    fill(store)
    store.close()
    settings = settings_for(tmp_path / "store.sqlite").model_copy(
        update={"public_rate": "1/minute"}
    )
    with serving(create_app(settings)) as address, httpx.Client(base_url=address) as client:
        client.get("/public/v1/releases")
        answer = opened(client, "/public/v1/releases")
        page = read_page(answer, "en", 429)
        assert f"in {answer.headers['retry-after']} s" in page.text
        missing = opened(client, "/readyz")
        assert missing.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["from=91.2345,7.6543&to=91.2345,no", "from=91.2345,7.6543", "from=91.2345,7.6543&to=91,7"],
)
def test_no_page_repeats_where_somebody_walks(client, query, monkeypatch):
    answer = opened(client, f"/public/v1/walk?{query}")
    assert answer.status_code in {400, 404}
    page = read_page(answer, "en", answer.status_code)
    assert "91.2345" not in answer.text
    assert [link for link in page.links if "sign-in" in link] == []
    monkeypatch.setattr(api.problem_pages, "_is_public", lambda _: False)
    assert "91.2345" in opened(client, f"/public/v1/walk?{query}").text  # the fault is found


def test_what_nobody_foresaw_tells_nothing_of_itself(tmp_path, caplog):
    app = create_app(settings_for(tmp_path / "store.sqlite"))

    @app.get("/broken")
    def broken():
        raise KeyError("the secret detail")

    with serving(app) as address, httpx.Client(base_url=address) as client:
        for path, status in (("/broken", 500), ("/readyz", 503)):
            answer = opened(client, path)
            page = read_page(answer, "en", status)
            assert WORDS.text(f"problem.s{status}", "en") in page.text
            assert not re.search("secret|Traceback|File ", answer.text)
    assert "the secret detail" in caplog.text


@pytest.mark.parametrize("path", ["/audit", "/nowhere", "/zones/nowhere/ogc", "/ogc?f=html"])
def test_the_pages_carry_the_headers_of_all_answers(client, path):
    answer = opened(client, path)
    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == dict(SECURITY_HEADERS)
    if answer.status_code >= 400:
        assert answer.headers["cache-control"] == "no-store"


def test_a_strange_host_is_refused_by_a_page_that_names_no_host(client):
    answer = opened(client, "/ogc", Host='evil.example"><script>')
    page = read_page(answer, "en", 421)
    assert "evil" not in answer.text
    assert all(urlsplit(link).netloc == "" for link in page.links)


def test_a_page_asked_for_by_head_has_no_body(client):
    answer = client.head("/nowhere", headers=ACCEPT)
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
