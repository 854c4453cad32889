"""Problems as pages for people: what went wrong, what was expected and came, and where to go on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request

from api.forms import Form
from api.own_paths import sign_in_path
from api.web_pages import Cell, Link, Part, Table, WebPages

_NOTHING: Final = "–"
_PUBLIC: Final = "/public/"
_SENTENCE: Final = re.compile(
    r"(?:(?P<field>[^:]*): )?[Ee]xpected (?P<expected>.+?)(?:, got (?P<came>.+?))?\.?", re.DOTALL
)
"""How errors are worded: what is wrong where it is named, what was expected, and what came."""
_SIGN_IN_HELPS: Final = frozenset({401, 403})
_SIGN_IN_MAY_HELP: Final = 404
_RETRY: Final = frozenset({429, 500, 503})


def problem_page(
    request: Request, form: Form, problem: Mapping[str, object], *, wait: str | None
) -> str:
    """Write the page of a problem.

    Parameters
    ----------
    request
        The request that it answers.
    form
        How the answer is wanted.
    problem
        Members of the problem details.
    wait
        Seconds after which the next request is looked at; none where that is not known.

    Returns
    -------
    page
        HTML.
    """
    pages = WebPages.of(request, form)
    if _is_public(request):
        # Its queries may say where somebody walks, which no answer repeats.
        pages = replace(pages, query=None)
    status = problem["status"]
    key = f"problem.s{status}"
    if key not in pages.words.entries:
        key = "problem.other"
    told = [pages.say(f"{key}_about")]
    if wait is not None:
        told.append(pages.say("problem.wait", seconds=wait))
    return pages.write(
        pages.say(key),
        [pages.service()],
        [
            Part(told=told, links=_first_links(request, pages, status)),
            _details(pages, problem),
            Part(
                heading=pages.say("problem.onwards"),
                links=[
                    pages.service(),
                    pages.link(pages.say("ogc.console"), f"{pages.base}console"),
                ],
            ),
        ],
    )


def _first_links(request: Request, pages: WebPages, status: object) -> list[Link]:
    """Link to what may help at once: signing in, or asking again."""
    principal = request.scope.get("principal")
    is_stranger = principal is None or not principal.subject
    may_help = status == _SIGN_IN_MAY_HELP and is_stranger and not _is_public(request)
    if status in _SIGN_IN_HELPS or may_help:
        return [pages.link(pages.say("sign_in.title"), sign_in_path(request.scope))]
    if status in _RETRY and pages.query is not None:
        query = "&".join(filter(None, (pages.query, f"f=html&lang={pages.language}")))
        return [pages.link(pages.say("problem.retry"), f"?{query}")]
    return []


def _is_public(request: Request) -> bool:
    """Tell whether a request is for the public API, where nobody is asked who they are."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", "")).startswith(_PUBLIC)


def _details(pages: WebPages, problem: Mapping[str, object]) -> Part:
    """Tell what was expected and what came, or else the sentence that programs are told."""
    status = pages.say("problem.status", status=problem["status"])
    rows = list(_faults(pages, problem))
    heads = [pages.say(f"problem.{name}") for name in ("field", "expected", "came")]
    return Part(
        heading=pages.say("problem.details"),
        told=[status],
        english=[] if rows else [str(problem["detail"])],
        table=Table(heads=heads, rows=rows) if rows else None,
    )


def _faults(pages: WebPages, problem: Mapping[str, object]) -> Iterator[list[Cell]]:
    """Tell each fault by what is wrong, what was expected and what came."""
    parameters, faults = problem.get("parameters"), problem.get("faults")
    if isinstance(parameters, list):
        for fault in parameters:
            yield _row(pages, fault["message"], field=fault["parameter"])
    elif isinstance(faults, list):
        for fault in faults:
            yield _row(pages, fault, field=pages.say("problem.whole"))
    elif _apart(str(problem["detail"])) is not None:
        yield _row(pages, str(problem["detail"]), field=pages.say("problem.whole"))


def _row(pages: WebPages, sentence: str, *, field: str) -> list[Cell]:
    found = _apart(sentence)
    if found is None:
        return [pages.cell(field), pages.cell(sentence, lang="en"), pages.cell(_NOTHING)]
    return [
        pages.cell(found["field"] or field),
        pages.cell(found["expected"], lang="en"),
        pages.cell(found["came"] or _NOTHING),
    ]


def _apart(sentence: str) -> re.Match[str] | None:
    """Take a sentence apart; none where it is worded otherwise, or others follow it."""
    found = _SENTENCE.fullmatch(sentence)
    if found is None:
        return None
    last = found["came"] or found["expected"]
    return None if ". " in last and last[0] not in "'\"" else found
