"""What is seen of the open ground at the fronts of sites, by step of the ladder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gis.optics import step_px_per_m
from planner.looks import Looks, looks_between, score_seen
from planner.params import CoverageParams

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The steps that are judged by what is seen; the others by where cameras are recorded to be.
SEEN_STEPS = ("in_view", "at_class", "in_service")


@dataclass(frozen=True, eq=False)
class FrontsSeen:
    """What is seen of the front of each site.

    Parameters
    ----------
    shares
        (3, 3, n) low, value and high of each site's ground, for each of `SEEN_STEPS`; NaN where it
        has none, or no camera layer is known.
    px_per_m
        (n,) the best pixel density for certain on any of it, 0 where unseen.
    """

    shares: Floats = field(repr=False)
    px_per_m: Floats = field(repr=False)

    def summary(self) -> str:
        """Return one line: of how many sites anything is seen for certain."""
        return f"{int((self.shares[0, 0] > 0).sum())} of {len(self.px_per_m)} fronts seen"


def seen_steps(counts: Floats, params: CoverageParams) -> dict[str, tuple[Floats, float]]:
    """Return for each of `SEEN_STEPS` how far each camera counts, and the least pixels per metre.

    Parameters
    ----------
    counts
        (v, ..) of each view: in use, networked, in service, as `planner.cells_seen.counts_of`.
    params
        Numbers of coverage.
    """
    in_use, networked, in_service = counts.T[:3].copy()
    least_px = step_px_per_m(params.ladder, params.site_class)
    counted = ((in_use, 0.0), (in_use, least_px), (networked * in_service, least_px))
    return dict(zip(SEEN_STEPS, counted, strict=True))


def fronts_seen(
    site: Ints,
    size: Ints,
    looks: Looks,
    steps: Mapping[str, tuple[Floats, float]],
    before: FrontsSeen | None = None,
    sites: Ints | None = None,
) -> FrontsSeen:
    """Return what is seen of the front of each site.

    Parameters
    ----------
    site
        (k,) position of the site of each child at a front, ascending.
    size
        (n,) how many children each site has.
    looks
        At these children.
    steps
        As `seen_steps` returns them.
    before, sites
        What was seen, and the sites (ascending) that are to be told anew; None for all.
    """
    which = np.arange(len(size)) if sites is None else sites
    if sites is not None:
        begin, end = (np.searchsorted(site, sites, side) for side in ("left", "right"))
        looks = looks_between(looks, begin, end)
    told = {step: score_seen(looks, *steps[step]) for step in SEEN_STEPS}
    # Whatever counts, it is the same children that somebody looks at.
    seen, in_view = told["in_view"]
    owner, sizes = np.searchsorted(which, site[seen]), size[which]
    shares = np.stack([_by_site(scores.shares, owner, sizes) for _, scores in told.values()])
    px_per_m = _best(in_view.px_per_m, owner, len(which))
    if before is None:
        return FrontsSeen(shares, px_per_m)
    whole, best = before.shares.copy(), before.px_per_m.copy()
    whole[..., which], best[which] = shares, px_per_m
    return FrontsSeen(whole, best)


def fronts_unknown(count: int) -> FrontsSeen:
    """Return the same of so many sites where the town has no camera layer."""
    return FrontsSeen(np.full((len(SEEN_STEPS), 3, count), np.nan), np.zeros(count))


def _by_site(shares: Floats, site: Ints, size: Ints) -> Floats:
    """Return the mean over the ground of each site, (3, n); NaN where it has none."""
    total = np.stack([np.bincount(site, part, len(size)) for part in shares])
    mean: Floats = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
    return mean


def _best(px_per_m: Floats, site: Ints, n: int) -> Floats:
    """Return the best pixel density of each site's ground, (n,)."""
    best = np.zeros(n)
    if len(site):
        first = np.flatnonzero(np.diff(site, prepend=-1))
        best[site[first]] = np.maximum.reduceat(px_per_m, first)
    return best
