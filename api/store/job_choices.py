"""Which jobs are wanted, as the condition of a query in the SQL of either database."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from api.store.engine import Dialect
from api.store.instants import text_of
from api.store.job_records import Lasting, State

# Rounded to milliseconds, which is what SQLite's calendar is exact to.
_LASTED: Final[Mapping[Dialect, str]] = {
    "sqlite": "round(86400 * (julianday(coalesce(finished_at, :now)) - julianday(started_at)), 3)",
    "postgres": "round(extract(epoch FROM CAST(coalesce(finished_at, :now) AS timestamptz)"
    " - CAST(started_at AS timestamptz)), 3)",
}

_Part = tuple[str, Mapping[str, object]]


def chosen_by(
    dialect: Dialect,
    *,
    zone: str,
    subject: str | None,
    processes: Sequence[str],
    states: Sequence[State],
    created: tuple[dt.datetime, dt.datetime] | None,
    lasting: Lasting | None,
    before: int | None,
) -> tuple[str, dict[str, object]]:
    """Write what `Jobs.page` chooses jobs by; its parameters are told of there.

    Parameters
    ----------
    dialect
        Which SQL it is written in.
    zone, subject, processes, states, created, lasting, before
        Those of `Jobs.page`.

    Returns
    -------
    condition, values
        SQL text, and its values by name.
    """
    parts: list[_Part] = [("zone = :zone", {"zone": zone})]
    if subject is not None:
        parts.append(("subject = :subject", {"subject": subject}))
    if before is not None:
        parts.append(("number < :before", {"before": before}))
    if processes:
        parts.append(_among("process", processes))
    if states:
        parts.append(_among("state", states))
    if created is not None:
        ends = {"created_from": text_of(created[0]), "created_to": text_of(created[1])}
        parts.append(("created_at BETWEEN :created_from AND :created_to", ends))
    if lasting is not None:
        bounds = {"least_s": lasting.least_s, "most_s": lasting.most_s}
        told = bounds | {"now": text_of(lasting.now)}
        parts.append((f"{_LASTED[dialect]} BETWEEN :least_s AND :most_s", told))
    values = {name: value for _, own in parts for name, value in own.items()}
    return " AND ".join(text for text, _ in parts), values


def _among(column: str, wanted: Sequence[str]) -> _Part:
    values = {f"{column}_{at}": name for at, name in enumerate(wanted)}
    return f"{column} IN ({', '.join(f':{name}' for name in values)})", values
