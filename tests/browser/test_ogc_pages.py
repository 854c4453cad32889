"""The pages of the layers as a person sees them, in Thai and English, with their map."""

import pytest

from api.store import Store
from tests.api.sample import fill
from tests.api.serving import client_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages") / "store.sqlite"
    store = Store(place)
    fill(store)
    store.close()
    with client_of(place) as client:
        yield str(client.base_url)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_person_finds_a_feature_from_the_front_page(visit_of, service, width):
    seen = visit_of(width=width)
    page = seen.page
    page.goto(f"{service}/ogc?f=html&lang=en")
    page.get_by_role("link", name="Layers", exact=True).click()
    page.get_by_role("link", name="Buildings").click()
    page.get_by_role("link", name="Features", exact=True).click()
    assert page.locator("h1").inner_text() == "Buildings: Features"
    assert page.locator("tbody tr").count() == 12
    page.wait_for_selector("#map[data-drawn='12']")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="b3", exact=True).click()
    page.wait_for_selector("#map[data-drawn='1']")
    assert "Yes" in page.get_by_role("row", name="Synthetic").inner_text()
    page.get_by_role("link", name="ไทย").click()
    assert page.locator("html").get_attribute("lang") == "th"
    assert page.get_by_role("row", name="ข้อมูลจำลอง").count() == 1
    seen.assert_quiet()


def test_pages_lead_on_and_the_map_draws_what_the_page_shows(visit_of, service):
    seen = visit_of()
    page = seen.page
    page.goto(f"{service}/ogc/collections/buildings/items?f=html&lang=en&limit=5")
    page.wait_for_selector("#map[data-drawn='5']")
    page.get_by_role("link", name="Next page").click()
    assert page.locator("tbody tr th").first.inner_text() == "b5"
    page.get_by_role("link", name="Next page").click()
    page.wait_for_selector("#map[data-drawn='2']")
    assert page.get_by_role("link", name="Next page").count() == 0
    placed = "http://www.opengis.net/def/crs/EPSG/0/3857"
    page.goto(f"{service}/ogc/collections/lamps/items?f=html&crs={placed}")
    page.wait_for_selector("#map[data-drawn='8']")
    seen.assert_quiet()
