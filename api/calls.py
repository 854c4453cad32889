"""How a command that computes was called: for which zone, into which folder, in which words."""

from dataclasses import dataclass
from pathlib import Path

from api.settings import Settings
from api.terminal import Steps
from api.words import Language, Words
from api.zone_now import ZoneNow


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

    def summary(self, read: ZoneNow, told: str) -> str:
        """Give a closing summary, which says where a layer was not read from the folder.

        Parameters
        ----------
        read
            The zone as it was read.
        told
            What came of it.

        Returns
        -------
        str
            The summary.
        """
        if not read.stored:
            return told
        layers = ", ".join(sorted(read.stored))
        return f"{self.words.text('cli.own_used', self.language, layers=layers)}\n\n{told}"

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
