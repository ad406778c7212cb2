"""Grids proposed for the sample town: figures asked and reached, seconds, and METIS beside it.

    python -P benchmarks/grids.py

The peer, METIS through `pymetis`, divides the very same blocks into as many grids, each connected,
cutting as little border as it can; it runs where that package is installed (it is no dependency).
Figures depend on the machine and its load, which is printed.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.crs import crs_of_frames
from gis.layers import Layers
from gis.profiles import load
from gis.sample import make_sample
from planner import grids
from planner.grids_blocks import blocks_of, cut_town, households_of_faces
from planner.grids_households import find_households
from planner.solvers.regions import Blocks, Search, Weights, divide

RANGES = ((200, 500), (300, 500))
ASKED = "asked: >= 95 % within, compactness >= 0.5, every grid one polygon, < 30 s"
Divider = Callable[[Blocks, int, int, int], Any]


@dataclass(frozen=True)
class Cut:
    """One village's blocks, and into how many grids they are divided."""

    blocks: Blocks
    parts: int


def cut_villages(layers: Layers, low: int, high: int) -> list[Cut]:
    """Return the blocks of every village whose households can be shared out within the range."""
    table, frame = load("grids"), layers["villages"]
    crs = crs_of_frames(frame)
    households = find_households(layers, frame, crs, table["households"])
    middle = (low + high) / 2
    parts = np.maximum(1, np.round(households.total / middle)).astype(np.int64)
    faces = cut_town(layers, households, parts, crs, table)
    held = households_of_faces(faces, households)
    return [
        Cut(blocks_of(v, faces, held, int(k), table["blocks"]).blocks, int(k))
        for v, k in enumerate(parts)
        if k > 1 and low * k <= households.total[v] <= high * k
    ]


def ours(blocks: Blocks, parts: int, low: int, high: int) -> Any:
    """Return the region of each block as `planner.grids` draws it."""
    table = load("grids")
    weights, search = Weights(**table["weights"]), Search(**table["search"])
    return divide(blocks, parts, low, high, weights=weights, search=search).region


def metis(blocks: Blocks, parts: int, low: int, high: int) -> Any:
    """Return the region of each block as METIS draws it: households as weights, borders as cuts."""
    pymetis = importlib.import_module("pymetis")
    n = len(blocks.x)
    firm = blocks.firm
    one = np.concatenate([blocks.first[firm], blocks.second[firm]])
    two = np.concatenate([blocks.second[firm], blocks.first[firm]])
    border = np.tile(blocks.border_m[firm], 2)
    order = np.argsort(one, kind="stable")
    starts = np.searchsorted(one[order], np.arange(n + 1))
    mean = blocks.households.sum() / parts
    # What METIS calls a load imbalance, in thousandths: up to the top of the range.
    options = pymetis.Options(contig=1, seed=0, ufactor=max(1, int(1000 * (high / mean - 1))))
    _, region = pymetis.part_graph(
        parts,
        pymetis.CSRAdjacency(starts, two[order]),
        eweights=np.maximum(1, border[order]).astype(int),
        vweights=blocks.households,
        recursive=False,
        options=options,
    )
    return np.array(region)


def judged(cuts: list[Cut], how: Divider, low: int, high: int) -> str:
    """Return grids, share within, compactness, those not in one piece, and seconds."""
    clock = time.perf_counter()
    regions = [how(cut.blocks, cut.parts, low, high) for cut in cuts]
    seconds = time.perf_counter() - clock
    within, compactness, broken = [], [], 0
    for cut, region in zip(cuts, regions, strict=True):
        blocks = cut.blocks
        for r in range(cut.parts):
            mine = region == r
            held = blocks.households[mine].sum()
            edge = mine[blocks.first] != mine[blocks.second]
            around = blocks.outer_m[mine].sum() + blocks.border_m[edge].sum()
            within.append(low <= held <= high)
            compactness.append(4 * np.pi * blocks.area_m2[mine].sum() / max(around, 1e-9) ** 2)
            broken += pieces(blocks, mine) != 1
    return (
        f"{len(within)} | {np.mean(within):.0%} | {np.mean(compactness):.2f} | {broken} | "
        f"{seconds:.2f}"
    )


def pieces(blocks: Blocks, mine: Any) -> int:
    """Return in how many pieces a region is; one without blocks is in none."""
    inside = blocks.firm & mine[blocks.first] & mine[blocks.second]
    ends = (blocks.first[inside], blocks.second[inside])
    links = coo_array((np.ones(len(ends[0]), bool), ends), shape=(len(mine), len(mine)))
    label = connected_components(links, directed=False)[1]
    return len(np.unique(label[mine]))


def main() -> None:
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores; {ASKED}\n")
    layers = make_sample()
    grids.propose(layers, low=200, high=500, villages=layers["villages"]["code"].tolist()[:1])
    print("| households | grids | within | where possible | compactness | along | pieces | s |")
    print("|---" * 8 + "|")
    for low, high in RANGES:
        clock = time.perf_counter()
        proposal = grids.propose(layers, low=low, high=high)
        seconds, totals = time.perf_counter() - clock, proposal.totals
        print(
            f"| {low}-{high} | {totals['grids']} | {totals['within']:.0%} | "
            f"{totals['within_possible']:.0%} | {totals['compactness']:.2f} | "
            f"{totals['along']:.0%} | {proposal.grids['pieces'].max()} | {seconds:.1f} |"
        )
    print("\nThe same blocks, where a village's households allow the range:\n")
    print("| households | by | grids | within | compactness | not in one piece | s |")
    print("|---" * 7 + "|")
    for low, high in RANGES:
        cuts = cut_villages(layers, low, high)
        print(f"| {low}-{high} | planner.solvers.regions | {judged(cuts, ours, low, high)} |")
        if importlib.util.find_spec("pymetis"):
            print(f"| {low}-{high} | METIS | {judged(cuts, metis, low, high)} |")
        else:
            print(f"| {low}-{high} | METIS | not measured: pymetis is not installed | | | | |")


if __name__ == "__main__":
    main()
