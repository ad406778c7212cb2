"""Long work over HTTP: asked for, followed by many at once, cancelled, its file fetched."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from real_server import serving

from api import routes_jobs, worker
from api.workspace import open_workspace
from gis.store import open_store
from gis.store_jobs import cancel, claim, submit, tell

# More than a server has threads.
MANY = 60


@contextmanager
def with_client(folder: Path, *words: str) -> Iterator[tuple[httpx2.Client, subprocess.Popen[str]]]:
    """Yield a client of a real server, and the server's process."""
    with (
        serving(folder, *words) as server,
        httpx2.Client(base_url=server.address, timeout=120) as client,
    ):
        yield client, server.process


@pytest.fixture(scope="module")
def folder(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(town, tmp_path_factory.mktemp("jobs") / "town"))


@pytest.fixture(scope="module")
def asked(folder: Path) -> Iterator[httpx2.Client]:
    """Return a client of a server whose jobs nobody does by himself."""
    with with_client(folder, "--no-worker") as (client, _):
        yield client


def post(client: httpx2.Client, kind: str, **params: Any) -> httpx2.Response:
    return client.post("/jobs", json={"kind": kind, "params": params})


def events(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Return number, name and data of each event of a stream; comments are passed over."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if not line.startswith(":")
        )
        if fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def children(pid: int) -> list[Path]:
    """Return the folders in /proc of what a process began."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone by now
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            found += [folder] if int(parent) == pid else []
    return found


def test_a_report_is_asked_for_followed_and_fetched(asked: httpx2.Client, folder: Path) -> None:
    answer = post(asked, "report", format="xlsx", lang="en")
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["Location"] == f"/jobs/{job['id']}"
    assert job["schema"] == "fengqiao.job/1"
    assert (job["state"], job["made_by"]) == ("queued", "local")
    assert job["params"] == {"format": "xlsx", "lang": "en"}
    again = post(asked, "report", lang="en", format="xlsx")
    assert again.json()["id"] == job["id"]
    missing = asked.get(f"/jobs/{job['id']}/file")
    assert (missing.status_code, missing.json()["detail"]) == (404, f"job {job['id']} has no file")

    assert worker.work(open_workspace(folder), once=True) == 1
    stream = asked.get(f"/jobs/{job['id']}/events")
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"
    told = events(stream.text)
    assert [name for _, name, _ in told if name != "step"] == ["queued", "started", "done"]
    assert all(data["kind"] == name for _, name, data in told)
    done = asked.get(f"/jobs/{job['id']}").json()
    assert done["state"] == "done"
    assert told[-1][2]["result"] == done["result"]

    file = asked.get(f"/jobs/{job['id']}/file")
    assert file.content[:2] == b"PK"
    assert len(file.content) == done["result"]["bytes"]
    assert "spreadsheetml" in file.headers["content-type"]
    assert file.headers["content-disposition"].startswith("attachment;")
    assert "%E6%9E%AB%E6%A1%A5-20" in file.headers["content-disposition"]


def test_a_stream_goes_on_from_the_event_seen_last(asked: httpx2.Client, folder: Path) -> None:
    number = post(asked, "answers", kinds=["coverage"]).json()["id"]
    assert worker.work(open_workspace(folder), once=True) == 1
    address = f"/jobs/{number}/events"
    every = events(asked.get(address).text)
    assert every[-1][1] == "done"
    for n, (seen, _, _) in enumerate(every[:-1]):
        rest = asked.get(address, headers={"Last-Event-ID": str(seen)})
        assert events(rest.text) == every[n + 1 :]
    over = asked.get(address, headers={"Last-Event-ID": str(every[-1][0])})
    assert (over.status_code, over.content) == (204, b"")  # a browser asks no more


def test_many_follow_a_job_and_the_server_still_answers(asked: httpx2.Client) -> None:
    number = post(asked, "patrol", seed=1).json()["id"]
    begun = threading.Barrier(MANY + 1)

    def follow(_: int) -> list[str]:
        names = []
        with (
            httpx2.Client(base_url=asked.base_url, timeout=120) as client,
            client.stream("GET", f"/jobs/{number}/events") as answer,
        ):
            begun.wait()
            for line in answer.iter_lines():
                names += [line.removeprefix("event: ")] if line.startswith("event: ") else []
        return names

    with ThreadPoolExecutor(MANY) as pool:
        followers = [pool.submit(follow, n) for n in range(MANY)]
        begun.wait()
        assert asked.get("/healthz").json()["status"] == "ok"
        cancelled = asked.post(f"/jobs/{number}/cancel", json={}).json()
        assert cancelled["state"] == "cancelled"
        assert {tuple(one.result()) for one in followers} == {("queued", "cancelled")}


def test_a_running_job_says_how_far_it_is_and_that_it_is_being_cancelled(
    asked: httpx2.Client, folder: Path
) -> None:
    number = post(asked, "roster", nights=2).json()["id"]
    with open_store(folder / "town.db") as store:
        assert claim(store, "w1") is not None
        step = {"step": "coverage", "done": 0, "total": 2}
        tell(store, number, "w1", "step", step)
        job = asked.get(f"/jobs/{number}").json()
        assert (job["state"], job["progress"], job["cancelling"]) == ("running", step, False)
        job = asked.post(f"/jobs/{number}/cancel", json={}).json()
        assert (job["state"], job["cancelling"]) == ("running", True)
        listed = asked.get("/jobs", params={"state": "running"}).json()
        assert [one["id"] for one in listed["jobs"]] == [number]
        assert len(asked.get("/jobs", params={"limit": 1}).json()["jobs"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "/jobs", {"kind": "magic"}, 404, "no kind of job 'magic'"),
        ("POST", "/jobs", {"kind": "patrol", "params": {"sed": 1}}, 400, "sed: "),
        ("POST", "/jobs", {"kind": "patrol", "params": {"seed": -1}}, 400, "seed: "),
        ("POST", "/jobs", {"kind": "report", "params": {"format": "exe"}}, 400, "format: "),
        ("POST", "/jobs", {"kind": "answers", "params": {"kinds": ["change"]}}, 400, "kinds.0: "),
        ("POST", "/jobs", {"kind": "roster", "params": {"from": "soon"}}, 400, "from: "),
        ("POST", "/jobs", {"kind": "answers", "by": "me"}, 400, "by: "),
        ("GET", "/jobs/999999", None, 404, "there is no job 999999"),
        ("GET", "/jobs/999999/events", None, 404, "there is no job 999999"),
        ("GET", "/jobs/999999/file", None, 404, "there is no job 999999"),
        ("POST", "/jobs/999999/cancel", {}, 404, "there is no job 999999"),
        ("GET", f"/jobs/{2**70}", None, 400, "number: "),
        ("GET", "/jobs?limit=100000", None, 400, "limit: "),
        ("GET", "/jobs?state=lost", None, 400, "state: "),
    ],
)
def test_what_cannot_be_is_told(
    asked: httpx2.Client, method: str, path: str, body: Any, status: int, told: str
) -> None:
    answer = asked.request(method, path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status, "application/problem+json",
    )  # fmt: skip
    assert answer.json()["detail"].startswith(told)


def test_an_event_number_that_is_none_is_told(asked: httpx2.Client) -> None:
    for text in ("abc", "-1", str(2**70)):
        answer = asked.get("/jobs/1/events", headers={"Last-Event-ID": text})
        assert answer.status_code == 400
        assert "Last-Event-ID" in answer.json()["detail"]


def test_another_site_asks_for_no_work(asked: httpx2.Client) -> None:
    body = {"kind": "answers", "params": {}}
    answer = asked.post("/jobs", json=body, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert asked.post("/jobs", content=json.dumps(body)).status_code in (403, 415)


def test_the_worker_beside_a_server_does_its_jobs_and_ends_with_it(folder: Path) -> None:
    with with_client(folder) as (client, process):
        number = post(client, "answers", kinds=["response"]).json()["id"]
        told = events(client.get(f"/jobs/{number}/events").text)
        assert told[-1][1] == "done"
        (child,) = children(process.pid)
    assert not child.exists()


def test_a_server_that_is_told_to_end_waits_for_no_stream(folder: Path) -> None:
    with with_client(folder, "--no-worker") as (client, process):
        number = post(client, "patrol", seed=77).json()["id"]
        with client.stream("GET", f"/jobs/{number}/events") as answer:
            lines = answer.iter_lines()
            assert next(lines) == "event: queued"
            process.send_signal(signal.SIGINT)
            assert "event: done" not in list(lines)
        assert process.wait(timeout=60) == 0


def test_a_silent_stream_is_kept_alive_and_ends_with_its_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_jobs, "SILENT_S", 0)
    monkeypatch.setattr(routes_jobs, "LOOK_S", 0)

    async def follow(path: Path) -> list[bytes]:
        parts = []
        with open_store(path, create=True) as store:
            number = submit(store, "patrol", {}, "ann").id
            request: Any = None  # no event of these has a message
            async for part in routes_jobs._stream(store, number, 0, request):
                parts.append(part)
                if len(parts) == 3:
                    cancel(store, number)
        return parts

    with ThreadPoolExecutor(1) as pool:  # this thread may have a loop of its own
        parts = pool.submit(anyio.run, follow, tmp_path / "town.db").result()
    assert parts[0].startswith(b"event: queued\ndata: {")
    assert parts[1] == parts[2] == b": still here\n\n"
    assert parts[-1].startswith(b"event: cancelled\n")
