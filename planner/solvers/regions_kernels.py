"""Growing regions block by block, and moving blocks between them: compiled loops."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# Positions in the array of numbers of a search, see `planner.solvers.regions.Weights`.
OUTSIDE, EXCESS, SPREAD, SHAPE, LINE = range(5)

# In so many stages the price of being out of range rises, over the first half of a search.
STAGES = 20


@njit(cache=True)
def grow(
    seeds: Ints,
    x: Floats,
    y: Floats,
    households: Floats,
    indptr: Ints,
    other: Ints,
    firm: Flags,
) -> Ints:
    """Return a first region of each block, (n,): the lightest region takes its nearest block.

    Parameters
    ----------
    seeds
        (k,) different blocks, one a region.
    x, y
        (n,) middle of each block, metres.
    households
        (n,) households of each block; a little more than nothing, so that empty ones count.
    indptr, other, firm
        Neighbours of each block (CSR), and whether the contact is one to walk over. All blocks
        must hang together over such contacts; those out of reach stay -1.
    """
    n, k = len(x), len(seeds)
    region = np.full(n, -1, np.int64)
    weight = np.zeros(k)
    closed = np.zeros(k, np.bool_)
    for r in range(k):
        region[seeds[r]] = r
        weight[r] = households[seeds[r]]
    left = n - k
    while left > 0:
        light = -1
        for r in range(k):
            if not closed[r] and (light < 0 or weight[r] < weight[light]):
                light = r
        if light < 0:
            return region
        nearest, best = -1, math.inf
        for b in range(n):
            if region[b] != light:
                continue
            for e in range(indptr[b], indptr[b + 1]):
                a = other[e]
                if firm[e] and region[a] < 0:
                    d = math.hypot(x[a] - x[seeds[light]], y[a] - y[seeds[light]])
                    if d < best:
                        nearest, best = a, d
        if nearest < 0:
            closed[light] = True
            continue
        region[nearest] = light
        weight[light] += households[nearest]
        left -= 1
    return region


@njit(cache=True)
def sums(
    region: Ints,
    k: int,
    households: Floats,
    area_m2: Floats,
    outer_m: Floats,
    indptr: Ints,
    other: Ints,
    border_m: Floats,
) -> tuple[Floats, Floats, Floats, Ints]:
    """Return households, area, perimeter and number of blocks of each region, (k,) each."""
    held, area, around = np.zeros(k), np.zeros(k), np.zeros(k)
    size = np.zeros(k, np.int64)
    for b in range(len(region)):
        r = region[b]
        held[r] += households[b]
        area[r] += area_m2[b]
        around[r] += outer_m[b]
        size[r] += 1
        for e in range(indptr[b], indptr[b + 1]):
            if region[other[e]] != r:
                around[r] += border_m[e]
    return held, area, around, size


@njit(cache=True)
def region_cost(
    held: float, area_m2: float, around_m: float, low: float, high: float, mean: float, w: Floats
) -> float:
    """Return what one region costs: households out of range or off the mean, and its shape."""
    beyond: float = max(low - held, held - high, 0.0) / mean
    off: float = (held - mean) / mean
    cost: float = w[SPREAD] * off * off + w[SHAPE] * around_m * around_m / (4 * math.pi * area_m2)
    if beyond > 0:
        cost += w[OUTSIDE] + w[EXCESS] * beyond * beyond
    return cost


@njit(cache=True)
def stays_whole(
    block: int, region: Ints, indptr: Ints, other: Ints, firm: Flags, seen: Ints, stamp: int
) -> bool:
    """Return whether the region of a block hangs together without it.

    `seen` (n,) is scratch space; marks of `stamp`, never used before, are left in it.
    """
    r = region[block]
    wanted, first = 0, -1
    for e in range(indptr[block], indptr[block + 1]):
        if firm[e] and region[other[e]] == r:
            wanted += 1
            first = other[e]
    if wanted < 2:
        # A leaf; a block without neighbours of its region is the whole region.
        return wanted == 1
    seen[block] = seen[first] = stamp
    stack = [first]
    found = 0
    while len(stack) > 0:
        a = stack.pop()
        for e in range(indptr[a], indptr[a + 1]):
            c = other[e]
            if firm[e] and c == block:
                found += 1
                if found == wanted:
                    return True
            elif firm[e] and region[c] == r and seen[c] != stamp:
                seen[c] = stamp
                stack.append(c)
    return False


@njit(cache=True)
def anneal(
    region: Ints,
    k: int,
    households: Floats,
    area_m2: Floats,
    outer_m: Floats,
    indptr: Ints,
    other: Ints,
    border_m: Floats,
    line_m: Floats,
    firm: Flags,
    low: float,
    high: float,
    w: Floats,
    hot: float,
    cold: float,
    steps: int,
    seed: int,
) -> float:
    """Move blocks between regions, in place, and return the cost of what is left there.

    Simulated annealing: a block on a border goes over to the region behind it, if its own stays
    whole, when that saves cost or, more rarely the colder it gets, costs some. The best division
    met is what `region` (n,) holds at the end.
    """
    np.random.seed(seed)  # noqa: NPY002 -- the generator of compiled code, not numpy's own
    n = len(region)
    held, area, around, size = sums(
        region, k, households, area_m2, outer_m, indptr, other, border_m
    )
    mean = max(held.sum() / k, 1e-9)
    scale = w[LINE] / math.sqrt(area.sum() / k)
    lines = 0.0
    for b in range(n):
        for e in range(indptr[b], indptr[b + 1]):
            if region[other[e]] != region[b]:
                lines += line_m[e] / 2
    best, lowest = region.copy(), math.inf
    seen, stamp = np.zeros(n, np.int64), 0
    cost = np.empty(k)
    now = w.copy()
    heat, cooling = hot, (cold / hot) ** (1.0 / max(steps, 1))
    for stage in range(STAGES):
        # A step up at the ends of the range from the beginning would hold the search in the
        # first valley it meets.
        now[OUTSIDE] = w[OUTSIDE] * min(1.0, 2.0 * (stage + 1) / STAGES)
        for r in range(k):
            cost[r] = region_cost(held[r], area[r], around[r], low, high, mean, now)
        total = cost.sum() + scale * lines
        full = now[OUTSIDE] == w[OUTSIDE]
        if full and total < lowest:
            lowest = total
            best[:] = region
        for _ in range(steps // STAGES):
            heat *= cooling
            b = np.random.randint(0, n)  # noqa: NPY002
            degree = indptr[b + 1] - indptr[b]
            if degree == 0:
                continue
            e = indptr[b] + np.random.randint(0, degree)  # noqa: NPY002
            r, s = region[b], region[other[e]]
            if r == s or not firm[e] or size[r] == 1:
                continue
            whole, to_r, to_s, line = outer_m[b], 0.0, 0.0, 0.0
            for f in range(indptr[b], indptr[b + 1]):
                whole += border_m[f]
                if region[other[f]] == r:
                    to_r += border_m[f]
                    line += line_m[f]
                elif region[other[f]] == s:
                    to_s += border_m[f]
                    line -= line_m[f]
            round_r, round_s = around[r] - whole + 2 * to_r, around[s] + whole - 2 * to_s
            cost_r = region_cost(
                held[r] - households[b], area[r] - area_m2[b], round_r, low, high, mean, now
            )
            cost_s = region_cost(
                held[s] + households[b], area[s] + area_m2[b], round_s, low, high, mean, now
            )
            change = cost_r + cost_s - cost[r] - cost[s] + scale * line
            if change > 0 and np.random.random() >= math.exp(-change / heat):  # noqa: NPY002
                continue
            stamp += 1
            if not stays_whole(b, region, indptr, other, firm, seen, stamp):
                continue
            region[b] = s
            held[r] -= households[b]
            held[s] += households[b]
            area[r] -= area_m2[b]
            area[s] += area_m2[b]
            around[r], around[s] = round_r, round_s
            size[r] -= 1
            size[s] += 1
            cost[r], cost[s] = cost_r, cost_s
            lines += line
            total += change
            if full and total < lowest - 1e-9:
                lowest = total
                best[:] = region
    region[:] = best
    return lowest
