"""The dictionary: both languages everywhere, no key missing, none that nobody reads."""

import json
import re
import string

import pytest

from api.store import PUBLIC_LAYERS
from api.styles import Styles
from api.words import Words
from geo.errors import LayerError, NotFoundError, SourceError
from geo.layers import CONTRACTS

WORDS = Words.load()
# How pages and commands name a word: whole, by a beginning that is completed, or by its section.
KEY = re.compile(r"""["'`>]([a-z_]+\.(?!(?:html|json|gpkg|js|css|py|toml)\b)[a-z0-9_]+)["'`<]""")
BEGINNING = re.compile(r"""["'`]([a-z_]+\.[a-z0-9_]*)\$?\{""")
SECTION = re.compile(r"""known\((?:phrases, )?"([a-z_]+)",""")


def sources(root):
    files = [file for suffix in ("py", "js", "html") for file in root.glob(f"api/**/*.{suffix}")]
    return {file: file.read_text(encoding="utf-8") for file in files}


def sections():
    return {key.partition(".")[0] for key in WORDS.entries}


def test_every_key_that_is_named_in_a_page_or_command_exists(root):
    known = sections()
    missing = {
        f"{file.name}: {key}"
        for file, text in sources(root).items()
        for key in KEY.findall(text)
        if key.partition(".")[0] in known and key not in WORDS.entries
    }
    assert missing == set()


def test_every_key_is_read_somewhere(root):
    texts = sources(root).values()
    named = {key for text in texts for key in KEY.findall(text)}
    begun = tuple(key for text in texts for key in BEGINNING.findall(text))
    begun += tuple(f"{section}." for text in texts for section in SECTION.findall(text))
    assert {k for k in WORDS.entries if k not in named and not k.startswith(begun)} == set()


def test_the_search_for_words_would_find_a_misspelt_one():
    assert KEY.findall('say("layer.streeets")') == ["layer.streeets"]
    assert KEY.findall("fill(`console.loading`)") == ["console.loading"]
    assert KEY.findall('write("report.html")') == []
    assert BEGINNING.findall('f"month.m{day}" `layer.${name}`') == ["month.m", "layer."]


def test_every_layer_that_is_served_or_drawn_has_a_name():
    drawn = {style.name for style in Styles.load().layers}
    assert {f"layer.{name}" for name in drawn | set(PUBLIC_LAYERS)} <= set(WORDS.entries)


@pytest.mark.parametrize(
    ("layer", "column", "section"),
    [
        ("cameras", "owner_kind", "owner_kind"),
        ("cameras", "status", "status"),
        ("places", "kind", "place_kind"),
        ("grounds", "kind", "ground_kind"),
        ("register", "consent", "consent"),
        ("register", "audience", "audience"),
    ],
)
def test_every_word_that_a_contract_allows_has_a_text(layer, column, section):
    (choices,) = [c.choices for c in CONTRACTS[layer].columns if c.name == column]
    assert choices
    assert {f"{section}.{choice}" for choice in choices} == {
        key for key in WORDS.entries if key.startswith(f"{section}.")
    }


def test_both_languages_have_the_same_braces():
    def braces(text):
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    differing = [
        key for key, texts in WORDS.entries.items() if braces(texts["th"]) != braces(texts["en"])
    ]
    assert differing == []


def test_thai_texts_are_thai_and_english_texts_are_not():
    thai = re.compile("[\u0e00-\u0e7f]")
    spared = {"language.th", "language.en"}
    wrong = [
        key
        for key, texts in WORDS.entries.items()
        if key not in spared and thai.search(texts["en"])
    ]
    assert wrong == []
    unspoken = [
        key
        for key, texts in WORDS.entries.items()
        if re.search("[a-z]{3}", re.sub(r"\{.*?\}", "", texts["en"]))
        and not thai.search(texts["th"])
        and key not in spared
    ]
    assert unspoken == []


def test_texts_are_filled(tmp_path):
    assert WORDS.text("unit.metres", "en", value=7) == "7 m"
    with pytest.raises(NotFoundError, match=r"layer\.tunnels"):
        WORDS.text("layer.tunnels", "en")


def test_a_word_without_a_language_is_named_and_all_at_once(tmp_path):
    path = tmp_path / "words.toml"
    path.write_text('[a]\nx = { en = "x" }\ny = { th = " ", en = "y" }\nz = "z"\n', "utf-8")
    with pytest.raises(LayerError) as refused:
        Words.load(path)
    assert [fault.field for fault in refused.value.faults] == ["a.x", "a.y", "a.z"]


@pytest.mark.parametrize("content", [b"[a\n", b"\xff\xfe", None])
def test_a_file_that_is_no_dictionary_is_refused(tmp_path, content):
    path = tmp_path / "words.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"words\.toml"):
        Words.load(path)


def test_the_page_gets_the_whole_dictionary():
    dictionary = json.loads(json.dumps(WORDS.dictionary()))
    assert set(dictionary) == {"th", "en"}
    assert dictionary["th"]["layer.streets"] == "ถนน"
    assert set(dictionary["th"]) == set(dictionary["en"]) == set(WORDS.entries)
