"""Layers of the coverage page: gaps and places, besides cameras and what they see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import shapely

from gis.layers import Layers
from maps.overlays import (
    MOST_FEATURES,
    Overlay,
    closer,
    feature,
    place_name,
    say_kind,
    thinned,
    without_holes,
)
from maps.overlays_cameras import cameras, views
from maps.overlays_labels import street_labels, village_labels
from maps.units import each_row, ground, interval, known, length, share_text
from maps.words import Words
from planner.results_coverage import STEPS, Coverage

# So many gaps carry their rank on the map, and so many views are drawn at most.
RANKED = 3
MOST_GAPS = 300
LEVELS = ("seen", "cannot_tell", "perhaps", "unseen")


def coverage_overlays(layers: Layers, coverage: Coverage, say: Words) -> list[Overlay]:
    """Return the layers of the coverage page, lowest first."""
    return [
        views(coverage),
        cameras(layers, coverage, say),
        sites(coverage, say),
        gaps(coverage, say),
        *street_labels(layers, say.lang),
        village_labels(layers, say.lang),
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
        say("Weight"),
        say("Open ground"),
        say("Ground"),
        say("Streets in it"),
        say("Places in it"),
        say("Incidents"),
        say("Village"),
        say("Reason"),
        say("Nearest camera"),
        say("Distance"),
        say("Number"),
    )
    villages = village_names(coverage)
    rows = coverage.gaps[coverage.gaps.geometry.notna()].head(MOST_GAPS)
    shapes: list[Any] = [without_holes(shape) for shape in thinned(rows.geometry)]
    rows = rows.assign(outline=pd.Series(shapes, rows.index, dtype=object))
    made = []
    for row in each_row(rows[::-1]):
        values = gap_values(row, len(coverage.gaps), villages, say)
        look = "gap_worst" if row.rank <= RANKED else "gap"
        made.append(
            feature(
                row.outline, look, key=f"gap:{row.id}", title=gap_title(row, say), values=values
            )
        )
    return Overlay("gaps", made, fields)


def gap_values(row: Any, count: int, villages: Mapping[str, str], say: Words) -> list[str]:
    """Return all that is known of a gap, in the order of the layer's fields."""
    street_m, incidents = getattr(row, "street_m", None), getattr(row, "incidents", None)
    village = getattr(row, "village", None)
    return [
        f"{row.rank} / {count}",
        f"{row.weight:.1f}" if known(getattr(row, "weight", None)) else "",
        ground(row.area_m2, say),
        say.term("ground", getattr(row, "ground", None)),
        length(street_m, say) if known(street_m) and street_m else "",
        str(row.sites) if row.sites else "",
        f"{incidents:.0f}" if known(incidents) else say("unknown or hidden"),
        villages.get(village, village) if isinstance(village, str) else "",
        say.term("reason", row.reason),
        row.nearest_camera if known(row.nearest_camera) else "",
        length(row.distance_m, say),
        str(row.id),
    ]


def village_names(coverage: Coverage) -> dict[str, str]:
    """Return code to name of the villages that have one."""
    pairs = zip(coverage.villages["code"], coverage.villages["name"], strict=True)
    return {code: name for code, name in pairs if known(name)}


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
    fields = (
        say("Kind"),
        say("Class"),
        say("State"),
        say("Seen"),
        say("Arms"),
        say("Village"),
        say("From record to picture"),
    )
    rows = worst_sites(coverage).head(MOST_FEATURES)
    villages = village_names(coverage)
    made = []
    for row in each_row(rows[::-1]):
        kind, village = say_kind(say, "site", row), getattr(row, "village", None)
        arms = getattr(row, "arms", None)
        values = [
            kind,
            say.term("area_class", row.area_class),
            say.term("level", row.level),
            share_text(interval(row)),
            str(arms) if known(arms) else "",
            villages.get(village, village) if isinstance(village, str) else "",
            _ladder(row, say),
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


def _ladder(row: Any, say: Words) -> str:
    """Return which steps from a record to a picture that serves a place has reached."""
    told = {step: getattr(row, step, None) for step in STEPS}
    return " · ".join(
        f"{say.term('site_step', step)} {say.term('answer', word)}"
        for step, word in told.items()
        if known(word)
    )
