"""What the cameras see of each cell, summed over its seven children."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.camera_views import Views
from planner.ground import Floats, Ground, Ints, open_inside, places_xy, sums
from planner.looks import Looks, Variant, counted, looks_at, score_seen

# The seen shares of everything that is measured by its ground, in this order.
SHARES = ("low", "value", "high", "networked", "in_service", "repaired")
_OTHERS: tuple[Variant, ...] = ("networked", "in_service", "repaired")


@dataclass(frozen=True, eq=False)
class CellsSeen:
    """What is seen of the town's ground.

    Parameters
    ----------
    places
        (k,) the open children that any camera may see, ascending (see `planner.ground`).
    parts
        (6, k) how far each is seen, 0..1, in the order of `SHARES`.
    sevenths
        (6, n) the same summed over the children of each cell.
    linked
        (n,) the same for the expected share by cameras that are not known to be off the network.
    cameras
        (n,) the most cameras that may see any one child.
    px_per_m
        (n,) the best pixel density for certain on any child, 0 where unseen.
    """

    places: Ints = field(repr=False)
    parts: Floats = field(repr=False)
    sevenths: Floats = field(repr=False)
    linked: Floats = field(repr=False)
    cameras: Ints = field(repr=False)
    px_per_m: Floats = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many children and cells are seen."""
        cells = np.count_nonzero(self.sevenths[0])
        return f"{len(self.places)} children may be seen, some of {cells} cells are"


def look_at_ground(ground: Ground, views: Views) -> Looks:
    """Return which cameras see which open children; the points are their places.

    Parameters
    ----------
    ground
        The cells of the town.
    views
        The cameras' views.
    """
    camera, place = open_inside(ground, views.polygons)
    return looks_at(views, camera, place, places_xy(ground, place))


def cells_seen(ground: Ground, looks: Looks, views: Views) -> CellsSeen:
    """Return what is seen of each child, and of each cell.

    Parameters
    ----------
    ground
        The cells of the town.
    looks
        As `look_at_ground` returns them.
    views
        The cameras' views.
    """
    places, main = score_seen(looks, counted(views, "in_use"))
    others = [score_seen(looks, counted(views, variant))[1].value for variant in _OTHERS]
    parts = np.stack([main.low, main.value, main.high, *others])
    row, n = places // 7, len(ground.cells)
    sevenths = np.stack([sums(row, part, n) for part in parts])
    linked = sums(row, score_seen(looks, counted(views, "linked"))[1].value, n)
    cameras, px_per_m = np.zeros(n, np.int64), np.zeros(n)
    if len(places):
        start = np.flatnonzero(np.diff(row, prepend=-1))
        cameras[row[start]] = np.maximum.reduceat(main.cameras, start)
        px_per_m[row[start]] = np.maximum.reduceat(main.px_per_m, start)
    return CellsSeen(places, parts, sevenths, linked, cameras, px_per_m)


def cell_shares(ground: Ground, seen: CellsSeen, known: bool) -> Floats:
    """Return the seen shares of each cell's open ground, (7, n): `SHARES`, then linked.

    Parameters
    ----------
    ground
        The cells of the town.
    seen
        What is seen of them.
    known
        False where the town has no camera layer: every share is NaN then, as it is where a cell
        has no open ground.
    """
    tellable = (ground.open_children > 0) & known
    count = np.where(tellable, ground.open_children, np.nan)
    # A seventh that is summed and divided again may come out a hair above one.
    return np.asarray(np.minimum(np.vstack([seen.sevenths, seen.linked]) / count, 1.0))


def cell_table(
    ground: Ground, seen: CellsSeen, shares: Floats, villages: npt.NDArray[np.object_]
) -> pd.DataFrame:
    """Return the table `Coverage.cells`.

    Parameters
    ----------
    ground
        The cells of the town.
    seen
        What is seen of them.
    shares
        As `cell_shares` returns them.
    villages
        Codes of the villages, by position.
    """
    low, value, high, *others = shares[: len(SHARES)]
    columns: dict[str, Any] = {
        "village": pd.Categorical.from_codes(ground.village, categories=pd.Index(villages)),
        "open_m2": ground.open_m2,
        "low": low,
        "value": value,
        "high": high,
        "cameras": seen.cameras,
        "px_per_m": seen.px_per_m,
        **dict(zip(SHARES[3:], others, strict=True)),
    }
    return pd.DataFrame(columns, index=pd.Index(ground.cells, name="cell"), copy=False)
