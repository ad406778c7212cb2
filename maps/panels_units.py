"""Units on the response page: what each serves alone, what is lost without it, who stays away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from maps.overlays import place_name, say_kind
from maps.panels import MOST_ENTRIES, Entry, Item, ItemList, Section
from maps.units import NONE, duration, each_row, known, length
from maps.words import Words
from planner.results_response import Response

# The list of what one unit alone serves, and its marks on the map, end here.
MOST_PLACES = 60


def unit_sections(response: Response, say: Words) -> tuple[Section, ...]:
    """Return the units by what is lost without them, those nothing is lost without, the others."""
    units = response.units
    coming = units[units["comes"].fillna(False).astype(bool)]
    needed = coming["alone"].fillna(False).astype(bool)
    order = ["sites_alone", "lost_sites", "lost_households", "lost_street_m", "sites_first"]
    ranked = pd.DataFrame(coming[needed]).astype(dict.fromkeys(order, float))
    ranked = ranked.sort_values(order, ascending=False, kind="stable")
    spare, absent = coming[~needed], units[~units.index.isin(coming.index)]
    sections = (
        Section(
            say("Units: what is lost while one is away"),
            tuple(
                _needed(row, say, str(rank))
                for rank, row in enumerate(each_row(ranked.head(MOST_ENTRIES)), 1)
            ),
            f"{len(ranked)} / {len(units)}",
        ),
        Section(
            say("Units that serve nothing alone"),
            tuple(_spare(row, say) for row in each_row(spare.head(MOST_ENTRIES))),
            f"{len(spare)} / {len(units)}",
        ),
        Section(
            say("Units that do not come"),
            tuple(_absent(row, say) for row in each_row(absent.head(MOST_ENTRIES))),
            f"{len(absent)} / {len(units)}",
        ),
    )
    return tuple(section for section in sections if section.entries)


def _about(row: Any, say: Words) -> str:
    told = [say_kind(say, "unit", row), say.term("mode", row.mode)]
    if known(row.sites_first) and row.sites_first:
        told.append(say("first at {n} places", n=int(row.sites_first)))
    return " · ".join(told)


def _name(row: Any, say: Words) -> str:
    return place_name(row, say_kind(say, "unit", row))


def _needed(row: Any, say: Words, rank: str) -> Entry:
    key = f"unit:{row.code}"
    end = say("{n} late", n=f"+{row.sites_alone:.0f}") if row.sites_alone else ""
    return Entry(
        _name(row, say), _about(row, say), end or NONE, _lost_short(row, say), key, rank, "plain"
    )


def _lost_short(row: Any, say: Words) -> str:
    """Return the largest loss beside places: households, else street length."""
    if known(row.lost_households) and row.lost_households:
        return say("−{n} households", n=f"{row.lost_households:,.0f}")
    if known(row.lost_street_m) and row.lost_street_m:
        return f"−{length(row.lost_street_m, say)}"
    return ""


def _spare(row: Any, say: Words) -> Entry:
    return Entry(_name(row, say), _about(row, say), key=f"unit:{row.code}")


def _absent(row: Any, say: Words) -> Entry:
    why = say.term("absent", row.reason) if known(row.reason) else ""
    return Entry(_name(row, say), _about(row, say), why, key=f"unit:{row.code}")


def unit_items(response: Response, say: Words) -> Iterable[Item]:
    """Yield the details of each unit; its marks are the places in time by it only."""
    alone = served_alone(response)
    places = {row.code: row for row in each_row(response.sites)}
    for row in each_row(response.units):
        mine = [places[code] for code in alone.get(row.code, []) if code in places]
        shown = mine[:MOST_PLACES]
        rest = len(mine) - len(shown)
        entries = tuple(_place(place, say) for place in shown)
        title = say("Places in time by it only: {n}", n=len(mine))
        more = say("{n} more", n=rest) if rest > 0 else ""
        yield Item(
            f"unit:{row.code}",
            _name(row, say),
            tuple(_rows(row, response, say)),
            (ItemList(title, entries, more),) if entries else (),
            tuple(f"site:{place.code}" for place in shown),
        )


def _place(row: Any, say: Words) -> Entry:
    kind = say_kind(say, "site", row)
    title = place_name(row, kind)
    return Entry(title, kind, duration(row.first_s, say), key=f"site:{row.code}")


def served_alone(response: Response) -> Mapping[str, list[str]]:
    """Return the code of each unit to the places that are in time by it only."""
    tier_s = dict(
        zip(
            response.sites["code"],
            response.sites["tier_min"].astype(float) * 60,
            strict=True,
        )
    )
    times = response.times
    within = times[times["time_s"] <= times["site"].map(tier_s).astype(float)]
    only = within[~within["site"].duplicated(keep=False)]
    return {str(unit): rows.tolist() for unit, rows in only.groupby("unit")["site"]}


def _rows(row: Any, response: Response, say: Words) -> Iterable[tuple[str, str]]:
    yield say("Kind"), say_kind(say, "unit", row)
    yield say("Moves"), say.term("mode", row.mode)
    if not row.comes:
        why = say.term("absent", row.reason) if known(row.reason) else ""
        yield say("Does not come"), why
        return
    if known(row.tier_min):
        yield say("Promises"), say("within {n} min", n=int(row.tier_min))
    yield say("First at"), say("{n} places", n=int(row.sites_first))
    if known(row.own_in) and row.own_sites:
        yield (
            say("Own places in time"),
            f"{int(row.own_in)} / {int(row.own_sites)}",
        )
    if known(row.alone) and not row.alone:
        yield say("While it is away"), say("nothing is lost")
        return
    yield from _lost(row, response, say)


def _lost(row: Any, response: Response, say: Words) -> Iterable[tuple[str, str]]:
    last = say("{n} min", n=f"{response.bands_s[-1] / 60:g}")
    if known(row.sites_alone):
        yield say("Late while it is away"), say("{n} places", n=int(row.sites_alone))
    told = []
    if known(row.lost_sites):
        told.append(say("{n} places", n=int(row.lost_sites)))
    if known(row.lost_street_m):
        told.append(length(row.lost_street_m, say))
    if known(row.lost_households):
        told.append(say("{n} households", n=f"{row.lost_households:,.0f}"))
    yield say("Out of {band} while it is away", band=last), " · ".join(told)
