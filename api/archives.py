"""Archives that somebody hands in: unpacked inside their folder, and only so much of them."""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from geo.errors import Fault, LayerError, SourceError, reason_of
from geo.formats import MAX_BYTES

MOST_FILES: Final = 100


@contextmanager
def unpacked(path: Path, *, max_bytes: int = MAX_BYTES) -> Iterator[Path]:
    """Unpack a zip archive into a folder that lives as long as the block.

    Parameters
    ----------
    path
        The archive.
    max_bytes
        Most that its files may hold together.

    Yields
    ------
    folder
        Folder of its files.

    Raises
    ------
    LayerError
        It is no archive, a file would come to lie outside the folder or is none, or there is too
        much; every fault.
    SourceError
        It cannot be read, or the files cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="smartzone-") as folder:
        _unpack(path, Path(folder), max_bytes)
        yield Path(folder)


def _unpack(path: Path, folder: Path, max_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_strange(path, archive.infolist(), max_bytes)
            for member in archive.infolist():
                target = folder / _plain(member.filename)
                if not member.is_dir():
                    target.parent.mkdir(parents=True, exist_ok=True)
                    # A file is never unpacked beyond the size that was judged.
                    with archive.open(member) as packed, target.open("xb") as file:
                        shutil.copyfileobj(packed, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise LayerError([Fault(str(path), "a whole zip archive", str(error))]) from error
    except OSError as error:
        raise SourceError(f"Expected an archive at {path}, got: {reason_of(error)}.") from error


def _refuse_strange(path: Path, members: list[zipfile.ZipInfo], max_bytes: int) -> None:
    """Refuse an archive by its table of contents, before anything of it is unpacked."""
    faults = [
        Fault(str(path), "files inside the archive's own folder", repr(member.filename))
        for member in members
        if _leaves(member.filename) or stat.S_ISLNK(member.external_attr >> 16)
    ]
    if len(members) > MOST_FILES:
        faults.append(Fault(str(path), f"at most {MOST_FILES} files", f"{len(members)}"))
    size = sum(member.file_size for member in members)
    if size > max_bytes:
        expected = f"at most {max_bytes / 1e6:.6g} MB in it"
        faults.append(Fault(str(path), expected, f"{size / 1e6:.6g} MB"))
    if faults:
        raise LayerError(faults)


def _plain(name: str) -> PurePosixPath:
    return PurePosixPath(name.replace("\\", "/"))


def _leaves(name: str) -> bool:
    """Tell whether a name would lead out of the folder, on this system or another."""
    parts = _plain(name).parts
    return not parts or parts[0] == "/" or ".." in parts or ":" in name or "\0" in name
