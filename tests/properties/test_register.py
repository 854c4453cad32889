"""Whatever file comes as a register, no message about it repeats a contact or an ID number."""

import json
import traceback
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo._privacy import has_id_number
from geo.errors import LayerError
from geo.formats import read_layer
from tests.geo.register_rows import CONTACT, CRS, INVENTED_ID, csv_of, row


def told_of(path: Path) -> str:
    """Return all that reading a register says, its trace included."""
    try:
        read_layer(path, "register", crs=CRS)
    except LayerError:
        return traceback.format_exc().replace(str(path), "")
    return ""


def digits_of(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


# Numbers that nobody has: of one digit, and for ID numbers one that the check digit refuses.
NUMBERS = st.sampled_from([INVENTED_ID, "0" + "7" * 8, "76" + "0" * 6, "081" + "0" * 7])
SEPARATORS = st.sampled_from(
    ["", ",", "_", ":", "•", "\N{ZERO WIDTH SPACE}", "   ", " / ", " - ", "-", ".", " "]
)
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "๐๑๒๓๔๕๖๗๘๙"])
ADDRESSES = st.sampled_from([CONTACT, CONTACT.replace("@", "＠"), "+66 81 000 0000"])


@st.composite
def cut_numbers(draw: st.DrawFn) -> str:
    """Draw a number as people write it, in groups with anything but letters between."""
    number, separator, digits = draw(NUMBERS), draw(SEPARATORS), draw(DIGITS)
    cuts = draw(st.sets(st.integers(1, len(number) - 1), max_size=5))
    ends = [0, *sorted(cuts), len(number)]
    written = separator.join(number[start:end] for start, end in pairwise(ends))
    return written.translate(str.maketrans("0123456789", digits))


SECRETS = ADDRESSES | cut_numbers()


@given(number=cut_numbers())
def test_an_id_number_is_one_however_it_is_cut_and_shorter_ones_are_not(number: str) -> None:
    whole = digits_of(number)
    is_decimal = number.count(".") == 1
    assert has_id_number(number) == (whole == INVENTED_ID and not is_decimal)
    assert has_id_number(f"no. {number}") == (whole == INVENTED_ID)


@given(data=st.data(), secret=SECRETS)
def test_no_message_repeats_a_contact_or_number_wherever_it_stands(
    data: st.DataObject, secret: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [row(number) for number in range(1, 4)]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 2))
        field = data.draw(st.sampled_from(list(rows[0])))
        around = data.draw(
            st.sampled_from(["{}", "call {}", "{} (office)", "-{}", "x" * 50 + "{}"])
        )
        rows[at][field] = around.format(secret)
    suffix = data.draw(st.sampled_from([".csv", ".geojson"]))
    path = tmp_path_factory.getbasetemp() / f"canary{suffix}"
    if suffix == ".csv":
        path.write_text(csv_of(*rows), encoding="utf-8")
    else:
        place = {"type": "Point", "coordinates": [rows[0]["lon"], 7.885]}
        features = [{"type": "Feature", "properties": one, "geometry": place} for one in rows]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    told = told_of(path)
    digits = digits_of(told)
    assert secret not in told
    assert CONTACT not in told
    assert INVENTED_ID[:9] not in digits
    assert not digits_of(secret) or digits_of(secret) not in digits
