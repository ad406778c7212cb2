"""What a button may be refused for, in the language of the page; and closed streets over HTTP."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

UNIT = "assumed/unit/node/11"
WHERE = {"lon": 120.0018, "lat": 30.0019}
LATIN = re.compile("[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def incident(client: httpx2.Client) -> int:
    """Return the number of an incident with the unit of the town there."""
    opened = client.post("/incidents", json={**WHERE, "kind": "fight"}).json()["incident"]
    number: int = opened["number"]
    assert client.post(f"/incidents/{number}/send", json={"unit": UNIT}).status_code == 200
    assert client.post(f"/incidents/{number}/arrived", json={"unit": UNIT}).status_code == 200
    return number


def refused(client: httpx2.Client, method: str, path: str, body: dict[str, Any]) -> list[str]:
    """Return why a request is refused: in Chinese, in English, and to who asks for neither."""
    told = []
    for headers in ({"Accept-Language": "zh-CN"}, {"Accept-Language": "en"}, {}):
        answer = client.request(method, path, json=body, headers=headers)
        assert 400 <= answer.status_code < 500, answer.text
        told.append(answer.json()["detail"])
        said = answer.headers.get("content-language")
        assert said == {"zh-CN": "zh", "en": "en"}.get(headers.get("Accept-Language", ""))
    return told


@pytest.mark.parametrize(
    ("method", "path", "body", "zh"),
    [
        ("POST", "/incidents/{n}/send", {"unit": UNIT}, "已派往本警情"),
        ("POST", "/incidents/{n}/arrived", {"unit": UNIT}, "已到达"),
        ("POST", "/incidents/{n}/send", {"unit": "U9"}, "没有警力"),
        ("POST", "/incidents/{n}/close", {"at": "2001-01-01T00:00:00Z"}, "结束时间不能早于"),
        ("POST", "/incidents/{n}/close", {"at": "2101-01-01T00:00:00Z"}, "尚未到"),
        ("POST", "/incidents/99/close", {}, "警情 99 已结束或不存在"),
        ("POST", "/incidents", {**WHERE, "kind": "person"}, "没有警情类型"),
        ("POST", "/incidents", {"lon": 500, "lat": 30}, "不能大于 180"),
        ("POST", f"/duty/{UNIT}", {"state": "busy", "seen": 9}, "刚由他人改过"),
        ("POST", f"/duty/{UNIT}", {"state": "off", "until": "2001-01-01T00:00:00Z"}, "已过"),
        ("POST", f"/duty/{UNIT}", {"state": "off", "place": "x"}, "没有地点"),
        ("POST", f"/duty/{UNIT}", {"state": "asleep"}, "须为"),
        ("POST", "/closures", {"street": "way/99"}, "没有编码为 way/99 的道路"),
        ("POST", "/closures", {"street": "way/21", "until": "soon"}, "不是时间"),
        ("POST", "/closures", {"street": "way/21", "until": "2001-01-01T08:00"}, "已过"),
        ("POST", "/closures", {"street": "way/21", "reason": "a\nb"}, "只能写一行"),
        ("POST", "/closures", {"lon": 121.0, "lat": 30.0}, "50 米内没有道路"),
        ("POST", "/closures", {"lon": 121.0}, "道路"),
        ("POST", "/closures", {}, "道路"),
        ("DELETE", "/closures/way/21", {}, "没有封闭"),
    ],
)
def test_a_refusal_is_told_in_the_language_asked_for(
    client: httpx2.Client, incident: int, method: str, path: str, body: dict[str, Any], zh: str
) -> None:
    chinese, english, plain = refused(client, method, path.format(n=incident), body)
    assert zh in chinese
    # In English everything is told; codes and names may hold either.
    assert LATIN.search(english)
    assert not re.search("[\u4e00-\u9fff]", english)
    assert LATIN.search(plain)


def test_the_query_goes_before_the_header(client: httpx2.Client) -> None:
    answer = client.post("/incidents/99/close?lang=en", json={}, headers={"Accept-Language": "zh"})
    assert answer.json()["detail"] == "incident 99 is closed, or was never opened"


def test_a_street_is_closed_by_code_or_place_and_opened(client: httpx2.Client) -> None:
    assert client.get("/closures").json()["closures"] == []
    made = client.post("/closures", json={"street": "way/21", "until": "23:59", "reason": "施工"})
    assert (made.status_code, made.json()["schema"]) == (201, "fengqiao.closures/1")
    (closed,) = made.json()["closures"]
    assert (closed["name"], closed["reason"]) == ("Ring", "施工")
    assert "T23:59:00" in closed["until"]
    assert client.get("/duty").json()["closures"] == [closed]
    # All streets near are closed: there is none to close any more.
    assert client.post("/closures", json={"lon": 120.0, "lat": 30.001}).status_code == 404
    left = client.request("DELETE", "/closures/way/21", json={})
    assert (left.status_code, left.json()["closures"]) == (200, [])
    (again,) = client.post("/closures", json={"lon": 120.0, "lat": 30.001}).json()["closures"]
    assert (again["street"], again["until"]) == ("way/21", None)
    assert client.request("DELETE", "/closures/way/21", json={}).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://a.example"}, {"Content-Type": "text/x"}])
def test_other_sites_close_nothing(client: httpx2.Client, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/closures"), ("DELETE", "/closures/way/21")):
        body = '{"street": "way/21"}'
        given = {"Content-Type": "application/json", **headers}
        answer = client.request(method, path, content=body, headers=given)
        assert answer.status_code in (403, 415)
    assert client.get("/closures").json()["closures"] == []
