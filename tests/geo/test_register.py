"""The register of cameras: what it refuses, what it never tells, and what it means for a night."""

import datetime as dt
import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from geo._privacy import WITHHELD, discreet, has_id_number
from geo.errors import Fault, LayerError
from geo.formats import read_layer, write_layer
from geo.layers import CONTRACTS, check_layer, contract_of, empty_layer, faults_of
from geo.register import (
    cameras_on,
    has_consent,
    registered,
    replaced,
    states_on,
    with_streets,
)
from geo.zone import Zone
from tests.geo.register_rows import CONTACT, CRS, INVENTED_ID, csv_of, register, row


def faults_in(path: Path, text: str) -> list[Fault]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as caught:
        read_layer(path, "register", crs=CRS)
    return list(caught.value.faults)


def only_fault(tmp_path: Path, **changes: object) -> Fault:
    (fault,) = faults_in(tmp_path / "r.csv", csv_of(row(**changes)))
    return fault


def sums_up(digits: str) -> bool:
    """Check the last digit of a Thai ID number as its issuer computes it."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:12], range(13, 1, -1), strict=True)
    )
    return (11 - total % 11) % 10 == int(digits[-1])


# --- what it holds


def test_the_register_is_the_cameras_and_an_agreement() -> None:
    cameras = [column.name for column in CONTRACTS["cameras"].columns]
    agreed = [column.name for column in CONTRACTS["register"].columns if column.name not in cameras]
    assert agreed == [
        *("consent", "consented_on", "consent_until", "retention_days", "contact", "audience")
    ]
    assert set(cameras) <= {column.name for column in CONTRACTS["register"].columns}


@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".geojson", ".shp"])
def test_a_register_goes_through_every_format(tmp_path: Path, suffix: str) -> None:
    whole = register(row(1, consent_until="2027-01-30"), row(2, consent="pending", consented_on=""))
    write_layer(tmp_path / f"register{suffix}", whole)
    back = read_layer(tmp_path / f"register{suffix}", "register", crs=CRS)
    assert back.drop(columns="geometry").equals(whole.drop(columns="geometry"))
    assert back.distance(whole).max() < 0.02


def test_dates_come_as_text_as_days_and_as_midnights(tmp_path: Path) -> None:
    frame = register(row(1), row(2), row(3))
    frame["consented_on"] = [
        dt.date(2026, 1, 31),
        "2026-01-31T00:00:00",
        pd.Timestamp("2026-01-31"),
    ]
    again = check_layer(frame, "register", source="register")
    assert again["consented_on"].tolist() == ["2026-01-31"] * 3
    frame["consented_on"] = pd.to_datetime(frame["consented_on"].astype("str"), format="mixed")
    frame.to_file(tmp_path / "dates.gpkg", layer="register")
    assert (
        read_layer(tmp_path / "dates.gpkg", "register", crs=CRS)["consented_on"].tolist()
        == ["2026-01-31"] * 3
    )


# --- what it refuses


@pytest.mark.parametrize(
    ("field", "value", "expected", "found"),
    [
        ("consent", "yes", "one of given, withdrawn, pending", WITHHELD),
        ("consented_on", "31/01/2026", "a date as 2026-01-31", WITHHELD),
        ("consented_on", "2569-01-31", "a date of the common era (2026, not 2569)", WITHHELD),
        ("consented_on", "2026-01-31T20:15:00", "a date without a time", WITHHELD),
        ("consented_on", "", "the date of a consent that is given", "nothing"),
        ("consent_until", "2026-01-30", "2026-01-31 or later", WITHHELD),
        ("retention_days", "0", "a number >= 1 and <= 365", "'0'"),
        ("retention_days", "366", "a number >= 1 and <= 365", "'366'"),
        ("retention_days", "7.5", "a whole number", "'7.5'"),
        ("audience", "everyone", "one of owner_only, control_room, police, public", WITHHELD),
        ("owner_kind", "", "a value", "nothing"),
        ("owner", "", "a value", "nothing"),
        ("contact", "", "a value", "nothing"),
        ("range_m", "-4", "a number > 0", "'-4'"),
    ],
)
def test_each_fault_is_named(
    tmp_path: Path, field: str, value: str, expected: str, found: str
) -> None:
    fault = only_fault(tmp_path, **{field: value})
    assert (fault.row, fault.field, fault.expected, fault.found) == (2, field, expected, found)


def test_every_fault_of_a_file_at_once_and_ids_are_their_own(tmp_path: Path) -> None:
    rows = [
        row(1, azimuth_deg="400"),
        row(1, consent="withdrawn", consented_on=""),
        row(3, consent_until="2020-01-01"),
        row(4, retention_days="", audience=""),
    ]
    told = [(fault.row, fault.field) for fault in faults_in(tmp_path / "r.csv", csv_of(*rows))]
    assert told == [
        (2, "azimuth_deg"),
        (3, "id"),
        (3, "consented_on"),
        (4, "consent_until"),
        (5, "retention_days"),
        (5, "audience"),
    ]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"consented_on": ""}, {"consented_on"}),
        ({"consented_on": "", "consent_until": "soon"}, {"consented_on", "consent_until"}),
        ({"consent": "yes", "consent_until": "2020-01-01"}, {"consent", "consent_until"}),
        ({"consent": "yes", "consented_on": ""}, {"consent"}),
        ({"consented_on": "soon", "consent_until": "2020-01-01"}, {"consented_on"}),
        ({"lat": "north", "consented_on": ""}, {"geometry", "consented_on"}),
    ],
)
def test_consent_is_judged_whatever_else_is_wrong_with_its_row(
    tmp_path: Path, changes: dict[str, str], fields: set[str]
) -> None:
    others = {"azimuth_deg": "400", "contact": "", "retention_days": "x"}
    faults = faults_in(tmp_path / "r.csv", csv_of(row(1), row(2, **others, **changes)))
    assert {fault.row for fault in faults} == {3}
    assert {fault.field for fault in faults} == fields | set(others)
    assert len(faults) == len(fields | set(others))


def test_consent_is_judged_though_another_column_is_missing_and_a_row_is_not_whole(
    tmp_path: Path,
) -> None:
    rows = [row(number, consented_on="") for number in (1, 2)]
    without = [{key: value for key, value in one.items() if key != "contact"} for one in rows]
    text = csv_of(*without).rstrip("\n") + ",one cell more\n"
    told = [(fault.row, fault.field) for fault in faults_in(tmp_path / "r.csv", text)]
    assert told == [(None, "contact"), (2, "consented_on"), (3, None)]


@pytest.mark.parametrize(
    "contact",
    [
        CONTACT,
        "076 000 000",
        "+66 76 000 000",
        "0-7600-0000 ต่อ 12",
        "๐๗๖ ๐๐๐ ๐๐๐",
        "1155, office@example.org",
        "+66 (0) 76 000 000",
        "+66 (0)2 000 0000",
        "076-000000-3",
        "076 000 000 – 3, 1155",
        "โทร 076 000 000",
        "โทร. 076 000 000 ต่อ 12",
        "Tel: 076-000-000",
    ],
)
def test_contacts_of_offices_are_welcome(contact: str) -> None:
    assert register(row(contact=contact))["contact"].tolist() == [contact]


@pytest.mark.parametrize(
    "contact",
    [
        *(
            "081 000 0000",
            "+66 81 000 0000",
            "๐๘๑-๐๐๐-๐๐๐๐",
            "the shop at the corner",
            "a@b",
            "12, ,",
        ),
        *("061 000 000", "+66 (0) 61 000 0000", "061 000 0000", "Tel 091-000-0000", "081-00000-0"),
        *("081-000000-3", "076-000000-34", "0760000003", "+1 76 000 000", "Tel", "โทร ต่อ 12"),
    ],
)
def test_contacts_of_persons_and_nonsense_are_refused_without_a_word(
    tmp_path: Path, contact: str
) -> None:
    fault = only_fault(tmp_path, contact=contact)
    assert fault.field == "contact"
    assert fault.expected == "the e-mail or fixed telephone of an office, never a person's"
    assert fault.found == WITHHELD


FREE_MAIL = "gmail.com hotmail.com hotmail.co.th outlook.com outlook.co.th yahoo.com yahoo.co.th"


@pytest.mark.parametrize(
    "domain",
    [
        *FREE_MAIL.split(),
        *("icloud.com", "live.com", "me.com", "proton.me", "GMail.COM", "mail.yahoo.com"),
        "\N{FULLWIDTH LATIN SMALL LETTER G}mail.com",
    ],
)
@pytest.mark.parametrize("form", ["nobody@{}", "1155, nobody@{}", "office@example.org; nobody@{}"])
def test_an_address_of_a_free_mail_service_is_no_offices(
    tmp_path: Path, domain: str, form: str
) -> None:
    fault = only_fault(tmp_path, contact=form.format(domain))
    assert fault.field == "contact"
    assert fault.expected == "an e-mail at a domain of the office, not of a free mail service"
    assert fault.found == WITHHELD


@pytest.mark.parametrize("contact", ["<nobody@gmail.com>", "Nobody <nobody@gmail.com>"])
def test_an_address_in_brackets_is_none(tmp_path: Path, contact: str) -> None:
    assert only_fault(tmp_path, contact=contact).found == WITHHELD


@pytest.mark.parametrize(
    "domain",
    ["live.example.org", "gmail.com.example.org", "notgmail.com", "home.go.th", "me.go.th"],
)
def test_other_domains_are_welcome(domain: str) -> None:
    assert len(register(row(contact=f"office@{domain}"))) == 1


@pytest.mark.parametrize(
    "title",
    [
        *(
            "นาย",
            "นาย ",
            "นาง",
            "นาง ",
            "นางสาว",
            "น.ส.",
            "น.ส. ",
            "น. ส. ",
            "นส.",
            "(นาย) ",
            "“นาง ",
        ),
        *("Mr ", "Mr. ", "Mr.", "MR. ", "Mrs ", "mrs. ", "Ms ", "Ms. ", "Miss ", "miss ", " Mr. "),
    ],
)
@pytest.mark.parametrize("name", ["Nobody", "ไม่มีตัวตน", "กไม่มี"])
def test_a_persons_name_is_no_owner_and_is_not_repeated(
    tmp_path: Path, title: str, name: str
) -> None:
    joined = title + name if not title[-1].isascii() or title[-1] in ". " else f"{title} {name}"
    fault = only_fault(tmp_path, owner=joined)
    assert (fault.row, fault.field, fault.found) == (2, "owner", WITHHELD)
    expected = "the name of an office, shop or house number scheme, not a person's name"
    assert fault.expected == expected


@pytest.mark.parametrize(
    "owner",
    [
        *("Municipality", "Private owner 01", "Missing Link Cafe", "Mrigadaya House", "MSC Shop"),
        *("เทศบาล", "ร้านนางนวล", "บ้านเลขที่ 12", "นายกเทศมนตรี", "นายอำเภอ", "นายทะเบียน", "น้ำแข็ง"),
        *("นสพ. ท้องถิ่น", "ร้านนายหัว", "House 12, Mr Coffee"),
    ],
)
def test_offices_shops_and_house_numbers_are_owners(owner: str) -> None:
    assert register(row(owner=owner))["owner"].tolist() == [owner]


# --- what it never tells


def test_the_id_number_of_these_tests_is_nobodys() -> None:
    assert not sums_up(INVENTED_ID)


@pytest.mark.parametrize("field", ["id", "owner", "place_en", "contact", "range_m", "remark"])
@pytest.mark.parametrize(
    "form", ["{0}", "no. {0}.", "{0[0]}-{0[1]}{0[2]}{0[3]}{0[4]}-{1}", "{0[0]} {2} {3} {4} {5}"]
)
def test_a_number_like_that_of_an_id_card_is_a_fault_anywhere(
    tmp_path: Path, field: str, form: str
) -> None:
    number = INVENTED_ID
    written = form.format(
        number,
        f"{number[5:10]}-{number[10:12]}-{number[12]}",
        number[1:5],
        number[5:10],
        number[10:12],
        number[12],
    )
    assert has_id_number(written)
    fault = only_fault(tmp_path, **{field: written})
    assert (fault.row, fault.field) == (2, field)
    assert fault.expected == "no number like that of an ID card"
    assert number[:5] not in str(fault)


SEPARATORS = [
    *(
        ",",
        "_",
        ":",
        "•",
        "\N{ZERO WIDTH SPACE}",
        "   ",
        " / ",
        " - ",
        " — ",
        ".",
        "\N{NO-BREAK SPACE}",
    ),
    *("", "-", " ", "()[]{"),
]
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")


def groups_of(number: str, *lengths: int) -> list[str]:
    ends = [sum(lengths[:count]) for count in range(len(lengths) + 1)]
    return [number[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("lengths", [(1, 4, 5, 2, 1), (1,) * 13, (5, 4, 4), (13,), (12, 1)])
@pytest.mark.parametrize("form", ["{}", "no. {}.", "Soi 13, 5/2, {} (3)"])
def test_an_id_number_is_found_however_it_is_cut(
    separator: str, lengths: tuple[int, ...], form: str
) -> None:
    written = form.format(separator.join(groups_of(INVENTED_ID, *lengths)))
    if (separator, lengths, form) == (".", (12, 1), "{}"):
        assert not has_id_number(written)  # a coordinate of many decimals looks like that
    else:
        assert has_id_number(written)
        assert has_id_number(written.translate(FULL_WIDTH))
        assert has_id_number(written.translate(THAI))


def test_an_id_number_that_a_spreadsheet_has_shortened_is_found() -> None:
    for written in (f"{float(INVENTED_ID):.12e}", f"{float(INVENTED_ID):.6E}", f"{INVENTED_ID}.0"):
        assert has_id_number(written), written


def test_letters_between_digits_keep_numbers_apart() -> None:
    assert not has_id_number("a".join(groups_of(INVENTED_ID, 6, 7)))
    assert not has_id_number("ต่อ".join(groups_of(INVENTED_ID, 9, 4)))


def test_an_id_number_that_came_as_a_number_is_one_too() -> None:
    frame = register(row(1), row(2)).assign(remark=[float(INVENTED_ID), 7.0])
    frame["retention_days"] = [30, int(INVENTED_ID)]
    faults = faults_of(frame, "register", source="x")
    assert [(fault.row, fault.field) for fault in faults] == [(1, "remark"), (2, "retention_days")]
    assert "1111" not in " ".join(map(str, faults))


@pytest.mark.parametrize(
    "harmless",
    [
        *("2026-01-31", "2026-01-31 20:15:00.123", "2026-01-31 8:15:00", "2026-01-31 – 2027-01-30"),
        *("12345678901234", "98.3891234567890", "98.38912345678", "Soi 13", "x" * 13, "3e12"),
        *("076 000 000, 1155", "1155, 076-000000", "+66 76 000000, 191", "Tel 076-000000-3; 191"),
        *("02-000-0000, 02-000-0000", "076 000 000 / 1155"),
    ],
)
def test_other_numbers_are_none(harmless: str) -> None:
    assert not has_id_number(harmless)


def test_a_file_without_a_header_does_not_show_its_first_row(tmp_path: Path) -> None:
    body = csv_of(row(consent_until="2027-01-30", remark="none")).partition("\n")[2]
    (fault,) = faults_in(tmp_path / "r.csv", body)
    assert fault.expected == "the columns lon and lat, or geometry as WKT"
    assert CONTACT not in str(fault)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"lon": INVENTED_ID}, INVENTED_ID[0] * 4),  # a message would tell ten digits of it
        ({"lon": f"98 {CONTACT}"}, "office"),
        ({"lat": "076 000 000"}, "076"),
        ({"range_m": "076.000.000"}, "076"),
        ({"audience": "x" * 50 + CONTACT}, "office"),  # a message would cut it before the @
        ({"audience": CONTACT.replace("@", "＠")}, "office"),
        ({"owner_kind": "the shop at the corner"}, "corner"),
        ({"azimuth_deg": "-81.2345678"}, "81.2"),
        ({"retention_days": "76000000"}, "7600"),
        ({"consent": "081_000_0000"}, "081"),
        ({"consented_on": "081,000,0000"}, "081"),
        ({"retention_days": f"{INVENTED_ID}.0"}, INVENTED_ID[0] * 4),
    ],
)
def test_no_part_of_it_is_told_either(tmp_path: Path, changes: dict[str, str], part: str) -> None:
    faults = faults_in(tmp_path / "r.csv", csv_of(row(1), row(2, **changes)))
    assert {fault.row for fault in faults} == {3}
    assert part not in "".join(fault.found for fault in faults)


def test_the_search_for_secrets_would_find_one_that_is_told() -> None:
    loud = Fault("x", "text", f"'{CONTACT}'")
    (quiet,) = discreet([loud])
    assert CONTACT in str(loud)
    assert CONTACT not in str(quiet)


@pytest.mark.parametrize(
    "found",
    [
        *(
            "nothing",
            "no geometry",
            "a Polygon",
            "an empty Point",
            "'-4'",
            "'7.5'",
            "'7600000'",
            "4",
        ),
        *("one 280.3 m outside its boundary", "byte 0xe0, as in TIS-620 (cp874)", "120.5 MB"),
    ],
)
def test_what_tells_of_nobody_is_told(found: str) -> None:
    fault = Fault("x", "something else", found)
    assert discreet([fault]) == [fault]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ("'reg-1' as in row 2", " as in row 2"),
        ("(7.88, 98.38): lon and lat look swapped", ": lon and lat look swapped"),
        ("(1, 2): metres in a layer; likewise in all 3 rows", "; likewise in all 3 rows"),
        ("Expecting value at line 2, column 9", " at line 2, column 9"),
        ("'as in row 2'", ""),
        ("'76000000'", ""),
        ("'1.2.3'", ""),
        ("only a, b", ""),
    ],
)
def test_of_all_else_only_what_helps_to_find_it_is_told(found: str, told: str) -> None:
    (quiet,) = discreet([Fault("x", "something else", found, 3, "y")])
    assert quiet == Fault("x", "something else", WITHHELD + told, 3, "y")
    assert discreet([quiet]) == [quiet]


def test_only_the_register_is_that_quiet() -> None:
    assert [name for name in CONTRACTS if contract_of(name).private] == ["register"]
    assert [c.name for c in CONTRACTS["register"].columns if c.private] == ["owner", "contact"]


# --- what it means


@pytest.mark.parametrize(
    ("changes", "day", "holds"),
    [
        ({}, dt.date(2026, 1, 30), False),
        ({}, dt.date(2026, 1, 31), True),
        ({}, dt.date(2099, 1, 1), True),
        ({"consent_until": "2026-03-01"}, dt.date(2026, 3, 1), True),
        ({"consent_until": "2026-03-01"}, dt.date(2026, 3, 2), False),
        ({"consent": "withdrawn"}, dt.date(2026, 3, 1), False),
        ({"consent": "pending"}, dt.date(2026, 3, 1), False),
        ({"consent": "pending", "consented_on": ""}, dt.date(2026, 3, 1), False),
    ],
)
def test_consent_holds_from_its_first_day_to_its_last(
    changes: dict[str, str], day: dt.date, *, holds: bool
) -> None:
    frame = register(row(**changes))
    assert has_consent(frame, on=day).tolist() == [holds]
    cameras = registered(empty_layer("cameras", crs=CRS), frame)
    assert cameras_on(cameras, frame, on=day)["status"].tolist() == ["up" if holds else "down"]


def test_a_state_is_up_down_or_without_consent() -> None:
    frame = register(
        row(1),
        row(2, status="down"),
        row(3, consent="withdrawn"),
        row(4, consent="pending", status="down"),
        row(5, consent_until="2026-03-01"),
    )
    states = {day: states_on(frame, on=dt.date(2026, 3, day)).tolist() for day in (1, 2)}
    assert states[1] == ["up", "down", "no_consent", "no_consent", "up"]
    assert states[2] == ["up", "down", "no_consent", "no_consent", "no_consent"]
    cameras = registered(empty_layer("cameras", crs=CRS), frame)
    for day, told in states.items():
        counted = cameras_on(cameras, frame, on=dt.date(2026, 3, day))["status"]
        assert counted.eq("up").tolist() == [state == "up" for state in told]


@pytest.mark.parametrize("moment", [dt.datetime, pd.Timestamp])
def test_a_moment_of_the_last_day_is_that_day(moment: type[dt.datetime]) -> None:
    frame = register(row(1, consented_on="2026-03-01", consent_until="2026-03-01"))
    held = [
        has_consent(frame, on=moment(2026, month, day, 20, 15)).item()
        for month, day in ((2, 28), (3, 1), (3, 2))
    ]
    assert held == [False, True, False]


def test_cameras_that_need_no_consent_or_are_down_stay_as_they_are() -> None:
    frame = register(row(1), row(2, status="down"), row(3, consent="withdrawn"))
    others = registered(empty_layer("cameras", crs=CRS), register(row(7), row(8, status="down")))
    cameras = registered(others, frame)
    on = cameras_on(cameras, frame, on=dt.date(2026, 6, 1))
    assert on["status"].to_dict() == {
        "reg-7": "up",
        "reg-8": "down",
        "reg-1": "up",
        "reg-2": "down",
        "reg-3": "down",
    }
    assert on.drop(columns="status").equals(cameras.drop(columns="status"))
    assert on.dtypes.equals(cameras.dtypes)


def test_the_same_id_replaces_in_its_place_and_a_new_one_comes_last() -> None:
    standing = register(row(1), row(2), row(3))
    arriving = register(row(9), row(2, owner="Another owner"))
    merged = replaced(standing, arriving)
    assert merged.index.tolist() == ["reg-1", "reg-2", "reg-3", "reg-9"]
    assert merged.loc["reg-2", "owner"] == "Another owner"
    assert merged.loc["reg-1", "owner"] == "Private owner 01"
    assert merged.crs == standing.crs
    assert merged.dtypes.equals(standing.dtypes)
    assert replaced(standing, empty_layer("register", crs=CRS)).equals(standing)
    assert replaced(empty_layer("register", crs=CRS), standing).equals(standing)
    assert replaced(standing, standing).equals(standing)


def test_the_nearest_street_that_has_a_name() -> None:
    names = {"name_th": ["", "ถนนถลาง", ""], "name_en": ["", "Thalang Road", "Soi Romanee"]}
    lines = [LineString([(0, y), (100, y)]) for y in (0, 10, 90)]
    streets = gpd.GeoDataFrame(names, geometry=lines, crs=CRS)
    here = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[Point(5, 1), Point(5, 60)], crs=CRS)
    found = with_streets(here.set_index("id"), streets)
    assert found["street_en"].to_dict() == {"a": "Thalang Road", "b": "Soi Romanee"}
    assert found["street_th"].to_dict() == {"a": "ถนนถลาง", "b": ""}
    nameless = with_streets(here, streets.iloc[:1])
    assert nameless["street_th"].tolist() == nameless["street_en"].tolist() == ["", ""]


# --- in a zone


@pytest.fixture
def zone_with(root: Path, tmp_path: Path):
    folder = tmp_path / "old_town"
    shutil.copytree(root / "data" / "old_town", folder)

    def load(*rows: dict[str, object]) -> Zone:
        (folder / "register.csv").write_text(csv_of(*rows), encoding="utf-8")
        return Zone.load(folder)

    return load


def test_a_zone_takes_the_cameras_of_its_register(zone_with, root: Path) -> None:
    before = Zone.load(root / "data" / "old_town")
    zone = zone_with(row(1), row(2, id="cam-005", owner="Private owner 99", consent="pending"))
    assert zone.cameras.index.tolist() == [*before.cameras.index, "reg-1"]
    assert zone.cameras.columns.tolist() == before.cameras.columns.tolist()
    assert zone.cameras.dtypes.equals(before.cameras.dtypes)
    assert zone.cameras.crs == before.cameras.crs
    assert zone.cameras.loc["cam-005", "owner"] == "Private owner 99"
    assert not np.isin([CONTACT, "police"], zone.cameras.drop(columns="geometry")).any()
    untouched = before.cameras.index.drop("cam-005")
    assert zone.cameras.loc[untouched].equals(before.cameras.loc[untouched])
    tonight = zone.on(dt.date(2026, 6, 1)).cameras["status"]
    assert tonight["cam-005"] == "down"
    assert tonight["reg-1"] == "up"
    assert zone.on(dt.date(2026, 1, 1)).cameras.loc["reg-1", "status"] == "down"
    assert before.on(dt.date(2026, 6, 1)).cameras.equals(before.cameras)


def test_a_registered_camera_that_cannot_reach_the_zone_is_named(zone_with) -> None:
    with pytest.raises(LayerError, match=r"row 3, `geometry`: expected a camera whose range"):
        zone_with(row(1), row(2, lon="98.5"))


def test_no_register_can_enter_the_repository(root: Path) -> None:
    if not (root / ".git").exists():
        pytest.skip("this is no checkout of git")
    asked = [
        "git", "check-ignore", "data/old_town/register.csv", "data/old_town/register.gpkg",
        "data/new_zone/register.geojson", "data/old_town/.register.csv-x/register.csv",
        "geo/register.py", "data/old_town/cameras.geojson",
    ]  # fmt: skip
    done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.split() == asked[2:6]
