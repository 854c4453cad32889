"""What to do at a stop besides being seen: work with people and places, none of it enforcement.

Patrols that work on what makes a place a problem do more against crime there than presence or
arrests alone (Braga, A. A. and Bond, B. J. (2008). Policing crime and disorder hot spots: a
randomized controlled trial. Criminology 46 (3), 577-607; Braga, A. A. and Weisburd, D. L. (2010).
Policing Problem Places. Oxford University Press). Who looks after a place is part of that (Cohen,
L. E. and Felson, M. (1979). Social change and crime rate trends: a routine activity approach.
American Sociological Review 44 (4), 588-608). A visit deters longest for its time where it lasts 10
to 16 minutes (Koper, C. S. (1995). Just enough police presence. Justice Quarterly 12 (4), 649-672).
Nothing here is known of any one place: an officer who knows better does better.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TACTICS: Final = (
    *("seen", "shops", "guardians", "lights", "sos", "visitors", "residents", "organisers"),
)
"""Names of all tactics; each has its words in the section `tactic`."""

_BY_PURPOSE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "hotspot": ("seen", "shops", "guardians"),
        "blind_spot": ("seen", "guardians", "lights"),
        "sos_point": ("sos", "visitors"),
        "event": ("visitors", "organisers"),
        "request": ("seen", "residents"),
        "presence": ("visitors", "residents"),
    }
)


def tactics_for(purpose: str) -> tuple[str, ...]:
    """Choose the tactics of a stop.

    Parameters
    ----------
    purpose
        Kind of demand that the stop serves; empty for breaks and meetings.

    Returns
    -------
    tuple of str
        Names among `TACTICS`, in their order; none where nothing is wanted.
    """
    return _BY_PURPOSE.get(purpose, ())


def letter_of(tactic: str) -> str:
    """Give the letter that stands for a tactic on every card.

    Parameters
    ----------
    tactic
        One of `TACTICS`.

    Returns
    -------
    str
        A capital letter.

    Examples
    --------
    >>> letter_of("seen"), letter_of("organisers")
    ('A', 'H')
    """
    return chr(ord("A") + TACTICS.index(tactic))
