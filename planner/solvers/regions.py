"""Blocks joined into connected regions of like weight and compact shape.

Graph partitioners (METIS) and regionalisation packages balance weights and cut little, but know
neither a range that every region must keep nor the area that makes a short border compact. A
search that knows both is a hundred lines, and is measured against METIS in `benchmarks/grids.py`.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field

import numpy as np
import numpy.typing as npt

from gis.errors import InputError, ParameterError
from planner.solvers.regions_kernels import anneal, grow, sums

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Of moving the seeds towards the middle of the households around them.
ROUNDS = 5


@dataclass(frozen=True)
class Weights:
    """What a division costs; all terms are without a unit.

    Parameters
    ----------
    outside
        Each region whose households are out of the range.
    excess
        Times the square of how far out, in means.
    spread
        Times the square of how far each region is off the mean, in means.
    shape
        Times perimeter**2 / (4 pi area) of each region, which is 1 for a disc.
    line
        Times the cost of the borders between regions, in sides of a square of mean area.
    """

    outside: float
    excess: float
    spread: float
    shape: float
    line: float


@dataclass(frozen=True)
class Search:
    """How long to search, and how boldly.

    Parameters
    ----------
    starts
        Searches from different first divisions; the best one counts.
    steps_per_block
        Moves tried in each, for each block.
    hot, cold
        The temperature at the beginning and at the end, in units of cost.
    """

    starts: int
    steps_per_block: int
    hot: float
    cold: float


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks of one place and how they touch.

    Parameters
    ----------
    x, y
        (n,) middle of each block, metres.
    households
        (n,) whole numbers, 0 or more.
    area_m2
        (n,) above 0.
    outer_m
        (n,) length of border towards the outside of the place.
    first, second
        (m,) positions of two blocks that touch, each pair once.
    border_m
        (m,) length that they share.
    line_m
        (m,) what it costs to have a border of regions there, in metres of open ground; may be
        below 0 where a border is wanted.
    firm
        (m,) whether they count as neighbours, rather than touching at a corner.
    """

    x: Floats
    y: Floats
    households: Ints
    area_m2: Floats
    outer_m: Floats
    first: Ints
    second: Ints
    border_m: Floats
    line_m: Floats
    firm: Flags

    def __post_init__(self) -> None:
        n, m = len(self.x), len(self.first)
        per_block = (self.y, self.households, self.area_m2, self.outer_m)
        per_pair = (self.second, self.border_m, self.line_m, self.firm)
        if {len(a) for a in per_block} != {n} or any(len(a) != m for a in per_pair):
            msg = f"{n} blocks and {m} pairs of them, but arrays of other lengths"
            raise InputError(msg)
        ends = np.concatenate([self.first, self.second])
        if n == 0 or (m and (ends.min() < 0 or ends.max() >= n)):
            msg = f"pairs of blocks must lie within 0..{n - 1}, and there must be a block"
            raise InputError(msg)
        if not (self.area_m2 > 0).all() or (self.households < 0).any():
            msg = "every block needs an area above 0 and households of 0 or more"
            raise InputError(msg)


@dataclass(frozen=True, eq=False)
class Division:
    """Blocks divided into regions.

    Parameters
    ----------
    region
        (n,) region of each block, 0..k-1, each with at least one block.
    households
        (k,) of each region.
    compactness
        (k,) 4 pi area / perimeter**2 of each region, 1 for a disc.
    outside
        How many regions are out of the range.
    cost
        What the search has minimised.
    """

    region: Ints = field(repr=False)
    households: Ints
    compactness: Floats
    outside: int
    cost: float

    def summary(self) -> str:
        """Return one line: regions, their households, how compact they are."""
        return (
            f"{len(self.households)} regions of {self.households.min()} to "
            f"{self.households.max()} households, {self.outside} out of range, "
            f"compactness {self.compactness.mean():.2f}"
        )


