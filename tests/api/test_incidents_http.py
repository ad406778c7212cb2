"""Duty states and incidents behind a real server, and what other sites may not do."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

FENGQIAO = Path(sys.executable).parent / "fengqiao"
UNIT = "assumed/unit/node/11"
WHERE = {"lon": 120.0018, "lat": 30.0019}


def test_duty_is_asked_for_and_set(client: httpx2.Client) -> None:
    answer = client.get("/duty").json()
    assert answer["schema"] == "fengqiao.duty/1"
    (unit,) = answer["units"]
    assert (unit["unit"], unit["state"], unit["version"]) == (UNIT, "ready", 0)
    set_to = {"state": "busy", "place": "node/12", "seen": 0}
    changed = client.post(f"/duty/{UNIT}", json=set_to)
    assert (changed.status_code, changed.json()["state"]) == (200, "busy")
    stale = client.post(f"/duty/{UNIT}", json=set_to)
    assert (stale.status_code, stale.headers["content-type"]) == (409, "application/problem+json")
    assert "somebody else" in stale.json()["detail"]
    seen = client.get("/duty").json()["units"][0]["version"]
    assert client.post(f"/duty/{UNIT}", json={"state": "ready", "seen": seen}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/duty/U99", {"state": "off"}, 404),
        (f"/duty/{UNIT}", {"state": "asleep"}, 400),
        (f"/duty/{UNIT}", {"state": "off", "officer": "x"}, 400),
        (f"/duty/{UNIT}", {"state": "off", "lon": 120.0}, 400),
        (f"/duty/{UNIT}", {"state": "off", "until": "2001-01-01T00:00:00Z"}, 400),
        ("/incidents", {**WHERE, "kind": "person"}, 404),
        ("/incidents", {"lon": 500, "lat": 30}, 400),
        ("/incidents/99/send", {"unit": UNIT}, 404),
        ("/incidents/99/send", {"unit": UNIT, "at": "2101-01-01T00:00:00Z"}, 400),
    ],
)
def test_what_cannot_be_is_a_problem_document(
    client: httpx2.Client, path: str, body: dict[str, object], status: int
) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()["status"]) == (status, status), answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
        {"Host": "127.0.0.1.elsewhere.example"},
    ],
    ids=str,
)
def test_other_sites_can_change_nothing(client: httpx2.Client, headers: dict[str, str]) -> None:
    for path, body in ((f"/duty/{UNIT}", {"state": "off"}), ("/incidents", WHERE)):
        assert client.post(path, json=body, headers=headers).status_code == 403
    assert client.get("/duty").json()["units"][0]["state"] == "ready"
    assert client.get("/incidents").json()["incidents"] == []


def test_a_form_can_change_nothing(client: httpx2.Client) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        headers = {"Content-Type": kind}
        answer = client.post(f"/duty/{UNIT}", content=b'{"state": "off"}', headers=headers)
        assert answer.status_code in (400, 415), kind
    assert client.get("/duty").json()["units"][0]["state"] == "ready"


def test_our_own_pages_may(client: httpx2.Client) -> None:
    origin = str(client.base_url).rstrip("/")
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert client.post(f"/duty/{UNIT}", json={"state": "ready"}, headers=headers).status_code == 200


def test_an_incident_from_the_call_to_the_totals(client: httpx2.Client) -> None:
    answer = client.get("/incident", params={**WHERE, "kind": "fight"}).json()
    assert answer["schema"] == "fengqiao.incident/1"
    assert [unit["code"] for unit in answer["units"]] == [UNIT]
    opened = client.post("/incidents", json={**WHERE, "kind": "fight"})
    assert opened.status_code == 201
    number = opened.json()["incident"]["number"]
    assert opened.json()["answer"]["units"][0]["code"] == UNIT
    assert client.post(f"/incidents/{number}/send", json={"unit": UNIT}).status_code == 200
    twice = client.post(f"/incidents/{number}/send", json={"unit": UNIT})
    assert (twice.status_code, "already" in twice.json()["detail"]) == (409, True)
    assert client.get("/incident", params=WHERE).json()["units"] == []
    assert client.get("/duty").json()["units"][0]["source"] == "sent"
    for step in ("arrived", "clear"):
        assert client.post(f"/incidents/{number}/{step}", json={"unit": UNIT}).status_code == 200
    closed = client.post(f"/incidents/{number}/close", json={})
    assert (closed.json()["incident"], closed.json()["closed"]) == (None, True)
    now = client.get("/incidents").json()
    assert now["incidents"] == []
    assert [(t["kind"], t["incidents"]) for t in now["totals"]] == [("fight", 1)]


def test_of_many_who_send_one_unit_at_once_one_is_heard(client: httpx2.Client) -> None:
    numbers = [client.post("/incidents", json=WHERE).json()["incident"]["number"] for _ in range(4)]

    def send(number: int) -> int:
        return client.post(f"/incidents/{number}/send", json={"unit": UNIT}).status_code

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(send, numbers))
    assert codes == [200, 409, 409, 409]
    for number in numbers:
        assert client.post(f"/incidents/{number}/close", json={}).status_code == 200


def test_lists_come_in_parts(client: httpx2.Client) -> None:
    made = [client.post("/incidents", json=WHERE).json()["incident"]["number"] for _ in range(2)]
    part, seen = client.get("/incidents?limit=1").json(), []
    while True:
        assert len(part["incidents"]) <= 1
        seen += [one["number"] for one in part["incidents"]]
        if "next" not in part:
            break
        part = client.get(part["next"]).json()
    assert set(made) <= set(seen)
    assert len(seen) == len(set(seen))
    for path in ("/duty", "/closures", "/incidents", "/uploads", "/patrols/2026-11-26/links"):
        assert client.get(path, params={"limit": 1}).status_code == 200, path
        assert client.get(path, params={"limit": 0}).status_code == 400, path
    for number in made:
        assert client.post(f"/incidents/{number}/close", json={}).status_code == 200
