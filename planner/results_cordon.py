"""What the cordon answers: who holds which junction, what stays open, when the ring closes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.results import Missing, missing_lines, records

HOLDER_COLUMNS = (
    *("kind", "code", "name", "node", "junction", "lon", "lat"),
    *("arrives_s", "holds_s", "runner_s", "streets"),
)
EXIT_COLUMNS = ("node", "kind", "junction", "street", "lon", "lat", "runner_s", "weight")


@dataclass(frozen=True, eq=False)
class Cordon:
    """Which junctions are held by whom before the runner is there, and what stays open.

    Parameters
    ----------
    lon, lat
        The place it began at, degrees.
    mode
        How the runner moves: "foot", "ebike" or "car".
    head_start_s, horizon_s
        How long it has moved already, and how far from now the ring is drawn, s.
    status
        "sealed": nothing gets out. "partial": posts close some of the exits. "impossible": none.
    closes_at_s
        Seconds from now until every post stands; None where nobody holds anything.
    closable_share
        Share of the weight of all exits that is closed; None where there is no exit.
    units_bound
        No plan seals with fewer units; None where none can.
    open_bound
        No plan leaves less weight of exits open.
    exact
        Whether it is proven that there is no better plan.
    exits_total
        Number of exits, closed or open.
    holders
        One row a post: kind ("unit" or "checkpoint"), code, name, node, junction (its name), lon,
        lat, arrives_s (there), holds_s (nobody passes from then on), runner_s (the earliest that
        the runner can be there; all from now), streets (names of those that meet there).
    open_exits
        node, kind ("town", over its border, or "horizon"), junction, street, lon, lat, runner_s,
        weight; the heaviest first.
    place
        What the place is called.
    ring
        When the ring closes how far: seconds from now, and the share of the weight of all exits
        that is closed then, step by step.
    missing
        Figures that cannot be had.
    """

    lon: float
    lat: float
    mode: str
    head_start_s: float
    horizon_s: float
    status: str
    closes_at_s: float | None
    closable_share: float | None
    units_bound: int | None
    open_bound: float
    exact: bool
    exits_total: int
    holders: pd.DataFrame = field(repr=False)
    open_exits: pd.DataFrame = field(repr=False)
    place: str = ""
    ring: tuple[tuple[float, float], ...] = ()
    missing: tuple[Missing, ...] = ()

    def summary(self, lang: str = "en") -> str:
        """Return the answer as sentences."""
        from planner.cordon_words import sentences

        return "\n".join([*sentences(self, lang), *missing_lines(self.missing)])

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao cordon --json` prints it."""
        from planner.cordon_words import sentences

        return {
            "incident": {"lon": self.lon, "lat": self.lat, "place": self.place},
            "head_start_s": self.head_start_s,
            "horizon_s": self.horizon_s,
            "mode": self.mode,
            "status": self.status,
            "closes_at_s": self.closes_at_s,
            "ring": [{"t_s": t_s, "share": share} for t_s, share in self.ring],
            "holders": records(self.holders, list(HOLDER_COLUMNS)),
            "open_exits": records(self.open_exits, list(EXIT_COLUMNS)),
            "closable_share": self.closable_share,
            "units_bound": self.units_bound,
            "open_bound": self.open_bound,
            "exact": self.exact,
            "exits_total": self.exits_total,
            "sentences": {lang: sentences(self, lang) for lang in ("zh", "en")},
        }
