"""Why a cell is not seen: what the cameras around it do instead of seeing it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from gis.footprints import Footprints
from gis.optics import ladder_steps
from planner.frames import Columns, found_at
from planner.gap_ground import GapGround, cells_within
from planner.gap_kernels import clear_lines
from planner.ground import rows_of
from planner.params import CoverageParams

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# What a cell can be to its gap; cells of different kinds are never joined. The first is no gap.
KINDS = ("seen", "unseen", "direction_unknown", "in_repair", "not_networked")
# Why an unseen cell is unseen, the strongest reason first.
REASONS = ("too_coarse", "hidden", "looks_elsewhere", "nothing_in_reach")


def kinds_of(seen: Mapping[str, Floats], share: float) -> Ints:
    """Return what each cell is, (n,), as a position in `KINDS`.

    Parameters
    ----------
    seen
        (n,) each: value and high as in `Coverage.cells`, repaired (the expected seen share with
        the cameras in repair) and linked (that by the cameras not known to be off the network).
        NaN where a cell has no open ground or no camera is known.
    share
        A cell seen less than this is a gap's.
    """
    unseen = seen["value"] < share
    kinds = [
        unseen & (seen["high"] >= share),
        unseen & (seen["repaired"] >= share),
        unseen,
        (seen["value"] >= share) & (seen["linked"] < share),
    ]
    return np.select(kinds, [2, 3, 1, 4], 0).astype(np.int64)


def gap_cameras(views: Columns, rows: Columns, params: CoverageParams) -> Columns:
    """Return the cameras as the reasons need them: with what their coarsest pictures reach.

    Parameters
    ----------
    views
        `planner.camera_views.Views.columns`.
    rows
        Columns of `Coverage.cameras`, with reach_STEP_m.
    params
        Names the ladder, whose coarsest step counts.

    Returns
    -------
    dict
        (n,) arrays: code, x, y, azimuth_deg, doubt_deg, fov_deg, range_m, near_m, height_m, repair,
        coarse_m (never below range_m).
    """
    coarsest = ladder_steps(params.ladder)[0].step
    lens = ("azimuth_deg", "doubt_deg", "fov_deg", "range_m", "near_m", "height_m")
    at = found_at(views["code"].tolist(), rows["code"].tolist())
    reach_m = np.append(rows[f"reach_{coarsest}_m"], 0.0)[at]
    told = {name: views[name] for name in ("code", "x", "y", *lens, "repair")}
    told["coarse_m"] = np.maximum(np.nan_to_num(reach_m), views["range_m"])
    return told


def reasons_of(
    ground: GapGround, unseen: Ints, cameras: Columns, footprints: Footprints | None
) -> Ints:
    """Return why each cell is unseen, (m,), as a position in `REASONS`; judged at its centre.

    `too_coarse` where the view of a working camera reaches it at the coarsest step of the ladder
    but not at the one asked for; `hidden` where one in range may point at it, but something
    stands between; `looks_elsewhere` where those in range point away or over it; else
    `nothing_in_reach`.

    Parameters
    ----------
    ground
        The town's cells.
    unseen
        (m,) positions of the cells, ascending.
    cameras
        As `gap_cameras` returns them; those in repair are passed over.
    footprints
        The walls between; None takes every line as clear.
    """
    some = np.flatnonzero(~cameras["repair"] & _may_reach(cameras, ground.xy[unseen]))
    lens = {name: cameras[name][some] for name in cameras if name != "code"}
    at, reach_m = np.stack([lens["x"], lens["y"]], axis=1), lens["coarse_m"]
    camera, cell = cells_within(ground, at, reach_m)
    row = rows_of(cell, unseen)
    camera, cell, row = (part[row >= 0] for part in (camera, cell, row))
    step = ground.xy[cell] - at[camera]
    off_m = np.hypot(step[:, 0], step[:, 1])
    faces = _faces(step, lens, camera) & (off_m >= lens["near_m"][camera])
    in_range = off_m <= lens["range_m"][camera]
    coarse = np.flatnonzero(faces & ~in_range)
    lines = np.hstack([at[camera[coarse]], ground.xy[cell[coarse]]])
    height_m = lens["height_m"][camera[coarse]]
    coarse = coarse[_clear(lines, height_m, footprints)]
    reason = np.full(len(unseen), len(REASONS) - 1, np.int64)
    reason[row[in_range]] = 2
    reason[row[in_range & faces]] = 1
    reason[row[coarse]] = 0
    return reason


def _may_reach(cameras: Columns, xy: Floats) -> Bools:
    """Return which cameras reach the box around some places (m, 2)."""
    x_m, y_m, reach_m = (cameras[name] for name in ("x", "y", "coarse_m"))
    if not len(xy):
        return np.zeros(len(x_m), bool)
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    near = (x_m + reach_m >= west) & (x_m - reach_m <= east)
    return np.asarray(near & (y_m + reach_m >= south) & (y_m - reach_m <= north))


def _faces(step: Floats, lens: Columns, camera: Ints) -> Bools:
    """Return which steps from cameras lie in the sector that each may show."""
    bearing_deg = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
    half_deg = (lens["fov_deg"] / 2 + lens["doubt_deg"])[camera]
    turn_deg = bearing_deg - np.nan_to_num(lens["azimuth_deg"])[camera]
    off_deg = np.abs((turn_deg + 180) % 360 - 180)
    return np.asarray((off_deg <= half_deg) | (half_deg >= 180))


def _clear(lines: Floats, height_m: Floats, footprints: Footprints | None) -> Bools:
    """Return which lines of sight no wall crosses."""
    if footprints is None or not len(lines):
        return np.ones(len(lines), bool)
    walls = footprints
    clear = clear_lines(
        lines, height_m, walls.edges, walls.top_m, walls.grid, walls.indptr, walls.members
    )
    return np.asarray(clear)
