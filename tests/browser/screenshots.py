"""Takes the pictures of the READMEs: `python -m tests.browser.screenshots [OUT STORE]`.

Plans tonight, finds hotspots, chooses camera sites and serves the zone, then photographs the
console, the map and all reports in both languages. With OUT and STORE it takes the files of a plan,
of its hotspots and sites, and the store, that are there already.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from api.main import create_app
from tests.api.serving import serving, settings_for
from tests.browser import pixels
from tests.browser.chromium import launch
from tests.browser.planned import run_hotspots, run_plan, run_sites

PICTURES = Path(__file__).resolve().parents[2] / "notebooks" / "pictures"
LARGEST_BYTES = 400_000
WIDE = {"width": 1280, "height": 800}


def photograph(page, name):
    """Write a screenshot, as small as it gets without changing a colour."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        plain = picture.convert("RGB")
    plain.save(path, optimize=True)
    if path.stat().st_size >= LARGEST_BYTES:
        message = f"Expected {path} below {LARGEST_BYTES} bytes, got {path.stat().st_size}."
        raise SystemExit(message)


def open_console(page, address, language):
    """Open the console and wait until its layers are drawn."""
    page.goto(f"{address}/console?lang={language}")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_timeout(500)
    pixels.assert_map_is_seen(page, {})


def open_file(page, path, language):
    """Open a file of the plan in a language."""
    page.goto(path.as_uri())
    label = {"th": "ไทย", "en": "English"}[language]
    page.get_by_role("button", name=label).click()
    page.wait_for_timeout(500)


def take(out, store_path):
    """Photograph the files of a plan and the console over its store."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    app = create_app(settings_for(store_path, "old_town"))
    with serving(app) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for language in ("en", "th"):
            page = browser.new_page(viewport=WIDE)
            open_console(page, address, language)
            photograph(page, f"console_{language}")
            for name in ("map", "report", "sites", "hotspots"):
                open_file(page, out / f"{name}.html", language)
                photograph(page, f"{name}_{language}")
            page.close()
        browser.close()


def main():
    """Take the pictures."""
    if len(sys.argv) > 1:
        take(*map(Path, sys.argv[1:3]))
        return
    with tempfile.TemporaryDirectory() as folder:
        out, store_path = Path(folder, "out"), Path(folder, "store.sqlite")
        run_plan(out, store_path)
        run_sites(out)
        run_hotspots(out)
        take(out, store_path)


if __name__ == "__main__":
    main()
