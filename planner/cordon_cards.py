"""A card for each post of a cordon: where to stand, by when, what to close, how to get there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gis.streets import Streets
from gis.ways_to import ways_to
from planner.cordon_town import CordonTown
from planner.cordon_words import clock, latest_clock
from planner.directions import Lang, directions
from planner.results_cordon import Cordon

# How much of the way a card tells.
STEPS = 6


@dataclass(frozen=True)
class Card:
    """What one post must know.

    Parameters
    ----------
    kind, code, name
        "unit" or "checkpoint", and which.
    junction, lon, lat
        Where to stand.
    arrives_s, holds_s, runner_s
        When it is there, when it holds, and by when it must; s from now.
    streets
        Names of the streets to close.
    steps_zh, steps_en
        The first steps of the way; none for a checkpoint, which is there.
    """

    kind: str
    code: str
    name: str
    junction: str
    lon: float
    lat: float
    arrives_s: float
    holds_s: float
    runner_s: float
    streets: tuple[str, ...]
    steps_zh: tuple[str, ...] = ()
    steps_en: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the card as it is given out as JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    def text(self, lang: str) -> str:
        """Return the card as lines to print, "zh" or "en"."""
        close = " / ".join(self.streets)
        by, there = latest_clock(self.runner_s, lang), clock(self.holds_s, lang)
        if lang == "zh":
            head = [f"【封控卡】{self.name}", f"封控点：{self.junction}", f"封闭道路：{close}"]
            times = f"到位：{there}内" + (f"；最迟：{by}" if by else "")
            return "\n".join([*head, times, *self.steps_zh])
        head = [f"[Post] {self.name}", f"Hold: {self.junction}", f"Close: {close}"]
        times = f"Stands after {there}" + (f"; must stand within {by}" if by else "")
        return "\n".join([*head, times, *self.steps_en])

    summary = text


def cards_of(town: CordonTown, cordon: Cordon) -> list[Card]:
    """Return a card for each post, in the order of the cordon's holders.

    Parameters
    ----------
    town
        The town that the cordon was made in, at the same hour.
    cordon
        Who holds what.
    """
    return [_card(town, row) for row in cordon.holders.to_dict("records")]


def _card(town: CordonTown, row: dict[Any, Any]) -> Card:
    steps: dict[str, tuple[str, ...]] = {"zh": (), "en": ()}
    if row["kind"] == "unit":
        steps = _steps(town, row["code"], row["node"])
    return Card(
        kind=row["kind"],
        code=row["code"],
        name=row["name"],
        junction=row["junction"],
        lon=row["lon"],
        lat=row["lat"],
        arrives_s=row["arrives_s"],
        holds_s=row["holds_s"],
        runner_s=row["runner_s"],
        streets=town.names_at([row["node"]])[0],
        steps_zh=steps["zh"],
        steps_en=steps["en"],
    )


def _steps(town: CordonTown, code: str, node: int) -> dict[str, tuple[str, ...]]:
    """Return the first steps of a unit's way to a junction, in both languages."""
    units, streets = town.layers["units"], town.streets
    unit = units[units["code"].eq(code)]
    mode = str(unit["mode"].fillna("car").iloc[0])
    edge, fraction = _end_at(streets, mode, node)
    ways = ways_to(streets, streets.snap(unit.geometry, mode=mode), edge, fraction, mode=mode)
    legs = ways.legs(0)
    languages: tuple[Lang, ...] = ("zh", "en")
    return {
        lang: tuple(step.text for step in directions(streets, town.names, legs, lang)[:STEPS])
        for lang in languages
    }


def _end_at(streets: Streets, mode: str, node: int) -> tuple[int, float]:
    """Return a street of a junction that a mode can arrive by, and which end of it that is."""
    m = len(streets.edge_tail)
    times = np.isfinite(streets.seconds[mode][: 2 * m]).reshape(m, 2)
    at_head = np.flatnonzero((streets.edge_head == node) & times[:, 0])
    if len(at_head):
        return int(at_head[0]), 1.0
    at_tail = np.flatnonzero((streets.edge_tail == node) & times[:, 1])
    return int(at_tail[0]), 0.0
