"""Who sees what in a town: arrays, of which a change of a few cameras replaces a few rows."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from planner.camera_views import Views
from planner.cells_seen import counts_of, look_at_ground
from planner.frames import found_at
from planner.ground import Floats, Ints
from planner.ground_kernels import merge_looks
from planner.looks import Looks, look_at_each
from planner.places import Places

Words = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Sight:
    """What the cameras see of the places.

    Parameters
    ----------
    codes
        (n,) code of each camera of the layer.
    view
        (n,) position of the view of each, -1 for those that have none.
    counts
        (v, 5) how far each view counts, see `planner.cells_seen.counts_of`.
    ground, fronts, arms, streets
        Who sees which open child, which child of a site's front, which point of an arm and which
        point of a street; cameras by the position of their view.
    """

    codes: Words = field(repr=False)
    view: Ints = field(repr=False)
    counts: Floats = field(repr=False)
    ground: Looks
    fronts: Looks
    arms: Looks
    streets: Looks

    def summary(self) -> str:
        """Return one line: cameras, views and looks at the ground."""
        return f"{len(self.codes)} cameras, {len(self.counts)} views; {self.ground.summary()}"


def sight_of(codes: Words, views: Views, places: Places) -> Sight:
    """Return what some cameras see of the places of their town.

    Parameters
    ----------
    codes
        (n,) of the cameras, in the order of their layer.
    views
        The views of those that have one.
    places
        As `planner.places.prepare_places` returns them.
    """
    return Sight(
        codes,
        found_at(codes.tolist(), views.columns["code"].tolist()),
        counts_of(views),
        look_at_ground(places.ground, views),
        *look_at_each(views, places.fronts_xy, places.arms.xy, places.streets.xy),
    )


def views_after(old: Sight, new: Sight, rows: Ints) -> Ints:
    """Return the views of the cameras at `rows`, in their order.

    Parameters
    ----------
    old, new
        What the cameras of two layers see.
    rows
        Positions in the first layer, or from its length on in the second.

    Returns
    -------
    view
        (v,) positions in the views of `old`, or from their number on in those of `new`.
    """
    view = np.concatenate([old.view, np.where(new.view < 0, -1, len(old.counts) + new.view)])[rows]
    return view[view >= 0]


def spliced_sight(old: Sight, new: Sight, rows: Ints) -> Sight:
    """Return what the cameras at `rows` see: below the length of the old layer its own, else new.

    Parameters
    ----------
    old, new, rows
        As for `views_after`.
    """
    n = len(old.counts)
    view = views_after(old, new, rows)
    to = np.full(n + len(new.counts), -1, np.int64)
    to[view] = np.arange(len(view))
    both = np.concatenate([old.view, np.where(new.view < 0, -1, n + new.view)])[rows]
    return Sight(
        np.concatenate([old.codes, new.codes])[rows],
        np.where(both < 0, -1, to[both]),
        np.concatenate([old.counts, new.counts])[view],
        *(
            _merged(getattr(old, name), getattr(new, name), to, n)
            for name in ("ground", "fronts", "arms", "streets")
        ),
    )


def _merged(old: Looks, new: Looks, to: Ints, n: int) -> Looks:
    """Return the looks of both, sorted, with cameras numbered by `to`; -1 leaves one out."""
    mine = to[n + new.camera]
    order = np.lexsort((mine, new.point))
    order = order[mine[order] >= 0]
    return Looks(
        *merge_looks(
            *(old.camera, old.point, old.chance, old.px_per_m, to),
            *(mine[order], new.point[order], new.chance[order], new.px_per_m[order]),
        )
    )
