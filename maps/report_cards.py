"""Scorecards: targets beside stations, targets beside villages, and what each place lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from maps.report_cells import joined, status_shape, status_word
from maps.report_model import (
    Block,
    Cell,
    Column,
    Lines,
    Mark,
    Number,
    Part,
    Said,
    Section,
    Status,
    Table,
)
from maps.report_targets import lacking_text, limit_of, span_of, target_title, titled_id
from maps.report_words import term, titled, told

Document = Mapping[str, Any]
# So many stations, and so many targets, stand beside each other on paper.
STATIONS_ABREAST = 4
TARGETS_ABREAST = 20
# So many places are named where a card tells what is lacking.
NAMED = 5
STATES = ("met", "not_met", "cannot_tell", "report_only")
TRENDS = ("better", "same", "worse")


def stations_section(targets: Document) -> Section:
    """Return each target beside each station; on a sheet, a row for each of both."""
    places = list(_cards_by_place(targets, "station"))
    blocks: list[Block] = [
        _station_matrix(targets, places[start : start + STATIONS_ABREAST])
        for start in range(0, len(places), STATIONS_ABREAST)
    ]
    blocks.append(Lines((_key_of_marks(),)) if blocks else Lines((told("none"),)))
    rows = [
        row
        for scope in ("town", "station")
        for name, cards in _cards_by_place(targets, scope)
        for row in _card_rows(name, cards, targets)
    ]
    columns = (Column(told("station")), Column(told("code")), *_card_columns())
    whole = Table(told("head_stations"), columns, rows, told("sheet_stations"), paper_rows=0)
    return Section(told("head_stations"), (*blocks, whole))


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
        blocks += _village_matrices(targets)
        blocks.append(_village_cards(targets))
    return Section(told("head_villages"), tuple(blocks))


def lacks_of(card: Document, target: Document) -> list[Document]:
    """Return the places of a station or a village that fail a target; of the town, all."""
    scope = card["scope"]
    return [
        place for place in target["failing"] if scope == "town" or place.get(scope) == card["code"]
    ]


def _station_matrix(targets: Document, places: Sequence[tuple[str, list[Document]]]) -> Table:
    """Return targets by stations, each with what it is judged by."""
    cards = {(n, card["target"]): card for n, (_, own) in enumerate(places) for card in own}
    asked = {target for _, target in cards}
    columns = (
        Column(told("id"), 0.9),
        Column(told("figure"), 6.0, "remark"),
        Column(told("target"), 1.9, "limit"),
        *(Column(Said(name, name), 3.4, "mark") for name, _ in places),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            target["id"],
            target_title(target),
            limit_of(target),
            *(_mark(cards.get((n, target["id"])), target) for n in range(len(places))),
        )
        for target in targets["targets"]
        if target["id"] in asked
    ]
    return Table(told("head_stations"), columns, rows)


def _mark(card: Document | None, target: Document) -> Mark:
    if card is None:
        return Mark(None, Number(None))
    value = Number(span_of(card["value"], "").value, target["unit"])
    lacks = len(lacks_of(card, target)) if card["status"] == "not_met" else None
    return Mark(card["status"], value, card.get("trend"), lacks)


def _card_columns() -> tuple[Column, ...]:
    return (
        Column(told("id")),
        Column(told("figure")),
        Column(told("value"), kind="span"),
        Column(told("count"), kind="part"),
        Column(told("target"), kind="limit"),
        Column(told("before"), kind="number"),
        Column(told("trend")),
        Column(told("status"), kind="status"),
        Column(told("lacks"), kind="number"),
        Column(told("to_mend")),
        Column(told("lacking")),
    )


def _card_rows(
    name: str, cards: Sequence[Document], targets: Document
) -> Iterator[tuple[Cell, ...]]:
    about = {target["id"]: target for target in targets["targets"]}
    for card in cards:
        target = about[card["target"]]
        fail = lacks_of(card, target)
        yield (
            name,
            card["code"],
            card["target"],
            target_title(target),
            span_of(card["value"], target["unit"]),
            Part(card.get("part"), card.get("whole"), "half"),
            limit_of(target),
            Number(card.get("before"), target["unit"]),
            term("trend", card.get("trend")),
            Status(card["status"]),
            Number(len(fail) or None),
            _to_mend(fail),
            _lacking(card, target),
        )


def _to_mend(fail: Sequence[Document]) -> Said:
    """Return the first places that fail, each with what it needs."""
    texts = []
    for place in fail[:NAMED]:
        name, note = place.get("name") or place["code"], titled(_note(place))
        texts.append(
            Said(f"{name}：{note.zh}", f"{name}: {note.en}") if note.zh else Said(name, name)
        )
    if len(fail) > NAMED:
        texts.append(told("and_more", n=len(fail) - NAMED))
    return joined(texts)


def _note(place: Document) -> dict[str, Any]:
    return {"zh": place.get("note_zh"), "en": place.get("note_en")}


def _lacking(card: Document, target: Document) -> Said:
    """Return what is missing to tell of one place; of the target as a whole where it says not."""
    if card["status"] != "cannot_tell":
        return Said("", "")
    if card.get("missing_zh"):
        return Said(card["missing_zh"], card["missing_en"])
    return lacking_text(target["missing"])


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
    rows = [
        row
        for name, cards in _cards_by_place(targets, "village")
        for row in _card_rows(name, cards, targets)
    ]
    columns = (Column(told("village")), Column(told("code")), *_card_columns())
    return Table(told("head_villages"), columns, rows, told("sheet_scorecards"), paper_rows=0)


def _with_marks(coverage: Table, targets: Document) -> Table:
    """Return the villages' coverage with each target beside it, on sheets only."""
    shown, _, cards = _village_targets(targets)
    heads = tuple(Column(titled_id(one), kind="mark", on_paper=False) for one in shown)
    rows = [
        (*row, *(_mark(cards.get((str(row[1]), one["id"])), one) for one in shown))
        for row in coverage.rows
    ]
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


