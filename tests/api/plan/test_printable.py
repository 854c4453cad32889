"""Texts that every file can hold."""

from xml.etree import ElementTree as ET

import pytest

from api.plan.printable import printable


def xml_takes(character):
    document = f"<a>{character}</a>".encode("utf-8", "surrogatepass")
    try:
        text = ET.fromstring(document).text  # noqa: S314  # our own
    except ET.ParseError:
        return False
    return text == character


@pytest.mark.parametrize("first", [0x00, 0x60, 0x0E00, 0xD7F0, 0xDFF0, 0xFFF0, 0x1F600])
def test_what_xml_refuses_is_replaced_and_all_else_stays(first):
    for code in range(first, first + 0x40):
        character = chr(code)
        if character in "<&\r":
            continue
        expected = character if xml_takes(character) and code != 0x7F else "\ufffd"
        assert printable(character) == expected, hex(code)


def test_every_line_end_is_a_line_feed():
    assert printable("a\r\nb\rc\nd") == "a\nb\nc\nd"
