"""Layers of the page of two compared answers: places gained and lost, cameras come and gone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import shapely

from gis.layers import Layers
from maps.overlays import MOST_FEATURES, Overlay, closer, feature, place_name, say_kind, thinned
from maps.overlays_labels import street_labels, village_labels
from maps.units import NONE, each_row, known, percent
from maps.words import Words
from planner.compare import Change

# Kinds of differing sites and cameras that have a mark of their own.
SITE_MARKS = {"lost": "lost", "gained": "gained"}
CAMERA_MARKS = {"added": "camera_added", "removed": "camera_removed"}


def change_overlays(layers: Layers, change: Change, say: Words) -> list[Overlay]:
    """Return the layers of the page of a comparison, lowest first."""
    return [
        villages(change, say),
        cameras(layers, change, say),
        sites(change, say),
        *street_labels(layers, say.lang),
        village_labels(layers, say.lang),
    ]


def villages(change: Change, say: Words) -> Overlay:
    """Return the villages of both, as areas to be clicked."""
    rows = change.villages
    fields = (say("Before"), say("After"), say("Difference"))
    made = [
        feature(
            shape,
            "area",
            key=f"village:{row.code}",
            title=place_name(row),
            values=[percent(row.before), percent(row.after), points_text(row.delta, say)],
        )
        for row, shape in zip(each_row(rows), thinned(rows.geometry), strict=True)
    ]
    return Overlay("villages", made, fields)


def sites(change: Change, say: Words) -> Overlay:
    """Return the places that differ, the lost ones on top."""
    fields = (say("Kind"), say("Class"), say("Before"), say("After"))
    order = change.sites["change"].map({"lost": 0, "gained": 1}).fillna(2)
    rows = change.sites.assign(order=order).sort_values("order", kind="stable").head(MOST_FEATURES)
    made = []
    for row in each_row(rows[::-1]):
        kind = say_kind(say, "site", row)
        made.append(
            feature(
                shapely.point_on_surface(row.geometry),
                SITE_MARKS.get(row.change, "other"),
                key=f"site:{row.code}",
                title=place_name(row, kind),
                values=[
                    kind,
                    say.term("area_class", row.area_class),
                    _or_none(say.term("level", row.before), say),
                    _or_none(say.term("level", row.after), say),
                ],
            )
        )
    return Overlay("sites", made, fields)


def cameras(layers: Layers, change: Change, say: Words) -> Overlay:
    """Return the cameras that differ, where the town still has them."""
    fields = (say("Before"), say("After"))
    table = layers["cameras"][["code", "geometry"]]
    rows = change.cameras.merge(pd.DataFrame(table), on="code", how="inner")
    rows = rows[rows["geometry"].notna()].head(MOST_FEATURES)
    made = [
        feature(
            row.geometry,
            CAMERA_MARKS.get(row.change, "other"),
            key=f"camera:{row.code}",
            title=place_name(row, say("Camera")),
            values=[_or_none(say.term("camera_state", s), say) for s in (row.before, row.after)],
        )
        for row in each_row(rows)
    ]
    return Overlay("cameras", made, fields, closer(len(made)))


def _or_none(word: str, say: Words) -> str:
    return word or say("not there")


def points_text(delta: Any, say: Words) -> str:
    """Return a difference of two shares in points of per cent, with its sign."""
    if not known(delta):
        return NONE
    size = f"{abs(100 * delta):.1f}".removesuffix(".0")
    sign = "±" if size == "0" else "+" if delta > 0 else "−"
    return say("{n} points", n=f"{sign}{size}")
