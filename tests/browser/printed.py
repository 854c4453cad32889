"""What the tests of all printed reports do: speak to the page, and lay it out as its sheets are."""

from tests.browser import pixels

_PX_PER_MM = 96 / 25.4
_SHEET_MM = (186, 271)  # A4 within the margins that the page asks for

SHEET_HIGH_PX = _SHEET_MM[1] * _PX_PER_MM


def speak(page, language):
    """Press the button of a language."""
    page.click(f"nav button[value={language}]")


def on_paper(page):
    """Lay the page out as its sheets are, so that what is too wide or too high shows."""
    width = int(_SHEET_MM[0] * _PX_PER_MM)
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(media="print")
    return width


def assert_speaks_and_fits(page, width):
    """Assert that a page that opened in English speaks both languages and is not too wide."""
    pixels.assert_speaks_english(page)
    speak(page, "th")
    pixels.assert_speaks_thai(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    speak(page, "en")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
