"""What messages about the register never tell: contacts, ID numbers, and what looks like them."""

from itertools import pairwise
from pathlib import Path

import pytest

from geo._privacy import WITHHELD, discreet, has_id_number
from geo.errors import Fault
from geo.layers import CONTRACTS, contract_of, faults_of
from tests.geo.register_rows import (
    CONTACT,
    INVENTED_ID,
    csv_of,
    faults_in,
    only_fault,
    register,
    row,
)


def sums_up(digits: str) -> bool:
    """Check the last digit of a Thai ID number as its issuer computes it."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits[:12], range(13, 1, -1), strict=True)
    )
    return (11 - total % 11) % 10 == int(digits[-1])


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
