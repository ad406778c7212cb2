"""Cordons planned ahead: key sites, the whole town, and where fixed checkpoints would help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from planner.cordon import answer
from planner.cordon_params import CordonParams, Preset, preset
from planner.cordon_problem import CordonProblem, best_plan, problem_at
from planner.cordon_roads import COLUMNS as ROAD_COLUMNS
from planner.cordon_roads import guarded_roads, guarded_share
from planner.cordon_shut import close_town
from planner.cordon_sites import KeySite, key_sites
from planner.cordon_town import CordonTown
from planner.results import records
from planner.results_cordon import Cordon
from planner.solvers.cut import SealSolution
from planner.solvers.cut_dominance import closed_by_each
from planner.solvers.cut_flow import smallest_cuts
from planner.solvers.cut_reduce import reduce

Ints = npt.NDArray[np.int64]
Progress = Callable[[str, int, int], None]

PLAN_COLUMNS = (
    *("site", "name", "preset", "status", "closes_at_s", "closable_share"),
    *("posts", "exits", "open_exits", "units_bound", "one_more", "one_more_share"),
)
RING_COLUMNS = ("node", "junction", "lon", "lat", "rings", "sites", "checkpoint")


@dataclass(frozen=True, eq=False)
class SitePlan:
    """The plan of one site and preset.

    Parameters
    ----------
    site, preset
        Of what.
    cordon
        The whole plan.
    row
        Its row in `CordonPlans.plans`.
    ring
        The fewest junctions that would close every exit.
    """

    site: KeySite
    preset: str
    cordon: Cordon
    row: dict[str, Any] = field(repr=False)
    ring: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class CordonPlans:
    """What can be planned before anything happens.

    Parameters
    ----------
    plans
        One row a key site and preset: site (code), name, preset, status, closes_at_s,
        closable_share, posts, exits, open_exits, units_bound; one_more (the junction where one
        more unit would close most), one_more_share (the closable share with it).
    cordons
        (site, preset) to the whole plan.
    town
        "Close the town": its outer exits.
    rings
        Junctions that are in the smallest ring of most sites, so where a fixed checkpoint closes
        most: node, junction, lon, lat, rings (how many), sites (their codes), checkpoint (whether
        one stands within 25 m).
    roads
        Roads over the border; see `planner.cordon_roads.guarded_roads`.
    """

    plans: pd.DataFrame = field(repr=False)
    cordons: dict[tuple[str, str], Cordon] = field(repr=False)
    town: Cordon
    rings: pd.DataFrame = field(repr=False)
    roads: pd.DataFrame = field(repr=False)

    def summary(self, lang: str = "en") -> str:
        """Return the plans in lines: the town, the worst rings, the junctions worth a post."""
        zh = lang == "zh"
        lines = [self.town.summary(lang)]
        guarded = guarded_share(self.roads)
        if guarded is not None:
            both = int(self.roads["both"].sum())
            words = "出镇道路双向有卡口" if zh else "roads over the border guarded both ways"
            lines.append(f"{words}: {guarded:.0%} ({both} / {len(self.roads)})".replace("%", " %"))
        worst = self.plans.sort_values("closable_share").head(10).to_dict("records")
        for row in worst:
            closed, share = _percent(row["closable_share"]), _percent(row["one_more_share"])
            where = row["one_more"]
            more = f"；多一组在{where}可到 {share}" if zh else f"; one more at {where}: {share}"
            lines.append(f"{row['name']} [{row['preset']}]: {closed}{more if where else ''}")
        head = "最能合围的路口" if zh else "Junctions in most rings"
        first = self.rings.head(10).to_dict("records")
        top = [f"{row['junction'] or row['node']} ({row['rings']})" for row in first]
        return "\n".join([*lines, f"{head}: {', '.join(top)}"])

    def document(self) -> dict[str, Any]:
        """Return the plans as JSON-ready values."""
        return {
            "town_exits": self.town.document(),
            "plans": records(self.plans, list(PLAN_COLUMNS)),
            "rings": records(self.rings, list(RING_COLUMNS)),
            "roads": records(self.roads, list(ROAD_COLUMNS)),
            "guarded_both_ways": guarded_share(self.roads),
        }


def plan_ahead(
    town: CordonTown,
    *,
    base: CordonParams | None = None,
    minute: int | None = None,
    progress: Progress | None = None,
) -> CordonPlans:
    """Return plans for the key sites of a town and for its outer exits.

    Which sites and presets: [plans] of `data/profiles/cordon.toml`. Sites that stand on no street
    are left out.

    Parameters
    ----------
    town
        The town made ready.
    base
        The town's own numbers of the cordon; None = those of the profile.
    minute
        Minute of the week, for the hours of duty; None = everybody is on duty.
    progress
        Called with the site that begins, its number, and how many there are.
    """
    tell = progress or (lambda step, done, steps: None)
    base = base or CordonParams.default()
    sites = key_sites(town.layers, base.plans)
    planned: list[SitePlan] = []
    for done, site in enumerate(sites):
        tell(site.name, done, len(sites))
        planned += plan_site(town, site, base=base, minute=minute)
    tell("done", len(sites), len(sites))
    rings: dict[int, list[str]] = {}
    for plan in planned:
        for node in plan.ring:
            rings.setdefault(node, []).append(f"{plan.site.code}:{plan.preset}")
    whole = replace(base, mode="car", horizon_s=base.plans["town_horizon_s"])
    return CordonPlans(
        pd.DataFrame([plan.row for plan in planned], columns=list(PLAN_COLUMNS)),
        {(plan.site.code, plan.preset): plan.cordon for plan in planned},
        close_town(town, whole, minute=minute),
        _ring_table(town, rings),
        guarded_roads(town.layers, town.tables),
    )


def plan_site(
    town: CordonTown,
    site: KeySite,
    *,
    base: CordonParams | None = None,
    minute: int | None = None,
) -> list[SitePlan]:
    """Return the plans of one site, one for each preset; none where it stands on no street.

    Parameters
    ----------
    town
        The town made ready.
    site
        The site, as `planner.cordon_sites` tells it.
    base, minute
        As for `plan_ahead`.
    """
    base = base or CordonParams.default()
    plans = []
    for one in (preset(name, base) for name in base.plans["presets"]):
        params = one.params(base, seconds=base.plans["seconds"])
        try:
            problem = problem_at(town, site.lon, site.lat, params, minute=minute)
        except InputError:
            return []
        cordon, row = _planned(problem, one)
        row = {"site": site.code, "name": site.name, **row}
        plans.append(SitePlan(site, one.id, cordon, row, tuple(smallest_ring(problem).tolist())))
    return plans


@dataclass(frozen=True)
class OneMore:
    """What a further unit would change, wherever it is wanted most.

    Parameters
    ----------
    node, junction
        Where it would stand; -1 and "" where none would help.
    by_s
        By when it would have to stand there, s from now.
    closable_share
        What would be closed with it.
    """

    node: int
    junction: str
    by_s: float
    closable_share: float | None


def one_more(problem: CordonProblem, plan: SealSolution | None = None) -> OneMore:
    """Return where one more unit, if it were near enough, would close most beside a plan.

    It may stand where a unit could really stand by: where the runner is no sooner than such a one
    has turned out and set up (`standby_s`). The others stay where they are.

    Parameters
    ----------
    problem
        The cordon.
    plan
        Who holds what; None = the best plan.
    """
    plan = plan or best_plan(problem)
    nodes = problem.nodes[problem.runner_s[problem.nodes] >= max(problem.params.standby_s, 1e-9)]
    nodes = np.setdiff1d(nodes, problem.holds.node)
    k, holds = len(problem.nodes), problem.holds.node
    held = np.append(problem.local(holds[np.isin(holds, problem.nodes)]), plan.assignment[:, 1])
    gain = closed_by_each(
        problem.tail, problem.head, k + 1, k, held,
        problem.local(problem.exits.node), problem.exits.weight,
    )[problem.local(nodes)]  # fmt: skip
    total = float(problem.exits.weight.sum())
    # Of equal ones, the one that the runner reaches last.
    best = np.lexsort((problem.runner_s[nodes], gain))[-1:]
    closed = float(gain[best].sum())
    share = 1 - (plan.open_weight - closed) / total if total else None
    if not closed:
        return OneMore(-1, "", float("nan"), share)
    node = int(nodes[best[0]])
    name = problem.town.junction_names([node])[0]
    return OneMore(node, name, float(problem.runner_s[node]), share)


def smallest_ring(problem: CordonProblem) -> Ints:
    """Return the fewest junctions that close every exit, wherever units are, the outermost ones.

    What the runner has passed already cannot be held.
    """
    nodes = problem.nodes[problem.runner_s[problem.nodes] > 0]
    free = problem.local(nodes)
    k = len(problem.nodes)
    puzzle = reduce(
        problem.tail, problem.head, k + 1, k, problem.local(problem.exits.node),
        np.column_stack([np.arange(len(free)), free]),
        np.empty(0, dtype=np.int64), problem.exits.weight,
    )  # fmt: skip
    if not puzzle.to_close.any():
        return np.empty(0, dtype=np.int64)
    return problem.nodes[puzzle.original[smallest_cuts(puzzle)[1]]]


def _planned(problem: CordonProblem, one: Preset) -> tuple[Cordon, dict[str, Any]]:
    """Return the plan of one site and preset, and its row."""
    plan = best_plan(problem)
    cordon = answer(problem, plan)
    more = OneMore(-1, "", float("nan"), cordon.closable_share)
    if cordon.status != "sealed":
        more = one_more(problem, plan)
    better = (more.closable_share or 0) > (cordon.closable_share or 0)
    row = {
        "preset": one.id,
        "status": cordon.status,
        "closes_at_s": cordon.closes_at_s,
        "closable_share": cordon.closable_share,
        "posts": len(cordon.holders),
        "exits": cordon.exits_total,
        "open_exits": len(cordon.open_exits),
        "units_bound": cordon.units_bound,
        "one_more": (more.junction or str(more.node)) if better else "",
        "one_more_share": more.closable_share if better else cordon.closable_share,
    }
    return cordon, row


def _ring_table(town: CordonTown, rings: dict[int, list[str]]) -> pd.DataFrame:
    nodes = sorted(rings, key=lambda node: (-len(rings[node]), node))
    lon, lat = town.lonlat(np.array(nodes, dtype=np.int64))
    return pd.DataFrame(
        {
            "node": nodes,
            "junction": town.junction_names(nodes),
            "lon": lon,
            "lat": lat,
            "rings": [len(rings[node]) for node in nodes],
            "sites": [" ".join(rings[node]) for node in nodes],
            "checkpoint": town.checkpoint_at(np.array(nodes, dtype=np.int64)),
        },
        columns=list(RING_COLUMNS),
    )


def _percent(share: float | None) -> str:
    return "-" if share is None or np.isnan(share) else f"{share:.0%}".replace("%", " %")
