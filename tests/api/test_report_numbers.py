"""Every number of a report is one that `--json` prints, and none of them is left out."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from pypdf import PdfReader
from typer.testing import Result

Run = Callable[..., Result]
Row = tuple[str, ...]

KINDS = ("coverage", "response", "targets", "rectification")
RATES = ("area_rate", "street_rate", "village_rate", "entrance_rate", "junction_rate")


@pytest.fixture
def place(town: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(town, tmp_path / "town"))


@pytest.fixture
def documents(run: Run, place: Path) -> dict[str, Any]:
    return {kind: json.loads(run(kind, "-w", place, "--json").stdout) for kind in KINDS}


def numbers(part: Any) -> Iterator[float]:
    """Yield every number of a part of a document, in order."""
    if isinstance(part, dict):
        for value in part.values():
            yield from numbers(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from numbers(value)
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield float(part)


def fails(card: dict[str, Any], target: dict[str, Any]) -> int | None:
    scope = card["scope"]
    own = [p for p in target["failing"] if scope == "town" or p[scope] == card["code"]]
    return len(own) or None


def limit(target: dict[str, Any]) -> Any:
    return (target["threshold"] or {}).get("value")


def sheets(documents: dict[str, Any]) -> dict[str, list[Any]]:
    """Return sheet to the parts of the documents that are its numbers."""
    coverage, targets = documents["coverage"], documents["targets"]
    asked = {target["id"]: target for target in targets["targets"]}
    cards = targets["scorecards"]

    def card_part(card: dict[str, Any]) -> list[Any]:
        target = asked[card["target"]]
        told = [card[key] for key in ("value", "part", "whole", "before")]
        return [*told, limit(target), fails(card, target)]

    village_values = [
        (card["value"] or {}).get("value") for card in cards if card["scope"] == "village"
    ]
    return {
        "targets": [
            [t["value"], t["part"], t["whole"], t["before"], limit(t), len(t["failing"]) or None]
            for t in asked.values()
        ],
        "failing": [[p["value"], p["short"]] for t in asked.values() for p in t["failing"]],
        "readings": [
            [one[key] for key in ("value", "part", "whole")]
            for t in asked.values()
            for one in t["beside"]
        ],
        "stations": [card_part(card) for card in cards if card["scope"] != "village"],
        "village targets": [card_part(card) for card in cards if card["scope"] == "village"],
        "villages": [coverage["villages"], village_values],
        "places": [coverage["sites"]],
        "gaps": [coverage["gaps"]],
        "cameras": [coverage["cameras"]],
        "rectification": [
            [[item[key] for key in ("times", "lon", "lat")] for item in items]
            for items in [documents["rectification"]["items"]]
        ],
        "response": [*within_reach(documents["response"])],
        "units": [*units(documents["response"])],
        "summary": [*key_figures(documents), *rates(documents), *counts(documents)],
    }


def key_figures(documents: dict[str, Any]) -> Iterator[Any]:
    """Yield the numbers of the first page."""
    totals = documents["coverage"]["totals"]
    asked = {target["id"]: target for target in documents["targets"]["targets"]}
    for name in ("C1", "C3", "C4", "C2", "R1"):
        target = asked[name]
        yield [target["value"], target["part"], target["whole"], limit(target)]
    yield [totals["area_rate"], totals["street_rate"], totals["junction_rate"]]
    told = totals.get("counts") or {}
    ground = told.get("area_rate") or {"whole": totals["open_ground_m2"]}
    for about in (ground, told.get("street_rate"), told.get("junction_rate")):
        yield [(about or {}).get(key) for key in ("part", "whole")]


def rates(documents: dict[str, Any]) -> Iterator[Any]:
    totals = documents["coverage"]["totals"]
    yield [totals[rate] for rate in RATES]
    yield [totals["site_rate"], totals["site_rate_by_class"]]
    built = totals["build_counts"]
    yield built["sites"]
    yield [built["cameras"][stage] for stage in ("networked", "online", "in_service")]
    yield documents["response"]["tiers"]


def within_reach(response: dict[str, Any]) -> Iterator[Any]:
    """Yield what of each village is within each band."""
    amounts = ("sites", "households", "street_m", "open_m2")
    for row in response["bands"]:
        if row["scope"] == "village":
            yield [row[key] for what in amounts for key in (what, inner(what))]


def units(response: dict[str, Any]) -> Iterator[Any]:
    """Yield what each unit serves, and what is lost while it is away."""
    told = ("tier_min", "sites_first", "own_in", "own_sites", "sites_alone")
    lost = ("lost_sites", "lost_households", "lost_street_m")
    yield [[unit[key] for key in (*told, *lost)] for unit in response["units"]]


def inner(what: str) -> str:
    return what.replace("_m", "_in_m") if "_m" in what else f"{what}_in"


def counts(documents: dict[str, Any]) -> Iterator[Any]:
    totals, listed = documents["coverage"]["totals"], documents["rectification"]
    yield totals["cameras"]
    yield totals["cameras_by"]
    states = ("open", "overdue", "closed")
    for about in listed["faults"]:
        if any(about[state] for state in states):
            yield [about["days"], *(about[state] for state in states)]
    yield [[unit[state] for state in states] for unit in listed["units"]]


def test_each_sheet_holds_its_numbers_and_no_other(
    run: Run, place: Path, documents: dict[str, Any]
) -> None:
    run("report", "-w", place, "-o", "r.xlsx", "--lang", "both")
    book = openpyxl.load_workbook("r.xlsx")
    by_name = {page.title.split(" ", 1)[-1]: page for page in book}
    expected = sheets(documents)
    by_name["failing"] = by_name.pop("failing places")
    assert set(by_name) == {*expected, "notes"}
    for name, parts in expected.items():
        found = Counter(
            float(cell.value)
            for row in by_name[name].iter_rows()
            for cell in row
            if isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
        )
        assert found == Counter(numbers(parts)), name
        if name in (
            "targets",
            "failing",
            "stations",
            "gaps",
            "cameras",
            "response",
            "units",
            "summary",
        ):
            assert found, name


def _exact(value: float | Decimal) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def half_up(value: float | Decimal | None, digits: int, *, at_most: bool = False) -> str:
    if value is None:
        return "–"
    rounded = _exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    if at_most and rounded == rounded.to_integral_value():
        rounded = rounded.to_integral_value()
    return f"{rounded + 0:,f}"


def share(value: float | None) -> str:
    return "–" if value is None else f"{half_up(100 * _exact(value), 1)}\u202f%"


def span(about: dict[str, Any]) -> str:
    low, high = share(about["low"])[:-2], share(about["high"])[:-2]
    doubt = "" if low == high else f" ({low}–{high})"
    return share(about["value"]) + doubt


def tables(path: Path) -> dict[str, list[Row]]:
    """Return the first head of each table, with its number of columns, to its rows."""
    found: dict[str, list[Row]] = {}
    for table in docx.Document(str(path)).tables:
        head, *rows = [tuple(cell.text for cell in row.cells) for row in table.rows]
        found.setdefault(" ".join(head), []).extend(rows)
    return found


def picked(found: dict[str, list[Row]], words: str) -> list[Row]:
    (name,) = [head for head in found if head.startswith(words)]
    return found[name]


def test_tables_of_a_document_show_the_numbers_rounded(
    run: Run, place: Path, documents: dict[str, Any]
) -> None:
    run("report", "-w", place, "-o", "r.docx", "--lang", "zh")
    found = tables(Path("r.docx"))
    coverage, response = documents["coverage"], documents["response"]
    villages = picked(found, "名称 农村")
    assert Counter(row[2:] for row in villages) == Counter(
        (
            half_up(village["open_ground_m2"], 0),
            span(village["area_rate"]) if village["area_rate"]["value"] is not None else "–",
            *(share(village[key]) for key in ("networked", "in_service", "repaired")),
            str(village["cameras"]),
        )
        for village in coverage["villages"]
    )
    tiers = picked(found, "时限（分钟）")
    assert tiers == [
        (half_up(t["tier_min"], 0), f"{t['met']:,} / {t['sites']:,}", share(t["share"]))
        for t in response["tiers"]
    ]
    gaps = picked(found, "排名 地点")
    keys = ("rank", "area_m2", "sites", "incidents", "distance_m")
    assert [tuple(row[n] for n in (0, 3, 4, 5, 8)) for row in gaps] == [
        tuple(half_up(gap[key], 0) for key in keys) for gap in coverage["gaps"][:20]
    ]
    _targets_are_shown(found, documents["targets"]["targets"])


def _targets_are_shown(found: dict[str, list[Row]], targets: list[dict[str, Any]]) -> None:
    rows = {row[0]: row for row in picked(found, "编号 条款")}
    assert list(rows) == [target["id"] for target in targets]
    for target in targets:
        row = rows[target["id"]]
        if target["unit"] == "share":
            told = "–" if target["value"] is None else span(target["value"])
            assert row[3] == told
            assert row[5] == ("" if limit(target) is None else f"≥ {share(limit(target))}")
            assert row[6] == share(target["before"])
        if target["part"] is not None:
            ends = (half_up(target[key], 1, at_most=True) for key in ("part", "whole"))
            assert row[4] == " / ".join(ends)


def texts(path: Path) -> list[str]:
    """Return every text of a document but the heads of its tables."""
    document = docx.Document(str(path))
    rows = [cell.text for t in document.tables for row in t.rows[1:] for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *rows]


def tokens(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d[\d,.]*\d|\d", text))


@pytest.mark.parametrize("lang", ["zh", "en", "both"])
def test_pages_show_the_same_numbers_as_documents(run: Run, place: Path, lang: str) -> None:
    for ending in ("docx", "pdf"):
        run("report", "-w", place, "-o", f"r.{ending}", "--lang", lang)
    pages = PdfReader("r.pdf").pages
    on_pages = tokens("\n".join(page.extract_text() for page in pages))
    written = tokens("\n".join(texts(Path("r.docx"))))
    heads = [cell.text for t in docx.Document("r.docx").tables for cell in t.rows[0].cells]
    in_heads = tokens("\n".join(heads))
    assert sum(written.values()) > 200
    # Nothing is lacking; beside it there are heads, and on each page its number and the day.
    assert not (written + in_heads) - on_pages
    day = date.today()
    around = {str(n) for n in range(1, len(pages) + 1)} | {*in_heads}
    around |= {str(part) for part in (day.year, day.month, day.day)}
    around |= {f"{part:02d}" for part in (day.month, day.day)}
    assert set(on_pages - written - in_heads) <= around