def divide(
    blocks: Blocks,
    parts: int,
    low: int,
    high: int,
    *,
    weights: Weights,
    search: Search,
    seed: int = 0,
) -> Division:
    """Return blocks divided into connected regions of `low` to `high` households.

    Every region hangs together over firm contacts. The range is kept where the search finds a
    way; what is out of it is counted, never hidden.

    Parameters
    ----------
    blocks
        The blocks; all must hang together over firm contacts.
    parts
        Number of regions, from 1 to the number of blocks.
    low, high
        Households that a region should have, both allowed.
    weights, search
        What is minimised, and how long.
    seed
        The same seed gives the same division.

    Raises
    ------
    ParameterError
        If `parts` is out of its range.
    InputError
        If the blocks do not hang together.

    Examples
    --------
    >>> row = Blocks(
    ...     x=np.arange(4.0), y=np.zeros(4), households=np.array([10, 10, 10, 10]),
    ...     area_m2=np.ones(4), outer_m=np.array([3.0, 2, 2, 3]), first=np.arange(3),
    ...     second=np.arange(1, 4), border_m=np.ones(3), line_m=np.ones(3),
    ...     firm=np.ones(3, bool),
    ... )
    >>> halves = divide(
    ...     row, 2, 15, 25, weights=Weights(10, 100, 1, 1, 1), search=Search(1, 50, 0.3, 0.003)
    ... )
    >>> halves.region[0] == halves.region[1], halves.region[2] == halves.region[3]
    (np.True_, np.True_)
    >>> halves.summary()
    '2 regions of 20 to 20 households, 0 out of range, compactness 0.70'
    """
    n = len(blocks.x)
    if not 1 <= parts <= n:
        msg = f"{n} blocks can be divided into 1 to {n} regions, not {parts}"
        raise ParameterError(msg)
    indptr, other, pair = _neighbours(blocks)
    firm = blocks.firm[pair]
    held = blocks.households.astype(np.float64)
    ground = (blocks.area_m2, blocks.outer_m, indptr, other, blocks.border_m[pair])
    generator = np.random.default_rng(seed)
    best, lowest = np.zeros(n, np.int64), np.inf
    for _ in range(search.starts if 1 < parts < n else 1):
        seeds = _seeds(blocks, parts, generator)
        # Empty ground counts a little, so that regions without households grow too.
        little = 1e-3 * max(held.mean(), 1.0) * blocks.area_m2 / blocks.area_m2.mean()
        region = grow(seeds, blocks.x, blocks.y, held + little, indptr, other, firm)
        if (region < 0).any():
            msg = "the blocks do not hang together: join their pieces by firm contacts first"
            raise InputError(msg)
        cost = anneal(
            *(region, parts, held, *ground, blocks.line_m[pair], firm, float(low), float(high)),
            *(np.array(astuple(weights)), search.hot, search.cold),
            *(search.steps_per_block * n if parts > 1 else 0, int(generator.integers(2**31))),
        )
        if cost < lowest:
            best, lowest = region, cost
    households, area_m2, around_m, _ = sums(best, parts, held, *ground)
    return Division(
        best,
        households.astype(np.int64),
        4 * np.pi * area_m2 / around_m**2,
        int(((households < low) | (households > high)).sum()),
        float(lowest),
    )


def _neighbours(blocks: Blocks) -> tuple[Ints, Ints, Ints]:
    """Return both directions of every pair as CSR: indptr, the other block, the pair."""
    one = np.concatenate([blocks.first, blocks.second])
    two = np.concatenate([blocks.second, blocks.first])
    pair = np.tile(np.arange(len(blocks.first)), 2)
    order = np.lexsort((two, one))
    indptr = np.searchsorted(one[order], np.arange(len(blocks.x) + 1))
    return indptr.astype(np.int64), two[order].astype(np.int64), pair[order]


def _seeds(blocks: Blocks, parts: int, generator: np.random.Generator) -> Ints:
    """Return blocks near the centres of groups of households (Lloyd's k-means)."""
    # Chosen by households alone: far-off ground with few of them wants no region of its own.
    weight = blocks.households + 0.05 * blocks.households.mean() + 1e-9
    weight = weight / weight.sum()
    place = np.stack([blocks.x, blocks.y], axis=1)
    seeds = generator.choice(len(weight), parts, replace=False, p=weight)
    for _ in range(ROUNDS):
        nearest = np.hypot(*(place[:, None] - place[seeds]).transpose(2, 0, 1)).argmin(axis=1)
        # A seed is nearest to itself unless blocks share a middle: then its group is empty.
        held = np.maximum(np.bincount(nearest, weight, parts), 1e-300)
        centre = [np.bincount(nearest, weight * at, parts) / held for at in place.T]
        apart = np.hypot(*(place[:, None] - np.stack(centre, axis=1)).transpose(2, 0, 1))
        moved = apart.argmin(axis=0)
        if len(np.unique(moved)) < parts:
            break
        seeds = moved
    return seeds.astype(np.int64)
