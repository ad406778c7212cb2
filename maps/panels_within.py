"""Who is inside 1, 3 and 5 minutes: tables, lists of villages, grids and beats, and their details.

Every share stands beside what it is a share of; where nobody knows how much there is, no share is
shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from maps.panels import MOST_ENTRIES, Entry, Item, Section, Table
from maps.units import percent
from maps.within import (
    SCOPES,
    WHAT,
    Part,
    band_parts,
    basis_of,
    measures,
    minutes,
    service_parts,
    worst_first,
)
from maps.words import Words
from planner.results_response import Response

# So many parts of one kind, the worst first, have details and an outline.
MOST_PARTS = 300

Cells = tuple[tuple[str, str], ...]


def town_tables(response: Response, say: Words) -> tuple[Table, ...]:
    """Return the table of the whole town; none where nothing is known."""
    town = band_parts(response).get("town", [])
    tables = [_measure_table(part, say("Within reach, whole town"), say) for part in town]
    return tuple(table for table in tables if table.rows)


def _measure_table(part: Part, title: str, say: Words) -> Table:
    """Return how much of one part is within each limit, a row for each measure."""
    rows = tuple(_row(part, what, measures(say)[what][0], say) for what in WHAT)
    heads = tuple(minutes(limit, say) for limit in part.limits_s)
    return Table(title, heads, tuple(row for row in rows if row))


def _row(part: Part, what: str, title: str, say: Words) -> tuple[str, Cells] | tuple[()]:
    """Return a row: what, how much there is; share and amount within each limit."""
    whole, amount = part.whole.get(what, 0.0), measures(say)[what][1]
    if whole <= 0:
        return ()
    cells = tuple((percent(inside / whole), amount(inside)) for inside in part.inside[what])
    return say("{what} ({n})", what=title, n=amount(whole)), cells


def part_sections(response: Response, say: Words) -> tuple[Section, ...]:
    """Return the lists of villages, grids and beats, those worst reached first."""
    titles = {
        "village": say("Villages, worst reached first"),
        "grid": say("Grids, worst reached first"),
        "beat": say("Beats, worst reached first"),
    }
    parts = band_parts(response)
    basis = basis_of(parts.get("town", []))
    made = []
    for scope in SCOPES:
        rows = worst_first(parts.get(scope, []), basis)
        entries = tuple(_part_entry(part, basis, say) for part in rows[:MOST_ENTRIES])
        if entries:
            made.append(Section(titles[scope], entries, str(len(rows))))
    return tuple(made)


def _part_entry(part: Part, basis: str, say: Words) -> Entry:
    counts = {
        what: (word, f"{amount(part.inside[what][-1])} / {amount(part.whole[what])}")
        for what, (word, amount) in measures(say).items()
        if part.whole.get(what, 0) > 0
    }
    beside = [f"{w} {n}" for what, (w, n) in counts.items() if what in WHAT[:3] and what != basis]
    name = part.name if part.code else say("outside every village")
    key = f"{part.scope}:{part.code}" if part.code else ""
    count = counts.get(basis, ("", ""))[1]
    return Entry(name, " · ".join(beside), percent(part.share(basis)), count, key)


def parts_note(response: Response, say: Words) -> str:
    """Return what the shares of the lists of parts are shares of."""
    basis = basis_of(band_parts(response).get("town", []))
    return say(
        "Lists of villages, grids and beats: {what} within {band}",
        what=measures(say)[basis][0].lower(),
        band=minutes(response.bands_s[-1], say),
    )


def part_items(response: Response, say: Words) -> Iterable[Item]:
    """Yield the details of villages, grids and beats: all bands, and reach of service points."""
    parts = band_parts(response)
    basis = basis_of(parts.get("town", []))
    served: dict[str, list[Part]] = {}
    for part in service_parts(response):
        if part.scope == "village":
            served.setdefault(part.code, []).append(part)
    for scope in SCOPES:
        for part in worst_first(parts.get(scope, []), basis)[:MOST_PARTS]:
            if part.code:
                tables = [_measure_table(part, say("Within reach"), say)]
                if scope == "village" and part.code in served:
                    tables.append(_service_table(served[part.code], say))
                shown = tuple(table for table in tables if table.rows)
                number = ((say("Number"), part.code),)
                yield Item(f"{scope}:{part.code}", part.name, number, tables=shown)


def _service_table(parts: Sequence[Part], say: Words) -> Table:
    """Return what service points reach of one village, by kind of point and mode."""
    basis = basis_of(list(parts))
    kinds = list(dict.fromkeys(part.service[0] for part in parts))
    parts = sorted(parts, key=lambda part: kinds.index(part.service[0]))
    rows = tuple(_row(part, basis, _service_word(part, say), say) for part in parts)
    heads = tuple(minutes(limit, say) for limit in parts[0].limits_s)
    note = say("Shares of: {what}", what=measures(say)[basis][0].lower())
    return Table(say("Service points"), heads, tuple(r for r in rows if r), note=note)


def _service_word(part: Part, say: Words) -> str:
    kind, mode = part.service
    return f"{say.term('service_point', kind)} · {say.term('mode', mode)}"


def service_tables(response: Response, say: Words) -> tuple[Table, ...]:
    """Return for each kind of service point what it reaches of the town and of each station."""
    by_kind: dict[str, list[Part]] = {}
    for part in service_parts(response):
        if part.scope in ("town", "station"):
            by_kind.setdefault(part.service[0], []).append(part)
    made = []
    for kind, parts in by_kind.items():
        basis = basis_of(parts)
        rows = tuple(_row(part, basis, _place_and_mode(part, say), say) for part in parts)
        heads = tuple(minutes(limit, say) for limit in parts[0].limits_s)
        title = say("Reach of service points: {kind}", kind=say.term("service_point", kind))
        note = say("Shares of: {what}", what=measures(say)[basis][0].lower())
        made.append(Table(title, heads, tuple(r for r in rows if r), True, note))
    return tuple(table for table in made if table.rows)


def _place_and_mode(part: Part, say: Words) -> str:
    name = say("whole town") if part.scope == "town" else part.name
    return f"{name} · {say.term('mode', part.service[1])}"


def kind_tables(response: Response, say: Words) -> tuple[Table, ...]:
    """Return the tables by tier, kind of place and ground, folded."""
    parts = band_parts(response)
    tiers, kinds, grounds = (parts.get(scope, []) for scope in ("tier", "kind", "ground"))
    kinds = sorted(kinds, key=lambda part: part.inside["sites"][-1] - part.whole["sites"])
    tiers = sorted(tiers, key=lambda part: float(part.code) if part.code.isdigit() else 0)
    made = (
        _list_table(say("Places by their tier"), tiers, "sites", say),
        _list_table(say("Places by kind, most of them late first"), kinds, "sites", say),
        _list_table(say("Town, fringe and countryside"), grounds, basis_of(grounds), say),
    )
    return tuple(table for table in made if table.rows)


def _list_table(title: str, parts: Sequence[Part], basis: str, say: Words) -> Table:
    """Return a table with a row for each part that has any of the basis."""
    rows = tuple(_row(part, basis, _part_word(part, say), say) for part in parts)
    heads = tuple(minutes(limit, say) for limit in parts[0].limits_s) if parts else ()
    note = say("Shares of: {what}", what=measures(say)[basis][0].lower())
    return Table(title, heads, tuple(r for r in rows if r), True, note)


def _part_word(part: Part, say: Words) -> str:
    if part.scope == "tier":
        return say("within {n} min", n=part.code)
    word = say.term({"kind": "site", "ground": "setting"}[part.scope], part.code)
    return word[:1].upper() + word[1:]
