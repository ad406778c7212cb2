"""The HTTP application: pages, tiles and answers of one workspace; duty states and incidents."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from api import (
    routes_briefing,
    routes_cells,
    routes_circles,
    routes_cordon,
    routes_dashboard,
    routes_displays,
    routes_duty,
    routes_find,
    routes_health,
    routes_incidents,
    routes_jobs,
    routes_leader,
    routes_links,
    routes_live_pages,
    routes_login,
    routes_ogc,
    routes_pages,
    routes_planner,
    routes_planner_work,
    routes_results,
    routes_tiles,
    routes_uploads,
)
from api.audit import prune
from api.auth_guard import Guard
from api.auth_sessions import Accounts
from api.errors import add_handlers
from api.head import Head
from api.headers import Headers
from api.incident_source import IncidentSource
from api.leader_log import hide_tokens
from api.response_now import ResponseNow
from api.settings import Settings
from api.town_view import TownSource
from api.version import program_version
from api.workspace import open_workspace


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
    accounts = Accounts(incidents.store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        prune(incidents.store)
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
    app.state.accounts = accounts
    app.state.response_now = ResponseNow()
    add_handlers(app)
    hide_tokens()
    app.add_middleware(Head)  # innermost: the door knows HEAD
    app.add_middleware(Guard, accounts=accounts)
    app.add_middleware(Headers)  # outermost: what is refused has them, too
    for routes in (
        routes_login,
        routes_dashboard,
        routes_briefing,
        routes_displays,
        routes_live_pages,  # before the pages that are named after answers
        routes_pages,
        routes_results,
        routes_ogc,
        routes_cells,
        routes_health,
        routes_duty,
        routes_incidents,
        routes_circles,
        routes_cordon,
        routes_find,
        routes_jobs,
        routes_leader,
        routes_links,
        routes_planner,
        routes_planner_work,
        routes_uploads,
        routes_tiles,
    ):
        app.include_router(routes.router)
    app.add_api_route("/docs", _docs, response_class=HTMLResponse, include_in_schema=False)
    return app


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
