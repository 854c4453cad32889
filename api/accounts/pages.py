"""The sign-in page, and the way to an OpenID provider and back."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from api.access_settings import is_loopback
from api.accounts.access import Access
from api.accounts.code_flow import BEGUN, CodeFlow
from api.accounts.demo import DEMO_ROLES, PASSWORD
from api.accounts.gate import principal_of_session
from api.accounts.provider import NoRightsError
from api.accounts.router import NOT_KEPT, access_of, record_sign_in, with_cookie
from api.accounts.tokens import BadTokenError
from api.deps import WordsDep, store_of
from api.forms import preferred_language
from api.own_paths import HOME, own_path
from api.pages import report_page
from api.words import Language, Words
from geo.errors import NotFoundError

router = APIRouter(include_in_schema=False)

_FOLDER = Path(__file__).parent
_FILES = {file.name: file for file in _FOLDER.iterdir() if file.suffix in {".css", ".js"}}
_REVALIDATE = {"Cache-Control": "no-cache"}
_LanguageQuery = Annotated[Language | None, Query()]


@router.get("/sign-in")
def _page(
    *,
    request: Request,
    words: WordsDep,
    lang: _LanguageQuery = None,
    then: Annotated[str, Query(alias="next")] = HOME,
    ended: bool = False,
    refused: Literal["provider", "rights"] | None = None,
) -> HTMLResponse:
    """Show the form to sign in."""
    access = access_of(request)
    language = lang or preferred_language(request.headers.get("Accept-Language", ""))
    notice = "ended" if ended else f"refused_{refused}" if refused else None
    text = report_page("api.accounts", name="sign_in.html").render(
        language=language,
        other="en" if language == "th" else "th",
        # How long to wait is known to the page alone.
        say=lambda key: words.text(key, language, minutes="{minutes}"),
        then=own_path(then),
        quoted=quote(own_path(then), safe=""),
        notice=None if notice is None else f"sign_in.{notice}",
        provider=access.code_flow is not None,
        demo=_demo_accounts(access, words, language),
        password=PASSWORD if access.demo else None,
    )
    return HTMLResponse(text, headers=NOT_KEPT)


@router.get("/sign-in/{name}")
def _file(name: str) -> FileResponse:
    """Serve a script or style sheet of the page; only what was found at start is served."""
    if name not in _FILES:
        raise NotFoundError(f"Expected a file of the sign-in page, got {name!r}.")
    return FileResponse(_FILES[name], headers=_REVALIDATE)


@router.get("/auth/oidc/start")
async def _start(request: Request, then: Annotated[str, Query(alias="next")] = HOME) -> Response:
    """Send a browser to the provider."""
    access = access_of(request)
    flow = _flow_of(access)
    begun = await flow.begin(
        back_to=_back_to(request), then=own_path(then), now=access.gate.clock()
    )
    answer = RedirectResponse(begun.location, status_code=303, headers=NOT_KEPT)
    # It must come back with the browser from the provider's page, which is another site.
    answer.set_cookie(
        _flow_cookie(access),
        begun.cookie,
        max_age=int(BEGUN.total_seconds()),
        path="/",
        secure=not access.demo,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/auth/oidc/callback")
async def _callback(request: Request, words: WordsDep) -> Response:
    """Take a browser back from the provider."""
    access = access_of(request)
    flow, now = _flow_of(access), access.gate.clock()
    cookie = request.cookies.get(_flow_cookie(access), "")
    answer: Response
    try:
        session, then = await flow.finish(
            request.query_params, cookie=cookie, back_to=_back_to(request), now=now
        )
    except (BadTokenError, NoRightsError) as error:
        why = "rights" if isinstance(error, NoRightsError) else "provider"
        answer = RedirectResponse(f"/sign-in?refused={why}", status_code=303, headers=NOT_KEPT)
    else:

        def enter() -> None:
            record_sign_in(request, principal_of_session(session), "sign_in", now=now)
            store_of(request).sessions.open(session, now=now)

        await run_sync(enter)
        # A page of our own leads on: a redirect would still come from the provider's site, and
        # the browser would keep the cookie of the session back.
        language = preferred_language(request.headers.get("Accept-Language", ""))
        text = report_page("api.accounts", name="signed_in.html").render(
            language=language, then=then, say=lambda key: words.text(key, language)
        )
        answer = with_cookie(HTMLResponse(text, headers=NOT_KEPT), request, session)
    answer.delete_cookie(_flow_cookie(access), path="/", secure=not access.demo, httponly=True)
    return answer


@router.get("/auth/oidc/end")
async def _end(request: Request) -> Response:
    """Send a browser that signed out here to the provider, to sign out there as well."""
    flow = _flow_of(access_of(request))
    location = await flow.end(back_to=_own_address(request, "/sign-in"))
    return RedirectResponse(location or "/sign-in", status_code=303, headers=NOT_KEPT)


def _flow_of(access: Access) -> CodeFlow:
    if access.code_flow is None:
        raise NotFoundError("Expected an identity provider in the settings, got none.")
    return access.code_flow


def _flow_cookie(access: Access) -> str:
    return f"{access.cookie}-oidc"


def _back_to(request: Request) -> str:
    """Return where the provider sends browsers back to."""
    return _own_address(request, "/auth/oidc/callback")


def _own_address(request: Request, path: str) -> str:
    """Return a path's address as the provider knows it: always encrypted beyond this machine."""
    scheme = "http" if is_loopback(request.url.hostname or "") else "https"
    return f"{scheme}://{request.url.netloc}{path}"


def _demo_accounts(access: Access, words: Words, language: Language) -> list[tuple[str, str]]:
    """Name the accounts of demo mode: id and what it is called."""
    if not access.demo:
        return []
    return [(role, words.text(f"role.{role}", language)) for role in DEMO_ROLES]
