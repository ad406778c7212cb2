"""Layers of the coverage page: gaps, places, cameras and what they see."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely

from gis.layers import Layers
from maps.overlays import (
    MOST_FEATURES,
    Feature,
    Overlay,
    closer,
    feature,
    place_name,
    say_kind,
    thinned,
    without_holes,
)
from maps.overlays_labels import street_labels, village_labels
from maps.units import each_row, ground, interval, known, length, share_text
from maps.words import Words
from planner.results_coverage import Coverage

# So many gaps carry their rank on the map, and so many views are drawn at most.
RANKED = 3
MOST_GAPS = 300
MOST_VIEWS = 1500
LEVELS = ("seen", "cannot_tell", "perhaps", "unseen")


def coverage_overlays(layers: Layers, coverage: Coverage, say: Words) -> list[Overlay]:
    """Return the layers of the coverage page, lowest first."""
    return [
        views(coverage),
        cameras(layers, say),
        sites(coverage, say),
        gaps(coverage, say),
        *street_labels(layers),
        village_labels(layers),
        ranks(coverage, say),
    ]


def gap_title(row: Any, say: Words) -> str:
    """Return what a gap is called: by what stands there, else by its rank."""
    near = getattr(row, "near", None)
    if isinstance(near, str) and near:
        return near
    return say("Gap {rank}", rank=getattr(row, "rank", ""))


def gaps(coverage: Coverage, say: Words) -> Overlay:
    """Return the gaps that have an outline, the worst on top."""
    fields = (
        say("Rank"),
        say("Open ground"),
        say("Places in it"),
        say("Reason"),
        say("Nearest camera"),
        say("Distance"),
    )
    rows = coverage.gaps[coverage.gaps.geometry.notna()].head(MOST_GAPS)
    shapes: list[Any] = [without_holes(shape) for shape in thinned(rows.geometry)]
    rows = rows.assign(outline=pd.Series(shapes, rows.index, dtype=object))
    made = []
    for row in each_row(rows[::-1]):
        values = [
            f"{row.rank} / {len(coverage.gaps)}",
            ground(row.area_m2, say),
            str(row.sites) if row.sites else "",
            say.term("reason", row.reason),
            row.nearest_camera if known(row.nearest_camera) else "",
            length(row.distance_m, say),
        ]
        look = "gap_worst" if row.rank <= RANKED else "gap"
        made.append(
            feature(
                row.outline, look, key=f"gap:{row.id}", title=gap_title(row, say), values=values
            )
        )
    return Overlay("gaps", made, fields)


def ranks(coverage: Coverage, say: Words) -> Overlay:
    """Return the numbers of the worst gaps."""
    rows = coverage.gaps.head(RANKED)
    made = [
        feature(
            shapely.Point(row.lon, row.lat),
            "rank",
            key=f"gap:{row.id}",
            title=gap_title(row, say),
            tag=str(row.rank),
        )
        for row in each_row(rows)
    ]
    return Overlay("ranks", made, ())


def worst_sites(coverage: Coverage) -> pd.DataFrame:
    """Return the places, unseen first, then by the share that is seen."""
    order = coverage.sites["level"].map({level: n for n, level in enumerate(reversed(LEVELS))})
    table = coverage.sites.assign(order=order)
    return pd.DataFrame(table.sort_values(["order", "value"], kind="stable"))


def sites(coverage: Coverage, say: Words) -> Overlay:
    """Return the places by whether they are seen, the unseen on top."""
    fields = (say("Kind"), say("Class"), say("State"), say("Seen"))
    rows = worst_sites(coverage).head(MOST_FEATURES)
    made = []
    for row in each_row(rows[::-1]):
        kind = say_kind(say, "site", row)
        values = [
            kind,
            say.term("area_class", row.area_class),
            say.term("level", row.level),
            share_text(interval(row)),
        ]
        made.append(
            feature(
                shapely.point_on_surface(row.geometry),
                row.level,
                key=f"site:{row.code}",
                title=place_name(row, kind),
                values=values,
            )
        )
    return Overlay("sites", made, fields, closer(len(made)))


def cameras(layers: Layers, say: Words) -> Overlay:
    """Return the cameras; hollow where the direction is unknown, crossed where out of use."""
    fields = (say("Kind"), say("State"), say("Direction"), say("Range"))
    made = [_camera(row, say) for row in each_row(layers["cameras"].head(MOST_FEATURES))]
    return Overlay("cameras", made, fields, closer(len(made)))


def _camera(row: Any, say: Words) -> Feature:
    azimuth, status = getattr(row, "azimuth_deg", None), getattr(row, "status", None)
    round_view = known(getattr(row, "fov_deg", None)) and row.fov_deg >= 360
    look = "camera" if known(azimuth) or round_view else "camera_doubt"
    if status in ("repair", "removed"):
        look = "camera_off"
    direction = f"{azimuth:.0f}°" if known(azimuth) else say("unknown")
    kind = say.term("camera", getattr(row, "kind", None))
    return feature(
        row.geometry,
        look,
        key=f"camera:{row.code}",
        title=place_name(row, say("Camera")),
        values=[
            kind,
            say.term("camera_status", status),
            say("all round") if round_view else direction,
            length(getattr(row, "range_m", None), say),
        ],
    )


def views(coverage: Coverage) -> Overlay:
    """Return what each camera sees, certain or not."""
    rows = coverage.views[~coverage.views.geometry.is_empty].head(MOST_VIEWS)
    shapes = thinned(rows.geometry.to_numpy())
    made = [
        feature(shape, "view" if certain else "view_doubt")
        for shape, certain in zip(shapes, rows["certain"].tolist(), strict=True)
    ]
    return Overlay("views", made)
