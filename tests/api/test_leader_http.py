"""The page of a leader behind a real server: who gets it, what it holds, what it takes."""

from __future__ import annotations

import base64
import io
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from leader_evening import OTHERS, Served, evening, serving
from PIL import Image

from maps.plates import plate_text

HTML = {"Accept": "text/html", "Accept-Language": "zh-CN"}


@pytest.fixture(scope="module")
def served(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = shutil.copytree(town, tmp_path_factory.mktemp("served") / "town")
    with serving(folder, evening()) as one:
        yield one


def delivery(*items: dict[str, Any]) -> dict[str, Any]:
    now = round(time.time() * 1000)
    return {"now": now, "items": [{"at": now, **item} for item in items]}


def test_a_page_holds_this_team_and_no_other(served: Served) -> None:
    link = served.link()
    for lang in ("zh", "en"):
        page = served.client.get(link["path"], params={"lang": lang}, headers=HTML)
        assert page.status_code == 200
        assert "北门巡更点" in page.text
        for secret in (OTHERS, "夜莺队", "老街义警", '"q1"', link["path"], link["jti"][:-1] + "x"):
            assert secret not in page.text, secret
    assert OTHERS in served.client.get(served.link("t3")["path"]).text


def test_nothing_between_keeps_or_betrays_it(served: Served) -> None:
    page = served.client.get(served.link()["path"], headers=HTML)
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["content-encoding"] == "gzip"
    plain = served.client.get(served.link()["path"], headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text.startswith("<!DOCTYPE html>")


def test_opening_it_consumes_nothing(served: Served) -> None:
    path = served.link()["path"]
    assert {served.client.get(path).status_code for _ in range(4)} == {200}


@pytest.mark.parametrize(("lang", "says"), [("zh", "向派出所要新链接"), ("en", "Ask the station")])
def test_a_link_taken_back_says_so_and_shows_nothing(served: Served, lang: str, says: str) -> None:
    link = served.link()
    ended = served.client.request(
        "DELETE", f"/patrols/{served.night}/links/{link['jti']}",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert (ended.status_code, ended.json()["links"][0]["state"]) == (200, "revoked")
    page = served.client.get(link["path"], params={"lang": lang})
    assert page.status_code == 410
    assert says in page.text
    assert "北门巡更点" not in page.text
    assert page.headers["cache-control"] == "private, no-store"
    for path, body in (("reports", delivery()), ("plate", {"photo": "aa"})):
        answer = served.client.post(f"{link['path']}/{path}", json=body)
        assert (answer.status_code, answer.json()["status"]) == (410, 410)


def test_a_link_that_ran_out_shows_nothing(served: Served) -> None:
    link = served.link()
    with sqlite3.connect(served.folder / "town.db") as db:
        values = ("2026-01-01T00:00:00+00:00", link["jti"])
        db.execute("update links set expires_at = ? where jti = ?", values)
    page = served.client.get(link["path"], headers=HTML)
    assert (page.status_code, "已经到期" in page.text) == (410, True)
    assert f"leader {link['jti']}" in page.text
    assert served.client.post(f"{link['path']}/reports", json=delivery()).status_code == 410


def test_what_is_altered_is_refused_and_not_for_ever(served: Served) -> None:
    good = served.link()["path"]
    page = served.client.get(good[:-2], headers=HTML)
    assert (page.status_code, "不完整" in page.text) == (403, True)
    codes = [served.client.get("/p/guess", headers=HTML).status_code for _ in range(35)]
    assert set(codes) == {403, 429}
    assert codes == sorted(codes)
    blocked = served.client.get("/p/guess", headers=HTML)
    assert int(blocked.headers["retry-after"]) > 0
    assert "十分钟" in blocked.text
    assert served.client.post("/p/guess/reports", json=delivery()).status_code == 429
    assert served.client.get(good, headers=HTML).status_code == 200


def test_a_delivery_is_taken_and_told_back(served: Served) -> None:
    path = served.link()["path"]
    sent = delivery(
        {"uid": "uid-http-1", "kind": "checkin", "stop": "p1"},
        {"uid": "uid-http-2", "kind": "hazard", "hazard": "lamp", "lon": 120.001, "lat": 30.001},
    )
    told = served.client.post(f"{path}/reports", json=sent)
    assert told.status_code == 200, told.text
    answer = told.json()
    assert answer["taken"] == ["uid-http-1", "uid-http-2"]
    assert [one["stop"] for one in answer["checked"]] == ["p1"]
    assert told.headers["cache-control"] == "private, no-store"
    again = served.client.post(f"{path}/reports", json=sent).json()
    assert {**again, "now": 0} == {**answer, "now": 0}
    listed = served.client.get("/hazards", params={"state": "open"}).json()["hazards"]
    (number,) = [one["number"] for one in listed if one["team"] == "t1"]
    done = served.client.post(f"/hazards/{number}", json={"state": "done", "answer": "修好了"})
    assert done.json()["hazards"][0]["answer"] == "修好了"
    (seen,) = served.client.post(f"{path}/reports", json=delivery()).json()["hazards"]
    assert (seen["state"], seen["answer"]) == ("done", "修好了")
    assert served.client.post("/hazards/99", json={"state": "done"}).status_code == 404
    signals = served.client.get(f"/patrols/{served.night}/signals").json()["signals"]
    assert signals == []


def test_other_sites_and_forms_deliver_nothing(served: Served) -> None:
    path = f"{served.link()['path']}/reports"
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert served.client.post(path, json=delivery(), headers=headers).status_code == 403
    form = served.client.post(path, content=b"{}", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"now": 1}', b'{"now": "x", "items": []}', b'{"now":1,"items":[1]}'],
)
def test_what_cannot_be_read_is_a_problem(served: Served, body: bytes) -> None:
    path = f"{served.link()['path']}/reports"
    answer = served.client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_what_is_too_long_is_not_read(served: Served) -> None:
    path, body = served.link()["path"], b'"' + b"a" * 3_100_000 + b'"'
    for name in ("reports", "plate"):
        answer = served.client.post(
            f"{path}/{name}", content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413


def test_a_delivery_that_breaks_off_is_no_fault_of_the_server(served: Served) -> None:
    """The server's log may hold no traceback: the fixture looks at its end."""
    host, port = served.url.removeprefix("http://").split(":")
    head = f"POST {served.link()['path']}/reports HTTP/1.1\r\nHost: {host}:{port}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    with socket.create_connection((host, int(port))) as phone:
        phone.sendall(head.encode())
        time.sleep(0.3)
    assert served.client.get("/p/sw.js").status_code == 200


def photo(text: str | None, kind: str = "JPEG") -> str:
    """Return a photo of a plate at an angle, base64; of nothing without text."""
    picture = Image.new("RGB", (900, 700), "#667")
    if text is not None:
        buffer = io.BytesIO()
        segno.make(text).save(buffer, kind="png", scale=8, border=4)
        picture.paste(Image.open(buffer).convert("RGB").rotate(9, expand=True), (200, 120))
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return base64.b64encode(buffer.getvalue()).decode()


def test_a_plate_is_read_from_a_photo(served: Served) -> None:
    path = f"{served.link()['path']}/plate"
    text = plate_text("枫桥", "x7", 1)
    for kind in ("JPEG", "PNG"):
        assert served.client.post(path, json={"photo": photo(text, kind)}).json()["text"] == text
    assert served.client.post(path, json={"photo": photo(None)}).json()["text"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"photo": "no base64"},
        {"photo": base64.b64encode(b"GIF89a no picture").decode()},
        {"photo": photo(None)[:400]},
        {"photo": base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()},
        {"photo": ""},
        {"photo": 5},
        {"file": "/etc/passwd"},
    ],
    ids=lambda body: str(body)[:40],
)
def test_what_is_no_photo_is_a_problem(served: Served, body: dict[str, Any]) -> None:
    answer = served.client.post(f"{served.link()['path']}/plate", json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_the_worker_may_fetch_from_here_only(served: Served) -> None:
    script = served.client.get("/p/sw.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["content-security-policy"] == "default-src 'none'; connect-src 'self'"


def test_links_are_listed_and_the_audit_log_has_no_token(served: Served) -> None:
    link = served.link()
    listed = served.client.get(f"/patrols/{served.night}/links").json()["links"]
    assert link["jti"] in {one["jti"] for one in listed}
    assert (
        served.client.post(f"/patrols/{served.night}/links", json={"teams": ["t2"]}).status_code
        == 404
    )
    assert served.client.post("/patrols/2020-01-01/links", json={}).status_code == 404
    wrong = served.client.request(
        "DELETE", f"/patrols/2020-01-01/links/{link['jti']}",
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert wrong.status_code == 404
    with sqlite3.connect(served.folder / "town.db") as db:
        rows = [" ".join(map(str, row)) for row in db.execute("select * from audit")]
    assert any("make" in row and link["jti"] in row for row in rows)
    assert not [row for row in rows if re.search(r"/p/ey", row)]


def test_all_teams_get_a_link_at_once(served: Served) -> None:
    made = served.client.post(f"/patrols/{served.night}/links", json={}).json()["links"]
    assert [one["team"] for one in made] == ["t1", "t3"]
