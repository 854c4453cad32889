"""The commands that ask whether a measure helped: `smartzone impact` and `survey`.

They show what they find and write nothing. Each imports what it needs when it is called.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.commands import EncodingOption, LanguageOption, ZoneOption, telling
from api.settings import Settings

measures = typer.Typer()


@measures.command(name="impact")
def _impact(
    context: typer.Context,
    areas: Annotated[
        Path, typer.Argument(help="Polygons, each with its `role`: treated or control.")
    ],
    *,
    before: Annotated[
        str, typer.Option("--before", help="First and last day before: 2025-01-01/2025-06-30.")
    ],
    after: Annotated[
        str, typer.Option("--after", help="First and last day after: 2026-01-01/2026-06-30.")
    ],
    buffer_m: Annotated[
        float, typer.Option("--buffer", help="Metres around the areas to look for displacement in.")
    ] = 100.0,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="Only incidents of this category; may be repeated."),
    ] = None,
    zone: ZoneOption = None,
    encoding: EncodingOption = "UTF-8",
    language: LanguageOption = "en",
) -> None:
    """Compare incidents before and after a measure, in its area and in a control."""
    with telling(context, language) as words:
        from api.impact import find_impact
        from api.impact_told import tell_impact
        from api.terminal import print_told

        found = find_impact(
            Settings.load(),
            zone,
            areas,
            before=before,
            after=after,
            buffer_m=buffer_m,
            categories=category or (),
            encoding=encoding,
        )
        print_told(tell_impact(found, words=words, language=language))


@measures.command(name="survey")
def _survey(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV of anonymous answers: `wave`, `score` and maybe `group`.")
    ],
    *,
    scale: Annotated[
        tuple[int, int], typer.Option("--scale", help="Lowest and highest score: least fear, most.")
    ] = (1, 5),
    smallest: Annotated[
        int, typer.Option("--smallest", help="Fewest answers a wave of a group that is told of.")
    ] = 10,
    encoding: EncodingOption = "UTF-8",
    language: LanguageOption = "en",
) -> None:
    """Compare how much people feared before and after a measure, from anonymous answers."""
    with telling(context, language) as words:
        from api.survey import find_fear, tell_fear
        from api.terminal import print_told

        found = find_fear(file, scale=scale, smallest=smallest, encoding=encoding)
        print_told(tell_fear(found, words=words, language=language))
