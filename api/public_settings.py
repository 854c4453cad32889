"""Settings of the public API: how much one client may ask."""

from collections.abc import Mapping
from typing import Annotated, Final

import limits
from pydantic import AfterValidator
from pydantic_settings import BaseSettings


def _rate(text: str) -> str:
    """Refuse what is no rate."""
    limits.parse(text)
    return text


class PublicSettings(BaseSettings):
    """Settings of the public API.

    Attributes
    ----------
    public_rate
        Most requests of one client to the public API, such as "300/minute".
    """

    public_rate: Annotated[str, AfterValidator(_rate)] = "300/minute"


EXPECTED_PUBLIC: Final[Mapping[str, str]] = {
    "public_rate": "a number and a time, such as 300/minute",
}
"""What each setting may be, for messages."""
