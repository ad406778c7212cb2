"""What stands beside the map of a cordon: open exits, posts to hold, and a card for each post."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from maps.overlays_cordon import exit_key, exit_name, post_key
from maps.panels import (
    MOST_ENTRIES,
    WORST,
    Entry,
    Figure,
    Item,
    LegendGroup,
    Panel,
    Section,
    Swatch,
    Switch,
    tag_swatch,
)
from maps.panels_live import since_text
from maps.style import style
from maps.units import NONE, duration, each_row, percent
from maps.words import Words
from planner.cordon_cards import Card
from planner.cordon_plans import OneMore
from planner.results_cordon import Cordon

CHECKPOINT = "checkpoint"
# A share that grows by less than this is as it was.
LEAST_GAIN = 0.005


@dataclass(frozen=True)
class Paper:
    """One card as it is printed: labels with texts, and the first steps of the way."""

    name: str
    rows: tuple[tuple[str, str], ...]
    steps: tuple[str, ...] = field(default=(), repr=False)


def cordon_panel(cordon: Cordon, say: Words) -> Panel:
    """Return what stands beside the map of a cordon.

    Parameters
    ----------
    cordon
        The answer.
    say
        Words of the page's language.
    """
    exits, posts = _exits(cordon, say), _posts(cordon, say)
    worst = Section(say("Open exits: the heaviest"), exits[:WORST], look="worst")
    rest = Section(
        say("Further open exits"),
        exits[WORST:MOST_ENTRIES],
        str(max(len(exits) - WORST, 0)),
        look="next",
    )
    hold = Section(say("Posts to hold"), posts, str(len(posts)), look="open")
    return Panel(
        _figures(cordon, say),
        (worst, rest, hold),
        _legend(say),
        items=(*_exit_items(cordon, say), *_post_items(cordon, say)),
    )


def verdict(cordon: Cordon, say: Words) -> str:
    """Return in one sentence whether the ring can be closed."""
    if not cordon.exits_total:
        return say("No street leads out of here.")
    still = len(cordon.open_exits)
    if cordon.status == "sealed":
        stand = duration(cordon.closes_at_s, say)
        return say("● The ring can be closed: all posts stand after {time}.", time=stand)
    if cordon.status == "impossible":
        return say("▲ Nobody is there in time: all {n} exits stay open.", n=still)
    return say("▲ Not sealed: {n} of {m} exits stay open.", n=still, m=cordon.exits_total)


def where_text(cordon: Cordon, say: Words) -> str:
    """Return where it began, how the runner moves and since when."""
    mode = say.term("runner", cordon.mode)
    since = since_text(cordon.head_start_s, say)
    within = say("ring for the next {n} min", n=f"{cordon.horizon_s / 60:g}")
    return " · ".join(filter(None, [cordon.place, mode, since, within]))


def better_text(shown: Cordon, best: Cordon, say: Words) -> str:
    """Return that there is a better plan than the one that is shown, "" where there is none."""
    was, now = shown.closable_share or 0, best.closable_share or 0
    if now - was < LEAST_GAIN:
        return ""
    return say(
        "A better plan closes {now} by weight instead of {was}: {n} exits stay open.",
        now=percent(now),
        was=percent(was),
        n=len(best.open_exits),
    )


def one_more_text(cordon: Cordon, more: OneMore, say: Words) -> str:
    """Return what one more unit would change, as a sentence."""
    gain = (more.closable_share or 0) - (cordon.closable_share or 0)
    if more.node < 0 or gain < LEAST_GAIN:
        return say("One more unit would close no more.")
    return say(
        "One more unit at {place}, there within {time}, would close {share} of the exits "
        "instead of {now}.",
        place=more.junction or say("an unnamed junction"),
        time=duration(more.by_s, say),
        share=percent(more.closable_share),
        now=percent(cordon.closable_share),
    )


def papers(cards: Sequence[Card], now: datetime | None, say: Words) -> list[Paper]:
    """Return the cards as they are printed.

    Parameters
    ----------
    cards
        From `planner.cordon_cards`.
    now
        The time from which the cards count; None leaves out times of day.
    say
        Words of the page's language.
    """
    return [_paper(card, now, say) for card in cards]


def _paper(card: Card, now: datetime | None, say: Words) -> Paper:
    streets = say(", ").join(card.streets)
    rows = (
        (say("Stand at"), card.junction or f"{card.lat:.5f}, {card.lon:.5f}"),
        (say("Close"), streets),
        (say("Hold it by"), _by(card.runner_s, now, say)),
        (say("You stand there after"), _by(card.holds_s, now, say)),
        (say("To spare"), duration(_spare(card), say)),
        (say("Where"), f"{card.lon:.6f}, {card.lat:.6f}"),
    )
    return Paper(card.name, rows, card.steps_zh if say.lang == "zh" else card.steps_en)


def _spare(post: Any) -> float | None:
    """Return how long a post stands before the runner is there; None where none comes."""
    return None if math.isinf(post.runner_s) else max(post.runner_s - post.holds_s, 0)


def _by(seconds: float, now: datetime | None, say: Words) -> str:
    if math.isinf(seconds):
        return NONE
    took = duration(seconds, say)
    return took if now is None else f"{now + timedelta(seconds=seconds):%H:%M:%S} ({took})"


def _figures(cordon: Cordon, say: Words) -> tuple[Figure, ...]:
    still, total = len(cordon.open_exits), cordon.exits_total
    share = cordon.closable_share
    closed = "" if share is None else say("closed by weight: {share}", share=percent(share))
    stand = cordon.closes_at_s
    bound = cordon.units_bound
    return (
        Figure(say("Exits that stay open"), f"{still} / {total}", count=closed),
        Figure(
            say("Posts to hold"),
            str(len(cordon.holders)),
            count="" if stand is None else say("all stand after {t}", t=duration(stand, say)),
        ),
        Figure(
            say("Posts that a full seal takes"),
            say("at least {n}", n=bound) if bound is not None else say("no number is enough"),
        ),
    )


def _exits(cordon: Cordon, say: Words) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            exit_name(row, say),
            _exit_note(row, say),
            duration(abs(row.runner_s), say),
            _exit_when(row, say),
            exit_key(row),
            str(n),
        )
        for n, row in enumerate(each_row(cordon.open_exits), 1)
    )


def _exit_note(row: Any, say: Words) -> str:
    """Return where an exit leads, and by which street if its junction does not say so."""
    told = row.street and row.street not in (row.junction or row.street)
    return " · ".join(filter(None, [_exit_kind(row, say), row.street if told else ""]))


def _exit_kind(row: Any, say: Words) -> str:
    return say("leads out of town") if row.kind == "town" else say("leads out of the ring")


def _exit_when(row: Any, say: Words) -> str:
    """Return what the time beside an exit means."""
    return say("ago at the earliest") if row.runner_s < 0 else say("until used")


def _posts(cordon: Cordon, say: Words) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            row.name,
            row.junction or row.streets,
            say("there") if row.kind == CHECKPOINT else duration(row.holds_s, say),
            _spared(row, say),
            post_key(row),
            str(n),
            "post",
        )
        for n, row in enumerate(each_row(cordon.holders), 1)
    )


def _spared(post: Any, say: Words) -> str:
    spare = _spare(post)
    return "" if spare is None else say("{time} to spare", time=duration(spare, say))


def _exit_items(cordon: Cordon, say: Words) -> list[Item]:
    return [
        Item(
            exit_key(row),
            exit_name(row, say),
            (
                (say("State"), say("▲ open exit")),
                (say("Kind"), _exit_kind(row, say)),
                (say("Street"), row.street or ""),
                (_exit_label(row, say), duration(abs(row.runner_s), say)),
                (say("Weight"), f"{row.weight:g}"),
            ),
        )
        for row in each_row(cordon.open_exits)
    ]


def _exit_label(row: Any, say: Words) -> str:
    if row.runner_s < 0:
        return say("May have been used since")
    return say("Runner there after")


def _post_items(cordon: Cordon, say: Words) -> list[Item]:
    return [_post_item(row, say) for row in each_row(cordon.holders)]


def _post_item(row: Any, say: Words) -> Item:
    checkpoint, spare = row.kind == CHECKPOINT, _spare(row)
    rows = (
        (say("Kind"), say("Road checkpoint") if checkpoint else say("Unit")),
        (say("Stand at"), row.junction),
        (say("Close"), row.streets),
        (say("There after"), "" if checkpoint else duration(row.arrives_s, say)),
        (say("Holds after"), duration(row.holds_s, say)),
        (say("Runner there after"), NONE if spare is None else duration(row.runner_s, say)),
        (say("To spare"), duration(spare, say)),
    )
    return Item(post_key(row), row.name, rows)


def _legend(say: Words) -> tuple[LegendGroup, ...]:
    colours = style()["cordon"]
    return (
        LegendGroup(
            say("Cordon"),
            (
                tag_swatch("exit", "1", say("open exit")),
                tag_swatch("post", "1", say("post to hold")),
                Swatch(say("ring"), "area", (colours["ring"], 0, 2.5, "6 4")),
                Swatch(say("where the runner may be"), "area", (colours["reach"], 0.35, 0, "")),
            ),
            (
                Switch("exits", say("open exits")),
                Switch("posts", say("posts to hold")),
                Switch("reach", say("where the runner may be")),
                Switch("ring", say("ring")),
            ),
        ),
    )
