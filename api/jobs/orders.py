"""What a job's process is told, how it tells how far it is, and what it gives back."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from geopandas import GeoDataFrame


@dataclass(frozen=True)
class Terms:
    """On which terms jobs are run.

    Attributes
    ----------
    place
        Where the store is; it may hold a password.
    data_dir
        Folder that holds the zones' folders.
    work
        What does the work, as "module:function"; called with an `Order` and a `Telling`, it gives
        an `Outcome`. Only the job's process imports it.
    workers
        Processes that one job may compute in, at least 1.
    time_limit_s
        Longest time a job may take, in seconds.
    memory_mb
        Most memory that each process of a job may take, in megabytes.
    beat_s
        Seconds between the signs of life of a job that does not advance.
    lapse_s
        Seconds of silence after which a job's runner is taken for dead. Clocks of machines that
        share a store must agree to within a few seconds.
    keep_days
        Days after which a job that ended is forgotten.
    """

    place: str = field(repr=False)
    data_dir: Path
    work: str
    workers: int = 1
    time_limit_s: float = 3600.0
    memory_mb: int = 4096
    beat_s: float = 5.0
    lapse_s: float = 30.0
    keep_days: int = 90


@dataclass(frozen=True)
class Order:
    """What a job's process is to do.

    Attributes
    ----------
    job
        Id of the job.
    runner
        Token by which the job is held.
    zone
        Name of the zone.
    process
        Id of the process.
    inputs
        What the process was asked with, as JSON values.
    store
        Where the store is.
    data_dir
        Folder that holds the zones' folders.
    work
        What does the work, as "module:function".
    workers
        Processes that it may compute in.
    memory_mb
        Most memory that each of them may take, in megabytes.
    """

    job: str
    runner: str
    zone: str
    process: str
    inputs: Mapping[str, object]
    store: str = field(repr=False)
    data_dir: str
    work: str
    workers: int
    memory_mb: int

    def line(self) -> bytes:
        """Write the order for the job's process.

        Returns
        -------
        line
            One line of JSON.
        """
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Read an order.

        Parameters
        ----------
        line
            One line of JSON.

        Returns
        -------
        order
            The order.
        """
        return cls(**json.loads(line))


Work = Callable[[Order, "Telling"], "Outcome"]
"""What does the work of a job."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    Attributes
    ----------
    document
        Its document, as JSON text.
    layers
        Its products by name, in any CRS; the index holds the ids of their features.
    provenance
        What they were made from, as JSON values: hashes of inputs, parameters, seed.
    """

    document: str
    layers: Mapping[str, GeoDataFrame]
    provenance: Mapping[str, object]


class Telling:
    """How a job tells how far it is.

    Parameters
    ----------
    say
        Called with the share that is done and the key of the words for what is being done.
    """

    def __init__(self, say: Callable[[float, str], None]) -> None:
        self._say = say
        self._steps: tuple[str, ...] = ()
        self._step = ""

    def expect(self, steps: Sequence[str]) -> None:
        """Tell which steps there will be.

        Parameters
        ----------
        steps
            Their names in order; each is a key "step_<name>" of the words of the command line.
        """
        self._steps = tuple(steps)

    def begin(self, step: str) -> None:
        """Tell that a step begins; the one before it is done.

        Parameters
        ----------
        step
            Its name.
        """
        self._step = step
        self.advance(0, 1)

    def advance(self, done: int, of: int) -> None:
        """Tell how far the running step is.

        Parameters
        ----------
        done
            How many of its parts are done.
        of
            How many there are.
        """
        before = self._steps.index(self._step)
        self._say((before + done / max(of, 1)) / len(self._steps), f"cli.step_{self._step}")
