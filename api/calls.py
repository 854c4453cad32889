"""How a command that computes was called: for which zone, into which folder, in which words."""

from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings
from api.terminal import Steps
from api.words import Language, Words


@dataclass(frozen=True)
class Call:
    """How a command that computes something of a zone and writes files was called.

    Attributes
    ----------
    settings
        Settings of the service.
    zone
        Name or folder of a zone; the settings' own where none.
    out
        Folder for the files; the command's own where none.
    words
        Words to speak with.
    language
        Language of the summary, and the one the pages open in.
    """

    settings: Settings
    zone: str | None
    out: Path | None
    words: Words
    language: Language

    def steps(self, *names: str) -> Steps:
        """Show a bar for reading the zone and one for each further step.

        Parameters
        ----------
        *names
            Names of the further steps, in order.

        Returns
        -------
        Steps
            The steps, to be begun one after the other.
        """
        return Steps(("zone", *names), words=self.words, language=self.language)

    def folder(self, zone: str) -> Path:
        """Give the folder for the files of a zone.

        Parameters
        ----------
        zone
            Name of the zone.

        Returns
        -------
        Path
            The one that was asked for; out/<zone> where none was.
        """
        return self.out or Path("out") / zone
