"""The overview in figures and lists: key figures with their targets, the worst three places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd

from gis.profiles import load
from maps.overlays_dashboard import EXITS, GUARDS, guard_of, reach_key
from maps.panels import WORST, Entry, Figure, Section, share_figure
from maps.panels_coverage import worst_gaps
from maps.panels_patrol import unmet_stops
from maps.panels_response import latest_places
from maps.panels_targets import SIGNS
from maps.units import THIN, each_row, known, percent
from maps.units_targets import limit_text, of_all, span_text
from maps.words import Words
from planner.patrol import Patrol
from planner.results import UNKNOWN, Interval
from planner.results_coverage import Coverage
from planner.results_response import Response
from planner.results_targets import Targets


@dataclass(frozen=True)
class KeyFigure:
    """A key figure, its state, and where it fails.

    Parameters
    ----------
    figure
        Value, doubt, count and target as texts.
    state
        "met", "not_met", "cannot_tell" or "report_only"; "" where no target is set.
    sign
        The shape that stands for the state.
    word
        The state in words.
    href
        Where it fails, "" where nothing is known.
    scope
        What is counted, "" where its title says so.
    limit
        What the target asks for, as short as can be.
    """

    figure: Figure
    state: str
    sign: str
    word: str
    href: str
    scope: str = ""
    limit: str = ""


@dataclass(frozen=True)
class Answers:
    """What an overview is made from; None where an answer was never computed.

    Parameters
    ----------
    coverage, response, targets, patrol
        The answers.
    exits
        The roads out of town (`planner.cordon_roads.guarded_roads`).
    """

    coverage: Coverage | None = None
    response: Response | None = None
    targets: Targets | None = None
    patrol: Patrol | None = None
    exits: gpd.GeoDataFrame | None = None


def key_figures(answers: Answers, links: Mapping[str, str], say: Words) -> tuple[KeyFigure, ...]:
    """Return the key figures of `data/profiles/dashboard.toml`.

    Parameters
    ----------
    answers
        What is known.
    links
        As in `maps.pages.PageView`.
    say
        Words of the page's language.
    """
    return tuple(_key_figure(about, answers, links, say) for about in load("dashboard")["figures"])


def _key_figure(
    about: Mapping[str, Any], answers: Answers, links: Mapping[str, str], say: Words
) -> KeyFigure:
    title, page = about[say.lang], links.get(about["page"], "")
    if answers.targets is not None:
        table = answers.targets.targets
        for name in about["targets"]:
            for row in each_row(table[table["id"] == name]):
                figure = replace(_target_figure(row, say), title=title)
                href = f"{page}#show=target:{name}" if page else ""
                # English has the word in the singular only.
                scope = str(row.scope_zh) if say.lang == "zh" and known(row.scope_zh) else ""
                stated = _stated(figure, row.status, href, say)
                return replace(stated, scope=scope, limit=limit_text(row, say))
    figure = replace(_figure_of(about["name"], answers, say), title=title)
    state = {True: "met", False: "not_met", None: ""}[figure.met]
    state = "cannot_tell" if figure.share is None else state
    own = {"key_public": "coverage", "rural": "coverage", "in_time": "response"}
    stated = _stated(figure, state, links.get(own.get(about["name"], about["page"]), ""), say)
    return replace(stated, limit=f"≥{THIN}{percent(1.0)}" if figure.target else "")


def _stated(figure: Figure, state: str, href: str, say: Words) -> KeyFigure:
    sign = SIGNS[state][0] if state else ""
    return KeyFigure(figure, state, sign, say.term("target", state) if state else "", href)


def _target_figure(row: Any, say: Words) -> Figure:
    value, doubt = span_text(row, say)
    limit, share = limit_text(row, say), row.value if row.unit == "share" else None
    return Figure(
        "",
        value,
        doubt,
        of_all(row.part, row.whole),
        say("target {share}", share=limit) if limit else "",
        *((share, row.low, row.high) if known(share) else (None, None, None)),
    )


def _figure_of(name: str, answers: Answers, say: Words) -> Figure:
    """Return a key figure that no target gives, from the answer itself."""
    if name == "patrol":
        return _patrol_figure(answers.patrol, say)
    if name == "in_time":
        return _in_time(answers.response, say)
    if answers.coverage is None:
        return share_figure("", UNKNOWN, say)
    totals = answers.coverage.totals
    if name == "rural":
        return share_figure("", totals.get("entrance_rate", UNKNOWN), say)
    by_class = totals.get("site_rate_by_class") or {}
    return share_figure("", by_class.get(name, {}).get("in_view", UNKNOWN), say)


def _in_time(response: Response | None, say: Words) -> Figure:
    if response is None or not len(response.tiers):
        return share_figure("", UNKNOWN, say)
    met, sites = int(response.tiers["met"].sum()), int(response.tiers["sites"].sum())
    return share_figure("", _exactly(met, sites), say, count=f"{met} / {sites}")


def _patrol_figure(patrol: Patrol | None, say: Words) -> Figure:
    """Return how many of the required stops are visited; of all stops where none is required."""
    if patrol is None:
        return share_figure("", UNKNOWN, say)
    stops = patrol.stops[patrol.stops["kind"] != "break"]
    required = int(stops["required"].sum())
    if required + len(patrol.unmet):
        part, whole, target = required, required + len(patrol.unmet), 1.0
    else:
        part, whole, target = len(stops), len(stops) + len(patrol.left_out), None
    return share_figure("", _exactly(part, whole), say, count=f"{part} / {whole}", target=target)


def _exactly(part: int, whole: int) -> Interval:
    return Interval(*[part / whole if whole else None] * 3)


def worst_lists(answers: Answers, say: Words) -> dict[str, Section]:
    """Return the worst three places of each theme that has an answer.

    Parameters
    ----------
    answers
        What is known.
    say
        Words of the page's language.
    """
    made: dict[str, Section] = {}
    if answers.coverage is not None:
        made["coverage"] = worst_gaps(answers.coverage, say)
    if answers.response is not None:
        section = latest_places(answers.response, say)
        entries = tuple(replace(one, key=reach_key(one.key)) for one in section.entries)
        made["response"] = replace(section, entries=entries)
    if answers.patrol is not None:
        section = unmet_stops(answers.patrol, say)
        empty = say("Every required stop is visited tonight.")
        made["patrol"] = replace(section, entries=section.entries[:WORST], empty=empty)
    if answers.exits is not None:
        made["checkpoints"] = _open_exits(answers.exits, say)
    return made


def _open_exits(exits: gpd.GeoDataFrame, say: Words) -> Section:
    entries = tuple(
        Entry(row.name, guard_text(row, say), key=f"{EXITS}:{row.code}", badge=str(rank))
        for rank, row in enumerate(each_row(worst_exits(exits)), 1)
    )
    empty = say("A checkpoint guards every road out of town.") if len(exits) else ""
    title = say("Widest three roads nobody guards")
    return Section(title, entries, look="worst", empty=empty)


def worst_exits(exits: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the three widest roads out of town that are not guarded in both directions."""
    bare = exits[~exits["both"].astype(bool)]
    ways = bare["inward"].astype(int) + bare["outward"].astype(int)
    order = bare.assign(ways=ways).sort_values(["ways", "weight"], ascending=[True, False])
    return gpd.GeoDataFrame(order.head(WORST).drop(columns="ways"))


def guard_text(row: Any, say: Words) -> str:
    """Return in which directions a road out of town is guarded."""
    words = {
        "both": say("guarded both ways"),
        "one": say("guarded one way only"),
        "none": say("no checkpoint"),
    }
    assert set(words) == set(GUARDS)
    return words[guard_of(row)]
