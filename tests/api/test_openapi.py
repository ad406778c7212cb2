"""The document of the API: that it is whole, its examples true, and the server as it says."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, checks

import data
from api.openapi_document import operations

# Streams do not end, and a login is told by its own tests how often it may fail.
LEFT_OUT = re.compile(r"/events$|^/log")
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EACH = 5


@pytest.fixture(scope="module")
def document(client: httpx2.Client) -> dict[str, Any]:
    told: dict[str, Any] = client.get("/openapi.json").json()
    return told


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(data.__file__).parent / "profiles" / name).read_text("utf-8"))


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": document["components"]}


def answers(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            for name, content in answer.get("content", {}).items():
                if status.startswith("2") and "json" in name:
                    yield f"{method} {path}", content


def test_every_route_is_told_in_both_languages(document: dict[str, Any]) -> None:
    here = {f"{method} {path}" for method, path, _ in operations(document)}
    known = table("api.toml")["operations"]
    assert sorted(here - set(known)) == []
    assert sorted(set(known) - here) == []
    assert sorted(set(table("api_examples.toml")) - here) == []


def test_every_change_has_an_example_of_what_is_sent(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content and path != "/uploads/{identity}":
            assert "example" in content, (method, path)
            schema = resolved(document, content["schema"])
            jsonschema_rs.validate(schema, content["example"])


def test_examples_of_answers_are_as_their_schemas_say(document: dict[str, Any]) -> None:
    seen = 0
    for key, content in answers(document):
        if "example" in content:
            seen += 1
            jsonschema_rs.validate(resolved(document, content["schema"]), content["example"])
            assert "/p/ey" not in json.dumps(content["example"]), key
    assert seen > 30


def test_no_route_is_said_to_answer_422(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert "422" not in operation["responses"], (method, path)
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tells_all_of_it(
    client: httpx2.Client, document: dict[str, Any], lang: str
) -> None:
    text = client.get("/docs", params={"lang": lang}).text
    assert not re.findall(r'(?:src|href)="https?:', text)
    assert "<script" not in text
    assert "style=" not in text
    for method, path, _ in operations(document):
        assert f"<code>{path}</code>" in text, method
    known = table("api.toml")["operations"]["GET /coverage"]["zh"]
    assert (known in text) == (lang == "zh")
    keys = re.findall(r'<article id="([^"]+)"', text)
    assert len(set(keys)) == len(keys) > 50


def test_long_answers_come_in_parts(client: httpx2.Client) -> None:
    whole, address = client.get("/coverage").json(), "/coverage?limit=2"
    assert "next" not in whole
    gaps: list[Any] = []
    while address:
        answer = client.get(address)
        part = answer.json()
        assert part["totals"] == whole["totals"]
        assert len(part["gaps"]) <= 2
        gaps += part["gaps"]
        address = part.get("next", "")
        assert answer.headers.get("link", "") == (f'<{address}>; rel="next"' if address else "")
    assert gaps == whole["gaps"]


def test_answers_that_have_not_changed_are_not_sent_again(client: httpx2.Client) -> None:
    first = client.get("/targets")
    again = client.get("/targets", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_hexagon_tells_what_the_coverage_says_of_it(client: httpx2.Client) -> None:
    gap = client.get("/coverage").json()["gaps"][0]
    told = client.get(f"/cells/{gap['id']}").json()
    assert told["schema"] == "fengqiao.cell/1"
    assert told["gap"] == {name: gap[name] for name in ("id", "rank", "area_m2", "reason")}
    assert told["seen_share"]["value"] <= told["seen_share"]["high"] <= 1
    assert [one["code"] for one in told["cameras"] + told["near"]] == ["node/13"]
    assert client.get("/cells/8f2830828052d25").status_code == 404
    assert client.get("/cells/nothing").status_code == 400


def test_an_incident_comes_with_kind_and_place_only(client: httpx2.Client) -> None:
    new = {"lon": 120.001, "lat": 30.0, "kind": "dispute"}
    assert client.post("/incidents", json=new).status_code == 201
    refused = client.post("/incidents", json={**new, "caller": "somebody"})
    assert refused.status_code == 400
    assert "caller" in refused.json()["detail"]


def test_whatever_is_asked_is_answered_as_the_document_says(client: httpx2.Client) -> None:
    base = str(client.base_url).rstrip("/")
    schema = schemathesis.openapi.from_url(f"{base}/openapi.json")
    faults: dict[str, str] = {}
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if LEFT_OUT.search(operation.path):
            continue

        @settings(
            max_examples=EACH,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Case[Any]) -> None:
            case.call_and_validate(checks=CHECKS, timeout=60)

        try:
            ask()
        except Exception as error:  # all of them are told at once
            faults[operation.label] = f"{type(error).__name__}: {error}"[:1500]
    assert not faults, "\n\n".join(f"{name}: {text}" for name, text in faults.items())
