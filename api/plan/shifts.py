"""The stops of all tours as one table for a spreadsheet (RFC 4180, with a byte order mark)."""

import csv
from datetime import datetime, tzinfo
from io import StringIO
from typing import Final

from api.bilingual import rows
from api.plan.printable import printable
from api.plan.result import PlanResult

_TOLD: Final = ("name_th", "name_en", "reason_th", "reason_en")
_COLUMNS: Final = (
    *("unit", "unit_th", "unit_en", "order", "kind", "with_units", "place", "beat"),
    *("arrival", "departure", "timezone", *_TOLD, "synthetic"),
)
# Excel takes UTF-8 for the machine's old code page without it, and shows Thai as debris.
_BYTE_ORDER_MARK: Final = "\ufeff"
# What a spreadsheet computes rather than shows; names come from files that strangers edit.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t")


def write_shift_table(plan: PlanResult) -> str:
    """Write the stops of all tours as CSV.

    Parameters
    ----------
    plan
        Plan whose stops are written.

    Returns
    -------
    str
        The table with a heading: a row a stop, by unit and order. `kind` is visit, break or
        meeting, `with_units` who comes too, `place` its number on the map. `arrival` and
        `departure` are on the zone's clocks, whose name is `timezone`; `synthetic` is true where
        the row rests on generated data. A text that a spreadsheet would compute begins with an
        apostrophe.
    """
    units = {tour["unit"]: tour for tour in rows(plan.layers["patrol_tours"])}
    text = StringIO()
    table = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    table.writeheader()
    for stop in rows(plan.layers["patrol_stops"]):
        unit = units[stop["unit"]]
        texts = {"unit": stop["unit"], "unit_th": unit["name_th"], "unit_en": unit["name_en"]}
        texts |= {name: stop[name] for name in (*_TOLD, "with_units")}
        table.writerow(
            {
                **{name: _shown(cell) for name, cell in texts.items()},
                **{name: stop[name] for name in ("order", "kind", "place", "beat")},
                "arrival": _clock(stop["arrives_at"], plan.timezone),
                "departure": _clock(stop["leaves_at"], plan.timezone),
                "timezone": plan.timezone.key,
                "synthetic": "true" if stop["synthetic"] else "false",
            }
        )
    return _BYTE_ORDER_MARK + text.getvalue()


def _shown(cell: str) -> str:
    text = printable(cell)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _clock(instant: datetime, timezone: tzinfo) -> str:
    return f"{instant.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
