"""Long work in a page: asked for by a press, followed, cancelled."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from real_server import serving

from gis.job_rows import Job
from gis.store import Store, open_store
from gis.store_jobs import claim, fail, finish, jobs_list, tell
from maps.pages import _templates
from maps.words import words

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Jobs</title>
<link rel="stylesheet" href="assets/tokens.css"><link rel="stylesheet" href="assets/page.css">
<link rel="stylesheet" href="assets/live.css"><link rel="stylesheet" href="assets/jobs.css">
<script src="assets/acts.js"></script><script src="assets/jobs.js"></script></head>
<body><main id="panel">{ask}{box}</main></body></html>"""


@dataclass
class Opened:
    """A page with a button and a box, and the store of its server."""

    page: Any
    store: Store

    def says(self, selector: str, text: str) -> None:
        self.page.locator(f"{selector}:has-text({text!r})").wait_for(timeout=20_000)

    def claimed(self) -> Job:
        """Return the job that the page has asked for, as soon as it has."""
        for _ in range(400):
            job = claim(self.store, "w1")
            if job is not None:
                return job
            self.page.wait_for_timeout(50)
        raise TimeoutError


@pytest.fixture(scope="module")
def served(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = Path(shutil.copytree(town, tmp_path_factory.mktemp("jobs") / "town"))
    with serving(folder, "--no-worker") as server:
        yield server.address, folder


@pytest.fixture(params=["zh", "en"])
def opened(
    request: pytest.FixtureRequest, browser: Any, served: tuple[str, Path]
) -> Iterator[Opened]:
    address, folder = served
    say = words(request.param)
    part = _templates().get_template("jobs.html").make_module({"_": say})
    html = PAGE.format(
        lang="zh-CN" if request.param == "zh" else "en",
        ask=part.ask("patrol", "patrol", {"seed": 5}, "box"),  # type: ignore[attr-defined]
        box=part.box("box"),  # type: ignore[attr-defined]
    )
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/try", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{address}/try")
    with open_store(folder / "town.db") as store:
        yield Opened(page, store)
    context.close()
    assert errors == []


def test_a_press_asks_for_work_and_the_box_says_how_far_it_is(opened: Opened) -> None:
    page, store = opened.page, opened.store
    zh = page.locator("html").get_attribute("lang") == "zh-CN"
    page.locator("#box").wait_for(state="hidden")
    page.locator("[data-job]").click()
    opened.says(".job-kind", "巡逻路线" if zh else "patrol routes")
    opened.says(".job-state", "等待中" if zh else "waiting")
    job = opened.claimed()
    assert (job.kind, job.params) == ("patrol", {"seed": 5})
    tell(store, job.id, "w1", "step", {"step": "coverage", "done": 0, "total": 2})
    opened.says(".job-step", "视频监控覆盖率 · 1 / 2" if zh else "CCTV coverage · 1 / 2")
    tell(store, job.id, "w1", "step", {"step": "patrol", "done": 1, "total": 2})
    opened.says(".job-step", "2 / 2")
    assert page.locator("progress").evaluate("bar => bar.position") == 0.5
    finish(store, job.id, "w1", {"file": "report.pdf"})
    opened.says(".job-state", "✓")
    page.locator("progress").wait_for(state="hidden")
    page.locator(".job-cancel").wait_for(state="hidden")
    link = page.locator(".job-file")
    link.wait_for()
    assert link.evaluate("a => a.pathname") == f"/jobs/{job.id}/file"
    assert page.locator(".job-kind").bounding_box()["height"] > 0


def test_work_is_cancelled_and_what_fails_says_why(opened: Opened) -> None:
    page, store = opened.page, opened.store
    page.locator("[data-job]").click()
    opened.says(".job-state", "等待中" if page.locator("html[lang=zh-CN]").count() else "waiting")
    page.locator(".job-cancel").click()
    page.locator('#box[data-state="cancelled"]').wait_for(timeout=20_000)
    assert jobs_list(store, limit=1)[0].state == "cancelled"

    page.locator("[data-job]").click()
    page.locator('#box[data-state="queued"]').wait_for(timeout=20_000)
    job = opened.claimed()
    page.locator('#box[data-state="running"]').wait_for(timeout=20_000)
    page.locator(".job-cancel").click()
    page.locator('#box[data-state="cancelling"]').wait_for(timeout=20_000)
    assert page.locator(".job-cancel").is_disabled()
    fail(store, job.id, "w1", "no streets")
    page.locator('#box[data-state="failed"]').wait_for(timeout=20_000)
    opened.says(".job-step", "no streets")
    assert page.locator(".job-state").inner_text().startswith("▲")


def test_a_page_opened_later_follows_what_runs(opened: Opened) -> None:
    page, store = opened.page, opened.store
    page.locator("[data-job]").click()
    page.locator('#box[data-state="queued"]').wait_for(timeout=20_000)
    job = opened.claimed()
    tell(store, job.id, "w1", "step", {"step": "patrol", "done": 1, "total": 3})
    page.reload()
    page.locator("#box").wait_for(state="hidden")
    page.evaluate("jobs.resume(document.getElementById('box'), ['patrol'])")
    opened.says(".job-step", "2 / 3")
    finish(store, job.id, "w1", {})
    page.locator('#box[data-state="done"]').wait_for(timeout=20_000)
    page.locator(".job-file").wait_for(state="hidden")
