"""Every camera of a town as one row: its state, lens, reach by class, and what it looks into."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.direction import UNKNOWN_DEG, doubt_of_deg
from gis.layers import Layers
from gis.optics import camera_optics, ladder_steps, step_px_per_m
from gis.profiles import load
from gis.villages_of import village_of_rows
from planner.camera_views import WATCHING, Views, camera_states, in_service, watching
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
_TOLD = (
    *("kind", "turns", "fov_deg", "lens_fov_deg", "resolution_px", "px_at_1_m"),
    *("fov_assumed", "lens_assumed", "resolution_assumed", "range_assumed", "near_assumed"),
    "range_capped",
)

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.object_]


def camera_lenses(layers: Layers, params: CoverageParams) -> pd.DataFrame:
    """Return `gis.optics.camera_optics` of the cameras of the layer, for the class asked for."""
    cameras = pd.DataFrame(layers["cameras"])
    return camera_optics(cameras, ladder=params.ladder, picture_class=params.picture_class)


def camera_table(
    layers: Layers, views: Views, params: CoverageParams, lens: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return one row for each camera of the layer, as `Coverage.cameras` holds them.

    Parameters
    ----------
    layers
        The town.
    views
        Its cameras' views.
    params
        Those that the views were computed with.
    lens
        As `camera_lenses` returns it, if it is at hand.

    Returns
    -------
    DataFrame
        RangeIndex, in the order of the layer; the columns of `planner.results_coverage`. The
        azimuth is as stated, from true north. What only a view can tell is 0, False or "" for
        cameras without one.
    """
    cameras = pd.DataFrame(layers["cameras"])
    lens = camera_lenses(layers, params) if lens is None else lens
    view = pd.Index(views.cameras["code"]).get_indexer(cameras["code"])
    state = camera_states(layers["cameras"]).to_numpy(object)
    # What would watch and has no view stands too deep inside a building.
    state[np.isin(state.tolist(), WATCHING) & (view < 0)] = "no_place"
    told = {name: cameras[name] for name in ("builder", "point_class", "police_unit")}
    table = {
        "code": cameras["code"],
        "name": cameras["name"],
        "state": pd.array(state, dtype="str"),
        "village": _villages(layers),
        **told,
        "azimuth_deg": cameras["azimuth_deg"],
        "doubt_deg": doubt_of_deg(
            cameras["azimuth_deg"], lens["fov_deg"], cameras["azimuth_doubt_deg"]
        ),
        **{name: lens[name] for name in ("fov_deg", "range_m", "near_m")},
        "height_m": cameras["height_m"],
        "px_at_1_m": lens["px_at_1_m"],
        **{name: lens[name] for name in _reach_names(params)},
        **{name: _of_view(views, name, view) for name in _OF_VIEW},
        "networked": cameras["networked"],
        "in_service": in_service(cameras, params),
        "sign_posted": cameras["sign_posted"],
    }
    return pd.DataFrame({name: _bare(column) for name, column in table.items()})


def _of_view(views: Views, name: str, view: Ints) -> Any:
    """Return what the view of each camera says, or what stands in its place."""
    other = _OF_VIEW[name]
    told = views.cameras[name].to_numpy(object if other == "" else type(other))
    whole = np.append(told, np.array([other], told.dtype))[view]
    return pd.array(whole, dtype="str") if other == "" else whole


def _bare(column: Any) -> Any:
    return column.array if isinstance(column, pd.Series) else column


def _reach_names(params: CoverageParams) -> list[str]:
    return [f"reach_{step.step}_m" for step in ladder_steps(params.ladder)]


def _villages(layers: Layers) -> pd.Series[str]:
    codes = village_of_rows(layers["cameras"], layers["villages"])
    return pd.Series(codes, dtype="str")


def camera_assumptions(
    layers: Layers, params: CoverageParams, lens: pd.DataFrame | None = None
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
        As `camera_lenses` returns it, if it is at hand.
    """
    cameras = layers["cameras"]
    rows = np.flatnonzero(watching(cameras))
    if not len(rows):
        return ()
    lens = camera_lenses(layers, params) if lens is None else lens
    told = {name: lens[name].to_numpy()[rows] for name in _TOLD}
    kind = told["kind"]
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
        *_whole(cameras, rows, told),
        *_unverified(params, len(rows)),
    ]
    walls = Assumed(
        "buildings",
        "height_m",
        "above every camera",
        int(layers["buildings"]["height_m"].isna().sum()),
    )
    return tuple(one for one in (*counts, walls) if one.rows)


def _by_kind(column: str, kind: Words, values: Floats, taken: Bools, words: str) -> list[Assumed]:
    """Return one row for each kind among the cameras that something was taken for."""
    rows, (form, unit) = [], words.split(" ")
    kind, values = kind[taken], values[taken]
    for one in sorted(set(kind.tolist())):
        mine = values[kind == one]
        least, most = form.format(mine.min()), form.format(mine.max())
        span = least if least == most else f"{least}-{most}"
        rows.append(Assumed("cameras", column, f"{one}: {span} {unit}", len(mine)))
    return rows


def _whole(cameras: pd.DataFrame, rows: Ints, lens: dict[str, Any]) -> list[Assumed]:
    """Return what is assumed alike for cameras of every kind."""
    longest_m = load("optics")["range_class"]["longest_m"]
    azimuth_deg, height_m = (cameras[n].to_numpy(float)[rows] for n in ("azimuth_deg", "height_m"))
    unknown = doubt_of_deg(azimuth_deg, lens["fov_deg"], np.nan) >= UNKNOWN_DEG
    counts: dict[tuple[str, str], Any] = {
        ("range_m", f"at most {longest_m:.4g} m"): lens["range_capped"],
        ("azimuth_deg", "every direction as likely"): unknown,
        ("tilt_deg", "no dead zone"): lens["near_assumed"],
        ("height_m", "below every wall"): np.isnan(height_m),
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
