"""The document of a night's plan, read again by whoever compares patrols with what came of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from geo.errors import SourceError

PLAN_FILE: Final = "plan.json"
"""Document of a plan, among the files of the night."""

PLAN_FORMAT: Final = "smartzone-plan/1"
"""What the document says that it is."""

_Read = TypeVar("_Read")


def read_plan_file(path: Path, read: Callable[[dict[str, Any]], _Read], *, zone: str) -> _Read:
    """Read the document of a plan.

    Parameters
    ----------
    path
        File of the plan.
    read
        Takes what is wanted out of the document.
    zone
        Name of the zone that it must be of.

    Returns
    -------
    read
        What was taken.

    Raises
    ------
    SourceError
        The file is no plan of this zone, lacks what is wanted, or cannot be read.
    """
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        kind, name = plan["format"], plan["zone"]["name"]
        taken = read(plan)
    except OSError as error:
        raise SourceError(f"Expected a plan in {path}, got: {error.strerror}.") from error
    except KeyError as error:
        raise SourceError(f"Expected a plan in {path}, got none of `{error.args[0]}`.") from error
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        told = str(error).partition("\n")[0].rstrip(".")
        raise SourceError(f"Expected a plan in {path}, got something else: {told}.") from error
    if (kind, name) != (PLAN_FORMAT, zone):
        raise SourceError(
            f"Expected a plan of {zone} ({PLAN_FORMAT}) in {path}, got one of {name} ({kind})."
        )
    return taken
