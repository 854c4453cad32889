"""Names as every file can hold them: without characters that XML and calendars forbid."""

import re
from typing import Final

# Controls but tab and line feed, half surrogates, and the two that are no characters (XML 1.0,
# section 2.2; RFC 5545, section 3.1).
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS: Final = re.compile("\r\n?")


def printable(text: str) -> str:
    r"""Give a text that XML, calendars and tables can all hold.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The text with line feeds for line ends and U+FFFD for every forbidden character.

    Examples
    --------
    >>> printable("ถนน\x00\r\nถลาง")
    'ถนน�\nถลาง'
    """
    return _FORBIDDEN.sub("\ufffd", _LINE_ENDS.sub("\n", text))
