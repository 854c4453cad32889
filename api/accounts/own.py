"""One's own account: its page, and the change of its password."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.passwords import LONGEST
from api.accounts.router import NOT_KEPT, access_of, problems, record_sign_in, with_cookie
from api.accounts.signing_in import RefusedSignInError
from api.deps import Guard, WordsDep, store_of
from api.errors import NotAllowedError, NotKnownError
from api.forms import preferred_language
from api.identity import Principal
from api.pages import report_page
from api.store.sessions import SignedIn
from api.words import Language

router = APIRouter()

_Password = Annotated[str, Form(min_length=1, max_length=LONGEST)]


def _account_of(request: Request) -> Principal:
    """Return the account that asks; whoever may change a password must be one of this service."""
    asker: Principal = request.scope["principal"]
    if not asker.subject:
        raise NotKnownError
    if access_of(request).demo:
        raise NotAllowedError("Expected an account of its own, got one of the demo's.")
    return asker


@router.post(
    "/auth/password",
    tags=["Sign-in"],
    summary="Change one's own password",
    status_code=204,
    responses=problems(401, 403, 422, 429),
    openapi_extra={"security": [{Guard.scheme_name: []}]},
)
async def _change_password(
    request: Request,
    asker: Annotated[Principal, Depends(_account_of)],
    password: _Password,
    new_password: _Password,
) -> Response:
    """Change the password of the account that asks, and end all its sessions.

    A browser gets the cookie of a new one; a program signs in again.
    """
    access = access_of(request)
    now = access.gate.clock()
    address = request.client.host if request.client else ""

    def change() -> SignedIn:
        if store_of(request).accounts.find(asker.subject) is None:
            raise NotAllowedError("Expected an account of this service, got one of the provider.")
        try:
            return access.entrance.change_password(
                asker, password, new_password, address=address, now=now
            )
        except RefusedSignInError as error:
            record_sign_in(request, asker, "refused", now=now, reason="present_password")
            raise NotAllowedError(
                "Expected `password` to be the account's present one, got another."
            ) from error

    session = await run_sync(change, limiter=access.hashing)
    access.gate.forget_all(asker.subject)
    answer = Response(status_code=204, headers=NOT_KEPT)
    if "Authorization" in request.headers:
        await run_sync(store_of(request).sessions.close, session.id)
        return answer
    return with_cookie(answer, request, session)


@router.get("/account", include_in_schema=False)
def _page(
    request: Request, words: WordsDep, lang: Annotated[Language | None, Query()] = None
) -> Response:
    """Show one's own account, with the form to change its password."""
    asker: Principal = request.scope["principal"]
    if not asker.subject:
        return RedirectResponse("/sign-in?next=/account", status_code=303, headers=NOT_KEPT)
    demo = access_of(request).demo
    language = lang or preferred_language(request.headers.get("Accept-Language", ""))
    own = not demo and store_of(request).accounts.find(asker.subject) is not None
    text = report_page("api.accounts", name="account.html").render(
        language=language,
        other="en" if language == "th" else "th",
        say=lambda key: words.text(key, language, minutes="{minutes}", account=asker.subject),
        demo=demo,
        fixed=None if own else "own_account.demo" if demo else "own_account.elsewhere",
        account=asker.subject,
    )
    return HTMLResponse(text, headers=NOT_KEPT)
