"""Settings of how the service is run: its audit, its logs, its limits and its metrics."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from api.access_settings import listed

LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "text"]
Seconds = Annotated[float, Field(gt=0, le=3600)]
_WHOLE_MIB = 1024 * 1024


def _proxy(address: str) -> str:
    """Refuse what is neither an address nor a network."""
    ipaddress.ip_network(address)
    return address


Proxy = Annotated[str, AfterValidator(_proxy)]


class OperationsSettings(BaseSettings):
    """Settings of how the service is run.

    Attributes
    ----------
    audit_key
        File of the key that signs the audit; beside the store where none.
    audit_heads
        File to which signed heads of the audit are added, best on a disk of its own; beside the
        store where none.
    log_level
        The least that is logged.
    log_format
        `json`, a line of JSON an event; `text`, for people; `auto`, text on a terminal alone.
    metrics_token
        What a scraper of metrics sends as "Authorization: Bearer ..."; none where it signs in.
    max_body_bytes
        Largest body of a request, in bytes. It is read before anybody is asked who they are, and
        while JSON is read nobody else is answered.
    receive_s
        Longest time in seconds for a client to send its request.
    send_s
        Longest time in seconds for a client to take a part of its answer.
    drain_s
        Time in seconds between the word to stop and no longer taking requests, for a balancer to
        see that the service is not ready; 0 for none.
    shutdown_s
        Longest time in seconds for running requests to be answered after that.
    min_free_bytes
        Free bytes on the disk of an embedded store below which the service is not ready.
    proxies
        Addresses or networks of the proxies that stand before the service, whose word for who asks
        and by which scheme is taken; none where clients reach it directly: then nobody's word is.
    """

    audit_key: Path | None = None
    audit_heads: Path | None = None
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"
    metrics_token: Annotated[SecretStr, Field(min_length=32)] | None = None
    max_body_bytes: Annotated[int, Field(ge=1024, le=1024 * _WHOLE_MIB)] = _WHOLE_MIB
    receive_s: Seconds = 30.0
    send_s: Seconds = 60.0
    drain_s: Annotated[float, Field(ge=0, le=600)] = 0.0
    shutdown_s: Seconds = 20.0
    min_free_bytes: Annotated[int, Field(ge=0)] = 256 * _WHOLE_MIB
    proxies: Annotated[tuple[Proxy, ...], NoDecode, BeforeValidator(listed)] = ()


EXPECTED_OPERATIONS: Final[Mapping[str, str]] = {
    "audit_key": "a file",
    "audit_heads": "a file",
    "log_level": "debug, info, warning or error",
    "log_format": "auto, json or text",
    "metrics_token": "a text of 32 characters or more",
    "max_body_bytes": "a whole number of bytes from 1024 to 1073741824",
    "receive_s": "seconds above 0, up to 3600",
    "send_s": "seconds above 0, up to 3600",
    "drain_s": "seconds from 0 to 600",
    "shutdown_s": "seconds above 0, up to 3600",
    "min_free_bytes": "a whole number of bytes, 0 or more",
    "proxies": "addresses or networks such as 10.0.0.0/8, divided by commas",
}
"""What each setting may be, for messages."""
