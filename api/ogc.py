"""The documents of OGC API - Features: landing page, conformance, collections, schemas, links.

Part 1 (core) of the standard, in CRS84: longitude, latitude in degrees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from gis.columns import layer_title, titles
from gis.profiles import load
from gis.schema import Column, schema
from gis.store_features import FeaturePage, FeatureQuery, StoredLayer
from maps.words import Lang

ROOT = "/ogc"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
    for name in ("core", "geojson", "html")
)
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"

TYPES: Mapping[str, str] = {
    "text": "string",
    "word": "string",
    "date": "string",
    "number": "number",
    "integer": "integer",
    "flag": "boolean",
}
SHAPES: Mapping[str, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
    "point or polygon": ("Point", "Polygon", "MultiPolygon"),
}

Document = dict[str, Any]


def link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    """Return a link as the standard writes it."""
    return {"href": href, "rel": rel, "type": media_type, "title": title}


def own_links(href: str, media_type: str, title: str, *, query: str = "") -> list[dict[str, str]]:
    """Return the links of a document to itself and to the same as a page.

    Parameters
    ----------
    href
        Its address, without query.
    media_type
        What it is.
    title
        What it is called.
    query
        The query of this very document, without `f`.
    """
    kept = f"{query}&" if query else ""
    own = f"{href}?{query}" if query else href
    return [
        link(own, "self", media_type, title),
        link(f"{href}?{kept}f=html", "alternate", HTML, f"{title} (HTML)"),
    ]


def offered(layers: tuple[StoredLayer, ...]) -> dict[str, StoredLayer]:
    """Return those layers that are given out, by name."""
    left_out = load("ogc")["left_out"]
    return {layer.name: layer for layer in layers if layer.name not in left_out}


def landing(base: str, town: str, lang: Lang) -> Document:
    """Return the landing page.

    Parameters
    ----------
    base
        Address of the server, without slash at its end.
    town
        Name of the town.
    lang
        Language of the titles.
    """
    root, zh = base + ROOT, lang == "zh"
    title = f"{town} · {'要素服务' if zh else 'features'}"
    return {
        "title": title,
        "description": "OGC API - Features, CRS84",
        "links": [
            *own_links(root, JSON, title),
            link(f"{base}/openapi.json", "service-desc", OPENAPI, "OpenAPI"),
            link(f"{base}/docs", "service-doc", HTML, "接口说明" if zh else "documentation"),
            link(f"{root}/conformance", "conformance", JSON, "符合的规范" if zh else "conformance"),
            link(f"{root}/collections", "data", JSON, "图层" if zh else "collections"),
        ],
    }


def conformance(base: str, lang: Lang) -> Document:
    """Return which parts of the standard are kept."""
    title = "符合的规范" if lang == "zh" else "conformance"
    links = own_links(f"{base}{ROOT}/conformance", JSON, title)
    return {"conformsTo": list(CONFORMS), "links": links}


def collections(base: str, layers: Mapping[str, StoredLayer], lang: Lang) -> Document:
    """Return all layers that are given out."""
    title = "图层" if lang == "zh" else "collections"
    return {
        "links": own_links(f"{base}{ROOT}/collections", JSON, title),
        "collections": [collection(base, layer, lang) for layer in layers.values()],
    }


def collection(base: str, layer: StoredLayer, lang: Lang) -> Document:
    """Return what there is to know of one layer."""
    href = f"{base}{ROOT}/collections/{layer.name}"
    title = getattr(layer_title(layer.name), lang)
    items = "要素" if lang == "zh" else "items"
    extent = {} if layer.box is None else {"spatial": {"bbox": [list(layer.box)], "crs": CRS84}}
    return {
        "id": layer.name,
        "title": title,
        "attribution": " · ".join(layer.attribution),
        "itemType": "feature",
        "extent": extent,
        "crs": [CRS84],
        "storageCrs": CRS84,
        "links": [
            *own_links(href, JSON, title),
            link(f"{href}/items", "items", GEOJSON, f"{title}: {items}"),
            link(f"{href}/items?f=html", "items", HTML, f"{title}: {items} (HTML)"),
            link(f"{href}/schema", "describedby", SCHEMA, f"{title}: JSON Schema"),
            link(f"{href}/schema", SCHEMA_REL, SCHEMA, f"{title}: JSON Schema"),
        ],
    }


def item_schema(base: str, layer: str, lang: Lang) -> Document:
    """Return the columns of a layer as a JSON Schema."""
    known, called = schema(layer), titles(layer)
    shapes = [
        {"$ref": f"https://geojson.org/schema/{name}.json"} for name in SHAPES[known.geometry]
    ]
    columns = {
        column.name: {
            **_type(column),
            "title": getattr(called[column.name], lang),
            "description": getattr(called[column.name], f"note_{lang}"),
        }
        for column in known.columns
    }
    columns["code"]["x-ogc-role"] = "id"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}{ROOT}/collections/{layer}/schema",
        "title": getattr(layer_title(layer), lang),
        "type": "object",
        "required": [column.name for column in known.columns if column.required],
        "properties": {
            **columns,
            "geometry": {
                "x-ogc-role": "primary-geometry",
                **({"oneOf": shapes} if len(shapes) > 1 else shapes[0]),
            },
        },
    }


def items(
    base: str,
    layer: StoredLayer,
    query: FeatureQuery,
    asked: Sequence[tuple[str, str]],
    page: FeaturePage,
) -> bytes:
    """Return one page of features.

    Parameters
    ----------
    base
        Address of the server, without slash at its end.
    layer
        Whose they are.
    query, asked
        What was asked for, as it is understood and as it came.
    page
        The features.
    """
    kept = [(name, value) for name, value in asked if name not in ("after", "f")]
    href = f"{base}{ROOT}/collections/{layer.name}"
    here = urlencode([*kept, *([("after", query.after)] if query.after else [])])
    links = own_links(f"{href}/items", GEOJSON, layer.name, query=here)
    if page.after is not None:
        following = urlencode([*kept, ("after", page.after)])
        links.append(link(f"{href}/items?{following}", "next", GEOJSON, "next"))
    links.append(link(href, "collection", JSON, layer.name))
    every = not (query.boxes or query.where)
    head: Document = {"type": "FeatureCollection", "links": links}
    head |= {"numberMatched": layer.rows} if every else {}
    head |= {"numberReturned": len(page.features)}
    told = json.dumps(head, ensure_ascii=False).encode()
    return b'%b, "features": [%b]}' % (told[:-1], b",".join(page.features))


def _type(column: Column) -> Document:
    """Return the limits of a column as JSON Schema says them."""
    told: Document = {"type": TYPES[column.type]}
    if column.type == "date":
        told["format"] = "date"
    if column.words:
        told["enum"] = list(column.words)
    for key, value in (("minimum", column.low), ("maximum", column.high)):
        if value is not None:
            told[key] = value
    return told
