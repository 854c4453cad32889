"""What a person sees of a map: its size, the colours of its layers, and letters that are drawn.

The same assertions serve the console and the file map.html, and must fail on a map that cannot be
seen.
"""

import io
import re

import numpy as np
from PIL import Image

THAI = re.compile("[\u0e01-\u0e5b]")
SMALLEST_PX = 200
_TOLERANCE = 10

# Draws characters as the page draws its text and returns one bitmap a character, the last that of a
# character no font has.
_BITMAPS = """
characters => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 48, height: 48 });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.font = `24px ${getComputedStyle(document.body).fontFamily}`;
  return [...characters, "\\u{10fffe}"].map((character) => {
    brush.clearRect(0, 0, 48, 48);
    brush.fillText(character, 8, 32);
    return [...brush.getImageData(0, 0, 48, 48).data].filter((_, i) => i % 4 === 3).join();
  });
}
"""


def count_pixels(png, colour):
    """Count the pixels of a screenshot that have a colour, within a small tolerance."""
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=np.int16)
    wanted = [int(colour[start : start + 2], 16) for start in (1, 3, 5)]
    return int((np.abs(image - wanted).max(axis=2) <= _TOLERANCE).sum())


def assert_map_is_seen(page, colours):
    """Assert that the map has a size and shows each colour with at least so many pixels."""
    container = page.locator(".leaflet-container")
    assert container.count() == 1
    box = container.bounding_box()
    assert box is not None, "the map has no box"
    assert box["width"] >= SMALLEST_PX, f"the map is {box['width']} px wide"
    assert box["height"] >= SMALLEST_PX, f"the map is {box['height']} px high"
    png = page.screenshot(clip=box)
    for colour, least in colours.items():
        found = count_pixels(png, colour)
        assert found >= least, f"{found} pixels of {colour}, expected {least}"


def assert_glyphs_are_drawn(page, characters):
    """Assert that the page's fonts have each character: no boxes, and no two alike."""
    *drawn, absent = page.evaluate(_BITMAPS, characters)
    boxes = [c for c, bitmap in zip(characters, drawn, strict=True) if bitmap == absent]
    assert boxes == [], f"drawn as the box of a missing glyph: {boxes}"
    assert len(set(drawn)) == len(set(characters)), "different characters look the same"


def visible_text(page):
    """Return the text a person can read."""
    return page.locator("body").inner_text()


def assert_speaks_thai(page):
    """Assert that the page is in Thai and its letters are drawn."""
    assert page.locator("html").get_attribute("lang") == "th"
    assert THAI.search(page.locator("h1").inner_text())
    letters = sorted({c for c in visible_text(page) if "\u0e01" <= c <= "\u0e2e"})
    assert len(letters) > 20, f"only {len(letters)} Thai consonants are on the page"
    assert_glyphs_are_drawn(page, letters)


def assert_speaks_english(page):
    """Assert that the page is in English: the only Thai is the button that leads to Thai."""
    assert page.locator("html").get_attribute("lang") == "en"
    thai = [line for line in visible_text(page).splitlines() if THAI.search(line)]
    assert set(thai) <= {"ไทย"}
