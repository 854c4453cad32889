"""Routes of the audit, for auditors: its entries, page by page, and its newest signed head."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.audit.pages import AuditPages
from api.deps import AuditDep, Permit, StoreDep, ZoneDep
from api.forms import PAGE_TOO, FormDep
from api.identity import Principal

MAX_ENTRIES = 1000
_NO_STORE = {"Cache-Control": "no-store"}
_PROBLEM: dict[str, object] = {"application/problem+json": {"schema": {"type": "object"}}}
_REFUSALS: dict[int | str, dict[str, object]] = {
    401: {"description": "Nobody signed in.", "content": _PROBLEM},
    403: {"description": "Who signed in is no auditor.", "content": _PROBLEM},
}

router = APIRouter(prefix="/audit", tags=["Audit"], responses=_REFUSALS)
_Auditor = Annotated[Principal, Depends(Permit("read_audit"))]


@router.get("", summary="Entries of the audit", responses=PAGE_TOO)
def _read_entries(
    *,
    request: Request,
    auditor: _Auditor,
    store: StoreDep,
    zone: ZoneDep,
    audit: AuditDep,
    form: FormDep,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Entry to go on after.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES, description="Entries on a page.")] = 100,
) -> Response:
    """Read entries in their order; of this zone alone where the auditor's rights end with it."""
    audit("read", "audit")
    of_zone = None if auditor.zones is None else zone
    entries = store.audit.page(after=after, limit=limit, zone=of_zone)
    links = [{"rel": "self", "href": str(request.url)}]
    on = {"after": entries[-1].seq, "limit": limit} if len(entries) == limit else None
    if on is not None:
        following = request.url.include_query_params(**on)
        links.append({"rel": "next", "href": str(following)})
    return form.answer(
        {"entries": [asdict(entry) for entry in entries], "links": links},
        lambda: AuditPages.of(request, form).entries(entries, on=on),
        headers=_NO_STORE,
    )


@router.get("/head", summary="The newest signed head", responses=PAGE_TOO)
def _read_head(
    request: Request, _: _Auditor, store: StoreDep, audit: AuditDep, form: FormDep
) -> Response:
    """Read the newest signed head, to be kept where nobody who runs this service reaches it."""
    audit("read", "audit/head")
    head = store.audit.last_head()
    key = store.audit.signing_key()
    return form.answer(
        {"key": key, "head": None if head is None else asdict(head)},
        lambda: AuditPages.of(request, form).head(head, key=key),
        headers=_NO_STORE,
    )
