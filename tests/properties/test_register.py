"""Whatever file comes as a register, no message about it repeats a contact or an ID number."""

import json
import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


SECRETS = st.sampled_from([CONTACT, "076-000-000", "0 7600 0000", INVENTED_ID, "+66 81 000 0000"])


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
    digits = "".join(letter for letter in told if letter.isdecimal())
    assert secret not in told
    assert CONTACT not in told
    assert INVENTED_ID[:9] not in digits
