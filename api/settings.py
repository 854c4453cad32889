"""Settings of the service, from environment variables that begin with SMARTZONE_."""

import os
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode, SettingsConfigDict

from api.access_settings import EXPECTED_ACCESS, SECRETS, AccessSettings, listed
from api.job_settings import EXPECTED_JOBS, JobSettings
from api.operations_settings import EXPECTED_OPERATIONS, OperationsSettings
from api.public_settings import EXPECTED_PUBLIC, PublicSettings
from geo.errors import ParameterError

PREFIX = "SMARTZONE_"
ZoneName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


def _place(store: str) -> str:
    """Refuse an empty place and an address of another kind of server."""
    if store and ("://" not in store or store.startswith(("postgresql://", "postgres://"))):
        return store
    raise ValueError


def _has_password(store: str) -> bool:
    """Tell whether the address of a server holds the password itself."""
    try:
        parts = urlsplit(store)
    except ValueError:
        return False
    named = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    return bool(parts.scheme and (parts.password or "password" in named))


class Settings(AccessSettings, OperationsSettings, JobSettings, PublicSettings):
    """Settings of the service.

    Attributes
    ----------
    zone
        Name of the zone that is served where a path names none: a folder of `data_dir`.
    zones
        Names of further zones that are served, below /zones/{name}.
    data_dir
        Folder that holds the zones' folders.
    store
        Where the store is: a file for the embedded one, or "postgresql://...". It may hold a
        password, so it is never shown.
    port
        Port to listen on, 1 to 65535.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    zone: ZoneName = "old_town"
    zones: Annotated[tuple[ZoneName, ...], NoDecode, BeforeValidator(listed)] = ()
    data_dir: Path = Path(__file__).resolve().parents[1] / "data"
    store: Annotated[str, AfterValidator(_place), Field(repr=False)] = "var/smartzone.sqlite"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000

    @property
    def served_zones(self) -> tuple[str, ...]:
        """Name all zones that are served.

        Returns
        -------
        zones
            Each once; first the one that is served where a path names none.
        """
        return tuple(dict.fromkeys((self.zone, *self.zones)))

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
            When a value is out of its range, a variable that begins with SMARTZONE_ names no
            setting, or an override holds a password; all of them at once.

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
        if _has_password(str(given.get("store", ""))):
            faults.append(
                "Expected `--store` without a password, as others on this machine can read what a "
                "command is called with. Set SMARTZONE_STORE, or keep it in the file PGPASSFILE."
            )
        try:
            settings = cls.model_validate(given)
        except ValidationError as error:
            faults += [_told(fault) for fault in error.errors()]
        if faults:
            raise ParameterError("\n".join(faults))
        return settings


_EXPECTED = {
    "zone": "small letters, digits and underscores",
    "zones": "names of zones of small letters, digits and underscores, divided by commas",
    "data_dir": "a folder",
    "store": "a file or postgresql://...",
    "port": "a whole number from 1 to 65535",
    **EXPECTED_JOBS,
    **EXPECTED_ACCESS,
    **EXPECTED_OPERATIONS,
    **EXPECTED_PUBLIC,
}


def _told(fault: ErrorDetails) -> str:
    """Word what is wrong with one setting, or with several together."""
    if not fault["loc"]:
        return str(fault["ctx"]["error"])
    name, found = str(fault["loc"][0]), fault["input"]
    expected = _EXPECTED.get(name, f"one of {', '.join(_EXPECTED)}")
    variable = f"{PREFIX}{name}".upper()
    shown = "another" if name == "store" or name in SECRETS else repr(found)
    return f"Expected `{name}` ({variable}) to be {expected}, got {shown}."
