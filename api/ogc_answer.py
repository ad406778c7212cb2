"""How a document of OGC API - Features goes out: as itself, as a page, or not at all if known."""

from __future__ import annotations

import json
from collections.abc import Callable

from fastapi import Request, Response

from api import ogc
from api.kept_fresh import etag_of, kept_fresh
from api.languages import asked_language
from api.routes_pages import header_policy
from api.version import program_version
from maps.pages_ogc import ogc_page
from maps.words import Lang


def ogc_answer(
    request: Request,
    content: ogc.Document | Callable[[], bytes],
    f: str | None,
    revision: int,
    media_type: str = ogc.JSON,
) -> Response:
    """Return a document, or the page of it, or 304 where the browser has it.

    Parameters
    ----------
    request
        What was asked.
    content
        The document, or a function that makes its text.
    f
        The form that was asked for.
    revision
        Of the town, which answers depend on.
    media_type
        What the document is.
    """
    html, lang = is_page(request, f), ogc_language(request)
    form = "html" if html else "json"
    etag = etag_of(program_version(), str(revision), str(request.url), lang, form)

    def text() -> bytes:
        return content() if callable(content) else json.dumps(content, ensure_ascii=False).encode()

    def page() -> str:
        return ogc_page(request.url.path, json.loads(text()), lang)

    if html:
        answer = kept_fresh(request, etag, f"{ogc.HTML}; charset=utf-8", page)
        if answer.status_code == 200:
            answer.headers["Content-Security-Policy"] = header_policy(bytes(answer.body).decode())
    else:
        answer = kept_fresh(request, etag, media_type, text)
    answer.headers["Vary"] = "Accept, Accept-Language"
    if media_type == ogc.GEOJSON:
        answer.headers["Content-Crs"] = f"<{ogc.CRS84}>"
    return answer


def is_page(request: Request, f: str | None) -> bool:
    """Return whether the page of a document is asked for, by `f` or by the header Accept."""
    return f == "html" or (f is None and ogc.HTML in request.headers.get("accept", ""))


def ogc_language(request: Request) -> Lang:
    """Return the language of an answer."""
    return asked_language(request) or "zh"


def ogc_base(request: Request) -> str:
    """Return the address of the server as it was asked for, without slash at its end."""
    return str(request.base_url).rstrip("/")
