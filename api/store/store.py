"""A store: layers and products of zones, and all that goes with them, kept in one database."""

from pathlib import Path

from api.store.accounts import Accounts
from api.store.attempts import Attempts
from api.store.audit import AuditLog
from api.store.events import Events
from api.store.jobs import Jobs
from api.store.layers import Layers
from api.store.opening import open_engine
from api.store.releases import Releases
from api.store.sessions import Sessions


class Store(Layers):
    """Layers and products of zones, kept in one database. Threads may share a store.

    Parameters
    ----------
    place
        A file for SQLite, or "postgresql://...".
    new
        Whether it is made, with its folder, where there is none yet.

    Attributes
    ----------
    engine
        The database.
    events
        What happened in the zones.
    jobs
        What is to be computed, is being computed, and came of it.
    audit
        Who read what is restricted and who changed what.
    accounts
        Who may sign in, and as what.
    sessions
        Who is signed in.
    attempts
        Who failed to sign in of late.
    releases
        What was released of the public overlays.

    Raises
    ------
    NotFoundError
        When there is no store and none is to be made.
    SourceError
        When the database cannot be opened, is not a store, or is newer than this program.
    """

    def __init__(self, place: str | Path, *, new: bool = True) -> None:
        super().__init__(open_engine(place, new=new))
        self.events = Events(self.engine)
        self.jobs = Jobs(self.engine)
        self.audit = AuditLog(self.engine)
        self.accounts = Accounts(self.engine)
        self.sessions = Sessions(self.engine)
        self.attempts = Attempts(self.engine)
        self.releases = Releases(self.engine)

    def close(self) -> None:
        """Close the store; its last reader also folds the log into the file."""
        self.engine.close()
