"""Whom a job tells how far it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Telling:
    """What is called as a job goes on.

    Attributes
    ----------
    begin
        Called with the name of each step as it begins.
    advance
        Called within a long step with how many of how many parts are done.
    """

    begin: Callable[[str], None] = lambda _: None
    advance: Callable[[int, int], None] = lambda _done, _of: None
