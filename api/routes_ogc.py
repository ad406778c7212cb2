"""OGC API - Features: the layers of the town for any program that speaks the standard."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response

from api import ogc
from api.ogc_answer import ogc_answer, ogc_base, ogc_language
from api.ogc_query import feature_query
from api.ogc_town import Offered
from gis.profiles import load
from gis.store_features import read_feature

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
def landing(request: Request, town: Offered, f: Format = None) -> Response:
    """Return the landing page of the features: where everything else is."""
    lang = ogc_language(request)
    document = ogc.landing(ogc_base(request), town.name, lang)
    return ogc_answer(request, document, f, town.revision)


@router.get("/conformance", response_class=Response, responses=_shown(ogc.JSON))
def conformance(request: Request, town: Offered, f: Format = None) -> Response:
    """Return which parts of the standard are kept."""
    return ogc_answer(
        request, ogc.conformance(ogc_base(request), ogc_language(request)), f, town.revision
    )


@router.get("/collections", response_class=Response, responses=_shown(ogc.JSON))
def collections(request: Request, town: Offered, f: Format = None) -> Response:
    """Return the layers that the town has."""
    document = ogc.collections(ogc_base(request), town.layers, ogc_language(request))
    return ogc_answer(request, document, f, town.revision)


@router.get("/collections/{layer}", response_class=Response, responses=_shown(ogc.JSON))
def collection(layer: Layer, request: Request, town: Offered, f: Format = None) -> Response:
    """Return what there is to know of one layer."""
    found = town.layer(layer)
    document = ogc.collection(ogc_base(request), found, ogc_language(request))
    return ogc_answer(request, document, f, town.revision)


@router.get(
    "/collections/{layer}/schema",
    response_class=Response,
    responses={200: {"content": {ogc.SCHEMA: {"schema": {"type": "object"}}}}},
)
def columns(layer: Layer, request: Request, town: Offered) -> Response:
    """Return the columns of a layer as a JSON Schema."""
    found = town.layer(layer)
    document = ogc.item_schema(ogc_base(request), found.name, ogc_language(request))
    return ogc_answer(request, document, "json", town.revision, ogc.SCHEMA)


@router.get("/collections/{layer}/items", response_class=Response, responses=_shown(ogc.GEOJSON))
def items(
    layer: Layer,
    request: Request,
    town: Offered,
    bbox: Box = None,
    limit: Limit = None,
    datetime: Time = None,
    after: After = None,
    f: Format = None,
) -> Response:
    """Return features of a layer, by box and by any of its columns (status=in_use)."""
    found, asked = town.layer(layer), request.query_params.multi_items()
    query = feature_query(layer, asked)

    def content() -> bytes:
        return ogc.items(ogc_base(request), found, query, asked, town.page(query))

    return ogc_answer(request, content, f, town.revision, ogc.GEOJSON)


@router.get(
    "/collections/{layer}/items/{code:path}",
    response_class=Response,
    responses=_shown(ogc.GEOJSON),
)
def item(layer: Layer, code: Code, request: Request, town: Offered, f: Format = None) -> Response:
    """Return one feature of a layer by its code."""
    town.layer(layer)
    base = f"{ogc_base(request)}{ogc.ROOT}/collections/{layer}"

    def content() -> bytes:
        text = read_feature(town.store, layer, code)
        links = ogc.own_links(f"{base}/items/{quote(code, safe='/')}", ogc.GEOJSON, code)
        links.append(ogc.link(base, "collection", ogc.JSON, layer))
        told = json.dumps(links, ensure_ascii=False)
        return b'%b,"links":%b}' % (text[:-1], told.encode())

    return ogc_answer(request, content, f, town.revision, ogc.GEOJSON)
