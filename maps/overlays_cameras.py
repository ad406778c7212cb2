"""Cameras on the map, with all that a click tells of one, and what each sees."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gis.layers import Layers
from maps.overlays import MOST_FEATURES, Feature, Overlay, closer, feature, place_name, thinned
from maps.units import each_row, ground, known, length
from maps.words import Words
from planner.results_coverage import Coverage

MOST_VIEWS = 1500
# A camera on a facade is one moved by more than this, m.
LEAST_MOVE_M = 0.05
WHOLE_CIRCLE_DEG = 360
# A direction known this closely counts as known, as in the views.
SURVEYED_DEG = 5.0
OFF = ("repair", "removed", "not_yet", "no_place")
REACH, STEP_ENDING = "reach_", "_m"


def cameras(layers: Layers, coverage: Coverage, say: Words) -> Overlay:
    """Return the cameras; hollow where the direction is in doubt, crossed where out of use."""
    fields = (
        say("Kind"),
        say("State"),
        say("Direction"),
        say("Field of view"),
        say("Reach"),
        say("Dead zone"),
        say("Ground seen"),
        say("Walls"),
        say("Moved to the facade"),
        say("Private ground, cut out"),
        say("Consent needed"),
        say("Sign"),
        say("Network"),
        say("Service"),
    )
    made = [_camera(row, say) for row in each_row(_joined(layers, coverage).head(MOST_FEATURES))]
    return Overlay("cameras", made, fields, closer(len(made)))


def views(coverage: Coverage) -> Overlay:
    """Return what each camera sees, certain or not; that of cameras in repair dotted."""
    rows = coverage.views[~coverage.views.geometry.is_empty].head(MOST_VIEWS)
    shapes = thinned(rows.geometry.to_numpy())
    repair = rows["repair"].tolist() if "repair" in rows else [False] * len(rows)
    looks = [
        "view_repair" if off else "view" if certain else "view_doubt"
        for certain, off in zip(rows["certain"].tolist(), repair, strict=True)
    ]
    return Overlay(
        "views", [feature(shape, look) for shape, look in zip(shapes, looks, strict=True)]
    )


def _joined(layers: Layers, coverage: Coverage) -> pd.DataFrame:
    """Return the cameras of the layer with what the answer knows of each."""
    layer = pd.DataFrame(layers["cameras"])
    layer = layer[layer["geometry"].notna()]
    own = [c for c in coverage.cameras.columns if c != "code"]
    kept = layer.drop(columns=[c for c in own if c in layer and c != "name"])
    told = coverage.cameras[["code", *(c for c in own if c != "name")]]
    return kept.merge(told.drop_duplicates("code"), on="code", how="left")


def _camera(row: Any, say: Words) -> Feature:
    state = _known(row, "state") or getattr(row, "status", None)
    return feature(
        row.geometry,
        "camera_off" if state in OFF else "camera_doubt" if _in_doubt(row) else "camera",
        key=f"camera:{row.code}",
        title=place_name(row, say("Camera")),
        values=[
            say.term("camera", getattr(row, "kind", None)),
            say.term("camera_state", state),
            _direction(row, say),
            _degrees(row, "fov_deg"),
            _reaches(row, say),
            _length(row, "near_m", say),
            ground(row.view_m2, say) if _known(row, "view_m2") else "",
            _walls(row, say),
            _moved(row, say),
            _private(row, say),
            _known(row, "consent") or "",
            _yes_no(row, "sign_posted", say("sign posted"), say("no sign posted")),
            _yes_no(row, "networked", say("networked"), say("not networked")),
            _yes_no(row, "in_service", say("in service"), say("not in service")),
        ],
    )


def _known(row: Any, column: str) -> Any:
    """Return a value of a row, None where it is not there."""
    value = getattr(row, column, None)
    return value if known(value) else None


def _all_round(row: Any) -> bool:
    return (_known(row, "fov_deg") or 0) >= WHOLE_CIRCLE_DEG


def _in_doubt(row: Any) -> bool:
    if _all_round(row):
        return False
    return _known(row, "azimuth_deg") is None or (_known(row, "doubt_deg") or 0) > SURVEYED_DEG


def _direction(row: Any, say: Words) -> str:
    if _all_round(row):
        return say("all round")
    azimuth, doubt = _known(row, "azimuth_deg"), _known(row, "doubt_deg")
    if azimuth is None:
        return say("unknown")
    return f"{azimuth:.0f}°" + (f" ± {doubt:.0f}°" if doubt else "")


def _degrees(row: Any, column: str) -> str:
    value = _known(row, column)
    return "" if value is None else f"{value:.0f}°"


def _length(row: Any, column: str, say: Words) -> str:
    value = _known(row, column)
    return length(value, say) if value else ""


def _reaches(row: Any, say: Words) -> str:
    """Return how far the picture serves each task, else how far it reaches at all."""
    steps = [name for name in row._fields if name.startswith(REACH) and name.endswith(STEP_ENDING)]
    told = [(name[len(REACH) : -len(STEP_ENDING)], _known(row, name)) for name in steps]
    parts = [f"{say.term('step', step)} {length(reach, say)}" for step, reach in told if reach]
    return " · ".join(parts) or _length(row, "range_m", say)


def _walls(row: Any, say: Words) -> str:
    if not _known(row, "view_m2"):
        return ""
    return _yes_no(row, "past_walls", say("by their heights"), say("taken as opaque"))


def _moved(row: Any, say: Words) -> str:
    moved = _known(row, "moved_m") or 0
    return say("{n} m", n=f"{moved:.1f}") if moved > LEAST_MOVE_M else ""


def _private(row: Any, say: Words) -> str:
    area = _known(row, "private_m2") or 0
    codes = _known(row, "private")
    return " · ".join(str(part) for part in (area and ground(area, say), codes) if part)


def _yes_no(row: Any, column: str, yes: str, no: str) -> str:
    value = _known(row, column)
    return "" if value is None else yes if value else no
