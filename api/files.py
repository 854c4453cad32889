"""Several files written all or none, and files that their owner alone may read."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from geo.errors import SourceError, reason_of


@contextmanager
def for_owner_alone() -> Iterator[None]:
    """Let nobody else read what a command writes within the block.

    It holds for the whole process, so that a service must not use it.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def replacing_together(
    folder: Path, names: Sequence[str], *, outdated: Sequence[str] = ()
) -> Iterator[Path]:
    """Write files of a folder beside it, then move them in together.

    What stood in the folder stays until the block has ended without an error. A failure or an
    interruption, in the block or while the files move, leaves everything as it was.

    Parameters
    ----------
    folder
        Folder of the files; made where it is missing. Other files in it are left alone.
    names
        Names of the files; the block writes each of them into the folder it is given.
    outdated
        Names of files in the folder that go as the new ones come; none of `names`.

    Yields
    ------
    Path
        Empty folder to write into.

    Raises
    ------
    SourceError
        The files cannot be written.
    """
    beside: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        yield beside
        _move_in(beside, folder, names, outdated)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"Expected to write into {folder}, got: {reason_of(error)}.") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def _move_in(beside: Path, folder: Path, names: Sequence[str], outdated: Sequence[str]) -> None:
    """Put new files in the place of old ones; should one fail, put the old ones back."""
    folder.mkdir(exist_ok=True)
    for name in names:
        if (folder / name).is_dir():
            raise SourceError(f"Expected a file at {folder / name}, got a folder.")
    aside = beside / "before"
    aside.mkdir()
    touched: list[str] = []
    try:
        for name in names:
            touched.append(name)
            if (folder / name).exists():
                (folder / name).replace(aside / name)
            (beside / name).replace(folder / name)
        for name in outdated:
            (folder / name).replace(aside / name)
    except BaseException:
        for name in touched:
            if not (aside / name).exists() and not (beside / name).exists():
                (folder / name).unlink(missing_ok=True)
        for old in list(aside.iterdir()):
            old.replace(folder / old.name)
        raise
