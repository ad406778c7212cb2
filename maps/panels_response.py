"""Figures, lists and legend of the page of 1, 3 and 5 minutes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from maps.overlays import place_name, say_kind
from maps.overlays_response import late_sites
from maps.panels import (
    MOST_ENTRIES,
    WORST,
    Entry,
    Figure,
    LegendGroup,
    Panel,
    Section,
    Swatch,
    Switch,
    mark_swatch,
    share_figure,
    tag_swatch,
)
from maps.style import style
from maps.units import duration, each_row, known
from maps.words import Words
from planner.results import UNKNOWN, Interval, Response


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
    return Panel(
        _figures(response, say, targets),
        (_worst(response, say), _late(response, say), _units(response, say)),
        _legend(response, say),
    )


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


def _worst(response: Response, say: Words) -> Section:
    rows = each_row(late_sites(response).head(WORST))
    entries = tuple(_late_entry(row, say, str(rank)) for rank, row in enumerate(rows, 1))
    empty = say("Every place is reached in time.") if len(response.tiers) else ""
    return Section(say("Latest three places"), entries, look="worst", empty=empty)


def _late(response: Response, say: Words) -> Section:
    rows = late_sites(response)
    shown = each_row(rows.iloc[WORST:MOST_ENTRIES])
    entries = tuple(_late_entry(row, say) for row in shown)
    return Section(say("More late places"), entries, f"{len(rows)} / {len(response.sites)}")


def _units(response: Response, say: Words) -> Section:
    entries = tuple(
        Entry(
            place_name(row, say_kind(say, "unit", row)),
            f"{say_kind(say, 'unit', row)} · {say.term('mode', row.mode)}",
            say("{n} places", n=row.sites_first),
            say("first there"),
            f"unit:{row.code}",
        )
        for row in each_row(response.units.head(MOST_ENTRIES))
    )
    return Section(say("Units"), entries, str(len(response.units)), look="open")


def _legend(response: Response, say: Words) -> tuple[LegendGroup, ...]:
    table = style()["rings"]
    modes = list(dict.fromkeys(response.circles["mode"]))
    parts = zip(table["fills"], table["opacities"], table["dashes"], strict=True)
    bands = [
        Swatch(
            say("{n} min", n=f"{band / 60:g}"), "area", (table["line"], opacity, 2.5, dash, fill)
        )
        for band, (fill, opacity, dash) in zip(response.bands_s, parts, strict=False)
    ]
    beyond = Swatch(
        say("beyond"), "area", (table["beyond"], table["beyond_opacity"], 0, "", table["beyond"])
    )
    circles = LegendGroup(
        say("1-3-5 minute circles"),
        (*bands, beyond),
        tuple(
            Switch(f"circles_{mode}", say("by {mode}", mode=say.term("mode", mode)))
            for mode in modes
        ),
        "radio" if len(modes) > 1 else "check",
        tuple(f"circles_{mode}" for mode in modes[1:]),
    )
    places = LegendGroup(
        say("Places"),
        (
            mark_swatch("late", say("late")),
            mark_swatch("met", say("in time")),
            mark_swatch("cannot_tell", say("cannot tell")),
        ),
        (Switch("late", say("late places")), Switch("sites", say("other places"))),
    )
    units = LegendGroup(
        say("Units"),
        (tag_swatch("unit", say("Name"), say("unit")),),
        (Switch("units", say("units")),),
    )
    return circles, places, units
