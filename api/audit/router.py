"""Routes of the audit, for auditors: its entries, page by page, and its newest signed head."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse

from api.deps import AuditDep, Permit, StoreDep, ZoneDep
from api.identity import Principal

MAX_ENTRIES = 1000
_NO_STORE = {"Cache-Control": "no-store"}
_PROBLEM: dict[str, object] = {"application/problem+json": {"schema": {"type": "object"}}}
_REFUSALS: dict[int | str, dict[str, object]] = {
    401: {"description": "Nobody signed in.", "content": _PROBLEM},
    403: {"description": "Who signed in is no auditor.", "content": _PROBLEM},
}
_WRONG: dict[int | str, dict[str, object]] = {
    400: {"description": "A parameter is wrong; all such are named.", "content": _PROBLEM}
}

router = APIRouter(prefix="/audit", tags=["Audit"], responses=_REFUSALS)
_Auditor = Annotated[Principal, Depends(Permit("read_audit"))]


@router.get("", summary="Entries of the audit", responses=_WRONG)
def _read_entries(
    *,
    request: Request,
    auditor: _Auditor,
    store: StoreDep,
    zone: ZoneDep,
    audit: AuditDep,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Entry to go on after.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES, description="Entries on a page.")] = 100,
) -> JSONResponse:
    """Read entries in their order; of this zone alone where the auditor's rights end with it."""
    audit("read", "audit")
    of_zone = None if auditor.zones is None else zone
    entries = store.audit.page(after=after, limit=limit, zone=of_zone)
    links = [{"rel": "self", "href": str(request.url)}]
    if len(entries) == limit:
        following = request.url.include_query_params(after=entries[-1].seq, limit=limit)
        links.append({"rel": "next", "href": str(following)})
    content = {"entries": [asdict(entry) for entry in entries], "links": links}
    return JSONResponse(content, headers=_NO_STORE)


@router.get("/head", summary="The newest signed head")
def _read_head(_: _Auditor, store: StoreDep, audit: AuditDep) -> JSONResponse:
    """Read the newest signed head, to be kept where nobody who runs this service reaches it."""
    audit("read", "audit/head")
    head = store.audit.last_head()
    content = {"key": store.audit.signing_key(), "head": None if head is None else asdict(head)}
    return JSONResponse(content, headers=_NO_STORE)
