"""That the file of a store is the one that was opened, and nobody put another in its place.

A connection goes on with the file that it opened, whatever stands by that name now: what would be
written into one that was moved away or deleted is lost, and new connections would open another.
"""

import time
from pathlib import Path
from typing import Final

from geo.errors import SourceError

_EVERY_S: Final = 1.0


class SameFile:
    """Sees that a name means the file that it meant. Threads may share it.

    Parameters
    ----------
    path
        The file, which is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._identity()
        self._due = time.monotonic() + _EVERY_S

    def check(self) -> None:
        """Look whether it is the same file, at most once a second.

        Raises
        ------
        SourceError
            When it is another, or gone.
        """
        now = time.monotonic()
        if now < self._due:
            return
        if self._identity() != self._known:
            raise SourceError(
                f"Expected the store at {self._path} to stay the file that was opened, got another "
                "one or none. Start the service anew."
            )
        self._due = now + _EVERY_S

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
