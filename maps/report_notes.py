"""What a report rests on: what was left out, assumed and missing, parameters, sources, revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maps.report_cells import cell_text, joined, number_text
from maps.report_model import Block, Cell, Column, Lines, Number, Said, Section, Table
from maps.report_targets import left_out_table
from maps.report_words import sentence, term, told

Document = Mapping[str, Any]


def notes_section(documents: Mapping[str, Document], day: str) -> Section:
    """Return the last section.

    Parameters
    ----------
    documents
        Kind of answer to its document.
    day
        The day the report is written.
    """
    sheet = told("sheet_notes")
    coverage = documents["coverage"]
    blocks: list[Block] = [Lines(tuple(_basis(coverage, day)), sheet=sheet)]
    if "targets" in documents:
        blocks.append(left_out_table(documents["targets"]))
    blocks += [_assumed_in_short(documents), _assumed(documents), _missing(documents)]
    warned = _warnings(documents)
    if warned:
        blocks.append(Lines((told("warnings"), *warned), listed=True, sheet=sheet))
    blocks += [_sources(coverage), _params(documents)]
    return Section(told("head_notes"), tuple(blocks))


def _basis(coverage: Document, day: str) -> Iterator[Said]:
    yield told("basis", revision=coverage["revision"], day=day)
    if coverage.get("at"):
        yield told("as_of", day=coverage["at"])
    step = term("ladder_step", coverage["picture_class"])
    yield told("picture_class", step=step, ladder=term("ladder", coverage["params"]["ladder"]))
    yield told("same_numbers")


def _each(documents: Mapping[str, Document], part: str) -> Iterator[tuple[str, Any]]:
    """Yield every item of a part of the documents once, with the answer it is from."""
    seen = []
    for kind, document in documents.items():
        for item in document.get(part, []):
            if item not in seen:
                seen.append(item)
                yield kind, item


def _assumed(documents: Mapping[str, Document]) -> Table:
    columns = (
        Column(told("layer")),
        Column(told("column")),
        Column(told("assumed_value"), kind="mixed"),
        Column(told("rows"), kind="number"),
    )
    rows: list[tuple[Cell, ...]] = [
        (*_of_column(item), _assumed_value(item["value"]), Number(item["rows"]))
        for _, item in _each(documents, "assumed")
    ]
    title, sheet = told("assumed"), told("sheet_notes")
    return Table(title, columns, rows, sheet, paper_rows=0, empty=told("none"))


def _assumed_in_short(documents: Mapping[str, Document]) -> Table:
    """Return what was assumed, a row for each column of the data: value (rows), for paper."""
    columns = (
        Column(told("layer"), 2),
        Column(told("column"), 2.4),
        Column(told("assumed_rows"), 10, "remark"),
    )
    values: dict[tuple[Said, Said], list[Said]] = {}
    for _, item in _each(documents, "assumed"):
        value = _assumed_value(item["value"])
        zh, en = (cell_text(value, lang) for lang in ("zh", "en"))
        count = number_text(item["rows"], "count")
        text = Said(f"{zh}（{count}）", f"{en} ({count})")
        values.setdefault(_of_column(item), []).append(text)
    rows = [(*column, joined(texts)) for column, texts in values.items()]
    return Table(told("assumed"), columns, rows, empty=told("none"))


def _of_column(item: Document) -> tuple[Said, Said]:
    return term("layer", item["layer"]), term("column", item["column"])


def _assumed_value(value: Any) -> Said | Number:
    return sentence(value) if isinstance(value, str) else Number(value, "exact")


def _missing(documents: Mapping[str, Document]) -> Table:
    columns = (Column(told("figure"), 4), Column(told("lacking"), 5))
    rows: list[tuple[Cell, ...]] = [
        (term("figure", item["figure"]), _layers(item["layers"]))
        for _, item in _each(documents, "missing")
    ]
    return Table(told("missing"), columns, rows, told("sheet_notes"), empty=told("none"))


def _layers(names: list[str]) -> Said:
    said = [term("layer", name) for name in names]
    return Said("、".join(one.zh for one in said), ", ".join(one.en for one in said))


def _warnings(documents: Mapping[str, Document]) -> tuple[Said, ...]:
    """Return the warnings that do not repeat what is missing."""
    return tuple(
        sentence(text)
        for _, text in _each(documents, "warnings")
        if not (text.startswith("No ") and ": needs the layer " in text)
    )


def _sources(coverage: Document) -> Lines:
    names = coverage.get("attribution", [])
    lines = tuple(Said(name, name) for name in names) or (told("none"),)
    return Lines((told("sources"), *lines), listed=True, sheet=told("sheet_notes"))


def _params(documents: Mapping[str, Document]) -> Table:
    """Return every parameter of every answer, tables of them one by one."""
    columns = (
        Column(told("of_answer"), 2),
        Column(told("parameter"), 4),
        Column(told("value_one"), 4, "mixed"),
    )
    rows: list[tuple[Cell, ...]] = [
        (term("answer", kind), name, _text(value))
        for kind, document in documents.items()
        for name, value in _flat(document.get("params") or {})
    ]
    return Table(told("params"), columns, rows, told("sheet_notes"), paper_rows=0)


def _flat(params: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _text(value: Any) -> Cell:
    if isinstance(value, list):
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "" if value is None else str(value)
    return Number(value, "exact")
