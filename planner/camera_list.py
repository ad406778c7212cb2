"""Every camera of a town as one row: its state, lens, reach by class, and what it looks into."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.direction import UNKNOWN_DEG, doubt_of_deg
from gis.layers import Layers
from gis.optics import ladder_steps, optics_of, step_px_per_m
from gis.profiles import load
from gis.villages_of import village_of_rows
from planner.camera_views import WATCHING, Views, in_service, states_of, watching
from planner.frames import Columns, columns_of, found_at, framed
from planner.params import CoverageParams
from planner.results import Assumed

# What each view says of its camera; for the others, what stands in its place.
_OF_VIEW: dict[str, Any] = {
    "view_m2": 0.0,
    "moved_m": 0.0,
    "past_walls": False,
    "private_m2": 0.0,
    "private": "",
    "consent": "",
}
# What of the lenses the assumptions ask for.
OF_LENS = (
    *("kind", "turns", "fov_deg", "lens_fov_deg", "resolution_px", "px_at_1_m"),
    *("fov_assumed", "lens_assumed", "resolution_assumed", "range_assumed", "near_assumed"),
    "range_capped",
)

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
# Names, ascending, and the number of each camera's.
Kinds = tuple[list[str], Ints]


def camera_lenses(layers: Layers, params: CoverageParams) -> Columns:
    """Return the columns of `gis.optics.camera_optics` of the cameras of the layer."""
    cameras = layers["cameras"]
    return optics_of(
        columns_of(cameras),
        len(cameras),
        ladder=params.ladder,
        picture_class=params.picture_class,
    )


def camera_table(layers: Layers, views: Views, params: CoverageParams) -> pd.DataFrame:
    """Return one row for each camera of the layer, as `Coverage.cameras` holds them.

    See `camera_columns`.
    """
    lens = camera_lenses(layers, params)
    frame: pd.DataFrame = framed(camera_columns(layers, views, params, lens))
    return frame


def camera_columns(layers: Layers, views: Views, params: CoverageParams, lens: Columns) -> Columns:
    """Return the columns of the table `Coverage.cameras`.

    Parameters
    ----------
    layers
        The town.
    views
        Its cameras' views.
    params
        Those that the views were computed with.
    lens
        As `camera_lenses` returns it.

    Returns
    -------
    dict
        (n,) arrays in the order of the layer, text as objects: see `planner.results_coverage`. The
        azimuth is as stated, from true north. What only a view can tell is 0, False or "" for
        cameras without one.
    """
    cameras, viewed, lenses = columns_of(layers["cameras"]), views.columns, columns_of(lens)
    told = {
        name: np.asarray(cameras[name], dtype=object)
        for name in ("code", "name", "builder", "point_class", "police_unit")
    }
    view = found_at(told["code"].tolist(), viewed["code"].tolist())
    state = states_of(layers["cameras"]).astype(object)
    # What would watch and has no view stands too deep inside a building.
    state[np.isin(state.tolist(), WATCHING) & (view < 0)] = "no_place"
    village = np.array(village_of_rows(layers["cameras"], layers["villages"]), object)
    return {
        **{name: told.pop(name) for name in ("code", "name")},
        "state": state,
        "village": village,
        **told,
        "azimuth_deg": cameras["azimuth_deg"],
        "doubt_deg": doubt_of_deg(
            cameras["azimuth_deg"], lenses["fov_deg"], cameras["azimuth_doubt_deg"]
        ),
        **{name: lenses[name] for name in ("fov_deg", "range_m", "near_m")},
        "height_m": cameras["height_m"],
        "px_at_1_m": lenses["px_at_1_m"],
        **{name: lenses[name] for name in _reach_names(params)},
        **{name: _of_view(viewed[name], name, view) for name in _OF_VIEW},
        "networked": cameras["networked"],
        "in_service": in_service(cameras, params),
        "sign_posted": cameras["sign_posted"],
    }


def _of_view(told: Any, name: str, view: Ints) -> Any:
    """Return what the view of each camera says, or what stands in its place."""
    other = _OF_VIEW[name]
    told = np.asarray(told, dtype=object if other == "" else type(other))
    return np.append(told, np.array([other], told.dtype))[view]


def _reach_names(params: CoverageParams) -> list[str]:
    return [f"reach_{step.step}_m" for step in ladder_steps(params.ladder)]


def assumed_lenses(layers: Layers, lens: Columns) -> Columns:
    """Return what of the cameras the assumptions ask for, (n,) each.

    Parameters
    ----------
    layers
        The town.
    lens
        As `camera_lenses` returns it.

    Returns
    -------
    dict
        `OF_LENS`; watching (whether it would watch open ground), azimuth_deg, height_m.
    """
    told, layer = columns_of(lens), columns_of(layers["cameras"])
    return {
        **{name: told[name] for name in OF_LENS},
        **{name: layer[name] for name in ("azimuth_deg", "height_m")},
        "watching": watching(layers["cameras"]),
    }


def camera_assumptions(
    layers: Layers, params: CoverageParams, lens: Columns | None = None
) -> tuple[Assumed, ...]:
    """Return what the views take for granted: one row for each column and kind of camera.

    Where a kind's cameras differ, such as in the pixels of their pictures, the row tells the least
    and the most that was taken, as in "dome: 33.4-50.0 m".

    Parameters
    ----------
    layers
        The town.
    params
        Those that the views are computed with.
    lens
        As `assumed_lenses` returns it, if it is at hand.
    """
    lenses = assumed_lenses(layers, camera_lenses(layers, params)) if lens is None else lens
    rows = np.flatnonzero(lenses["watching"])
    if not len(rows):
        return ()
    told = {name: values[rows] for name, values in lenses.items()}
    number, names = pd.factorize(np.asarray(told["kind"], dtype=object), sort=True)
    kind = names.tolist(), number
    reach_m = told["px_at_1_m"] / step_px_per_m(params.ladder, params.picture_class)
    turning = told["lens_assumed"] & told["turns"]
    counts = [
        *_by_kind("fov_deg", kind, told["fov_deg"], told["fov_assumed"], "{:.4g} degrees"),
        *_by_kind("focal_mm", kind, told["lens_fov_deg"], turning, "{:.4g} degrees"),
        *_by_kind(
            *("resolution_px", kind, told["resolution_px"], told["resolution_assumed"]),
            "{:.0f} px",
        ),
        *_by_kind("range_m", kind, reach_m, told["range_assumed"], "{:.1f} m"),
        *_whole(told),
        *_unverified(params, len(rows)),
    ]
    walls = Assumed(
        "buildings",
        "height_m",
        "above every camera",
        int(np.isnan(columns_of(layers["buildings"])["height_m"]).sum()),
    )
    return tuple(one for one in (*counts, walls) if one.rows)


def _by_kind(column: str, kind: Kinds, values: Floats, taken: Bools, words: str) -> list[Assumed]:
    """Return one row for each kind among the cameras that something was taken for."""
    rows, (form, unit) = [], words.split(" ")
    names, number = kind
    number, values = number[taken], values[taken]
    for at in np.unique(number).tolist():
        one, mine = names[at], values[number == at]
        least, most = form.format(mine.min()), form.format(mine.max())
        span = least if least == most else f"{least}-{most}"
        rows.append(Assumed("cameras", column, f"{one}: {span} {unit}", len(mine)))
    return rows


def _whole(lens: Columns) -> list[Assumed]:
    """Return what is assumed alike for cameras of every kind."""
    longest_m = load("optics")["range_class"]["longest_m"]
    unknown = doubt_of_deg(lens["azimuth_deg"], lens["fov_deg"], np.nan) >= UNKNOWN_DEG
    counts: dict[tuple[str, str], Any] = {
        ("range_m", f"at most {longest_m:.4g} m"): lens["range_capped"],
        ("azimuth_deg", "every direction as likely"): unknown,
        ("tilt_deg", "no dead zone"): lens["near_assumed"],
        ("height_m", "below every wall"): np.isnan(lens["height_m"]),
    }
    return [Assumed("cameras", *what, int(which.sum())) for what, which in counts.items()]


def _unverified(params: CoverageParams, count: int) -> list[Assumed]:
    """Return the steps in use whose pixel density nobody has seen in print."""
    used = {params.picture_class, params.site_class}
    return [
        Assumed("cameras", "range_m", f"{step}: {px_per_m:.4g} px/m, not verified", count)
        for step, px_per_m, verified in ladder_steps(params.ladder)
        if step in used and not verified
    ]
