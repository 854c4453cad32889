"""The landing page, the description in OpenAPI, and the JavaScript client in a browser."""

import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from api.public import examples, router
from api.store import Store
from api.store.releases import Calendar
from tests.api.public.conftest import public_client
from tests.browser.conftest import browser, visit_of  # noqa: F401  # fixtures

FOLDER = Path(router.__file__).parent
WALK = {"from": "98.3876,7.8849", "to": "98.3920,7.8832"}


def keys(example, answer, at="$"):
    """Assert that an example has no key that an answer lacks, and the other way."""
    if isinstance(example, dict) and isinstance(answer, dict):
        if at.endswith((".fields", ".description")):
            return
        assert set(example) == set(answer), at
        for name, told in example.items():
            keys(told, answer[name], f"{at}.{name}")
    elif isinstance(example, list) and isinstance(answer, list):
        if example and answer:
            keys(example[0], answer[-1], f"{at}[]")
    else:
        assert type(example) is type(answer) or {type(example), type(answer)} <= {int, float}, at


@pytest.mark.parametrize(
    ("path", "example"),
    [
        ("/safe-areas", examples.AREAS),
        ("/releases", examples.RELEASES),
        ("/safe-areas/tilejson.json", examples.TILEJSON),
        ("/walk", examples.WALK),
    ],
)
def test_examples_look_like_answers(public, path, example):
    keys(example, public.get(path, params=WALK if path == "/walk" else {}).json())


def test_the_example_of_places_looks_like_them(public):
    told = public.get("/places").json()
    told["features"] = [one for one in told["features"] if one["properties"]["kind"] == "sos"]
    keys(examples.PLACES, told)


def test_openapi_describes_every_path_with_its_statuses(public):
    paths = public.get(f"{public.base_url.join('/openapi.json')}").json()["paths"]
    described = {path: told["get"] for path, told in paths.items() if path.startswith("/public/")}
    assert set(described) == {
        f"/public/v1/{name}"
        for name in (
            "safe-areas",
            "releases",
            "safe-areas/tilejson.json",
            "safe-areas/tiles/{zoom}/{row}/{column}",
            "places",
            "walk",
        )
    }
    for path, told in described.items():
        assert {"200", "400", "404", "429"} <= set(told["responses"]), path
        for content in told["responses"]["200"]["content"].values():
            assert "tiles/" in path or "example" in content
    walk = {one["name"]: one for one in described["/public/v1/walk"]["parameters"]}
    assert set(walk) == {"from", "to"}
    assert "neither logged nor kept" in walk["from"]["description"]
    assert walk["from"]["schema"]["pattern"]


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ({}, "en-GB,en", "en"),
        ({}, "th-TH,th;q=0.9,en;q=0.8", "th"),
        ({"lang": "th"}, "en", "th"),
        ({"lang": "en"}, "th", "en"),
    ],
)
def test_the_page_speaks_the_language_asked_for(public, query, header, language):
    answer = public.get(
        "", params=query, headers={"Accept-Language": header}, follow_redirects=True
    )
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert ("No cookies and no tracking" in answer.text) == (language == "en")
    assert "function calmWalk" in answer.text
    assert "HttpClient" in answer.text


def test_the_page_says_that_data_are_made_up_where_they_are(public, old_town_store, tmp_path):
    said = "Buildings, cameras, lamps"
    assert said in public.get("/", params={"lang": "en"}, follow_redirects=True).text
    store = Store(old_town_store)
    kept = store.releases.read("old_town")
    store.close()
    real = Store(tmp_path / "store.sqlite")
    real.releases.calendar("old_town", Calendar(bytes(32), kept.since, 91, 0.25, 40))
    real.releases.append("old_town", replace(kept, areas=kept.areas.replace("true", "false")))
    real.close()
    with public_client(tmp_path / "store.sqlite") as client:
        assert said not in client.get("/", params={"lang": "en"}, follow_redirects=True).text
        assert client.get("/safe-areas").json()["synthetic"] is False


def test_only_the_files_of_the_page_are_served(public):
    for name in ("client.js", "client.dart", "landing.css"):
        assert public.get(f"/files/{name}").text == (FOLDER / name).read_text(encoding="utf-8")
    for name in ("router.py", "..%2Frouter.py", "landing.html"):
        assert public.get(f"/files/{name}").status_code == 404


@pytest.mark.slow
def test_the_page_is_whole_in_a_browser(public, visit_of):  # noqa: F811
    for width, language in ((1280, "en"), (390, "th")):
        seen = visit_of(width=width, height=844)
        seen.page.goto(f"{public.base_url}?lang={language}".replace("v1/", "v1"))
        assert seen.page.evaluate("document.documentElement.lang") == language
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        colour = "getComputedStyle(document.querySelector('.notice')).backgroundColor"
        assert seen.page.evaluate(colour) == "rgb(255, 244, 214)"  # the style sheet was taken
        seen.assert_quiet()


@pytest.fixture
def other_site(tmp_path):
    """Return the address of another site, which carries the client and nothing else."""
    (tmp_path / "client.js").write_bytes((FOLDER / "client.js").read_bytes())
    (tmp_path / "index.html").write_text(
        "<!doctype html><link rel='icon' href='data:,'><script src='client.js'></script>", "utf-8"
    )

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_the_client_runs_on_another_site(public, other_site, visit_of):  # noqa: F811
    service = str(public.base_url).split("/public")[0]
    seen = visit_of()
    seen.page.goto(other_site)
    told = seen.page.evaluate(
        "service => calmWalk(service, [98.3876, 7.8849], [98.3920, 7.8832])", service
    )
    calm = public.get("/walk", params=WALK).json()["features"][1]
    assert told == {
        "line": calm["geometry"]["coordinates"],
        "reasons": calm["properties"]["reasons_th"],
    }
    streets = seen.page.evaluate("service => streetsToWalk(service)", service)
    areas = public.get("/safe-areas").json()
    colours = {band["band"]: band["colour_on_light"] for band in areas["bands"]}
    assert [one["colour"] for one in streets] == [
        colours[one["properties"]["band"]] for one in areas["features"]
    ]
    assert streets[0]["name"] == areas["features"][0]["properties"]["name_th"]
    seen.assert_quiet()
    outside = seen.page.evaluate(
        "service => calmWalk(service, [98.3876, 7.8849], [98.5, 7.9]).catch(e => e.message)",
        service,
    )
    assert "within 100 m of `to`" in outside


@pytest.mark.slow
def test_another_site_may_not_read_the_rest(public, other_site, visit_of):  # noqa: F811
    service = str(public.base_url).split("/public")[0]
    seen = visit_of()
    seen.page.goto(other_site)
    refused = seen.page.evaluate(
        "url => fetch(url).then(() => 'read', () => 'refused')", f"{service}/ogc/collections"
    )
    assert refused == "refused"
