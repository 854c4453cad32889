"""Routes of sign-in: tokens for programs, sessions for browsers, and who am I."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, Response

from api.accounts.access import Access
from api.accounts.gate import principal_of_session
from api.accounts.middleware import drop_cookie, is_of_own_page, is_of_strange_page
from api.accounts.provider import OF_PROVIDER
from api.accounts.signing_in import RefusedSignInError
from api.accounts.tokens import ACCESS, BadTokenError
from api.deps import Guard, PrincipalDep, ZoneDep, settings_of, store_of, zone_of
from api.errors import CHALLENGE, NotAllowedError, Problem
from api.identity import Principal
from api.store.sessions import SignedIn

router = APIRouter(prefix="/auth", tags=["Sign-in"])

NOT_KEPT = {"Cache-Control": "no-store"}
STRANGE_PAGE = "Expected a request from a page of this service."
_Id = Annotated[str, Form(min_length=1, max_length=64, description="Id of the account.")]
_Password = Annotated[str, Form(min_length=1, max_length=4_096)]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that a route answers.

    Parameters
    ----------
    *statuses
        Statuses that may come.

    Returns
    -------
    answers
        Descriptions by status.
    """
    content = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def access_of(request: Request) -> Access:
    """Return what sign-in is made of.

    Parameters
    ----------
    request
        The request being answered.

    Returns
    -------
    access
        What sign-in is made of.
    """
    access: Access = request.app.state.access
    return access


async def signed_in(request: Request, account_id: str, password: str) -> SignedIn:
    """Open a session for whoever knows the password, and tell the audit.

    Parameters
    ----------
    request
        The request being answered.
    account_id
        Id of the account, as it was typed.
    password
        Its password, as it was typed.

    Returns
    -------
    session
        The session.

    Raises
    ------
    RefusedSignInError
        Account and password do not match.
    TooManyError
        Too many attempts failed; this one was not looked at.
    """
    access = access_of(request)
    now = access.gate.clock()
    address = request.client.host if request.client else ""

    def enter() -> SignedIn:
        try:
            session = access.entrance.sign_in(account_id, password, address=address, now=now)
        except RefusedSignInError:
            # What was typed may be a name or a password: the audit is not told it.
            record_sign_in(request, Principal(), "refused", now=now)
            raise
        record_sign_in(request, principal_of_session(session), "sign_in", now=now)
        return session

    return await run_sync(enter, limiter=access.hashing)


def record_sign_in(
    request: Request, principal: Principal, action: str, *, now: dt.datetime, **detail: object
) -> None:
    """Tell the audit who signed in or out, or that somebody was refused.

    Parameters
    ----------
    request
        The request being answered.
    principal
        Who it was.
    action
        What they did.
    now
        The instant.
    **detail
        Further facts, by keys of `api.store.audit_records.DETAILS`.
    """
    store_of(request).audit.append(now, principal, action, zone_of(request), "session", detail)


@router.post(
    "/token",
    summary="A token for a program",
    responses=problems(401, 403, 422, 429),
)
async def _token(
    *,
    request: Request,
    grant_type: Annotated[Literal["password", "refresh_token"], Form()],
    username: Annotated[str, Form(max_length=64, description="Id of the account.")] = "",
    password: Annotated[str, Form(max_length=4_096)] = "",
    refresh_token: Annotated[str, Form(max_length=8_192)] = "",
) -> Response:
    """Change a password, or a refresh token, for tokens (RFC 6749, 4.3 and 6).

    A refresh token serves once; used again, it ends the session. What gives no token is answered
    401 and `invalid_grant`, as this service answers whomever it does not know; RFC 6749 has 400.
    """
    # A page that somebody was lured to would try passwords from that person's address.
    if is_of_strange_page(request):
        raise NotAllowedError(STRANGE_PAGE)
    try:
        if grant_type == "password":
            session, generation = await signed_in(request, username, password), 0
        else:
            session, generation = await _refreshed(request, refresh_token)
    except (RefusedSignInError, BadTokenError) as error:
        headers = NOT_KEPT | {"WWW-Authenticate": CHALLENGE}
        return Problem(401, str(error), headers=headers, error="invalid_grant")
    gate = access_of(request).gate
    now = gate.clock()
    content = {
        "access_token": gate.tokens.access(session, now=now, lifetime=ACCESS),
        "token_type": "Bearer",
        "expires_in": int(min(ACCESS, session.expires_at - now).total_seconds()),
        "refresh_token": gate.tokens.refresh(
            session.id, generation=generation, expires_at=session.expires_at
        ),
    }
    return JSONResponse(content, headers=NOT_KEPT)


