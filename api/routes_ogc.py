"""OGC API - Features: the layers of the town for any program that speaks the standard."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Path, Query, Request, Response

from api import ogc
from api.incident_source import Source
from api.kept_fresh import etag_of, kept_fresh
from api.languages import asked_language
from api.ogc_query import feature_query
from api.routes_pages import header_policy
from api.version import program_version
from gis.errors import NotFoundError
from gis.profiles import load
from gis.store import Store
from gis.store_features import StoredLayer, read_feature, read_features, stored_layers
from maps.pages_ogc import ogc_page
from maps.words import Lang

router = APIRouter(prefix=ogc.ROOT)

Format = Annotated[
    Literal["json", "geojson", "html"] | None,
    Query(description="json or html; without it what the header Accept asks for."),
]
Layer = Annotated[str, Path(max_length=50, description="Name of a layer.", examples=["cameras"])]
Code = Annotated[str, Path(max_length=200, description="Code of a feature.")]
Limit = Annotated[
    int | None,
    Query(
        ge=1, description=f"Features in one answer, at most {load('ogc')['most']}.", examples=[100]
    ),
]
Box = Annotated[
    str | None,
    Query(
        max_length=200,
        description="west,south,east,north in degrees.",
        examples=["120.70,30.10,120.75,30.15"],
    ),
]
Time = Annotated[
    str | None,
    Query(max_length=100, description="Taken, and selects all: no layer has a time of its own."),
]
After = Annotated[
    str | None, Query(max_length=200, description="As the link `next` has it: begin after a code.")
]


def _shown(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """Return what the document of the API says of an answer of these types."""
    content = {name: {"schema": {"type": "object"}} for name in media_types}
    return {200: {"content": {**content, ogc.HTML: {"schema": {"type": "string"}}}}}


@router.get("/", include_in_schema=False)
@router.get("", response_class=Response, responses=_shown(ogc.JSON))
def landing(request: Request, source: Source, f: Format = None) -> Response:
    """Return the landing page of the features: where everything else is."""
    lang = _language(request)
    document = ogc.landing(_base(request), source.workspace.name, lang)
    return _answer(request, document, f, source.store)


@router.get("/conformance", response_class=Response, responses=_shown(ogc.JSON))
def conformance(request: Request, source: Source, f: Format = None) -> Response:
    """Return which parts of the standard are kept."""
    return _answer(request, ogc.conformance(_base(request), _language(request)), f, source.store)


@router.get("/collections", response_class=Response, responses=_shown(ogc.JSON))
def collections(request: Request, source: Source, f: Format = None) -> Response:
    """Return the layers that the town has."""
    document = ogc.collections(_base(request), _layers(request, source.store), _language(request))
    return _answer(request, document, f, source.store)


@router.get("/collections/{layer}", response_class=Response, responses=_shown(ogc.JSON))
def collection(layer: Layer, request: Request, source: Source, f: Format = None) -> Response:
    """Return what there is to know of one layer."""
    found = _layer(request, source.store, layer)
    document = ogc.collection(_base(request), found, _language(request))
    return _answer(request, document, f, source.store)


@router.get(
    "/collections/{layer}/schema",
    response_class=Response,
    responses={200: {"content": {ogc.SCHEMA: {"schema": {"type": "object"}}}}},
)
def columns(layer: Layer, request: Request, source: Source) -> Response:
    """Return the columns of a layer as a JSON Schema."""
    found = _layer(request, source.store, layer)
    document = ogc.item_schema(_base(request), found.name, _language(request))
    return _answer(request, document, "json", source.store, ogc.SCHEMA)


@router.get("/collections/{layer}/items", response_class=Response, responses=_shown(ogc.GEOJSON))
def items(
    layer: Layer,
    request: Request,
    source: Source,
    bbox: Box = None,
    limit: Limit = None,
    datetime: Time = None,
    after: After = None,
    f: Format = None,
) -> Response:
    """Return features of a layer, by box and by any of its columns (status=in_use)."""
    found, base = _layer(request, source.store, layer), _base(request)
    asked = request.query_params.multi_items()
    query = feature_query(layer, asked)

    def content() -> str:
        page = read_features(source.store, query)
        kept = [(name, value) for name, value in asked if name not in ("after", "f")]
        href = f"{base}{ogc.ROOT}/collections/{layer}/items"
        here = urlencode([*kept, *([("after", query.after)] if query.after else [])])
        links = ogc.own_links(href, ogc.GEOJSON, layer, query=here)
        if page.after is not None:
            following = urlencode([*kept, ("after", page.after)])
            links.append(ogc.link(f"{href}?{following}", "next", ogc.GEOJSON, "next"))
        links.append(ogc.link(href.removesuffix("/items"), "collection", ogc.JSON, layer))
        every = not (query.boxes or query.where)
        head = {"numberMatched": found.rows} if every else {}
        head |= {"numberReturned": len(page.features)}
        told = json.dumps({"type": "FeatureCollection", "links": links, **head}, ensure_ascii=False)
        return f'{told[:-1]}, "features": [{",".join(page.features)}]}}'

    return _answer(request, content, f, source.store, ogc.GEOJSON)


@router.get(
    "/collections/{layer}/items/{code:path}",
    response_class=Response,
    responses=_shown(ogc.GEOJSON),
)
def item(layer: Layer, code: Code, request: Request, source: Source, f: Format = None) -> Response:
    """Return one feature of a layer by its code."""
    _layer(request, source.store, layer)
    base = f"{_base(request)}{ogc.ROOT}/collections/{layer}"

    def content() -> str:
        text = read_feature(source.store, layer, code)
        links = ogc.own_links(f"{base}/items/{quote(code, safe='/')}", ogc.GEOJSON, code)
        links.append(ogc.link(base, "collection", ogc.JSON, layer))
        return f'{text[:-1]},"links":{json.dumps(links, ensure_ascii=False)}}}'

    return _answer(request, content, f, source.store, ogc.GEOJSON)


def _language(request: Request) -> Lang:
    return asked_language(request) or "zh"


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _layers(request: Request, store: Store) -> dict[str, StoredLayer]:
    """Return the layers that are given out; looked for anew after a change of the town only."""
    state, revision = request.app.state, store.revision
    known: tuple[int, dict[str, StoredLayer]] | None = getattr(state, "ogc_layers", None)
    if known is None or known[0] != revision:
        seen, layers = stored_layers(store)
        known = state.ogc_layers = (seen, ogc.offered(layers))
    return known[1]


def _layer(request: Request, store: Store, name: str) -> StoredLayer:
    layers = _layers(request, store)
    if name not in layers:
        msg = f"no collection {name!r}; there are: {', '.join(layers)}"
        raise NotFoundError(msg)
    return layers[name]


def _answer(
    request: Request, content: Any, f: str | None, store: Store, media_type: str = ogc.JSON
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
    store
        The town's: its revision is what answers depend on.
    media_type
        What the document is.
    """
    html = f == "html" or (f is None and ogc.HTML in request.headers.get("accept", ""))
    lang = _language(request)
    etag = etag_of(
        program_version(), str(store.revision), str(request.url), lang, "html" if html else "json"
    )

    def text() -> str:
        if callable(content):
            return str(content())
        return json.dumps(content, ensure_ascii=False)

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
