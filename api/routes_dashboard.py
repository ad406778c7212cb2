"""The overview of the town: its page, the layers of its themes, and what changes of it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.auth import Known
from api.dashboard import Overviewed, moment_of
from api.incident_source import Source
from api.kept_fresh import etag_of, kept_fresh
from api.routes_live_pages import PageLang
from api.routes_pages import header_policy, preloads
from maps.overlays_dashboard import Theme
from maps.pages_dashboard import dashboard_page, dashboard_parts, now_items, now_layers
from maps.words import words

router = APIRouter()

JSON = "application/json"
# What the map shows first, for the browser to ask for beside the scripts.
FIRST_LAYERS = "<dashboard/layers/coverage?lang={lang}>; rel=preload; as=fetch; crossorigin"
# Name of a wall screen.
Wall = Annotated[str, Query(max_length=40, pattern="^[A-Za-z0-9-]*$")]


@router.get("/", response_class=HTMLResponse)
def dashboard(
    board: Overviewed, source: Source, who: Known, lang: PageLang, wall: Wall = ""
) -> Response:
    """Return the overview; wall=NAME: as the wall screen of that name shows it."""
    moment = moment_of(board, source, who)
    text = dashboard_page(
        board.live.layers,
        board.overview(lang),
        moment,
        board.page_view(lang, f"&wall={wall}" if wall else ""),
        names=board.live.names(lang),
        hours=board.hours(lang, moment.now),
        has_cells=board.answers.coverage is not None,
        wall=wall,
    )
    return HTMLResponse(
        text,
        headers={
            "Content-Security-Policy": header_policy(text),
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
            "Link": ", ".join([*preloads(text), FIRST_LAYERS.format(lang=lang)]),
        },
    )


@router.get("/dashboard/parts")
def parts(
    request: Request, board: Overviewed, source: Source, who: Known, lang: PageLang
) -> Response:
    """Return the parts of the overview that change, as HTML, and its layers of now."""
    moment, say = moment_of(board, source, who), words(lang)
    view, layers = board.page_view(lang), board.live.layers
    told: dict[str, Any] = {
        # A plan given out is another night on the map.
        "town": etag_of(board.view.etag("dashboard"), *map(str, board.given.marks)),
        "parts": dashboard_parts(layers, board.overview(lang), moment, view),
        "layers": {
            one.name: {
                "features": one.features,
                "fields": one.fields,
                "from_zoom": one.from_zoom,
            }
            for one in now_layers(layers, moment, say)
        },
        "items": now_items(layers, moment, say),
    }
    text = json.dumps(told, ensure_ascii=False, allow_nan=False)
    return kept_fresh(request, etag_of(text), JSON, lambda: text)


@router.get("/dashboard/layers/{theme}")
def layers(
    theme: Theme,
    request: Request,
    board: Overviewed,
    source: Source,
    lang: PageLang,
    close: bool = False,
) -> Response:
    """Return the layers of a theme of the overview, with what a click on them tells.

    Those that are seen from close by only are given apart (close=true).
    """
    now = source.now()
    minute = (now.weekday() * 24 + now.hour) * 60 + now.minute
    text, etag = board.layers(theme, lang, minute, close=close)
    return kept_fresh(request, etag, JSON, lambda: text)
