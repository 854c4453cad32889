"""Passwords: which are taken, and how they are kept (Argon2id, RFC 9106)."""

import unicodedata
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geo.errors import ParameterError

# The least for a password that stands alone: NIST SP 800-63B-4, 3.1.1.2.
SHORTEST: Final = 15
LONGEST: Final = 1_024
_DISTINCT: Final = 5


class Passwords:
    """Hashes of passwords, by the second choice of RFC 9106 (64 MiB), argon2-cffi's default."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """A hash that is looked at where there is no account, so that this takes as long."""
        return self._hasher.hash("nobody's password")

    def hashed(self, password: str) -> str:
        """Hash a password.

        Parameters
        ----------
        password
            The password.

        Returns
        -------
        hashed
            Its hash, with salt and parameters.
        """
        return self._hasher.hash(_composed(password))

    def match(self, hashed: str | None, password: str) -> bool:
        """Tell whether a password is the one that was hashed.

        Parameters
        ----------
        hashed
            The hash; none where there is no account, which takes as long and never matches.
        password
            The password.

        Returns
        -------
        same
            Whether it is.
        """
        try:
            self._hasher.verify(hashed or self._nobodys, _composed(password))
        except (VerificationError, InvalidHashError):
            return False
        return bool(hashed)


def refuse_weak(password: str, *, account_id: str, name: str = "password") -> None:
    """Refuse a password that others would guess.

    Parameters
    ----------
    password
        The password.
    account_id
        Id of the account that it is for.
    name
        What it is called where it was given.

    Raises
    ------
    ParameterError
        It is too short or too long, repeats few characters, or holds the id.
    """
    length = len(_composed(password))
    if not SHORTEST <= length <= LONGEST:
        raise ParameterError(
            f"Expected `{name}` of {SHORTEST} to {LONGEST:,} characters, got {length}."
        )
    if len(set(password)) < _DISTINCT or account_id in password.lower():
        raise ParameterError(
            f"Expected `{name}` of at least {_DISTINCT} different characters and without the "
            "id, got one that is easily guessed."
        )


def _composed(password: str) -> str:
    """Write a password in one way, whatever keyboard composed it: NIST SP 800-63B-4, 3.1.1.2."""
    return unicodedata.normalize("NFKC", password)
