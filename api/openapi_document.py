"""The document of the API: what FastAPI knows of the routes, with problems, groups and examples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import FastAPI
from starlette.routing import compile_path

from api.auth_roles import rule_of
from api.models import Problem
from gis.profiles import load

PROBLEM = "application/problem+json"
METHODS = ("get", "post", "put", "patch", "delete")

Operation = dict[str, Any]


def document_api(app: FastAPI) -> None:
    """Make an application give the whole document; it is made when it is first asked for."""
    plain = app.openapi
    app.openapi = lambda: _once(app, plain)  # type: ignore[method-assign]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Yield method, path and description of each operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def group_of(path: str) -> dict[str, Any]:
    """Return the group of the documentation that a path belongs to.

    Examples
    --------
    >>> group_of("/ogc/collections")["id"], group_of("/pages/duty")["id"]
    ('features', 'pages')
    """
    groups: list[dict[str, Any]] = load("api")["groups"]
    return next(one for one in groups if any(path.startswith(start) for start in one["paths"]))


def example_of(method: str, path: str) -> str:
    """Return an example of what to ask for: path and query."""
    told: str = load("api")["operations"].get(f"{method} {path}", {}).get("ask", path)
    return told


def _once(app: FastAPI, plain: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if app.openapi_schema is None or "x-complete" not in app.openapi_schema:
        document = plain()
        _complete(document)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(document: dict[str, Any]) -> None:
    """Add what FastAPI does not know."""
    words, answers = load("api")["operations"], load("api_examples")
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for method, path, operation in operations(document):
        key = f"{method} {path}"
        known = words.get(key, {})
        operation["tags"] = [group_of(path)["en"]]
        operation["summary"] = operation["description"].split("\n")[0]
        operation["x-summary-zh"] = known.get("zh", operation["summary"])
        rule = rule_of(method, path)
        operation["x-role"] = "admin" if rule is None else rule.role
        _add_problem(operation)
        _add_request(operation, path, example_of(method, path), known.get("body"))
        if key in answers:
            _add_answer(operation, json.loads(answers[key]))
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["tags"] = [
        {"name": group["en"], "description": group["zh"]} for group in load("api")["groups"]
    ]
    document["x-complete"] = True


def _add_problem(operation: Operation) -> None:
    """Say that what goes wrong is a problem document; 422 is what no route answers."""
    operation["responses"].pop("422", None)
    content: dict[str, Any] = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    if any("text/html" in one.get("content", {}) for one in operation["responses"].values()):
        content["text/html"] = {"schema": {"type": "string"}}
    operation["responses"]["default"] = {"description": "What is wrong", "content": content}


def _add_request(operation: Operation, path: str, ask: str, body: str | None) -> None:
    """Add the examples of parameters and of what is sent."""
    asked = urlsplit(ask)
    found = compile_path(path.replace("{code}", "{code:path}"))[0].match(asked.path)
    values = dict(parse_qsl(asked.query)) | (found.groupdict() if found and path != ask else {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in values:
            parameter["example"] = _typed(parameter["schema"], values[parameter["name"]])
    if body:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            content["example"] = json.loads(body)


def _typed(schema: dict[str, Any], text: str) -> Any:
    """Return a value as its schema has it: a number where one is wanted."""
    kinds = {schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ()))}
    return json.loads(text) if kinds & {"integer", "number"} else text


def _add_answer(operation: Operation, example: Any) -> None:
    """Add the example of the answer where all goes well."""
    for status, answer in operation["responses"].items():
        contents = [v for name, v in answer.get("content", {}).items() if "json" in name]
        if status.startswith("2") and contents:
            contents[0]["example"] = example
