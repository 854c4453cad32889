"""What the command line shows while it works and when it fails."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TaskID as Task
from rich.table import Table

from api.words import Language, Words
from geo.errors import Fault, LayerError, ZoneError

_UNBROKEN = 10_000  # columns of a line that nothing wraps
_MOST_TOLD = 20


class Steps:
    """Named steps of a job with a bar each, on standard error.

    Parameters
    ----------
    names
        Steps in order; each is a key "step_<name>" of the words of the command line.
    words
        Words to speak with.
    language
        Language to speak.
    """

    def __init__(self, names: Sequence[str], *, words: Words, language: Language) -> None:
        self._words, self._language = words, language
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("[dim]{task.fields[took]}"),
            console=Console(stderr=True, highlight=False),
        )
        self._tasks = {
            name: self._bars.add_task(
                words.text(f"cli.step_{name}", language), total=None, start=False, took=""
            )
            for name in names
        }
        self._running: tuple[Task, float] | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._finish()
        self._bars.stop()

    def begin(self, name: str) -> None:
        """Begin a step; the one before it is done.

        Parameters
        ----------
        name
            Step that begins.
        """
        self._finish()
        task = self._tasks[name]
        self._bars.start_task(task)
        self._running = (task, time.perf_counter())

    def advance(self, done: int, of: int) -> None:
        """Tell how far the running step is.

        Parameters
        ----------
        done
            How many of its parts are done.
        of
            How many there are.
        """
        if self._running is not None:
            self._bars.update(self._running[0], total=of, completed=done)

    def _finish(self) -> None:
        if self._running is not None:
            task, since = self._running
            took = f"{time.perf_counter() - since:.1f}"
            told = self._words.text("cli.seconds", self._language, value=took)
            self._bars.update(task, total=1, completed=1, took=told)
            self._running = None


def print_table(table: Table) -> None:
    """Print a table on standard output: as wide as the terminal, or as it is for a file or pipe.

    Parameters
    ----------
    table
        The table.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_UNBROKEN)
    console.print(table)


def print_told(told: Sequence[str | Table]) -> None:
    """Print lines and tables on standard output, tables set off by blank lines.

    Parameters
    ----------
    told
        What to print, in order.
    """
    for before, part in pairwise(("", *told)):
        if isinstance(part, Table) or isinstance(before, Table):
            typer.echo()
        if isinstance(part, Table):
            print_table(part)
        else:
            typer.echo(part)


def tell_error(
    error: ZoneError, *, words: Words, language: Language, complete: bool = False
) -> None:
    """Tell one error on standard error, without a traceback.

    Parameters
    ----------
    error
        What went wrong.
    words
        Words to speak with.
    language
        Language to speak.
    complete
        Whether all faults are told. Else, of more than 20, only the first of each kind with the
        number of those like it: of one field of one file, expected to be the same.
    """
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not isinstance(error, LayerError):
        console.print(f"[red]✗[/red] {escape(str(error))}")
        return
    count = len(error.faults)
    console.print(f"[red]✗[/red] {words.text('cli.wrong', language, count=count)}")
    every = complete or count <= _MOST_TOLD
    told = map(str, error.faults) if every else _kinds(error.faults, words, language)
    for line in told:
        console.print(f"  {escape(line)}")


def _kinds(faults: Sequence[Fault], words: Words, language: Language) -> Iterator[str]:
    """Tell the first fault of each kind, in their order, and how many are like it."""
    kind = [(fault.source, fault.field, fault.expected) for fault in faults]
    sizes = Counter(kind)
    first = dict(zip(reversed(kind), reversed(faults), strict=True))
    for one in list(sizes)[:_MOST_TOLD]:
        others = sizes[one] - 1
        told = {"fault": first[one], "count": f"{others:,}"}
        yield words.text("cli.wrong_alike", language, **told) if others else str(first[one])
    if len(sizes) > _MOST_TOLD:
        yield words.text("cli.wrong_others", language, count=f"{len(sizes) - _MOST_TOLD:,}")
