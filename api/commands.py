"""What the commands share: common options, and how each tells what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from api.faults import told_fault
from api.terminal import tell_error
from api.words import Language, Words
from geo.errors import SourceError, ZoneError, reason_of

ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Name of a zone, or a folder that holds one.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the files; out/<zone> if not given.")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Encoding of the text, such as cp874 for Thai.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Tell what would change, and change nothing.")
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Language of what is shown and written.")
]


class Commands(TyperGroup):
    """A command line that words what is wrong with an option as everything else that is wrong."""

    def invoke(  # type: ignore[override]  # typer shows no other name of a context
        self, ctx: typer.Context
    ) -> object:
        """Run the command that is called.

        Parameters
        ----------
        ctx
            Context of the command line.

        Returns
        -------
        result
            What the command returns.

        Raises
        ------
        MisusedError
            An option or argument is not as it should be.
        """
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            if error.param is None or not isinstance(error.__cause__, ValidationError):
                raise
            raise MisusedError(error, error.__cause__) from error


class MisusedError(typer.BadParameter):
    """An option or argument that is not as it should be.

    Parameters
    ----------
    error
        The command line's own error.
    cause
        What its value breaks.
    """

    def __init__(self, error: typer.BadParameter, cause: ValidationError) -> None:
        param = error.param
        name = "" if param is None else max(param.opts, key=len)
        named = f"Expected `{name}` to be "
        faults = [told_fault(fault, shown=True) for fault in cause.errors()]
        told = [fault.replace("Expected ", named, 1) for fault in faults]
        super().__init__(" ".join(told), ctx=error.ctx, param=param)

    def format_message(self) -> str:
        """Word the error.

        Returns
        -------
        message
            All of it.
        """
        return self.message


@contextmanager
def telling(
    context: typer.Context, language: Language, *, complete: bool = False
) -> Iterator[Words]:
    """Tell what goes wrong in a few words and end with a status, without a traceback.

    Parameters
    ----------
    context
        Context of the command; its object says whether an unexpected error is raised as it is.
    language
        Language to speak.
    complete
        Whether every single fault is told, or of many only one of each kind.

    Yields
    ------
    Words
        Words for the command to speak with.

    Raises
    ------
    Exit
        Anything went wrong; with status 130 where the user stopped it, else 1.
    """
    words = Words.load()
    try:
        yield words
    except ZoneError as error:
        tell_error(error, words=words, language=language, complete=complete)
        raise typer.Exit(1) from error
    except BrokenPipeError:  # who reads what is written here has seen enough
        raise
    except OSError as error:
        if context.obj:
            raise
        place = "a file" if error.filename is None else str(error.filename)
        failed = SourceError(f"Expected to read or write {place}, got: {reason_of(error)}.")
        tell_error(failed, words=words, language=language)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        typer.echo(words.text("cli.stopped", language), err=True)
        raise typer.Exit(130) from error
    except Exception as error:
        if context.obj:
            raise
        typer.echo(words.text("cli.unexpected", language, error=repr(error)), err=True)
        raise typer.Exit(1) from error
