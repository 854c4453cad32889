"""The console's files: served by name, nothing else, and nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from api.console import router
from api.styles import Styles
from api.words import Words
from tests.api.sample import ZONE
from tests.api.signing import filled, guarded, signed_in

FOLDER = Path(router.__file__).parent


def test_the_page_and_every_file_it_asks_for_are_served(client):
    page = client.get("/console")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    asked = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(asked) == 7
    for path in asked:
        # The page of an account leads whoever has none to the sign-in.
        assert client.get(path).status_code == (303 if path == "/account" else 200), path


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.js")), ids=lambda file: file.name)
def test_a_module_imports_only_modules_that_are_served(client, file):
    answer = client.get(f"/console/{file.name}")
    assert answer.headers["content-type"].startswith("text/javascript")
    for name in re.findall(r'from "\./([^"]+)"', answer.text):
        assert client.get(f"/console/{name}").status_code == 200, name


@pytest.mark.parametrize(
    "name",
    [
        *("router.py", "__init__.py", "console.html", "nothing.js", "leaflet/"),
        *("..%2fsettings.py", "..%2f..%2fpyproject.toml", "leaflet/..%2f..%2f__init__.py"),
    ],
)
def test_no_other_file_is_served(client, name):
    assert client.get(f"/console/{name}").status_code == 404


def test_the_setup_holds_zone_words_and_styles(client):
    setup = client.get("/console/setup.json").json()
    assert setup["zone"] == ZONE
    assert setup["words"] == Words.load().dictionary()
    assert [layer["name"] for layer in setup["styles"]["layers"]] == [
        style.name for style in Styles.load().layers
    ]


def test_the_setup_tells_who_may_compute_and_has_rights_in_which_zone(tmp_path):
    place = filled(tmp_path / "store.sqlite")
    with guarded(place, zones=("other",), jobs=0) as client:
        told = {}
        for account in (None, "planner-1", "officer-1"):
            header = {} if account is None else signed_in(client, account)
            for zone in (ZONE, "other"):
                setup = client.get(f"/zones/{zone}/console/setup.json", headers=header).json()
                told[account, zone] = (setup["computes"], setup["zones"])
    nowhere, here = {ZONE: False, "other": False}, {ZONE: True, "other": False}
    assert told == {
        (None, ZONE): (False, nowhere),
        (None, "other"): (False, nowhere),
        ("planner-1", ZONE): (True, here),
        ("planner-1", "other"): (False, here),
        ("officer-1", ZONE): (False, here),
        ("officer-1", "other"): (False, here),
    }


def test_the_files_name_no_address_elsewhere():
    for file in FOLDER.iterdir():
        if file.suffix in {".html", ".css", ".js"}:
            addresses = set(re.findall(r"""https?://[^\s"'`)]+""", file.read_text("utf-8")))
            assert addresses <= {"http://www.w3.org/2000/svg"}, file.name


def test_the_page_describes_every_public_layer_that_is_drawn():
    fields = (FOLDER / "describe.js").read_text("utf-8")
    described = set(re.findall(r"^  (\w+): \[", fields, re.MULTILINE))
    assert described >= {style.name for style in Styles.load().layers}
