"""Contacts and owners of the register: of offices and houses, never of persons."""

from pathlib import Path

import pytest

from geo._privacy import WITHHELD
from tests.geo.register_rows import CONTACT, only_fault, register, row


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
