"""Settings of the service, from environment variables that begin with SMARTZONE_."""

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from geo.errors import ParameterError

PREFIX = "SMARTZONE_"


def _loopback(host: str) -> str:
    """Refuse an address that other computers reach: there are no accounts yet."""
    if host == "localhost" or ipaddress.ip_address(host).is_loopback:
        return host
    raise ValueError


def _place(store: str) -> str:
    """Refuse an empty place and an address of another kind of server."""
    if store and ("://" not in store or store.startswith(("postgresql://", "postgres://"))):
        return store
    raise ValueError


class Settings(BaseSettings):
    """Settings of the service.

    Attributes
    ----------
    zone
        Name of the zone that is served: a folder of `data_dir`.
    data_dir
        Folder that holds the zones' folders.
    store
        Where the store is: a file for the embedded one, or "postgresql://...". It may hold a
        password, so it is never shown.
    host
        Address to listen on. Loopback only: there are no accounts yet.
    port
        Port to listen on, 1 to 65535.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    zone: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "old_town"
    data_dir: Path = Path(__file__).resolve().parents[1] / "data"
    store: Annotated[str, AfterValidator(_place), Field(repr=False)] = "var/smartzone.sqlite"
    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000

    @classmethod
    def load(cls, **overrides: object) -> Self:
        """Read the settings, an override before the environment before the default.

        Parameters
        ----------
        **overrides
            Values by setting, as from a command line; none leaves a setting as it is.

        Returns
        -------
        settings
            The settings.

        Raises
        ------
        ParameterError
            When a value is out of its range or a variable that begins with SMARTZONE_ names no
            setting; all of them at once.

        Examples
        --------
        >>> Settings.load(port=9000).port
        9000
        """
        given = {name: value for name, value in overrides.items() if value is not None}
        known = {f"{PREFIX}{name}".upper() for name in cls.model_fields}
        strange = sorted(
            name
            for name in os.environ
            if name.upper().startswith(PREFIX) and name.upper() not in known
        )
        faults = [
            f"Expected one of {', '.join(sorted(known))}, got the variable {name}."
            for name in strange
        ]
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            faults += [_wording(str(fault["loc"][0]), fault["input"]) for fault in error.errors()]
        if faults:
            raise ParameterError("\n".join(faults))
        return settings


_EXPECTED = {
    "zone": "small letters, digits and underscores",
    "data_dir": "a folder",
    "store": "a file or postgresql://...",
    "host": "a loopback address such as 127.0.0.1, as there are no accounts yet",
    "port": "a whole number from 1 to 65535",
}


def _wording(name: str, found: object) -> str:
    expected = _EXPECTED.get(name, f"one of {', '.join(_EXPECTED)}")
    variable = f"{PREFIX}{name}".upper()
    shown = "another" if name == "store" else repr(found)
    return f"Expected `{name}` ({variable}) to be {expected}, got {shown}."
