"""What the cameras see of each cell, summed over its seven children."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planner.camera_views import Views
from planner.cell_kernels import add_up_cells
from planner.ground import Floats, Ground, Ints, open_inside, places_xy, rows_of
from planner.looks import Looks, Variant, between, counted_each, looks_at, looks_between

# The seen shares of everything that is measured by its ground, in this order.
SHARES = ("low", "value", "high", "networked", "in_service", "repaired")
_VARIANTS: tuple[Variant, ...] = ("in_use", "networked", "in_service", "repaired", "linked")


@dataclass(frozen=True, eq=False)
class CellsSeen:
    """What is seen of the town's ground.

    Parameters
    ----------
    places
        (k,) the open children that any camera may see, ascending (see `planner.ground`).
    parts
        (6, k) how far each is seen, 0..1, in the order of `SHARES`.
    rows
        (c,) the cells that hold any of them, ascending.
    sevenths
        (7, c) the same summed over the children of each of these cells, then the expected share
        by cameras that are not known to be off the network.
    cameras
        (c,) the most cameras that may see any one child.
    px_per_m
        (c,) the best pixel density for certain on any child, 0 where unseen.
    """

    places: Ints = field(repr=False)
    parts: Floats = field(repr=False)
    rows: Ints = field(repr=False)
    sevenths: Floats = field(repr=False)
    cameras: Ints = field(repr=False)
    px_per_m: Floats = field(repr=False)

    def summary(self) -> str:
        """Return one line: how many children and cells are seen."""
        return f"{len(self.places)} children of {len(self.rows)} cells may be seen"


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


def counts_of(views: Views) -> Floats:
    """Return how far each camera counts, (cameras, 5): in use, then as the other shares ask."""
    return counted_each(views, _VARIANTS)


def cells_seen(looks: Looks, counts: Floats) -> CellsSeen:
    """Return what is seen of each child, and of each cell.

    Parameters
    ----------
    looks
        As `look_at_ground` returns them.
    counts
        As `counts_of` returns them.
    """
    places, parts, rows, sevenths, cameras, px_per_m = add_up_cells(
        looks.camera, looks.point, looks.chance, looks.px_per_m, counts
    )
    return CellsSeen(places, parts[: len(SHARES)], rows, sevenths, cameras, px_per_m)


def cells_again(before: CellsSeen, looks: Looks, counts: Floats, touched: Ints) -> CellsSeen:
    """Return `cells_seen` where only some cells are seen otherwise than before.

    Parameters
    ----------
    before
        What was seen.
    looks, counts
        As for `cells_seen`.
    touched
        The cells to add up anew, ascending; each is added up whole, in the same order.
    """
    anew = cells_seen(looks_between(looks, 7 * touched, 7 * touched + 7), counts)
    gone = between(before.places, 7 * touched, 7 * touched + 7)
    places, (parts,) = _woven(before.places, anew.places, gone, (before.parts, anew.parts))
    gone = between(before.rows, touched, touched + 1)
    rows, (sevenths, cameras, px_per_m) = _woven(
        *(before.rows, anew.rows, gone),
        *((getattr(before, n), getattr(anew, n)) for n in ("sevenths", "cameras", "px_per_m")),
    )
    return CellsSeen(places, parts, rows, sevenths, cameras, px_per_m)


def _woven(
    keys: Ints, new_keys: Ints, gone: Ints, *values: tuple[Any, Any]
) -> tuple[Ints, list[Any]]:
    """Return keys, ascending, and values (.., k) without those gone and with the new ones."""
    kept = np.ones(len(keys), bool)
    kept[gone] = False
    at = np.searchsorted(keys[kept], new_keys) + np.arange(len(new_keys))
    fresh = np.zeros(int(kept.sum()) + len(new_keys), bool)
    fresh[at] = True
    # Which old one stands where; what is fresh is written over.
    source = np.zeros(len(fresh), np.int64)
    source[~fresh] = np.flatnonzero(kept)
    whole = []
    for old, new in ((keys, new_keys), *values):
        told = np.take(old, source, axis=-1) if len(keys) else np.empty_like(new)
        told[..., at] = new
        whole.append(told)
    return whole[0], whole[1:]


def cell_shares(ground: Ground, seen: CellsSeen, known: bool, cells: Ints | None = None) -> Floats:
    """Return the seen shares of the open ground of cells, (7, m): `SHARES`, then linked.

    Parameters
    ----------
    ground
        The cells of the town.
    seen
        What is seen of them.
    known
        False where the town has no camera layer: every share is NaN then, as it is where a cell
        has no open ground.
    cells
        (m,) positions of the cells, ascending; None for all.
    """
    unseen = ground.unseen_share if known else np.full(len(ground.cells), np.nan)
    at, rows, sevenths = seen.rows, seen.rows, seen.sevenths
    if cells is not None:
        unseen, row = unseen[cells], rows_of(cells, seen.rows)
        at, row = np.flatnonzero(row >= 0), row[row >= 0]
        rows, sevenths = rows[row], sevenths[:, row]
    shares = np.empty((len(SHARES) + 1, len(unseen)))
    # A seventh that is summed and divided again may come out a hair above one.
    part = np.minimum(sevenths / ground.open_children[rows], 1.0)
    for of_all, of_seen in zip(shares, part, strict=True):
        of_all[:] = unseen
        of_all[at] = of_seen
    return shares


def cell_table(
    ground: Ground, seen: CellsSeen, known: bool, villages: pd.Categorical
) -> pd.DataFrame:
    """Return the table `Coverage.cells`.

    Parameters
    ----------
    ground
        The cells of the town.
    seen
        What is seen of them.
    known
        As for `cell_shares`.
    villages
        (n,) code of the village of each cell.
    """
    cameras, px_per_m = np.zeros(len(ground.cells), np.int64), np.zeros(len(ground.cells))
    cameras[seen.rows], px_per_m[seen.rows] = seen.cameras, seen.px_per_m
    low, value, high, *others = cell_shares(ground, seen, known)[: len(SHARES)]
    columns: dict[str, Any] = {
        "village": villages,
        "open_m2": ground.open_m2,
        "low": low,
        "value": value,
        "high": high,
        "cameras": cameras,
        "px_per_m": px_per_m,
        **dict(zip(SHARES[3:], others, strict=True)),
    }
    return pd.DataFrame(columns, index=pd.Index(ground.cells, name="cell"), copy=False)