async def _refreshed(request: Request, token: str) -> tuple[SignedIn, int]:
    """Take a refresh token, once, and return its session and the next token's number."""
    gate, sessions = access_of(request).gate, store_of(request).sessions
    now = gate.clock()
    session_id, generation = gate.tokens.read_refresh(token, now=now)

    def turn() -> SignedIn | None:
        known = sessions.find(session_id, now=now)
        if sessions.turn(session_id, generation=generation):
            return sessions.find(session_id, now=now)
        if known is not None:  # told once: the session has ended with this
            asker = principal_of_session(known)
            record_sign_in(request, asker, "refused", now=now, reason="token_used_twice")
        return None

    session = await run_sync(turn)
    if session is None:
        gate.forget(session_id)
        raise BadTokenError
    return session, generation + 1


@router.post(
    "/session",
    summary="Sign a browser in",
    status_code=204,
    responses=problems(401, 403, 422, 429),
)
async def _open_session(request: Request, username: _Id, password: _Password) -> Response:
    """Open a session for a page of this service, kept in a cookie that no script reads."""
    if not is_of_own_page(request):
        raise NotAllowedError(STRANGE_PAGE)
    session = await signed_in(request, username, password)
    return with_cookie(Response(status_code=204, headers=NOT_KEPT), request, session)


def with_cookie(answer: Response, request: Request, session: SignedIn) -> Response:
    """Let a browser keep the token of its session.

    Parameters
    ----------
    answer
        The answer.
    request
        The request being answered.
    session
        The session.

    Returns
    -------
    answer
        The same answer, with the cookie.
    """
    access = access_of(request)
    now = access.gate.clock()
    lasting = session.expires_at - now
    answer.set_cookie(
        access.cookie,
        access.gate.tokens.access(session, now=now, lifetime=lasting),
        max_age=int(lasting.total_seconds()),
        path="/",
        secure=not access.demo,
        httponly=True,
        samesite="strict",
    )
    return answer


@router.delete(
    "/session",
    summary="Sign out",
    status_code=204,
    responses=problems(401, 403),
    openapi_extra={"security": [{Guard.scheme_name: []}]},
)
async def _close_session(request: Request) -> Response:
    """End the session of the request's cookie or token, everywhere.

    Where an identity provider knows the account, a link leads on to where one signs out there too.
    """
    access = access_of(request)
    authorization = request.headers.get("Authorization", "")
    token = authorization.partition(" ")[2].strip() or request.cookies.get(access.cookie, "")
    principal = await access.gate.close(token)
    now = access.gate.clock()
    await run_sync(lambda: record_sign_in(request, principal, "sign_out", now=now))
    answer = Response(status_code=204, headers=NOT_KEPT)
    if access.code_flow is not None and principal.subject.startswith(OF_PROVIDER):
        answer.headers["Link"] = '</auth/oidc/end>; rel="next"'
    drop_cookie(answer, access.cookie)
    return answer


@router.get("/me", summary="Who am I?", responses=problems(401))
def _me(request: Request, principal: PrincipalDep, zone: ZoneDep) -> JSONResponse:
    """Tell who asks, with the rights they have in the zone."""
    asker: Principal = request.scope["principal"]
    content = {
        "subject": asker.subject or None,
        "role": principal.role,
        "owner": principal.owner,
        "zone": zone,
        "mode": settings_of(request).mode,
    }
    return JSONResponse(content, headers=NOT_KEPT | {"Vary": "Authorization, Cookie"})
