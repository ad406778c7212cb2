"""The overview, its layers, wall screens and sheets behind a real server."""

from __future__ import annotations

import json
import re
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.routes_briefing import shift_of
from api.workspace import open_workspace
from gis.errors import FormatError

WHERE = {"lon": 120.0018, "lat": 30.0019}
UNIT = "assumed/unit/node/11"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_overview_is_where_a_server_begins(client: httpx2.Client, lang: str) -> None:
    answer = client.get("/", params={"lang": lang})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    # What the browser may ask for at once is what the page asks for.
    ahead = re.findall("<([^>]+)>", answer.headers["link"])
    loaded = re.findall(r'(?:<script src|<link rel="stylesheet" href)="([^"]+)"', answer.text)
    assert ahead == [*loaded, f"dashboard/layers/coverage?lang={lang}"]
    assert all(client.get(f"/{path}").status_code == 200 for path in ahead)
    first = re.search(r"<nav.*?</nav>", answer.text, re.DOTALL)
    assert first is not None
    assert re.findall(r'<a href="([^"]+)"', first[0])[0] == f"./?lang={lang}"
    for name in ("coverage", "duty"):
        page = client.get(f"/pages/{name}", params={"lang": lang}).text
        assert f'href="../?lang={lang}"' in page


def test_layers_of_a_theme_are_asked_for_once(client: httpx2.Client) -> None:
    for theme in ("coverage", "response", "patrol", "checkpoints"):
        answer = client.get(f"/dashboard/layers/{theme}", params={"lang": "zh"})
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"layers", "items", "told", "more"}
        close = client.get(f"/dashboard/layers/{theme}", params={"lang": "zh", "close": "true"})
        assert answer.json()["more"] == bool(close.json()["layers"])
        assert not set(answer.json()["layers"]) & set(close.json()["layers"])
        again = client.get(
            f"/dashboard/layers/{theme}?lang=zh", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.status_code == 304
    assert client.get("/dashboard/layers/base").status_code == 400


def test_parts_change_with_what_goes_on(client: httpx2.Client) -> None:
    before = client.get("/dashboard/parts?lang=en")
    quiet = client.get(
        "/dashboard/parts?lang=en", headers={"If-None-Match": before.headers["etag"]}
    )
    assert quiet.status_code == 304
    made = client.post("/incidents", json=WHERE).json()["incident"]["number"]
    after = client.get("/dashboard/parts?lang=en").json()
    assert f"Incident {made}" in after["parts"]["cases"]
    (case,) = after["layers"]["cases"]["features"]
    assert case["properties"]["key"] == f"case:{made}"
    assert after["town"] == before.json()["town"]
    assert client.post(f"/incidents/{made}/close", json={}).status_code == 200


def test_sheets_tell_what_is_open_and_how_many_were_closed(client: httpx2.Client) -> None:
    asked = {"sheet": "handover", "lang": "en"}

    def closed() -> int:
        found = re.search(
            r"closed in this shift: (\d+)", client.get("/briefing", params=asked).text
        )
        assert found is not None
        return int(found[1])

    before = closed()
    made = client.post("/incidents", json=WHERE).json()["incident"]["number"]
    assert "open: 1" in client.get("/briefing", params=asked).text
    assert client.post(f"/incidents/{made}/close", json={}).status_code == 200
    # The audit log is written beside the answer.
    assert closed() == before + 1
    briefing = client.get("/briefing", params={"lang": "zh"}).text
    assert "简报" in briefing
    assert "农村出入口覆盖" in briefing
    assert client.get("/briefing", params={"sheet": "other"}).status_code == 400


def test_a_sheet_is_one_page_of_pdf(client: httpx2.Client) -> None:
    pypdf = pytest.importorskip("pypdf")
    answer = client.get("/briefing.pdf", params={"lang": "zh", "sheet": "handover"})
    if answer.status_code == 501:
        pytest.skip("the machine lacks Pango")
    assert answer.headers["content-type"] == "application/pdf"
    import io

    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    assert len(reader.pages) == 1
    assert "交接班单" in reader.pages[0].extract_text()


def test_a_shift_begins_and_ends() -> None:
    for hour, begin, end in ((8, "08:00", "20:00"), (19, "08:00", "20:00"), (20, "20:00", "08:00")):
        found = shift_of(datetime(2026, 11, 26, hour))
        assert [f"{one:%H:%M}" for one in found] == [begin, end]
        assert found[0] <= datetime(2026, 11, 26, hour) < found[1]


def test_a_screen_takes_what_is_shown_within_a_second(client: httpx2.Client) -> None:
    assert client.get("/displays/hall").status_code == 404
    heard: list[tuple[float, str, Any]] = []
    listening = threading.Event()

    def listen() -> None:
        with client.stream("GET", "/displays/hall/events", timeout=30) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            kind = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                if line.startswith("data: "):
                    heard.append((time.monotonic(), kind, json.loads(line[6:])))
                    listening.set()
                if kind == "show" and line.startswith("data: "):
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(20)
    assert heard[0][1] == "beat"  # nothing was shown yet
    sent = time.monotonic()
    shown = client.post("/displays/hall", json={"address": "/pages/duty?lang=zh#at=15/30/120"})
    assert shown.status_code == 200
    thread.join(20)
    at, kind, told = heard[-1]
    assert (kind, told["address"]) == ("show", "/pages/duty?lang=zh#at=15/30/120")
    assert at - sent < 1
    assert client.get("/displays/hall").json() == told


def test_a_screen_that_comes_back_hears_what_it_missed(client: httpx2.Client) -> None:
    client.post("/displays/back", json={"address": "/"})
    moment = client.get("/displays/back").json()["changed_at"]
    for after, first in (("", "show"), (moment, "beat"), ("2020-01-01", "show")):
        headers = {"Last-Event-ID": after} if after else {}
        with client.stream("GET", "/displays/back/events", headers=headers) as answer:
            lines = answer.iter_lines()
            assert f"event: {first}" in [next(lines), next(lines)]


@pytest.mark.parametrize("address", ["//elsewhere.example/", "/jobs", "javascript:1", ""])
def test_a_screen_shows_our_own_pages_only(client: httpx2.Client, address: str) -> None:
    assert client.post("/displays/1", json={"address": address}).status_code == 400
    assert client.post("/displays/a%20b", json={"address": "/"}).status_code == 400


def test_the_address_of_the_video_platform_is_checked(town: Path, tmp_path: Path) -> None:
    config = (town / "fengqiao.toml").read_text(encoding="utf-8")
    for address, fault in (
        ("http://10.0.0.5/live?code={code}", None),
        ("https://video.example:8443/{code}/live", None),
        ("javascript:alert({code})", "http://"),
        ("file:///etc/{code}", "http://"),
        ("http://10.0.0.5/live", "{code}"),
        ("http://{code}.example/", "{code}"),
        ("http://10.0.0.5/ x?code={code}", "http://"),
    ):
        text = f"{config}\n[video]\naddress = {json.dumps(address)}\n"
        (tmp_path / "fengqiao.toml").write_text(text, encoding="utf-8")
        if fault is None:
            assert open_workspace(tmp_path).video == address
        else:
            with pytest.raises(FormatError, match=re.escape(fault)):
                open_workspace(tmp_path)
