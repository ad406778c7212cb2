"""Thirty nights of the sample town: how easily visits are foreseen, beside one plan every night.

    python -P benchmarks/roster.py [--nights N]

Per stop, the share of its visits in its most common half hour, over the stops whose window is over
90 minutes: the mean of the stops (also of those visited once, whose share is 100 %), by visits, by
team, and the least that so many visits and half hours allow. CPU seconds of all threads, with what
is compiled on the first run; the load of the machine is printed.
"""

from __future__ import annotations

import argparse
import os
import time

import numpy as np
import pandas as pd

from gis.sample import make_sample
from planner.assume import complete
from planner.network import build_network
from planner.params import Params
from planner.roster import Roster, plan_roster
from planner.roster_params import RosterParams
from planner.roster_tables import WIDE_WINDOW_MIN

DAY = "2026-11-25"
HALF_HOUR_MIN = 30
GOAL = 0.4
ENOUGH = 3
BY_VISITS = [0, 1, 2, 4, 9, 19, 29, np.inf]


def measure(nights: int) -> tuple[Roster, float]:
    """Return the nights of the sample town and CPU seconds a night."""
    layers, usual = make_sample(), Params.from_toml({"patrol": {"date": DAY}})
    town = complete(layers, usual.response.tiers_min).layers
    streets = build_network(layers)
    began = time.process_time()
    roster = plan_roster(town, streets, usual.patrol, RosterParams.default(nights=nights))
    return roster, (time.process_time() - began) / nights


def report(roster: Roster) -> None:
    """Print the figures."""
    stops = roster.stops[(roster.stops["window_min"] > WIDE_WINDOW_MIN)]
    stops = stops[stops["visits"] > 0]
    share, visits = stops["common_share"], stops["visits"]
    # A window of so many minutes touches at most so many half hours of the clock.
    slots = np.ceil(stops["window_min"] / HALF_HOUR_MIN) + 1
    least = np.ceil(visits / slots) / visits
    kept = share[visits >= ENOUGH] <= GOAL
    print(roster.summary())
    print(f"  {len(stops)} stops visited whose window is over {WIDE_WINDOW_MIN} minutes")
    print(
        f"  mean of the stops {share.mean():.3f}, "
        f"of the visits {np.average(share, weights=visits):.3f}"
    )
    print(f"  no mean can be below {least.mean():.3f}; at most {GOAL}: {kept.mean():.2f} of the "
          f"{len(kept)} stops with {ENOUGH} visits or more")  # fmt: skip
    grouped = share.groupby(pd.cut(visits, BY_VISITS), observed=True)
    print(grouped.agg(["mean", "max", "size"]).round(3).to_string())
    told = pd.concat([plan.stops[["team", "code"]] for plan in roster.plans])
    told["share"] = told["code"].map(share.set_axis(stops["code"]))
    print(told.dropna().groupby("team")["share"].agg(["mean", "size"]).round(3).to_string())
    for name, figures in roster.figures.items():
        print(name, {k: None if v is None else round(v, 3) for k, v in figures.items()})
    worth = roster.nights["score"] / roster.nights["best"]
    print(
        f"  of the best score: {worth.min():.4f} to {worth.max():.4f}; "
        f"{len(roster.overdue)} overdue"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=30)
    roster, seconds = measure(parser.parse_args().nights)
    report(roster)
    print(f"  {seconds:.1f} CPU s a night, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
