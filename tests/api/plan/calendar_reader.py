"""A strict reader of calendars, written from RFC 5545 apart from the writer."""

import re
from datetime import UTC, datetime

LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=[^;:,\"]+)*):(.*)", re.DOTALL)
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "TZNAME"}
ONCE = {
    "VCALENDAR": {"VERSION", "PRODID"},
    "VEVENT": {"UID", "DTSTAMP", "DTSTART"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
    "DAYLIGHT": {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"},
}


def read_calendar(data):
    """Read bytes into (name, properties, components); a breach of the RFC raises."""
    *physical, end = data.split(b"\r\n")
    assert end == b""
    lines = []
    for octets in physical:
        assert len(octets) <= 75, octets
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", octets), octets
        text = octets.decode("utf-8")
        if text.startswith(" "):
            lines[-1] += text[1:]
        else:
            lines.append(text)
    components = _components(iter(lines))
    assert [name for name, _, _ in components] == ["VCALENDAR"]
    return components[0]


def _components(lines, within=None):
    found, properties = [], {}
    for line in lines:
        name, parameters, value = LINE.fullmatch(line).groups()
        if name == "BEGIN":
            found.append(_components(lines, value))
        elif name == "END":
            assert value == within
            assert ONCE[within] <= set(properties)
            return within, properties, found
        else:
            assert name not in properties, name
            options = dict(part.split("=") for part in parameters.split(";")[1:])
            properties[name] = (options, _unescaped(value) if name in TEXTS else value)
    assert within is None
    assert not properties
    return found


def _unescaped(value):
    assert re.fullmatch(r"(?:\\[\\;,nN]|[^\\;,])*", value), value
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)


def events(calendar):
    return [properties for name, properties, _ in calendar[2] if name == "VEVENT"]


def instant(calendar, event, name):
    """Find the instant of an event by the calendar's own rules of its time zone alone."""
    options, value = event[name]
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    (zone,) = [
        parts
        for kind, properties, parts in calendar[2]
        if kind == "VTIMEZONE" and properties["TZID"][1] == options["TZID"]
    ]
    local = _naive(value)
    onsets = sorted(
        (_naive(parts["DTSTART"][1]) - _offset(parts["TZOFFSETFROM"][1]), parts["TZOFFSETTO"][1])
        for _, parts, _ in zone
    )
    fitting = []
    for _, told in onsets:
        moment = local - _offset(told)
        before = [offset for onset, offset in onsets if onset <= moment]
        if before and before[-1] == told:
            fitting.append(moment)
    return min(fitting).replace(tzinfo=UTC)


def _naive(value):
    return datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  # local


def _offset(value):
    return datetime.strptime(value, "%z").utcoffset()
