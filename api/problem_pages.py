"""A page in place of one that cannot be shown: why, and the ways back."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.incident_source import incident_source
from api.languages import best_language
from api.live_town import live_town
from api.routes_pages import header_policy
from gis.errors import FengqiaoError
from maps.pages import problem_page
from maps.panels_live import at_place
from maps.words import Lang

PAGES = "/pages/"
# What a query keeps on the way back.
PLACE = ("lon", "lat")


def problem_response(request: Request, status: int, detail: str) -> Response | None:
    """Return the page that says why another cannot be shown.

    None where a program asks, or the town itself cannot be read.

    Parameters
    ----------
    request
        What was asked for.
    status
        HTTP status.
    detail
        What is wrong, in the language asked for.
    """
    accepted = request.headers.get("accept", "")
    if not request.url.path.startswith(PAGES) or "text/html" not in accepted:
        return None
    try:
        live = live_town(request, incident_source(request))
    except FengqiaoError:
        return None
    page, asked = quote(request.url.path.removeprefix(PAGES)), request.query_params.multi_items()
    view = live.page_view(page, _language(request), asked)
    text = problem_page(detail, view, _back(request, view.links["incident"]))
    return HTMLResponse(text, status, headers=_headers(text))


def _language(request: Request) -> Lang:
    given = request.query_params.get("lang")
    return best_language(given or request.headers.get("Accept-Language", ""))


def _back(request: Request, address: str) -> str:
    """Return the address of who comes to the place that was asked about; "" where there is none."""
    try:
        lon, lat = (float(request.query_params[name]) for name in PLACE)
    except (KeyError, ValueError):
        return ""
    return at_place(address, lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else ""


def _headers(text: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": header_policy(text),
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Accept",
    }
