"""Figures, lists and legend of the targets page, with what a click on a target shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from maps.legend_coverage import class_swatch
from maps.overlays_targets import missed, place_key
from maps.panels import (
    Entry,
    Figure,
    Item,
    ItemList,
    LegendGroup,
    Panel,
    Section,
    Switch,
    mark_swatch,
    tag_swatch,
)
from maps.scales import scale
from maps.units import each_row, known
from maps.units_targets import limit_text, of_all, span_text, value_text
from maps.words import Words
from planner.results_targets import Targets

# The worst first; the sign of each state is its shape, so that no colour is needed.
STATES = ("not_met", "cannot_tell", "met", "report_only")
SIGNS = {
    "not_met": ("▲", "bad"),
    "cannot_tell": ("□", "plain"),
    "met": ("●", "good"),
    "report_only": ("◇", "plain"),
}
SCOPES = ("station", "village")
# Lists among the details, and marks on the map, end here.
MOST_PLACES = 60
MOST_MARKS = 500


def targets_panel(targets: Targets, say: Words) -> Panel:
    """Return what stands beside the map of targets.

    Parameters
    ----------
    targets
        The answer.
    say
        Words of the page's language.
    """
    return Panel(
        _figures(targets, say),
        (
            *_lists(targets, say),
            _scopes(targets, "station", say("Police stations"), say),
            _scopes(targets, "village", say("Villages, most missed first"), say),
            _left_out(targets, say),
        ),
        _legend(say),
        lead=f"{targets.title[say.lang]} · {targets.today}",
        items=(
            *(_target_item(row, targets, say) for row in each_row(targets.targets)),
            *_card_items(targets, say),
        ),
    )


def _figures(targets: Targets, say: Words) -> tuple[Figure, ...]:
    counts = targets.targets["status"].value_counts()
    words = {
        "not_met": say("Targets not met"),
        "cannot_tell": say("Cannot tell"),
        "met": say("Targets met"),
        "report_only": say("Reported only"),
    }
    total = len(targets.targets)
    return tuple(
        Figure(f"{SIGNS[state][0]} {words[state]}", str(counts.get(state, 0)), f"/ {total}")
        for state in STATES
    )


def _lists(targets: Targets, say: Words) -> list[Section]:
    table = targets.targets
    made = []
    for state in STATES:
        rows = table[table["status"] == state]
        entries = tuple(_entry(row, say) for row in each_row(rows))
        section = Section(say.term("target", state), entries, str(len(rows)))
        made.append(replace(section, look="open") if state == STATES[0] else section)
    return made


def _entry(row: Any, say: Words) -> Entry:
    sign, css = SIGNS[row.status]
    told = (_asks(row, say), of_all(row.part, row.whole), _trend(row, say))
    value, doubt = span_text(row, say)
    return Entry(
        getattr(row, f"title_{say.lang}"),
        " · ".join(part for part in told if part),
        value,
        doubt,
        f"target:{row.id}",
        sign,
        css,
    )


def _asks(row: Any, say: Words) -> str:
    limit = limit_text(row, say)
    return say("target {share}", share=limit) if limit else ""


def _before(row: Any, say: Words) -> str:
    """Return the value of a year earlier with its day."""
    if not known(row.before):
        return ""
    day, value = getattr(row, "before_on", None), value_text(row.before, row, say)
    return f"{value} ({day})" if known(day) else value


def _trend(row: Any, say: Words) -> str:
    return say.term("trend", row.trend) if known(row.trend) else ""


def _target_item(row: Any, targets: Targets, say: Words) -> Item:
    lang = say.lang
    lacking = targets.lacking[targets.lacking["target"] == row.id]
    failing = targets.failing[targets.failing["target"] == row.id]
    beside = targets.beside[targets.beside["target"] == row.id]
    value, doubt = span_text(row, say)
    shown = failing.head(MOST_PLACES)
    rest = len(failing) - len(shown)
    lists = (
        ItemList(say("Not known"), tuple(Entry(text) for text in lacking[lang])),
        ItemList(
            say("The same asked in other ways"),
            tuple(
                Entry(
                    getattr(one, f"name_{lang}"), of_all(one.part, one.whole), *span_text(one, say)
                )
                for one in each_row(beside)
            ),
        ),
        ItemList(
            say("Places that fail: {n}", n=len(failing)),
            tuple(_place_entry(one, lang) for one in each_row(shown)),
            say("{n} more", n=rest) if rest > 0 else "",
        ),
    )
    return Item(
        f"target:{row.id}",
        getattr(row, f"title_{lang}"),
        (
            (say("State"), f"{SIGNS[row.status][0]} {say.term('target', row.status)}"),
            (say("Value"), f"{value} {doubt}".strip()),
            (say("Count"), _counted(row, lang)),
            (say("Target"), limit_text(row, say)),
            (say("A year before"), _before(row, say)),
            (say("Trend"), _trend(row, say)),
            (say("Clause"), f"{row.clause} · {row.id}"),
            (say("Remark"), getattr(row, f"note_{lang}", "") or ""),
            (say("What it takes"), getattr(row, f"take_{lang}", "") or ""),
        ),
        tuple(one for one in lists if one.entries),
        tuple(_marks(failing)),
    )


def _counted(row: Any, lang: str) -> str:
    counted, scope = of_all(row.part, row.whole), getattr(row, f"scope_{lang}", "")
    return f"{counted} {scope}".strip() if counted else ""


def _place_entry(row: Any, lang: str) -> Entry:
    name = row.name if known(row.name) and row.name else row.code
    note = getattr(row, f"note_{lang}", "")
    return Entry(str(name), note if known(note) else "", key=place_key(row.layer, row.code))


def _marks(failing: pd.DataFrame) -> Iterable[str]:
    """Yield the keys of the first places that fail; the page marks those that it shows."""
    for row in each_row(failing.head(MOST_MARKS)):
        yield place_key(row.layer, row.code)


def _scopes(targets: Targets, scope: str, title: str, say: Words) -> Section:
    """Return the list of stations or villages, those that miss most first."""
    cards = targets.scorecards[targets.scorecards["scope"] == scope]
    counts = missed(targets, scope)
    unknown = cards["status"].eq("cannot_tell").groupby(cards["code"]).sum()
    names = cards.drop_duplicates("code").set_index("code")["name"]
    order = sorted(counts, key=lambda code: -counts[code])
    entries = tuple(
        Entry(
            str(names[code]) if known(names[code]) else code,
            say("cannot tell: {n}", n=int(unknown[code])) if unknown[code] else "",
            say("{n} not met", n=counts[code]),
            key=f"{scope}:{code}",
        )
        for code in order
    )
    return Section(title, entries, str(len(entries)))


def _card_items(targets: Targets, say: Words) -> Iterable[Item]:
    """Yield the scorecard of each station and village: its targets, the missed ones first."""
    titles = targets.targets.set_index("id")
    about = ["unit", "unit_zh", "unit_en", "op", "limit"]
    table = targets.scorecards.join(titles[[f"title_{say.lang}", *about]], on="target")
    table = table[table["scope"].isin(SCOPES)]
    cards: dict[tuple[str, str], list[Any]] = {}
    for row in each_row(table):
        cards.setdefault((row.scope, row.code), []).append(row)
    for (scope, code), rows in cards.items():
        lists = []
        for state in STATES:
            entries = tuple(_card_entry(row, state, say) for row in rows if row.status == state)
            title = say("{state}: {n}", state=say.term("target", state), n=len(entries))
            if entries:
                lists.append(ItemList(title, entries))
        name = rows[0].name if known(rows[0].name) else code
        yield Item(f"{scope}:{code}", name, ((say("Number"), code),), tuple(lists))


def _card_entry(row: Any, state: str, say: Words) -> Entry:
    value, doubt = span_text(row, say)
    note = " · ".join(part for part in (_asks(row, say), _trend(row, say)) if part)
    title = getattr(row, f"title_{say.lang}")
    return Entry(title, note, value, doubt, f"target:{row.target}", *SIGNS[state])


def _left_out(targets: Targets, say: Words) -> Section:
    lang = say.lang
    entries = tuple(Entry(str(one[lang]), str(one[f"reason_{lang}"])) for one in targets.left_out)
    return Section(say("Left out on purpose"), entries, str(len(entries)))


def _legend(say: Words) -> tuple[LegendGroup, ...]:
    swatch = class_swatch(
        scale("missed"),
        ["0", "1–2", "3–4", say("5 or more")],
        say("targets a village misses: dark = many"),
        ("villages",),
        start="",
    )
    return (
        LegendGroup(say("Villages"), (swatch,), (Switch("villages", say("villages")),)),
        LegendGroup(
            say("Places"),
            (mark_swatch("unseen", say("fails some target")),),
            (Switch("places", say("all places that fail")),),
            off=("places",),
        ),
        LegendGroup(
            say("Police stations"),
            (tag_swatch("unit", say("Name"), say("station with a scorecard")),),
            (Switch("stations", say("stations")),),
        ),
    )
