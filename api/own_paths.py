"""Paths of this service that a browser may be led back to, and the way to the sign-in page."""

from typing import Final
from urllib.parse import parse_qs, quote, urlencode

from starlette.types import Scope

from api.words import LANGUAGES

HOME: Final = "/console"
"""Where a browser is led that named no path of ours."""
_SIGN_IN: Final = "/sign-in"


def own_path(path: str) -> str:
    """Return a path of this service that a browser may be led to.

    Parameters
    ----------
    path
        What was asked for.

    Returns
    -------
    path
        The same where it leads to no other host, else the console.

    Examples
    --------
    >>> own_path("/zones/old_town/console"), own_path("//example.org"), own_path("https://x.org")
    ('/zones/old_town/console', '/console', '/console')
    """
    plain = path.isprintable() and path.startswith("/") and not path.startswith("//")
    return path if plain and "\\" not in path else HOME


def path_of(scope: Scope) -> str:
    """Return the path and query of a request, as a browser may be led back to them.

    Parameters
    ----------
    scope
        The connection.

    Returns
    -------
    path
        Path and query, quoted; the console where they would lead to another host.
    """
    query = scope["query_string"].decode("latin-1")
    path = quote(scope["path"], safe="/:@!$&'()*+,;=~")
    return own_path(f"{path}?{query}" if query else path)


def sign_in_path(scope: Scope) -> str:
    """Return the path of the sign-in page, from which a browser comes back to what it asked for.

    Parameters
    ----------
    scope
        The connection. A language that its query chooses is chosen there too; one that nobody
        chose is not, as the sign-in page hands it on to the console.

    Returns
    -------
    path
        Path and query, within the zone that is asked for.
    """
    root, given = scope.get("root_path", ""), parse_qs(scope["query_string"].decode("latin-1"))
    chosen = given.get("lang", [""])[0]
    spoken = {"lang": chosen} if chosen in LANGUAGES else {}
    # The page itself leads back to where its reader came from, not to itself.
    is_there = scope["path"].removeprefix(root) == _SIGN_IN
    back = own_path(given.get("next", [HOME])[0]) if is_there else path_of(scope)
    return f"{root}{_SIGN_IN}?{urlencode({**spoken, 'next': back})}"
