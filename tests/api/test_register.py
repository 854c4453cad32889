"""The register on the command line, and that nothing of it leaves the folder of its zone."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import httpx
import pytest
from typer.testing import CliRunner

import api.cli
from api.roles import ROLES
from api.store import Store, import_zone
from api.words import Words
from geo.formats import read_layer
from geo.zone import Zone
from tests.api.serving import client_of
from tests.api.small_zone import CRS, X, Y
from tests.geo.register_rows import CONTACT, INVENTED_ID, csv_of, row

WORDS = Words.load()
THE_OWNER = "Private owner 77"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(api.cli.app, [str(part) for part in arguments])


def at(east_m, north_m, number=1, **changes):
    """Return a row of the register at a place in the small zone, in metres from its corner."""
    point = gpd.GeoSeries.from_xy([X + east_m], [Y + north_m], crs=CRS).to_crs(4326).iloc[0]
    place = {"lon": f"{point.x:.7f}", "lat": f"{point.y:.7f}"}
    return row(number, **place, owner=THE_OWNER) | changes


def write(path, *rows):
    path.write_text(csv_of(*rows), encoding="utf-8")
    return path


def states(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def registered(run, folder, tmp_path):
    """Return a zone with a register of a private and a municipal camera."""
    private = at(150, 3, 1, place_en="Behind the red door")
    municipal = at(50, 3, 2, owner_kind="municipal", owner="Municipality", contact="076 000 000")
    done = run(
        "register", "import", write(tmp_path / "r.csv", private, municipal), "--zone", folder
    )
    assert done.exit_code == 0, done.stderr
    return folder


# --- import


def test_an_import_writes_the_register_and_the_zone_has_its_cameras(registered):
    register = read_layer(registered / "register.csv", "register", crs=CRS)
    assert register["contact"].tolist() == [CONTACT, "076 000 000"]
    assert "remark" not in register.columns
    cameras = Zone.load(registered).cameras
    assert cameras.index.tolist() == ["camera-1", "camera-2", "camera-3", "reg-1", "reg-2"]
    assert "contact" not in cameras.columns


def test_a_second_import_replaces_by_id_and_keeps_the_rest(run, registered, tmp_path):
    again = at(50, 3, 2, owner_kind="municipal", owner="Municipality", retention_days="90")
    file = write(tmp_path / "again.csv", again, at(60, 3, 3))
    result = run("register", "import", file, "--zone", registered)
    assert "Took 2 cameras into the register (1 of them new); it now holds 3" in result.stdout
    assert "left out: remark" in result.stdout
    register = read_layer(registered / "register.csv", "register", crs=CRS)
    assert register["retention_days"].to_dict() == {"reg-1": 30, "reg-2": 90, "reg-3": 30}
    assert (
        "รับกล้อง 2 ตัว"
        in run(*("register", "import", file, "--zone", registered, "--lang", "th")).stdout
    )


def test_a_register_in_another_format_is_merged_where_it_stands(run, registered, tmp_path):
    read_layer(registered / "register.csv", "register", crs=CRS).to_file(
        registered / "register.gpkg", layer="register"
    )
    (registered / "register.csv").unlink()
    result = run(
        "register", "import", write(tmp_path / "n.csv", at(60, 3, 3)), "--zone", registered
    )
    assert result.exit_code == 0, result.stderr
    assert [path.name for path in registered.glob("register.*")] == ["register.gpkg"]
    assert len(Zone.load(registered).register) == 3


def test_every_fault_at_once_and_nothing_written(run, registered, tmp_path):
    before = states(registered)
    rows = [
        at(20, 0, 1, azimuth_deg="400", consent="yes"),
        at(500, 0, 2),
        at(30, 0, 1, retention_days="9999"),
        at(40, 0, 4, contact="somebody 081 000 0000"),
        at(40, 0, 5, owner=f"no. {INVENTED_ID}"),
    ]
    result = run("register", "import", write(tmp_path / "bad.csv", *rows), "--zone", registered)
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    for part in (
        "Faults found: 7",
        "row 2, `azimuth_deg`: expected a number >= 0 and <= 360, got '400'",
        "row 2, `consent`: expected one of given, withdrawn, pending, got a value that is not",
        "row 3, `geometry`: expected a camera whose range of 40 m reaches the zone, got one 280.",
        "row 4, `id`: expected an id of its own, got a value that is not repeated here as in row 2",
        "row 4, `retention_days`: expected a number >= 1 and <= 365, got '9999'",
        "row 5, `contact`: expected the e-mail or fixed telephone of an office",
        "row 6, `owner`: expected no number like that of an ID card",
    ):
        assert part in told, told
    for secret in (CONTACT, "081", "somebody", INVENTED_ID[:6], THE_OWNER):
        assert secret not in told
    assert states(registered) == before


def test_of_many_faults_alike_every_row_is_named(run, registered, tmp_path):
    rows = [at(20, 0, number, azimuth_deg="400") for number in range(1, 31)]
    result = run("register", "import", write(tmp_path / "bad.csv", *rows), "--zone", registered)
    told = " ".join(result.stderr.split())
    assert all(f"row {line}, `azimuth_deg`" in told for line in range(2, 32))


def test_a_camera_far_off_is_named_with_all_else_that_is_wrong_with_it(run, folder, tmp_path):
    """More than 100 km off, and every other value of the row that can be wrong is."""
    wrong = {"azimuth_deg": "400", "consented_on": "", "contact": "nobody", "audience": "all"}
    far = at(109_000, 0, 1, retention_days="0", **wrong)
    file = write(tmp_path / "bad.csv", at(20, 0, 1), far)
    result = run("register", "import", file, "--zone", folder)
    assert result.exit_code == 1
    for field in ("id", *wrong, "retention_days", "geometry"):
        assert f"row 3, `{field}`: expected" in " ".join(result.stderr.split()), field
    assert "Faults found: 7" in result.stderr


def test_faults_of_the_file_and_of_the_register_that_stands_are_told_together(
    run, registered, tmp_path
):
    (registered / "register.csv").write_text("id,lon,lat\n", encoding="utf-8")
    file = write(tmp_path / "bad.csv", at(500, 0, 1))
    result = run("register", "import", file, "--zone", registered)
    assert result.exit_code == 1
    for part in ("register.csv", "bad.csv, row 2, `geometry`"):
        assert part in " ".join(result.stderr.split()), result.stderr


def test_a_fault_in_the_register_that_stands_is_told_as_its_own(run, registered, tmp_path):
    (registered / "register.csv").write_text("id,lon,lat\n", encoding="utf-8")
    file = write(tmp_path / "good.csv", at(20, 0, 1))
    result = run("register", "import", file, "--zone", registered)
    assert result.exit_code == 1
    assert "register.csv" in result.stderr
    assert "good.csv" not in result.stderr


def test_a_write_that_fails_leaves_what_stood(run, registered, tmp_path, monkeypatch):
    before = states(registered)

    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr("geo.formats.write_csv", fail)
    result = run(
        "register", "import", write(tmp_path / "n.csv", at(60, 3, 3)), "--zone", registered
    )
    assert result.exit_code == 1
    assert "the disk is full" in result.stderr
    assert states(registered) == before


def test_a_check_of_a_register_is_as_quiet(run, tmp_path):
    file = write(tmp_path / "r.csv", row(1, contact="081 000 0000", audience=CONTACT))
    result = run("check", file, "--layer", "register")
    assert result.exit_code == 1
    assert "Faults found: 2" in result.stderr
    assert "081" not in result.stderr
    assert CONTACT not in result.stderr


# --- show


def test_show_tells_each_role_its_own(run, registered):
    def shown(role, *more):
        result = run("register", "show", "--role", role, "--zone", registered, *more)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    texts = {role: shown(role) for role in ROLES if role != "partner"}
    texts["partner"] = shown("partner", "--owner", THE_OWNER)
    tells = {
        "contact": (CONTACT, {"commander", "operator"}),
        "private place": ("Behind the red door", {"commander", "planner", "operator", "partner"}),
        "private owner": (THE_OWNER, {"commander", "planner", "operator", "partner"}),
        "private camera": ("reg-1", set(ROLES) - {"public"}),
        "other camera": ("reg-2", set(ROLES) - {"partner"}),
        "consent": ("31 January 2026", set(ROLES) - {"officer", "public"}),
    }
    for part, (text, roles) in tells.items():
        assert {role for role in ROLES if text in texts[role]} == roles, part
    assert "nan" not in texts["officer"]
    assert "East 1 Road" in texts["auditor"]
    assert texts["public"].splitlines()[0].endswith("(Public): 1")


def test_show_speaks_both_languages(run, registered):
    for language, day in (("th", "31 มกราคม 2569"), ("en", "31 January 2026")):
        arguments = ("--role", "commander", "--zone", registered, "--lang", language)
        text = run("register", "show", *arguments).stdout
        for key in ("id", "owner", "street", "consent", "audience", "retention", "contact"):
            assert WORDS.text(f"register.{key}", language) in text
        for key in ("consent.given", "audience.police", "owner_kind.private", "role.commander"):
            assert WORDS.text(key, language) in text
        assert day in text


@pytest.fixture
def consenting(run, folder, tmp_path):
    """Return a zone whose two cameras work, with consent that runs out or is withdrawn."""
    private = at(150, 3, 1, consent_until="2026-03-01")
    municipal = at(50, 3, 2, owner_kind="municipal", consent="withdrawn")
    file = write(tmp_path / "c.csv", private, municipal)
    assert run("register", "import", file, "--zone", folder).exit_code == 0
    return folder


def states_shown(run, folder, role, *more):
    result = run("register", "show", "--role", role, "--zone", folder, *more)
    assert result.exit_code == 0, result.stderr
    words = ("Working", "Not working", "No consent", "ใช้งานได้", "ไม่มีความยินยอม")
    cells = [[part.strip() for part in line.split("│")] for line in result.stdout.splitlines()]
    return result.stdout, {
        line[1]: [word for word in words if word in line]
        for line in cells
        if len(line) > 1 and line[1].startswith("reg-")
    }


def test_show_tells_the_state_of_the_evening_asked(run, consenting):
    text, states = states_shown(run, consenting, "planner", "--date", "2026-03-01")
    assert states == {"reg-1": ["Working"], "reg-2": ["No consent"]}
    assert "Status on 1 March 2026" in text
    text, states = states_shown(run, consenting, "planner", "--date", "2026-03-02", "--lang", "th")
    assert states == {"reg-1": ["ไม่มีความยินยอม"], "reg-2": ["ไม่มีความยินยอม"]}
    assert "สถานะ 2 มีนาคม 2569" in text


@pytest.mark.parametrize(("hour", "told"), [(16, "Working"), (18, "No consent")])
def test_show_takes_today_on_the_calendar_of_the_zone(run, consenting, monkeypatch, hour, told):
    """At 18:00 UTC of the first of March it is the second in Phuket."""

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2026, 3, 1, hour, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr("api.register.datetime", Clock)
    assert states_shown(run, consenting, "commander")[1]["reg-1"] == [told]


def test_a_state_tells_nothing_of_consent_to_who_may_not_know_of_it(run, consenting):
    for role in ("officer", "public"):
        _, states = states_shown(run, consenting, role, "--date", "2026-03-02")
        assert set(map(tuple, states.values())) == {("Not working",)}, role
    assert states_shown(run, consenting, "auditor")[1]["reg-2"] == []


def test_every_role_has_a_name():
    assert {key for key in WORDS.entries if key.startswith("role.")} == {
        f"role.{role}" for role in ROLES
    }


def test_show_of_no_register_is_a_line_and_a_partner_needs_an_owner(run, folder):
    result = run("register", "show", "--role", "planner", "--zone", folder)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    refused = run("register", "show", "--role", "partner", "--zone", folder)
    assert refused.exit_code == 1
    assert "Expected `owner` to be the name of an owner" in refused.stderr
    assert run("register", "show", "--role", "mayor", "--zone", folder).exit_code == 2
    assert run("register", "show", "--zone", folder).exit_code == 2


# --- nowhere else


def test_no_service_and_no_store_holds_the_register(registered, tmp_path):
    path = tmp_path / "store.sqlite"
    zone = Zone.load(registered)
    # A file of cameras may bring any column.
    zone = replace(zone, cameras=zone.cameras.assign(contact=CONTACT))
    store = Store(path)
    import_zone(store, zone, created_at=datetime(2026, 3, 1, tzinfo=UTC))
    store.close()
    held = b"".join(file.read_bytes() for file in tmp_path.glob("store.sqlite*"))
    assert b"reg-1" in held
    for secret in (CONTACT, "076 000 000", "consented_on", "retention_days", "owner_only"):
        assert secret.encode() not in held
    with client_of(path, zone="small") as client:
        collections = client.get("/ogc/collections").json()["collections"]
        names = [collection["id"] for collection in collections]
        assert "cameras" in names
        assert "register" not in names
        for below in ("", "/items", "/items/reg-2"):
            assert client.get(f"/ogc/collections/register{below}").status_code == 404
        answers = [everything(client, name) for name in names]
        cameras = json.loads(everything(client, "cameras"))
        assert {one["id"] for one in cameras["features"]} == {"camera-1", "camera-2", "reg-2"}
        told = " ".join([*answers, client.get("/console").text])
        for secret in ("reg-1", THE_OWNER, "red door", CONTACT, "076 000 000", "retention"):
            assert secret not in told


def everything(client: httpx.Client, collection: str) -> str:
    return client.get(f"/ogc/collections/{collection}/items", params={"limit": 1000}).text
