"""What the commands share: common options, and how each tells what goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from api.terminal import tell_error
from api.words import Language, Words
from geo.errors import ZoneError

ZoneOption = Annotated[
    str | None, typer.Option("--zone", help="Name of a zone, or a folder that holds one.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the files; out/<zone> if not given.")
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Encoding of the text, such as cp874 for Thai.")
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", help="Language of what is shown and written.")
]


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
    except KeyboardInterrupt as error:
        typer.echo(words.text("cli.stopped", language), err=True)
        raise typer.Exit(130) from error
    except Exception as error:
        if context.obj:
            raise
        typer.echo(words.text("cli.unexpected", language, error=repr(error)), err=True)
        raise typer.Exit(1) from error
