"""The briefing and the handover sheet: a page to print, and the same as PDF."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.auth import Known
from api.dashboard import Overviewed, moment_of
from api.incident_source import IncidentSource, Source
from api.routes_live_pages import PageLang
from api.routes_pages import header_policy
from gis.profiles import load
from gis.store_audit import audit_rows
from maps.pages_briefing import Sheet, Shift, briefing_page

router = APIRouter()

# What the audit log says of an incident that was closed over HTTP.
CLOSED = re.compile(r"/incidents/\d+/close")
MOST_AUDITED = 5000
Which = Annotated[Sheet, Query(description="briefing, or handover to the next shift")]


@router.get("/briefing", response_class=HTMLResponse)
def briefing(
    board: Overviewed, source: Source, who: Known, lang: PageLang, sheet: Which = "briefing"
) -> Response:
    """Return the briefing, or the handover sheet, as one page to print."""
    text = _sheet(board, source, who, lang, sheet)
    policy = header_policy(text)
    return HTMLResponse(
        text, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    )


@router.get("/briefing.pdf", response_class=Response)
def briefing_pdf(
    board: Overviewed, source: Source, who: Known, lang: PageLang, sheet: Which = "briefing"
) -> Response:
    """Return the briefing, or the handover sheet, as PDF."""
    from maps.patrol_sheet_pdf import write_pdf

    text = _sheet(board, source, who, lang, sheet, on_paper=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.pdf"
        write_pdf(path, text)
        content = path.read_bytes()
    name = quote(f"{source.workspace.name}-{sheet}-{source.now():%Y%m%d-%H%M}.pdf")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def shift_of(now: datetime) -> tuple[datetime, datetime]:
    """Return when the shift began that it is, and when it ends.

    Examples
    --------
    >>> begin, end = shift_of(datetime(2026, 11, 26, 3, 0))
    >>> f"{begin:%d %H:%M} {end:%d %H:%M}"
    '25 20:00 26 08:00'
    """
    starts = sorted(
        now.replace(hour=int(text[:2]), minute=int(text[3:]), second=0, microsecond=0) + day
        for text in load("dashboard")["shifts"]
        for day in (timedelta(days=-1), timedelta(), timedelta(days=1))
    )
    return max(one for one in starts if one <= now), min(one for one in starts if one > now)


def closed_since(source: IncidentSource, begin: datetime) -> int:
    """Return how many incidents were closed over HTTP since a moment."""
    rows = audit_rows(source.store, most=MOST_AUDITED, action="change")
    return sum(
        row.at.replace(tzinfo=row.at.tzinfo or UTC) >= begin
        and CLOSED.fullmatch(str(row.detail.get("path", ""))) is not None
        for row in rows
    )


def _sheet(
    board: Overviewed, source: IncidentSource, who: Known, lang: PageLang, sheet: Sheet,
    *, on_paper: bool = False,
) -> str:  # fmt: skip
    moment = moment_of(board, source, who)
    begin, end = shift_of(moment.now)
    view = board.page_view(lang, f"&sheet={sheet}", page="briefing")
    return briefing_page(
        board.live.layers,
        board.overview(lang),
        moment,
        Shift(begin, end, closed_since(source, begin)),
        view,
        sheet,
        on_paper=on_paper,
    )
