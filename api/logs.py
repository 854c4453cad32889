"""Structured logs without personal data, for this program and the libraries it stands on.

A line says what happened, never to whom or where: of an error it has the kinds and the places in
the code, not the message, which may repeat what a client sent; of a library's text only what is
no value; of further facts only those of a closed list.
"""

import datetime as dt
import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from api.operations_settings import LogFormat, LogLevel

FACTS: Final = (
    *("request", "method", "route", "status", "duration_ms", "role", "zone"),
    *("job", "count", "port"),
)
"""Names of the facts that a line may have beside its event: what is none of them is dropped."""

_VALUE = re.compile(
    r"""'[^']*'|"[^"]*"|`[^`]*`|\S+@\S+|\S+://\S+|(?<!\w)/\S+|[+-]?\d+[.,]\d+|[\d-]{5,}|[^\x00-\x7f]+"""
)
_JOB = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_LONGEST = 200
_FRAMES = 40
_ROOT = Path(__file__).resolve().parents[1]


def configure_logs(
    *, level: LogLevel = "info", style: LogFormat = "auto", stream: TextIO | None = None
) -> None:
    """Let the whole program log to one stream.

    Parameters
    ----------
    level
        The least that is logged.
    style
        `json`, a line of JSON an event; `text`, for people; `auto`, text on a terminal alone.
    stream
        Where to write; standard error where none.
    """
    out = sys.stderr if stream is None else stream
    text = style == "text" or (style == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(text=text))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Libraries tell of each statement, request or tick at the lower levels.
    for name in ("uvicorn", "asyncio", "httpx", "httpcore", "psycopg", "procrastinate"):
        library = logging.getLogger(name)
        library.setLevel(max(logging.WARNING, root.level))
        library.handlers, library.propagate = [], True


def _formatter(*, text: bool) -> logging.Formatter:
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False)
        if text
        else structlog.processors.JSONRenderer(ensure_ascii=False, separators=(",", ":"))
    )
    kind = structlog.stdlib.ProcessorFormatter if text else _JsonLines
    return kind(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(allow=FACTS),
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        ],
        processors=[
            _without_values,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            renderer,
        ],
        pass_foreign_args=True,
        use_get_message=False,
    )


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _JsonLines(structlog.stdlib.ProcessorFormatter):
    """Writes what `log_facts` logs by the shortest way, as there is one such line a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        facts = record.__dict__.get("_facts")
        if facts is None:
            return super().format(record)
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat()
        told = {"event": record.msg, "level": "info", "logger": record.name, **facts, "at": at}
        return _JSON.encode(told)


def log_facts(logger: logging.Logger, event: str, facts: Mapping[str, str | float]) -> None:
    """Log an event with its facts at level info, without looking for where in the code that is.

    Parameters
    ----------
    logger
        Whose event it is.
    event
        What happened, in words that hold no value.
    facts
        By names of `FACTS`; nothing that somebody sent.
    """
    record = logger.makeRecord(logger.name, logging.INFO, "", 0, event, (), None)
    record.__dict__.update(facts, _facts=facts)
    logger.handle(record)


def _without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep of a record what cannot be a value that somebody sent."""
    record: logging.LogRecord = event["_record"]
    event["event"] = _worded(without_values(str(record.msg)), event.pop("positional_args", ()))
    event["logger"] = record.name
    # A formatter before us may have cached the traceback as text, message and all.
    event.pop("exception", None)
    event.pop("stack_info", None)
    raised = event.pop("exc_info", None)
    if raised and raised[1] is not None:
        event["error"] = list(error_chain(raised[1]))
    return event


def _worded(template: str, values: object) -> str:
    """Fill a text with those of its values that are whole numbers, ids of jobs, or errors."""
    if not isinstance(values, tuple) or not values:
        return template
    try:
        return template % tuple(map(_shown, values))
    except (TypeError, ValueError):
        return template


def _shown(value: object) -> object:
    if isinstance(value, BaseException):
        code = _code(value)
        return type(value).__name__ if code is None else f"{type(value).__name__} {code}"
    if isinstance(value, int) or (isinstance(value, str) and _JOB.fullmatch(value)):
        return value
    return "…"


def without_values(text: str) -> str:
    """Take out of a text whatever may be a value that somebody sent.

    Parameters
    ----------
    text
        Text of this program or of a library.

    Returns
    -------
    text
        Its first line without quotations, numbers of several digits, addresses and paths.

    Examples
    --------
    >>> without_values("no table 'people' at 98.3834,7.8838 for 1234567890123")
    'no table … at …,… for …'
    """
    return _VALUE.sub("…", text.split("\n", 1)[0][:_LONGEST])


def error_chain(error: BaseException) -> Iterator[Mapping[str, object]]:
    """Tell of an error and of those that led to it what is no value.

    Parameters
    ----------
    error
        The error.

    Yields
    ------
    Mapping
        Kind, code of the database or system where it has one, and places in the code, the
        innermost last.
    """
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        told: dict[str, object] = {"kind": type(found).__name__, "at": _places(found.__traceback__)}
        code = _code(found)
        yield told if code is None else {**told, "code": code}
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _code(error: BaseException) -> str | int | None:
    names = ("sqlite_errorname", "sqlstate", "errno")
    codes = (getattr(error, name, None) for name in names)
    return next((code for code in codes if isinstance(code, str | int)), None)


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        file = Path(code.co_filename)
        shown = file.relative_to(_ROOT) if file.is_relative_to(_ROOT) else Path(file.name)
        places.append(f"{shown}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-_FRAMES:]