def _village_matrices(targets: Document) -> list[Block]:
    """Return villages by targets as shapes, so many targets abreast, those that fail most first."""
    shown, places, cards = _village_targets(targets)

    def failed(place: tuple[str, str]) -> int:
        states = (cards.get((place[1], target["id"]), {}).get("status") for target in shown)
        return sum(state == "not_met" for state in states)

    places = sorted(places, key=failed, reverse=True)
    blocks: list[Block] = []
    for start in range(0, len(shown), TARGETS_ABREAST):
        abreast = shown[start : start + TARGETS_ABREAST]
        rows: list[tuple[Cell, ...]] = [
            (
                place[0],
                *(
                    Mark(cards.get((place[1], one["id"]), {}).get("status"), Number(None))
                    for one in abreast
                ),
            )
            for place in places
        ]
        heads = (Column(Said(one["id"], one["id"]), 1.0, "mark") for one in abreast)
        blocks.append(Table(told("village_matrix"), (Column(told("village"), 3.0), *heads), rows))
    return [*blocks, Lines((_key_of_shapes(),))] if blocks else []


def _key_of_shapes() -> Said:
    words = [(status_shape(state), status_word(state)) for state in STATES]
    return told(
        "key_of_shapes",
        shapes=Said(
            "　".join(f"{shape} {word.zh}" for shape, word in words),
            "   ".join(f"{shape} {word.en}" for shape, word in words),
        ),
    )


def _key_of_marks() -> Said:
    shapes = _key_of_shapes()
    trends = [(term("trend_sign", trend), term("trend", trend)) for trend in TRENDS]
    return Said(
        shapes.zh + "　".join(f"{sign.zh} {word.zh}" for sign, word in trends) + told("by_year").zh,
        shapes.en + "   ".join(f"{s.en} {word.en}" for s, word in trends) + told("by_year").en,
    )
