"""The page of documentation, made from the document of the API."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.kept_fresh import etag_of, kept_fresh
from api.languages import best_language
from api.openapi_document import Operation, example_of, group_of, operations
from api.routes_pages import header_policy
from api.version import program_version
from gis.profiles import load
from maps.pages_docs import Group, Parameter, Route, docs_page
from maps.words import Lang, Words, words

router = APIRouter()


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
def docs(request: Request, lang: Lang | None = None) -> Response:
    """Return what can be asked, as a page that asks no other host for anything."""
    language = lang or best_language(request.headers.get("Accept-Language", ""))
    town: str = request.app.state.incidents.workspace.name
    text = docs_page(
        route_groups(request.app.openapi(), language, base := str(request.base_url).rstrip("/")),
        language,
        town=town,
        version=program_version(),
        base=base,
    )
    answer = kept_fresh(request, etag_of(text), "text/html; charset=utf-8", lambda: text)
    answer.headers["Content-Security-Policy"] = header_policy(text)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def route_groups(document: dict[str, Any], lang: Lang, base: str) -> list[Group]:
    """Return the routes of a document in their groups, without groups that have none.

    Parameters
    ----------
    document
        The document of the API.
    lang
        Language of what is said.
    base
        Address of the server, for the examples.
    """
    found: dict[str, list[Route]] = {}
    for method, path, operation in operations(document):
        route = _route(document, method, path, operation, lang, base)
        found.setdefault(group_of(path)["id"], []).append(route)
    return [
        Group(group["id"], group[lang], tuple(found[group["id"]]))
        for group in load("api")["groups"]
        if group["id"] in found
    ]


def _route(
    document: dict[str, Any], method: str, path: str, operation: Operation, lang: Lang, base: str
) -> Route:
    good = [v for status, v in operation["responses"].items() if status.startswith("2")]
    contents = [pair for one in good for pair in one.get("content", {}).items()]
    example = next((content["example"] for _, content in contents if "example" in content), None)
    told = operation["x-summary-zh"] if lang == "zh" else operation["summary"]
    return Route(
        method=method,
        path=path,
        about=told,
        role=operation["x-role"],
        parameters=tuple(_parameters(document, operation, words(lang))),
        command=_command(method, base + example_of(method, path), operation),
        answer="" if example is None else json.dumps(example, ensure_ascii=False, indent=2),
        kinds=tuple(name for name, _ in contents),
    )


def _parameters(document: dict[str, Any], operation: Operation, say: Words) -> Iterator[Parameter]:
    for one in operation.get("parameters", ()):
        about = one.get("description") or one["schema"].get("description", "")
        required = one.get("required", False)
        told = _type(one["schema"], say)
        yield Parameter(one["name"], one["in"], told, required, _about(one["name"], about, say))
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schema = _resolved(document, content["schema"])
        for name, part in schema.get("properties", {}).items():
            told = _type(_resolved(document, part), say)
            about = _about(name, part.get("description", ""), say)
            yield Parameter(name, "body", told, name in schema.get("required", ()), about)


def _about(name: str, about: str, say: Words) -> str:
    """Return what a parameter means in the page's language, as far as it is known."""
    known: dict[str, str] = load("api")["parameters"]
    return known.get(name, about) if say.lang == "zh" else about.replace("`", "")


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a reference means."""
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _type(schema: dict[str, Any], say: Words) -> str:
    """Return what a value may be, in a few words.

    Examples
    --------
    >>> say, low = words("en"), {"type": "integer", "minimum": 1, "maximum": 9}
    >>> _type({"anyOf": [low, {"type": "null"}]}, say), _type({"enum": ["json", "html"]}, say)
    ('integer, 1 … 9', 'json | html')
    """
    parts = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    return " | ".join(_told(part, say) for part in parts)


def _told(part: dict[str, Any], say: Words) -> str:
    if "enum" in part or "const" in part:
        return " | ".join(map(str, part.get("enum", [part.get("const")])))
    low = part.get("minimum", part.get("exclusiveMinimum"))
    high = part.get("maximum", part.get("exclusiveMaximum"))
    limits = "" if low is None and high is None else f", {_end(low)} … {_end(high)}"
    return f"{say.term('json', part.get('type', 'object'))}{limits}"


def _end(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _command(method: str, address: str, operation: Operation) -> str:
    """Return an example as it is typed into a shell."""
    words = ["curl"] if method == "GET" else ["curl", "-X", method]
    contents: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    if "application/json" in contents:
        example = contents["application/json"].get("example", {})
        sent = json.dumps(example, ensure_ascii=False)
        words += ["-H", "Content-Type: application/json", "-d", sent]
    elif "multipart/form-data" in contents:
        words += ["-F", "file=@cameras.xlsx"]
    elif method in ("POST", "DELETE"):
        words += ["-H", "Content-Type: application/json"]
    return " ".join([*map(shlex.quote, words), shlex.quote(address)])
