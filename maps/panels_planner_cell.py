"""What a click on the ground tells: how much of a hexagon is seen, by whom, and why no more."""

from __future__ import annotations

from typing import Any, Protocol

from maps.overlays import feature
from maps.panels import Entry, Item, ItemList
from maps.units import ground, known, length, percent
from maps.words import Words


class Watcher(Protocol):
    """A camera that sees a cell, or one near it that does not; see `api.planner_cells`."""

    code: str
    name: str
    share: float
    certain: bool
    away_m: float
    reason: str


def cell_item(told: Any, village: str, say: Words) -> Item:
    """Return what stands beside the map about a cell.

    Parameters
    ----------
    told
        The cell, as `api.planner_cells.CellTold`.
    village
        Name of its village, "" where it is in none.
    say
        Words of the page's language.
    """
    row = told.row
    rows: list[tuple[str, str]] = [(say("Number"), told.h3), (say("Village"), village)]
    if row is None:
        rows.append((say("Seen"), say("no open ground, or outside the town")))
    else:
        doubt = f" ({percent(row['low'])}–{percent(row['high'])})" if known(row["low"]) else ""
        rows += [
            (say("Seen"), f"{percent(row['value'])}{doubt}"),
            (say("Open ground"), ground(row["open_m2"], say)),
            (say("Cameras that may see it"), str(int(row["cameras"]))),
        ]
    if told.gap is not None:
        rows.append((say("Reason"), say.term("reason", told.gap.reason)))
    lists = [
        ItemList(say("Seen by"), tuple(_seen(one, say) for one in told.seen_by)),
        ItemList(
            say("Near, and why they do not see it"), tuple(_unseen(one, say) for one in told.not_by)
        ),
    ]
    if told.gap is not None:
        entry = Entry(say("Gap {rank}", rank=told.gap.rank), key=f"gap:{told.gap.id}")
        lists.append(ItemList(say("Gap that it lies in"), (entry,)))
    return Item(
        f"cell:{told.h3}",
        say("This hexagon"),
        tuple(rows),
        tuple(one for one in lists if one.entries),
    )


def cell_document(told: Any, village: str, say: Words) -> dict[str, Any]:
    """Return a cell as the page's script takes it: what stands beside the map, and its outline."""
    item = cell_item(told, village, say)
    outline = feature(told.shape, "area_late", key=item.key, title=item.title)
    return {"item": item.plain(), "feature": outline}


def _seen(one: Watcher, say: Words) -> Entry:
    note = "" if one.certain else say("direction in doubt")
    return Entry(one.name, note, percent(one.share), _away(one, say), f"camera:{one.code}")


def _unseen(one: Watcher, say: Words) -> Entry:
    return Entry(
        one.name, say.term("not_seen", one.reason), _away(one, say), key=f"camera:{one.code}"
    )


def _away(one: Watcher, say: Words) -> str:
    return length(one.away_m, say) if known(one.away_m) else ""
