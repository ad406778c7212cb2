"""The planner's pages over HTTP: the tree, cells, exports, templates, filters, who may see them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx2
import openpyxl
import pytest

PAGES = ("", "/files", "/checks", "/cards", "/list", "/reports", "/compare", "/teams")


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return list(book.worksheets[0].iter_rows(values_only=True))


@pytest.mark.parametrize("part", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_is_a_page_with_a_policy(client: httpx2.Client, part: str, lang: str) -> None:
    answer = client.get(f"/planner{part}?lang={lang}")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert answer.text.count('aria-current="page"') == 2  # of the pages, and of the parts
    other = "en" if lang == "zh" else "zh"
    assert f"?lang={other}" in answer.text


def test_the_tree_names_who_fails_and_how_to_hand_in_what_is_lacking(
    client: httpx2.Client,
) -> None:
    page = client.get("/planner?lang=en").text
    targets = client.get("/targets").json()["targets"]
    failing = [(one["id"], f) for one in targets for f in one["failing"]]
    assert failing, "the tiny town must fail something"
    for number, place in failing:
        assert f'data-key="target:{number}"' in page
        assert place["code"] in page
    lacking = {m["layer"] for one in targets for m in one["missing"]}
    assert lacking
    for layer in lacking:
        assert f"planner/template/{layer}.xlsx" in page
        assert f"layer={layer}" in page


def test_a_template_can_be_fetched_and_sent_back(client: httpx2.Client) -> None:
    answer = client.get("/planner/template/cameras.xlsx")
    assert answer.status_code == 200
    sent = client.post("/uploads", files={"file": ("cameras.xlsx", answer.content)}).json()
    found = client.get(f"/uploads/{sent['id']}").json()
    assert (found["kind"], found["found_out"]) == ("cameras", True)
    assert found["state"] in ("preview", "faults")
    assert client.get("/planner/template/nonsense.xlsx").status_code == 404


def test_a_cell_tells_who_sees_it_and_why_others_do_not(client: httpx2.Client) -> None:
    # The only camera stands at 30.0005 and looks north.
    north = client.get("/planner/cell?lon=120.0001&lat=30.0007&lang=en").json()
    rows = dict(north["item"]["rows"])
    assert rows["Seen"].split()[0] != "0"
    lists = {one["title"]: one["entries"] for one in north["item"]["lists"]}
    assert len(lists["Seen by"]) == 1
    south = client.get("/planner/cell?lon=120.0001&lat=30.0003&lang=en").json()
    lists = {one["title"]: one["entries"] for one in south["item"]["lists"]}
    assert "Seen by" not in lists
    assert [entry[1] for entry in lists["Near, and why they do not see it"]] == ["looks elsewhere"]
    h3 = dict(south["item"]["rows"])["Number"]
    again = client.get(f"/planner/cell?h3={h3}&lang=en").json()
    assert again == south
    assert client.get("/planner/cell").status_code == 400
    assert client.get("/planner/cell?h3=8c309a64e55a3ff").status_code == 404
    assert client.get("/planner/cell?lon=999&lat=0").status_code == 400


def test_what_is_selected_can_be_taken_out(client: httpx2.Client) -> None:
    targets = client.get("/targets").json()["targets"]
    one = next(t for t in targets if t["failing"])
    rows = sheet(client.get(f"/planner/export.xlsx?show=target:{one['id']}"))
    assert len(rows) == 1 + len(one["failing"])
    gap = client.get("/coverage").json()["gaps"][0]["id"]
    rows = sheet(client.get(f"/planner/export.xlsx?show=gap:{gap}&lang=en"))
    assert len(rows) == 2
    assert client.get("/planner/export.xlsx?show=gap:none").status_code == 404
    assert client.get("/planner/export.xlsx?show=__class__:x").status_code == 404


def test_the_list_is_filtered_on_the_page_as_in_the_workbook(client: httpx2.Client) -> None:
    items = client.get("/rectification").json()["items"]
    fault = items[0]["fault"]
    some = [one for one in items if one["fault"] == fault]
    rows = sheet(client.get(f"/planner/list.xlsx?fault={fault}"))
    assert len(rows) == 1 + len(some)
    page = client.get(f"/planner/list?fault={fault}&lang=en").text
    assert page.count('data-key="mend:') == len(some)
    assert 'data-key="mend:' not in client.get("/planner/list?state=closed").text
    assert client.get("/planner/list?unit=<script>").status_code == 200


def test_two_days_are_compared(client: httpx2.Client) -> None:
    asked = {"kind": "change", "params": {"against": "2021-01-01"}}
    done = client.post("/jobs", json=asked)
    assert done.status_code in (200, 201, 202), done.text
    assert done.json()["params"]["against"] == "2021-01-01"
    folder = client.post("/jobs", json={"kind": "change", "params": {"against": "/tmp"}})
    assert folder.status_code == 400  # only days: no folder of the server is opened


def test_pages_are_for_planners(enter: Callable[[str], Any]) -> None:
    paths = [f"/planner{part}" for part in PAGES] + ["/planner/template/cameras.xlsx", "/uploads"]
    for role, allowed in (("", 401), ("viewer", 403), ("commander", 403), ("planner", 200)):
        client = enter(role)
        for path in paths:
            assert client.get(path).status_code == allowed, (role, path)
