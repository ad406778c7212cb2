"""The HTTP application: pages, tiles and answers of one workspace; duty states and incidents."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from api import (
    routes_circles,
    routes_cordon,
    routes_duty,
    routes_find,
    routes_incidents,
    routes_live_pages,
    routes_pages,
    routes_results,
    routes_tiles,
)
from api.errors import add_handlers
from api.incident_source import IncidentSource
from api.response_now import ResponseNow
from api.settings import Settings
from api.town_view import TownSource
from api.version import program_version
from api.workspace import open_workspace

# Pages have a policy of their own; see `routes_pages`.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves one workspace.

    Parameters
    ----------
    settings
        Names the workspace.

    Raises
    ------
    FileMissingError
        If there is no such workspace.
    StoreError
        If its database cannot be used.
    """
    workspace = open_workspace(settings.workspace)
    source = TownSource(workspace, settings.tile_cache)
    incidents = IncidentSource(workspace, source)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        incidents.close()
        source.close()

    # FastAPI's own pages of documentation load from other hosts.
    app = FastAPI(
        title="fengqiao-grid",
        version=program_version(),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.source = source
    app.state.incidents = incidents
    app.state.response_now = ResponseNow()
    add_handlers(app)
    app.middleware("http")(_add_headers)
    for routes in (
        routes_live_pages,  # before the pages that are named after answers
        routes_pages,
        routes_results,
        routes_duty,
        routes_incidents,
        routes_circles,
        routes_cordon,
        routes_find,
        routes_tiles,
    ):
        app.include_router(routes.router)
    app.add_api_route("/docs", _docs, response_class=HTMLResponse, include_in_schema=False)
    return app


async def _add_headers(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Add the headers that every answer carries, unless the handler set its own."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _docs(request: Request) -> HTMLResponse:
    """List what can be asked, as a page that asks no other host for anything."""
    rows = "".join(
        f"<dt><code>{method.upper()} {html.escape(path)}</code></dt>"
        f"<dd>{html.escape(about['description'])}</dd>"
        for path, methods in request.app.openapi()["paths"].items()
        for method, about in methods.items()
    )
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>fengqiao-grid</title>'
        f"<h1>fengqiao-grid {program_version()}</h1><dl>{rows}</dl>"
        '<p>The same for programs: <a href="openapi.json">openapi.json</a>. '
        "Errors are problem documents (RFC 9457).</p></html>"
    )
