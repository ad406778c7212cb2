"""Targets: the table of all, the places that fail, scorecards of stations and villages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from maps.report_cells import status_shape, status_word
from maps.report_model import (
    Block,
    Cell,
    Column,
    Limit,
    Lines,
    Mark,
    Number,
    Part,
    Said,
    Section,
    Span,
    Status,
    Table,
)
from maps.report_words import term, titled, told

Document = Mapping[str, Any]
# So many places of one target are on paper, and so many targets beside each other.
PLACES_PER_TARGET = 8
TARGETS_ABREAST = 10
STATES = ("met", "not_met", "cannot_tell", "report_only")


def targets_section(targets: Document) -> Section:
    """Return every target with its number, limit, status, and what is missing to tell."""
    columns = (
        Column(told("id"), 0.8),
        Column(told("clause"), 1.1),
        Column(told("figure"), 5.0),
        Column(told("value"), 2.6, "span"),
        Column(told("count"), 1.7, "part"),
        Column(told("target"), 2.0, "limit"),
        Column(told("before"), 1.9, "number"),
        Column(told("trend"), 1.4),
        Column(told("status"), 2.4, "status"),
        Column(told("lacking"), 5.4),
        Column(told("note"), 4.4),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            target["id"],
            target.get("clause"),
            target_title(target),
            span_of(target.get("value"), target["unit"]),
            Part(target.get("part"), target.get("whole")),
            limit_of(target),
            Number(target.get("before"), target["unit"]),
            term("trend", target.get("trend")),
            Status(target["status"]),
            _lacking(target),
            titled(target.get("note")),
        )
        for target in targets["targets"]
    ]
    title = told("judged_by", title=profile_title(targets))
    table = Table(title, columns, rows, told("sheet_targets"), empty=told("none"))
    return Section(told("head_targets"), (table,), landscape=True)


def failing_section(targets: Document, villages: Mapping[str, str]) -> Section:
    """Return the places that fail each target, those first that need least.

    Parameters
    ----------
    targets
        The document.
    villages
        Code to name.
    """
    columns = (
        Column(told("place"), 3.2),
        Column(told("layer"), 2.8),
        Column(told("code"), 3.9),
        Column(told("village"), 2.2),
        Column(told("value_one"), 1.6, "number", on_paper=False),
        Column(told("short"), 1.7, "number"),
        Column(told("note"), 4.9),
    )
    everything: list[tuple[Cell, ...]] = []
    blocks: list[Block] = []
    for target in targets["targets"]:
        rows = [_failing_row(place, target, villages) for place in target["failing"]]
        everything += [(target["id"], *row) for row in rows]
        if rows:
            title = told("list_of", title=_with_id(target), n=len(rows))
            blocks.append(Table(title, columns, rows, paper_rows=PLACES_PER_TARGET))
    whole = (Column(told("id")), *columns)
    sheet = told("sheet_failing")
    blocks.append(Table(told("head_failing"), whole, everything, sheet, paper_rows=0))
    if not everything:
        blocks.append(Lines((told("none"),)))
    return Section(told("head_failing"), tuple(blocks))


def stations_section(targets: Document) -> Section:
    """Return a scorecard of the town and of each station: a row for each target."""
    about = {target["id"]: target for target in targets["targets"]}
    columns = _card_columns()
    blocks: list[Block] = []
    everything: list[tuple[Cell, ...]] = []
    for scope in ("town", "station"):
        for name, cards in _cards_by_place(targets, scope):
            rows = [_card_row(card, about) for card in cards]
            if scope == "station":  # the town's is the table of all targets
                blocks.append(Table(Said(name, name), columns, rows))
            everything += [(name, cards[0]["code"], *row) for row in rows]
    whole = (Column(told("station")), Column(told("code")), *columns)
    blocks.append(
        Table(told("head_stations"), whole, everything, told("sheet_stations"), paper_rows=0)
    )
    return Section(told("head_stations"), tuple(blocks), landscape=True)


def villages_section(targets: Document | None, coverage: Table) -> Section:
    """Return the coverage of each village, and each target beside each village.

    Parameters
    ----------
    targets
        The document, if there is one.
    coverage
        The table of the villages' coverage.
    """
    blocks: list[Block] = [coverage if targets is None else _with_marks(coverage, targets)]
    if targets is not None:
        blocks += _matrices(targets)
        blocks.append(_village_cards(targets))
    return Section(told("head_villages"), tuple(blocks), landscape=True)


def left_out_table(targets: Document) -> Table:
    """Return what is left out on purpose, and why."""
    columns = (
        Column(told("clause"), 1),
        Column(told("figure"), 4),
        Column(told("reason"), 5),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            str(item.get("clause") or ""),
            _titled(item, "", "title"),
            _titled(item, "reason_", "reason"),
        )
        for item in targets.get("left_out", [])
    ]
    sheet = told("sheet_notes")
    return Table(told("left_out"), columns, rows, sheet, empty=told("none"))


def profile_title(targets: Document) -> Said:
    """Return the title of the profile, else its name."""
    return titled(targets.get("title") or targets["profile"])


def target_title(target: Document) -> Said:
    """Return what a target asks, in both languages."""
    return titled(target["title"])


def span_of(value: Any, unit: str) -> Span:
    """Return the interval of a target, unknown where it has none."""
    if not isinstance(value, Mapping):
        return Span(None, None, None, unit)
    return Span(value["value"], value["low"], value["high"], unit)


def limit_of(target: Document) -> Limit | None:
    """Return what a target asks for; None where it sets no number."""
    threshold = target.get("threshold")
    if not threshold:
        return None
    return Limit(threshold["op"], threshold["value"], target["unit"])


def _titled(item: Document, prefix: str, whole: str) -> Said:
    """Return a text kept as zh and en under a prefix, or as one member."""
    if f"{prefix}zh" in item:
        return titled({"zh": item[f"{prefix}zh"], "en": item[f"{prefix}en"]})
    return titled(item.get(whole))


def _with_id(target: Document) -> Said:
    title = target_title(target)
    return Said(f"{target['id']} {title.zh}", f"{target['id']} {title.en}")


def _lacking(target: Document) -> Said:
    texts = [
        _titled(one, "", "column") if isinstance(one, Mapping) else Said(str(one), str(one))
        for one in target["missing"]
    ]
    return Said("；".join(t.zh for t in texts), "; ".join(t.en for t in texts))


def _failing_row(
    place: Document, target: Document, villages: Mapping[str, str]
) -> tuple[Cell, ...]:
    village = place.get("village")
    return (
        place.get("name") or place["code"],
        term("layer", place["layer"]),
        place["code"],
        villages.get(village) or village if village else "",
        Number(place["value"], "exact"),
        Number(place.get("short"), place.get("unit") or target["unit"]),
        _titled(place, "note_", "note"),
    )


def _card_columns() -> tuple[Column, ...]:
    return (
        Column(told("id"), 0.8),
        Column(told("figure"), 6.0),
        Column(told("value"), 2.6, "span"),
        Column(told("count"), 1.8, "part"),
        Column(told("target"), 1.8, "limit"),
        Column(told("trend"), 1.3),
        Column(told("status"), 2.2, "status"),
        Column(told("lacking"), 6.4),
    )


def _card_row(card: Document, about: Mapping[str, Document]) -> tuple[Cell, ...]:
    target = about[card["target"]]
    return (
        card["target"],
        target_title(target),
        span_of(card["value"], target["unit"]),
        Part(card.get("part"), card.get("whole")),
        limit_of(target),
        term("trend", card.get("trend")),
        Status(card["status"]),
        _lacking(target) if card["status"] == "cannot_tell" else Said("", ""),
    )


def _cards_by_place(targets: Document, scope: str) -> Iterator[tuple[str, list[Document]]]:
    """Yield the name of each place of a scope and its cards, in order."""
    places: dict[str, list[Document]] = {}
    for card in targets.get("scorecards", []):
        if card["scope"] == scope:
            places.setdefault(card["code"], []).append(card)
    for code, cards in places.items():
        yield cards[0].get("name") or code, cards


def _village_cards(targets: Document) -> Table:
    """Return a row for each target of each village, for a workbook."""
    about = {target["id"]: target for target in targets["targets"]}
    rows: list[tuple[Cell, ...]] = [
        (name, cards[0]["code"], *_card_row(card, about))
        for name, cards in _cards_by_place(targets, "village")
        for card in cards
    ]
    columns = (Column(told("village")), Column(told("code")), *_card_columns())
    return Table(told("head_villages"), columns, rows, told("sheet_scorecards"), paper_rows=0)


def _with_marks(coverage: Table, targets: Document) -> Table:
    """Return the villages' coverage with each target beside it, on sheets only."""
    shown, _, cards = _village_targets(targets)
    heads = tuple(Column(_with_id(one), kind="mark", on_paper=False) for one in shown)
    rows = [(*row, *(_mark(cards, str(row[1]), one) for one in shown)) for row in coverage.rows]
    return replace(coverage, columns=(*coverage.columns, *heads), rows=rows)


