"""Closing the town: its outer exits, against whoever is inside, wherever."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gis.profiles import load
from planner.cordon import answer
from planner.cordon_exits import exits_of
from planner.cordon_params import CordonParams
from planner.cordon_posts import arrivals_of, holds_of, units_that_come
from planner.cordon_problem import CordonProblem, arcs_between, best_plan
from planner.cordon_runner import Start
from planner.cordon_town import CordonTown
from planner.results import Missing
from planner.results_cordon import Cordon


def close_town(
    town: CordonTown, params: CordonParams | None = None, *, minute: int | None = None
) -> Cordon:
    """Return who closes the streets out of the town, and when all of them stand.

    Nobody is chased: a post counts if it stands within the horizon, and whoever is in the inside
    of the town (`town_core_s` of `data/profiles/cordon.toml` from any way out) shall not leave it.

    Parameters
    ----------
    town
        The town made ready.
    params
        Numbers of the cordon; mode and horizon count. By default cars, 30 minutes.
    minute
        Minute of the week, for the hours of duty; None = everybody is on duty.
    """
    about = load("cordon")["plans"] if params is None else params.plans
    params = params or CordonParams.default(mode="car", horizon_s=about["town_horizon_s"])
    params = replace(params, exits="town", head_start_s=0.0)
    seen = town.seen_by(params.mode)
    net = seen.net
    core = np.isfinite(seen.to_border_s) & (seen.to_border_s > about["town_core_s"]) & ~seen.border
    time_s = np.where(np.isfinite(seen.to_border_s) | seen.border, params.horizon_s, np.inf)
    start = Start(-1, 0.0, np.flatnonzero(core), np.zeros(int(core.sum())), np.full(core.sum(), -1))
    exits = exits_of(net, seen.weight, time_s, seen.border, horizon_s=np.inf, kinds="town")
    points = town.checkpoints(params.mode, minute)
    holds = holds_of(points, net, start, time_s, seen.to_border_s, 0.0)
    holds = replace(holds, node=np.setdiff1d(holds.node, start.node))
    inside = np.isfinite(time_s)
    nodes = np.flatnonzero(inside)
    deadline_s = np.where(core | ~inside, -np.inf, params.horizon_s)
    comes = units_that_come(town.layers, None, minute, params)
    units = arrivals_of(town, comes, params, deadline_s)
    tail, head = arcs_between(seen, start, nodes, exits, holds, inside)
    middle = np.argsort(np.where(core, seen.to_border_s, -1.0))[-1:]
    lon, lat = town.lonlat(middle)
    problem = CordonProblem(
        town, seen, params, float(lon[0]), float(lat[0]), start, time_s,
        exits, points, holds, units, nodes, tail, head,
    )  # fmt: skip
    found = answer(problem, best_plan(problem))
    unknown = () if seen.border.any() else (Missing("ways out of the town", ("villages",)),)
    return replace(found, place=town.layers.town, missing=(*found.missing, *unknown))
