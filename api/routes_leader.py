"""The page of a team's leader: shown, fed by its phones, its photos of plates read.

The link is the right: who has it needs no account, and sees this team alone. No answer may be kept
by anything between, nor tell another site where it was.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect

from api.auth_rate import address_of, check_rate
from api.errors import told
from api.incident_source import Source
from api.languages import best_language
from api.leader import Leader
from api.leader_items import Delivery
from api.leader_plate import plate_on
from api.leader_reports import Night, delivery_document, take_delivery
from api.links import LinkRefusedError, Refusal, TeamLink, link_of
from api.routes_pages import header_policy
from api.routes_results import View
from api.same_site import SameSite
from gis.errors import InputError, NotFoundError
from gis.profiles import load
from gis.store import Store
from maps.pages_leader import Gone, gone_page, leader_page, worker_script
from maps.words import Lang
from planner.checkin_code import code_plan

router = APIRouter()

Model = TypeVar("Model", bound=BaseModel)

STATUS: dict[Refusal, int] = {"altered": 403, "expired": 410, "revoked": 410}
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
# The worker may fetch pages of this server, and nothing else.
WORKER = {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Cache-Control": "no-cache",
}
# Below this a packed answer is hardly shorter.
PACKED_FROM = 1000


class Photo(BaseModel):
    """A photo of a plate, base64."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(min_length=1)


def limited(most: int) -> Callable[[Request], Awaitable[bytes]]:
    """Return what reads the body of a request, and refuses one that is longer than `most` bytes."""

    async def read(request: Request) -> bytes:
        body = bytearray()
        try:
            async for part in request.stream():
                body += part
                if len(body) > most:
                    raise HTTPException(413, f"no more than {most} bytes are taken")
        except ClientDisconnect as error:  # the signal went while it was sent
            raise HTTPException(400, "the request broke off") from error
        return bytes(body)

    return read


Reported = Annotated[bytes, Depends(limited(load("leader")["report_bytes"]))]
Photographed = Annotated[bytes, Depends(limited(load("leader")["photo_bytes"]))]


@router.get("/p/sw.js", include_in_schema=False)
def worker() -> Response:
    """Return the script that keeps the pages of leaders on their phones."""
    return Response(worker_script(), media_type="text/javascript", headers=WORKER)


@router.get("/p/{token}", response_class=HTMLResponse, include_in_schema=False)
def leader(
    token: str,
    request: Request,
    view: View,
    source: Source,
    pages: Leader,
    lang: Lang | None = None,
) -> Response:
    """Return the page of a team's leader, in Chinese (zh) or English (en)."""
    language = lang or best_language(request.headers.get("Accept-Language", ""))
    try:
        link = _link(request, source.store, token)
        plan = pages.plan(source.store, link.night)
        sheet = pages.sheet(view.layers, plan, link.team, language)
    except LinkRefusedError as error:
        return _gone(error.reason, STATUS[error.reason], language, error.jti)
    except NotFoundError:  # planned again, without this team
        return _gone("revoked", 410, language)
    except HTTPException as error:
        answer = _gone("many", error.status_code, language)
        answer.headers.update(error.headers or {})
        return answer
    other = f"?lang={'en' if language == 'zh' else 'zh'}"
    return _page(leader_page(sheet, link.jti, other), 200, request)


@router.post("/p/{token}/reports", include_in_schema=False)
def reports(
    token: str,
    request: Request,
    view: View,
    source: Source,
    pages: Leader,
    body: Reported,
    _: SameSite,
) -> Response:
    """Keep what a phone delivers, and return what is known of its team's night."""
    now = datetime.now(UTC)
    link = _known_link(request, source.store, token)
    plan = pages.plan(source.store, link.night)
    night = Night(source.workspace, source.store, view.layers, plan, link)
    done = take_delivery(night, _read(Delivery, body), now)
    return _json(delivery_document(night, done, _mark(plan, link), now))


@router.post("/p/{token}/plate", include_in_schema=False)
def plate(
    token: str, request: Request, source: Source, body: Photographed, _: SameSite
) -> Response:
    """Return the text of the plate on a photo, null where none is seen; the photo is not kept."""
    _known_link(request, source.store, token)
    text = plate_on(_read(Photo, body).photo)
    return _json({"schema": "fengqiao.plate/1", "text": text})


def _link(request: Request, store: Store, token: str) -> TeamLink:
    """Return the link of a token; what is no link is counted, so that nobody can go on guessing."""
    try:
        return link_of(store, token)
    except LinkRefusedError as error:
        if error.reason == "altered":
            rules = load("leader")
            key = f"link {address_of(request)}"
            check_rate(store, key, rules["wrong_links"], rules["wrong_within_s"])
        raise


def _known_link(request: Request, store: Store, token: str) -> TeamLink:
    """Return the link of a token, or raise what a script is told."""
    try:
        return _link(request, store, token)
    except LinkRefusedError as error:
        raise HTTPException(STATUS[error.reason], told(request, str(error)), PRIVATE) from error


def _read(model: type[Model], body: bytes) -> Model:
    """Return a body as what it should be."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise InputError("; ".join(faults)) from error


def _mark(plan: Any, link: TeamLink) -> int:
    """Return the number that tells the plan of this team from another one."""
    position = next(at for at, row in enumerate(plan["teams"]) if row["code"] == link.team)
    return code_plan(plan, position).mark


def _json(content: dict[str, Any]) -> Response:
    return JSONResponse(content, headers=PRIVATE)


def _gone(reason: Gone, status: int, lang: Lang, jti: str = "") -> Response:
    text = gone_page(reason, lang, jti)
    headers = {**PRIVATE, "Content-Security-Policy": header_policy(text)}
    return HTMLResponse(text, status, headers={**headers, "Vary": "Accept-Language"})


def _page(text: str, status: int, request: Request) -> Response:
    """Return a page, packed where the browser can unpack it: villages have weak signals."""
    headers = {**PRIVATE, "Content-Security-Policy": header_policy(text)}
    headers["Vary"] = "Accept-Language, Accept-Encoding"
    body = text.encode()
    if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) > PACKED_FROM:
        body = gzip.compress(body, 6)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type="text/html; charset=utf-8")
