"""What a person needs to read and use a page: contrast, names of controls, and room for text."""

# Text on what shows behind it, by WCAG 2.2 (1.4.3): each visible text node of the page.
_CONTRASTS = """
() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
  const light = (rgb) => {
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = rgb.map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    const colour = channels(getComputedStyle(node).backgroundColor);
    if ((colour[3] ?? 1) === 1) return colour.slice(0, 3);
    return over(colour, node.parentElement ? behind(node.parentElement) : [255, 255, 255]);
  };
  const told = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const node = walker.currentNode.parentElement;
    if (text === "" || !node.checkVisibility() || node.closest("#map, script, style")) continue;
    const written = over(channels(getComputedStyle(node).color), behind(node));
    const [one, other] = [written, behind(node)].map(light);
    told.push([(Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05), text]);
  }
  return told;
}
"""

# Elements whose text reaches beyond them, but for those that scroll or cut it off by intent.
_OVERFLOWING = """
() => [...document.querySelectorAll("body *")]
  .filter((node) => node.checkVisibility() && !node.closest("#map, .unseen"))
  .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
  .filter((node) => !["auto", "scroll"].includes(getComputedStyle(node).overflowX))
  .filter((node) => getComputedStyle(node).display !== "inline")
  .map((node) => node.outerHTML.slice(0, 120))
"""

_NAMELESS = """
() => [...document.querySelectorAll("button, a, input, select, textarea, progress, summary")]
  .filter((node) => node.checkVisibility() && !node.closest("#map"))
  .filter((node) => !node.getAttribute("aria-label") && !node.labels?.length)
  .filter((node) => !node.innerText?.trim())
  .map((node) => node.outerHTML)
"""

LEAST_CONTRAST = 4.5


def assert_contrast(page):
    """Assert that every text stands out from what is behind it."""
    found = page.evaluate(_CONTRASTS)
    assert len(found) > 10
    faint = [(round(ratio, 2), text) for ratio, text in found if ratio < LEAST_CONTRAST]
    assert faint == [], f"faint: {faint}"


def assert_fits(page):
    """Assert that nothing reaches beyond the page, and no text beyond its element."""
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page is too wide"
    assert page.evaluate(_OVERFLOWING) == []


def assert_named(page):
    """Assert that every control has a name that a screen reader can say."""
    assert page.evaluate(_NAMELESS) == []


def assert_legible(page):
    """Assert all of it."""
    assert_contrast(page)
    assert_fits(page)
    assert_named(page)