def _village_targets(
    targets: Document,
) -> tuple[list[Document], list[tuple[str, str]], dict[tuple[str, str], Document]]:
    """Return the targets that villages have, name and code of each village, and the cards."""
    cards = {
        (card["code"], card["target"]): card
        for card in targets.get("scorecards", [])
        if card["scope"] == "village"
    }
    asked = {target for _, target in cards}
    shown = [target for target in targets["targets"] if target["id"] in asked]
    places = [(name, own[0]["code"]) for name, own in _cards_by_place(targets, "village")]
    return shown, places, cards


def _mark(cards: Mapping[tuple[str, str], Document], code: str, target: Document) -> Mark:
    card = cards.get((code, target["id"]))
    if card is None:
        return Mark(None, Number(None))
    return Mark(card["status"], Number(span_of(card["value"], "").value, target["unit"]))


def _matrices(targets: Document) -> list[Block]:
    """Return villages by targets, so many targets abreast, with what the shapes mean."""
    shown, places, cards = _village_targets(targets)
    blocks: list[Block] = []
    for start in range(0, len(shown), TARGETS_ABREAST):
        abreast = shown[start : start + TARGETS_ABREAST]
        blocks.append(_matrix(abreast, places, cards))
        blocks.append(Lines((_shapes(), *(_with_id(target) for target in abreast)), listed=True))
    return blocks


def _matrix(
    abreast: Sequence[Document],
    places: Sequence[tuple[str, str]],
    cards: Mapping[tuple[str, str], Document],
) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (name, *(_mark(cards, code, target) for target in abreast)) for name, code in places
    ]
    ids = f"{abreast[0]['id']}–{abreast[-1]['id']}"
    heads = (Column(Said(t["id"], t["id"]), 1.6, "mark") for t in abreast)
    return Table(told("village_matrix", n=ids), (Column(told("village"), 3.2), *heads), rows)


def _shapes() -> Said:
    words = [(status_shape(state), status_word(state)) for state in STATES]
    return Said(
        "　".join(f"{shape} {word.zh}" for shape, word in words),
        "   ".join(f"{shape} {word.en}" for shape, word in words),
    )
