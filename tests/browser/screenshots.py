"""Takes the pictures of the READMEs: `python -m tests.browser.screenshots [OUT STORE]`.

Plans tonight, finds hotspots, chooses camera sites, walks the tours by made-up tracks and serves
the zone, then photographs the console and its jobs, the map, the cards and all reports in both
languages. With OUT and STORE it takes the files of a plan, of its hotspots and sites, and the
store, that are there already.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from analytics.planned_passages import planned_passages
from api.dosage.plan import read_plan
from api.main import create_app
from api.tour_files import tour_file
from geo.street_graph import StreetGraph
from geo.zone import Zone
from tests.api.dosage.sample import degrees, followed, gpx
from tests.api.serving import serving, settings_for
from tests.browser import pixels
from tests.browser.chromium import launch
from tests.browser.planned import run_dosage, run_hotspots, run_plan, run_sites
from tests.conftest import ROOT

PICTURES = ROOT / "notebooks" / "pictures"
LARGEST_BYTES = 400_000
WIDE = {"width": 1280, "height": 800}
BEHIND_BEATS = ("Beats", "Zone boundary", "Buildings", "Street names")
PAGES = ("map", "report", "cards", "sites", "hotspots", "dosage")


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


def open_jobs(page, address, language):
    """Sign in and open the form by which camera sites are asked for."""
    page.goto(f"{address}/sign-in?lang={language}")
    page.locator("[data-account=planner]").click()
    page.wait_for_url("**/console")
    page.wait_for_selector("html[data-ready=true]")
    page.locator("#tab-jobs").click()
    page.locator("#jobs .entry").first.click()
    page.locator(".job-form summary").wait_for()
    page.wait_for_timeout(500)


def open_file(page, path, language):
    """Open a file of the plan in a language."""
    page.goto(path.as_uri())
    label = {"th": "ไทย", "en": "English"}[language]
    page.get_by_role("button", name=label).click()
    page.wait_for_timeout(500)


def show_beats(page):
    """Draw the beats of the map, without the tours and findings that stand before them."""
    entries = page.locator(".leaflet-control-layers-overlays label")
    entries.first.hover()  # a click that opens the switch would change nothing
    page.wait_for_timeout(500)
    for entry in entries.all():
        name = entry.locator("span[lang=en]").first.text_content()
        entry.locator("input").set_checked(name in BEHIND_BEATS)
    page.wait_for_timeout(500)


def walk(out):
    """Count the dosage of made-up tracks: two units go home early, the others keep their tours."""
    zone = Zone.load(ROOT / "data" / "old_town")
    graph, rng = StreetGraph.from_streets(zone.streets), np.random.default_rng(7)
    plan = read_plan(out, zone=zone.name, crs=zone.crs)
    planned = planned_passages(graph, plan.tours, plan.stops)
    with tempfile.TemporaryDirectory() as folder:
        tracks = []
        for number, unit in enumerate(plan.units):
            own = planned[planned["unit"] == unit].reset_index(drop=True)
            xy, at = followed(graph, own, rng=rng, until=0.6 if number in (1, 3) else 1.0)
            tracks.append(Path(folder, tour_file(unit)))
            tracks[-1].write_text(gpx(degrees(xy), at), encoding="utf-8")
        run_dosage(out, tracks)


def take(out, store_path):
    """Photograph the files of a plan and the console over its store."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    walk(out)
    app = create_app(settings_for(store_path, "old_town"))
    with serving(app) as address, sync_playwright() as playwright:
        browser = launch(playwright)
        for language in ("en", "th"):
            page = browser.new_page(viewport=WIDE)
            open_console(page, address, language)
            photograph(page, f"console_{language}")
            open_jobs(page, address, language)
            photograph(page, f"jobs_{language}")
            for name in PAGES:
                open_file(page, out / f"{name}.html", language)
                photograph(page, f"{name}_{language}")
                if name == "map":
                    show_beats(page)
                    photograph(page, f"beats_{language}")
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
