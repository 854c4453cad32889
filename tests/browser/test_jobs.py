"""Jobs in the console, in a real browser: asked for, watched, cancelled, and seen on the map."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect
from shapely.geometry import box

from api.console import router
from api.styles import Styles
from tests.api.sample import ZONE, frame, products
from tests.browser import legible, pixels
from tests.browser.console_service import SMALL, now

pytestmark = pytest.mark.slow

COMMANDER = "commander-1"


def jobs_of(service, visit_of, account=COMMANDER, **options):
    """Open the console as somebody, at its jobs."""
    seen = service.visit(visit_of, account, **options)
    seen.page.locator("#tab-jobs").click()
    return seen


def ask(page, process, **inputs):
    """Fill in the form of a process, and ask for it."""
    page.get_by_role("button", name=process).click()
    page.locator(".job-form .main").wait_for()
    if page.locator(".job-form summary").count():
        page.locator(".job-form summary").click()
    for name, value in inputs.items():
        page.locator(f"#input-{name}").fill(value)
    page.locator(".job-form .main").click()


def job(page):
    return page.locator(".job").first


def view(page):
    """Return where things of the map stand on the screen."""
    return [page.locator(f".icon-{shape}").first.bounding_box() for shape in ("camera", "sos")]


def renamed(name):
    """Return the tours of a plan under another name."""
    return products()["patrol_tours"].assign(name_en=name)


def assert_renewed(page, name):
    """Assert that the plan is told and drawn under a new name, and that this is said."""
    expect(page.locator("#told")).to_contain_text("Renewed on the map:")
    expect(page.locator("#tonight")).to_contain_text(name)


def test_a_job_is_asked_for_runs_and_renews_the_map(service, visit_of):
    """Let the real process plan a small zone that has no plan, for whoever may plan it."""
    waiting = service.visit(visit_of, "officer-2", zone=SMALL).page.locator("#tonight")
    expect(waiting).to_contain_text("The commander or the control room makes it.")
    assert waiting.get_by_role("button").count() == 0
    seen = service.visit(visit_of, "commander-2", zone=SMALL)
    page = seen.page
    before = view(page)
    expect(page.locator("#tonight")).to_contain_text("There is no plan for tonight yet.")
    page.get_by_role("button", name="Plan tonight").click()
    expect(page.locator("#hint-seed")).to_contain_text("one that nobody can guess if left empty")
    page.locator("#input-seed").fill("1")
    page.locator(".job-form .main").click()
    expect(job(page).locator(".state")).to_have_text("Waiting")
    expect(page.locator("#tab-jobs")).to_have_text("Jobs (1)")
    with service.pool():
        expect(job(page).locator(".state")).to_have_text("Done", timeout=120_000)
    assert_renewed(page, "Foot patrol 1")
    expect(page.locator("#tab-jobs")).to_have_text("Jobs")
    expect(page.locator(".leaflet-patrol_tours-pane path")).to_have_count(1)
    assert view(page) == before
    with page.expect_download() as download:
        job(page).get_by_role("link", name="Download").click()
    assert "smartzone-plan" in download.value.path().read_text("utf-8")
    page.locator(".job").get_by_role("button", name="Show Beats").click()
    expect(page.locator("#told")).to_have_text("On the map: Beats.")
    page.get_by_role("button", name="ไทย").click()
    expect(page.locator("#told")).to_be_empty()  # and not told in the language that is left
    seen.assert_quiet()


def test_progress_is_told_and_a_reload_finds_the_job_again(service, visit_of):
    seen = jobs_of(service, visit_of)
    page = seen.page
    ask(page, "Plan patrols", seed="7", evening="2026-03-01")
    expect(job(page).locator("h3")).to_be_focused()
    asked = service.waiting()
    assert service.jobs.job(asked).inputs == {"evening": "2026-03-01", "seed": 7}
    service.begin(asked, done=0.456, step="cli.step_patrol")
    bar = page.get_by_role("progressbar", name="Progress of Plan patrols")
    expect(bar).to_have_js_property("value", 45)
    expect(job(page)).to_contain_text("Patrol tours")
    expect(page.locator("#told")).to_have_text("Plan patrols: Patrol tours.")
    page.reload()
    expect(page.locator("#tab-jobs")).to_have_text("Jobs (1)")
    page.locator("#tab-jobs").click()
    page.get_by_role("button", name="ไทย").click()
    expect(job(page)).to_contain_text("วางเส้นทางสายตรวจ")
    pixels.assert_speaks_thai(page)
    legible.assert_legible(page)
    seen.assert_quiet()


def test_what_somebody_reads_stays_when_the_layers_are_renewed(service, visit_of):
    running = service.submit()
    service.begin(running)
    page = service.visit(visit_of, COMMANDER).page
    page.locator(".icon-stop").click()
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text("Foot patrol 1")
    before = view(page), popup.bounding_box()["y"]
    service.finish(running, patrol_tours=renamed("Night walkers"))
    assert_renewed(page, "Night walkers")
    expect(popup).to_have_count(1)
    expect(popup).to_contain_text("Night walkers")
    page.wait_for_timeout(300)  # a map that moves does so in a quarter of a second
    assert (view(page), popup.bounding_box()["y"]) == before


def test_a_forecast_is_drawn_the_fuller_the_more_it_expects(service, visit_of):
    running = service.submit("forecast")
    service.begin(running)
    page = jobs_of(service, visit_of).page
    cells = [
        {"id": f"cell-{n}", "geometry": box(60 * n, 60, 60 * n + 50, 110), "expected": expected}
        for n, expected in enumerate([0.8, 0.2, 0.0])
    ]
    service.finish(running, forecast_cells=frame(cells))
    job(page).get_by_role("button", name="Show Forecast cells").click()
    drawn = page.locator(".leaflet-forecast_cells-pane path")
    expect(drawn).to_have_count(3)
    most = next(style.opacity for style in Styles.load().layers if style.name == "forecast_cells")
    filled = [float(path.get_attribute("fill-opacity")) for path in drawn.all()]
    assert filled == pytest.approx([most, most / 4, 0])
    drawn.nth(1).click()
    expect(page.locator(".leaflet-popup-content dd")).to_have_text("0.2")


def test_a_console_that_renews_nothing_is_caught(service, visit_of):
    """Plant the fault that layers are not read anew."""
    running = service.submit()
    service.begin(running)
    seen = visit_of()
    text = (router._FOLDER / "jobs.js").read_text("utf-8")
    planted = text.replace("await this.renew(entry.layers)", "[]")
    assert planted != text
    seen.page.route(
        "**/console/jobs.js",
        lambda route: route.fulfill(body=planted, content_type="text/javascript"),
    )
    page = service.visit(lambda: seen, COMMANDER).page
    service.finish(running, patrol_tours=renamed("Night walkers"))
    expect(page.locator("#told")).to_have_text("Plan patrols: Done.")
    with pytest.raises(AssertionError):
        expect(page.locator("#tonight")).to_contain_text("Night walkers", timeout=1_000)


def test_a_session_that_ends_while_somebody_watches_leads_to_the_sign_in(service, visit_of):
    service.begin(service.submit())
    page = service.visit(visit_of, COMMANDER).page
    page.context.clear_cookies()
    page.wait_for_url(f"**/sign-in?ended=1&lang=en&next=%2Fzones%2F{ZONE}%2Fconsole")
    expect(page.get_by_role("status")).to_contain_text("Your session has ended.")


def test_a_service_that_does_not_answer_is_told_until_it_does(service, visit_of):
    seen = visit_of()
    seen.page.route("**/ogc/processes", lambda route: route.fulfill(status=503, body="{}"), times=2)
    page = jobs_of(service, lambda: seen, "planner-1").page
    expect(page.locator("#jobs")).to_contain_text("The service does not answer")
    expect(page.get_by_role("button", name="Forecast")).to_be_visible()
    expect(page.locator("#jobs")).not_to_contain_text("The service does not answer")


def test_a_job_is_cancelled_after_a_second_thought(service, visit_of):
    seen = jobs_of(service, visit_of, "planner-1", language="th")
    page = seen.page
    ask(page, "คาดการณ์", days="3")
    page.get_by_role("button", name="ยกเลิกงาน").click()
    page.get_by_role("button", name="ทำต่อไป").click()
    assert service.jobs.job(service.waiting()).state == "accepted"
    page.get_by_role("button", name="ยกเลิกงาน").click()
    page.get_by_role("button", name="ใช่ ยกเลิกงาน").click()
    expect(job(page).locator(".state")).to_have_text("ยกเลิกแล้ว")
    expect(job(page).locator("h3")).to_be_focused()
    assert service.jobs.waiting() == []
    assert page.locator(".job button").count() == 0
    seen.assert_quiet()


def test_the_one_message_of_a_failure_is_read(service, visit_of):
    failing = service.submit()
    service.begin(failing)
    page = jobs_of(service, visit_of).page
    message = "Expected units that can walk the zone, got none."
    page.get_by_role("button", name="Cancel").focus()
    service.jobs.runs.fail(failing, "runner", message, now=now())
    expect(job(page).locator("[lang=en]")).to_have_text(message)
    expect(page.locator("#told")).to_have_text("Plan patrols: Failed.")
    expect(job(page).locator("h3")).to_be_focused()
    legible.assert_legible(page)


def test_faults_of_inputs_stand_beside_their_fields_and_nothing_is_sent(service, visit_of):
    seen = jobs_of(service, visit_of, "planner-1")
    page = seen.page
    faulty = {"budget": "-3", "sos_cameras": "1.5", "time_limit_s": "0", "seed": "1e16"}
    ask(page, "Site cameras", **faulty)
    faults = {
        "budget": "Please enter: 0 to 10,000.",
        "sos_cameras": "Please enter: whole number, 1 to 100.",
        "time_limit_s": "Please enter: above 0, up to 600 s.",
        "seed": "Please enter: whole number, 0 or more.",
    }
    for name, fault in faults.items():
        expect(page.locator(f"#fault-{name}")).to_have_text(fault)
        expect(page.locator(f"#input-{name}")).to_have_attribute("aria-invalid", "true")
    assert page.locator(".job-form [aria-invalid]").count() == len(faults)
    expect(page.locator("#input-budget")).to_be_focused()
    expect(page.locator("#hint-azimuth_error_deg")).to_have_text("0 to 180° · 3° if left empty")
    page.get_by_role("button", name="ไทย").click()
    expect(page.locator("#fault-budget")).to_have_text("โปรดใส่ 0 ถึง 10,000")
    assert page.locator("#input-budget").input_value() == "-3"
    legible.assert_legible(page)
    assert service.jobs.waiting() == []
    for name in faulty:
        page.locator(f"#input-{name}").fill("1")
    page.locator("#input-fixed").fill("candidate-1\n candidate-2 \n\n")
    page.locator("#input-night").uncheck()
    page.locator(".job-form .main").click()
    expect(job(page).locator(".state")).to_have_text("รอคิว")
    inputs = service.jobs.job(service.waiting()).inputs
    wanted = {"budget": 1, "fixed": ["candidate-1", "candidate-2"], "night": False}
    assert wanted.items() <= inputs.items()
    seen.assert_quiet()


def test_what_the_service_refuses_stands_beside_its_field_too(service, visit_of):
    """Let the page believe in a wider limit than the service has."""
    seen = jobs_of(service, visit_of, "planner-1")

    def widen(route):
        described = route.fetch()
        text = described.text().replace('"maximum":366', '"maximum":400')
        assert text != described.text()
        route.fulfill(response=described, body=text)

    seen.page.route("**/ogc/processes/forecast", widen)
    ask(seen.page, "Forecast", days="399")
    expect(seen.page.locator("#fault-days")).to_contain_text("Please enter: whole number, 1 to")
    expect(seen.page.locator("#input-days")).to_be_focused()
    assert service.jobs.waiting() == []


@pytest.mark.parametrize("account", [None, "officer-1"])
def test_who_may_compute_nothing_sees_no_form_and_asks_for_no_jobs(service, visit_of, account):
    seen = visit_of()
    asked = []
    seen.page.on("request", lambda request: asked.append(request.url))
    service.visit(lambda: seen, account)
    expect(seen.page.locator("#tab-jobs")).to_be_hidden()
    assert [url for url in asked if "/ogc/jobs" in url or "/ogc/processes" in url] == []
    seen.assert_quiet()


def test_each_role_is_offered_what_it_may_ask_for(service, visit_of):
    page = jobs_of(service, visit_of, "planner-1").page
    expect(page.locator("#jobs .entry b")).to_have_text(
        ["Site cameras", "Compute hotspots", "Forecast"]
    )


# Starts a poll that never ends and finds news now and then; its instants go to `asked`.
POLL = """
async (news) => {
  const { Poll } = await import("/console/poll.js");
  window.asked = [];
  const ask = async () => window.asked.push(Date.now());
  await new Poll(ask, (count) => (news.includes(count) ? "changed" : "same")).wake();
}
"""
HIDE = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def gaps(page):
    """Return the seconds between one time that the poll asked and the next."""
    asked = page.evaluate("window.asked")
    return [(later - earlier) / 1_000 for earlier, later in pairwise(asked)]


def test_the_service_is_asked_less_and_less_and_never_while_nobody_looks(service, visit_of):
    page = service.visit(visit_of).page
    page.clock.install()
    page.evaluate(POLL, [4])
    page.clock.run_for(120_000)
    found = gaps(page)
    slower = [1, 1.5, 2.25, 3.375]
    assert found[:3] == pytest.approx(slower[:3], abs=0.1)
    assert found[4:7] == pytest.approx(slower[:3], abs=0.1), "news did not make it ask again soon"
    assert max(found) <= 10.1
    assert found[-1] == pytest.approx(10, abs=0.1)
    page.evaluate(HIDE, True)
    page.clock.run_for(120_000)
    assert gaps(page) == found
    page.evaluate(HIDE, False)
    assert gaps(page)[-1] > 100
    page.clock.run_for(1_100)
    assert gaps(page)[-1] == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("language", "width", "height"), [("th", 320, 640), ("en", 320, 640), ("th", 640, 400)]
)
def test_jobs_fit_a_narrow_phone_and_a_page_twice_as_large(
    service, visit_of, language, width, height
):
    ended = service.submit()
    service.begin(ended)
    service.finish(ended)
    seen = jobs_of(service, visit_of, "commander-2", language=language, width=width, height=height)
    page = seen.page
    page.locator("#jobs .entry").nth(1).click()
    page.locator(".job-form summary").click()
    page.locator(".job-form .main").click()
    page.locator(".job").nth(1).wait_for()
    page.locator("#jobs .entry").nth(1).click()
    legible.assert_legible(page)
    page.locator(".zones summary").click()
    list_box = page.locator(".zones ul").bounding_box()
    assert list_box["x"] >= 0
    assert list_box["x"] + list_box["width"] <= width
    assert list_box["y"] + list_box["height"] <= height
    seen.assert_quiet()


def test_text_that_is_faint_or_too_wide_or_nameless_is_caught(service, visit_of):
    page = jobs_of(service, visit_of).page
    legible.assert_legible(page)
    page.evaluate("document.documentElement.style.setProperty('--muted', '#9aa5ac')")
    with pytest.raises(AssertionError, match="faint"):
        legible.assert_contrast(page)
    page.evaluate("document.querySelector('#jobs b').append('m'.repeat(90))")
    with pytest.raises(AssertionError):
        legible.assert_fits(page)
    page.evaluate("document.querySelector('#fold').removeAttribute('aria-label')")
    with pytest.raises(AssertionError):
        legible.assert_named(page)


def test_the_keyboard_alone_asks_for_a_job(service, visit_of):
    page = service.visit(visit_of, "planner-1").page
    page.locator("#tab-tonight").focus()
    page.keyboard.press("End")
    expect(page.locator("#tab-jobs")).to_be_focused()
    assert page.locator("#tab-jobs").get_attribute("aria-selected") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Site cameras")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#input-budget").wait_for()
    page.keyboard.press("Tab")
    expect(page.locator("#input-budget")).to_be_focused()
    page.keyboard.press("Enter")
    expect(job(page).locator("h3")).to_be_focused()
    assert service.jobs.job(service.waiting()).zone == ZONE
