"""Figures and lists of the page of 1, 3 and 5 minutes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from maps.legend_response import response_legend
from maps.overlays import place_name, say_kind
from maps.overlays_response import late_sites, state_of
from maps.panels import (
    MOST_ENTRIES,
    WORST,
    Entry,
    Figure,
    Panel,
    Section,
    Table,
    share_figure,
)
from maps.panels_units import unit_items, unit_sections
from maps.panels_week import week_strip
from maps.panels_within import (
    kind_tables,
    part_items,
    part_sections,
    parts_note,
    service_tables,
    town_tables,
)
from maps.units import duration, each_row, known, length, percent
from maps.words import Words
from planner.results import UNKNOWN, Interval
from planner.results_response import Response
from planner.week import minute_of, minute_text

# Sign and class of a state, beside the words that say the same.
SIGNS = {"met": ("●", "good"), "late": ("▲", "bad"), "cannot_tell": ("□", "plain")}


def response_panel(response: Response, say: Words, targets: Mapping[str, float]) -> Panel:
    """Return what stands beside the map of circles.

    Parameters
    ----------
    response
        The answer.
    say
        Words of the page's language.
    targets
        Tier in minutes, as text, to the share to reach.
    """
    parts = part_sections(response, say)
    return Panel(
        _figures(response, say, targets),
        (
            latest_places(response, say),
            _late(response, say),
            *unit_sections(response, say),
            *parts,
            *_areas(response, say),
        ),
        response_legend(response, say),
        (parts_note(response, say),) if parts else (),
        lead=told_for(response, say),
        tables=(*town_tables(response, say), *_sensitivity(response, say)),
        items=(*unit_items(response, say), *part_items(response, say)),
        strip=week_strip(response, say),
        below=(
            *kind_tables(response, say),
            *_promises(response, say),
            *service_tables(response, say),
        ),
    )


def told_for(response: Response, say: Words) -> str:
    """Return what the answer holds for: the time, who comes, and how they drive."""
    units = response.units
    coming = int(units["comes"].sum())
    every = say("every unit, usual daytime traffic")
    told = [
        every if response.at is None else minute_text(minute_of(response.at), say.lang),
        say.term("duty_level", str(response.level)),
        say("now, by the state of the posts") if response.by_duty else "",
        say("cars with blue lights") if response.emergency else "",
        say("{n} / {all} units come", n=coming, all=len(units)) if coming < len(units) else "",
    ]
    return " · ".join(part for part in told if part)


def _figures(response: Response, say: Words, targets: Mapping[str, float]) -> tuple[Figure, ...]:
    tiers = response.tiers
    if not len(tiers):
        lacking = response.missing[0].layers if response.missing else ()
        return (share_figure(say("Places reached in time"), UNKNOWN, say, lacking=lacking),)
    met, sites = int(tiers["met"].sum()), int(tiers["sites"].sum())
    return (
        _tier_figure(say("Places reached in time"), met, sites, say, targets.get("all")),
        *(
            _tier_figure(
                say("within {n} min", n=row.tier_min),
                int(row.met),
                int(row.sites),
                say,
                targets.get(str(row.tier_min)),
            )
            for row in each_row(tiers)
        ),
    )


def _tier_figure(title: str, met: int, sites: int, say: Words, target: float | None) -> Figure:
    share = Interval(*[met / sites if sites else None] * 3)
    return share_figure(title, share, say, count=f"{met} / {sites}", target=target)


def _late_entry(row: Any, say: Words, badge: str = "") -> Entry:
    kind = say_kind(say, "site", row)
    tier = getattr(row, "tier_min", None)
    within = say("within {n} min", n=tier) if known(tier) else ""
    first_s = row.first_s
    late_s = row.late_s
    unreached = math.isinf(late_s)
    return Entry(
        place_name(row, kind),
        " · ".join(part for part in (kind, within) if part),
        say("nobody") if unreached else f"+{duration(late_s, say)}",
        say("off the streets") if unreached else say("arrives {time}", time=duration(first_s, say)),
        f"site:{row.code}",
        badge,
    )


def latest_places(response: Response, say: Words) -> Section:
    """Return the three places that are reached latest, each with its rank."""
    rows = each_row(late_sites(response).head(WORST))
    entries = tuple(_late_entry(row, say, str(rank)) for rank, row in enumerate(rows, 1))
    empty = say("Every place is reached in time.") if len(response.tiers) else ""
    return Section(say("Latest three places"), entries, look="worst", empty=empty)


def _late(response: Response, say: Words) -> Section:
    rows = late_sites(response)
    shown = each_row(rows.iloc[WORST:MOST_ENTRIES])
    entries = tuple(_late_entry(row, say) for row in shown)
    count = f"{len(rows)} / {len(response.sites)}"
    return Section(say("More late places"), entries, count, look="next")


def _sensitivity(response: Response, say: Words) -> tuple[Table, ...]:
    """Return how many places are in time if setting out takes longer."""
    table = response.sensitivity
    delays = sorted(table["delay_s"].unique())
    if len(delays) < 2:
        return ()
    heads = [say("{n} s later", n=f"{d:g}") if d else say("as set") for d in delays]
    rows = []
    for tier, part in table.groupby(table["tier_min"].fillna(0).astype(int)):
        part = part.sort_values("delay_s")
        cells = tuple((percent(row.share), f"{row.met} / {row.sites}") for row in each_row(part))
        rows.append((say("within {n} min", n=tier) if tier else say("all"), cells))
    return (Table(say("In time if units set out later"), tuple(heads), tuple(rows)),)


def _promises(response: Response, say: Words) -> tuple[Table, ...]:
    """Return the reading by unit: where one that promises so many minutes is there within them."""
    rows = tuple(
        (
            say("{tier} min, {n} units", tier=row.tier_min, n=row.units),
            ((percent(row.share), f"{row.met} / {row.sites}"),),
        )
        for row in each_row(response.promises)
    )
    if not rows:
        return ()
    title = say("By what units promise")
    note = say("Places that a unit with this promise reaches within it.")
    return (Table(title, (say("places"),), rows, True, note),)


def _areas(response: Response, say: Words) -> tuple[Section, ...]:
    """Return the key areas, those of whose streets least is reached in time first."""
    rows = response.areas.sort_values("share", kind="stable")
    entries = tuple(
        Entry(
            place_name(row, say.term("area_class", row.kind)),
            " · ".join(
                part
                for part in (
                    say.term("area_class", row.kind),
                    say("within {n} min", n=row.tier_min) if known(row.tier_min) else "",
                )
                if part
            ),
            percent(row.share),
            f"{length(row.street_in_m, say)} / {length(row.street_m, say)}",
            f"area:{row.code}",
            *SIGNS[state_of(row)],
        )
        for row in each_row(rows.head(MOST_ENTRIES))
    )
    met = response.areas["met"].fillna(False).astype(bool).sum()
    count = f"{met} / {len(rows)}"
    return (Section(say("Key areas: streets reached in time"), entries, count),) if entries else ()
