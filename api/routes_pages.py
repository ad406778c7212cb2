"""The pages that people look at."""

from __future__ import annotations

import html
import re
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.incident_source import Source
from api.kept_fresh import kept_fresh
from api.languages import best_language
from api.response_now import Keeper
from api.routes_results import View
from gis.errors import NotFoundError
from maps.pages import PAGES
from maps.words import Lang

router = APIRouter()

# A page states its policy itself, as it is opened from folders too.
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
# Style sheets and scripts of a page, in its order.
LOADED = re.compile(r'<link rel="stylesheet" href="([^"]*)"|<script src="([^"]*)"')


@router.get("/pages/{name}", response_class=HTMLResponse)
def page(
    name: str,
    view: View,
    request: Request,
    source: Source,
    keeper: Keeper,
    lang: Lang | None = None,
    at: Literal["now"] | None = None,
) -> Response:
    """Return a page, named after its kind of answer, in Chinese (zh) or English (en).

    That of the response is given for this moment, too (at=now).
    """
    known = next((page for page in PAGES if page == name), None)
    if known is None:
        msg = f"no page called {name!r}; there are: {', '.join(PAGES)}"
        raise NotFoundError(msg)
    language = lang or best_language(request.headers.get("Accept-Language", ""))
    if known == "response" and at == "now":
        text = view.page_of(known, language, keeper.answer(view, source), query="&at=now")
        answer: Response = HTMLResponse(text, headers={"Cache-Control": "no-store"})
    else:
        text = view.page(known, language)
        etag = view.etag(f"{name} {language}")
        answer = kept_fresh(request, etag, "text/html; charset=utf-8", lambda: text)
    answer.headers["Content-Security-Policy"] = header_policy(text)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def preloads(page: str) -> list[str]:
    """Return the style sheets and scripts of a page as the values of a header Link.

    Browsers look ahead for them, but not past a policy that a page states itself.

    Examples
    --------
    >>> preloads('<link rel="stylesheet" href="a.css"><script src="b.js" data-x="1"></script>')
    ['<a.css>; rel=preload; as=style', '<b.js>; rel=preload; as=script']
    """
    return [
        f"<{style}>; rel=preload; as=style" if style else f"<{script}>; rel=preload; as=script"
        for style, script in LOADED.findall(page)
    ]


def header_policy(page: str) -> str:
    """Return the policy that a page states, with what only a header can say.

    Examples
    --------
    >>> policy = "default-src &#39;none&#39;"
    >>> header_policy(f'<meta http-equiv="Content-Security-Policy" content="{policy}">')
    "default-src 'none'; frame-ancestors 'none'"
    """
    stated = POLICY.search(page)
    assert stated is not None
    return f"{html.unescape(stated.group(1))}; frame-ancestors 'none'"
