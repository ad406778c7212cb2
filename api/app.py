"""The HTTP application: pages, tiles and answers of one workspace; duty states and incidents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from api import (
    docs_page,
    routes_basemaps,
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
from api.basemaps import Basemaps
from api.errors import add_handlers
from api.getting_ready import getting_ready
from api.head import Head
from api.headers import Headers
from api.incident_source import IncidentSource
from api.leader_log import hide_tokens
from api.ogc_lane import Lane
from api.openapi_document import document_api
from api.response_now import ResponseNow
from api.settings import Settings
from api.town_view import TownSource
from api.version import program_version
from api.workspace import open_workspace
from gis.store_known import RevisionWatch


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
    basemaps = Basemaps(workspace.basemaps, workspace.folder)
    revisions = RevisionWatch(incidents.store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        prune(incidents.store)
        with getting_ready(app):
            yield
        revisions.close()
        basemaps.close()
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
    app.state.basemaps = basemaps
    app.state.revisions = revisions
    app.state.response_now = ResponseNow()
    add_handlers(app)
    hide_tokens()
    app.add_middleware(Lane)
    app.add_middleware(GZipMiddleware, compresslevel=5)  # within HEAD, which tells what GET tells
    app.add_middleware(Head)  # within the door, which knows HEAD
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
        routes_basemaps,
        docs_page,
    ):
        app.include_router(routes.router)
    document_api(app)
    return app
