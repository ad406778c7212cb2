"""A short way for the question that maps ask most: the features in a box.

What it cannot answer at once, and whatever is wrong, is left to the route. Looking for the route,
checking each parameter for itself and changing threads cost several times what the answer does.
"""

from __future__ import annotations

import re

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import ogc
from api.ogc_answer import is_page, ogc_answer, ogc_base
from api.ogc_query import feature_query
from api.ogc_town import OfferedTown
from gis.errors import ParameterError, StoreError

ITEMS = re.compile(rf"{ogc.ROOT}/collections/([a-z_]+)/items")
# The page of more features than this takes so long that others had to wait for it.
MOST = 1000


class Lane:
    """Answer what is asked most on a short way.

    Parameters
    ----------
    app
        What answers everything else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer: ASGIApp = self._app
        if scope["type"] == "http" and scope["method"] == "GET":
            asked = ITEMS.fullmatch(scope["path"])
            if asked is not None:
                answer = _answer(Request(scope), asked.group(1)) or self._app
        await answer(scope, receive, send)


def _answer(request: Request, layer: str) -> Response | None:
    """Return the features asked for; None where that is for the route to do."""
    town = _town(request.app)
    if town is None or layer not in town.layers:
        return None
    asked = request.query_params.multi_items()
    f = request.query_params.get("f")
    try:
        query = feature_query(layer, asked)
    except ParameterError:
        return None
    if query.limit > MOST or f not in (None, "json", "geojson") or is_page(request, f):
        return None
    page = town.known_page(query)
    if page is None:
        return None
    text = ogc.items(ogc_base(request), town.layers[layer], query, asked, page)
    return ogc_answer(request, lambda: text, f, town.revision, ogc.GEOJSON)


def _town(app: FastAPI) -> OfferedTown | None:
    """Return what is given out as it is now, if that is known without reading the store."""
    town: OfferedTown | None = getattr(app.state, "offered", None)
    if town is None or town.store.engine.dialect.name != "sqlite":
        return None
    try:
        return town if town.revision == app.state.revisions.now() else None
    except StoreError:
        return None
