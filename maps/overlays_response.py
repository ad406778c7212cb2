"""Layers of the response page: circles of 1, 3 and 5 minutes, places and units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
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
from maps.overlays_within import outlines, shaded
from maps.style import style
from maps.tiles_grid import SIZE_PX
from maps.units import duration, each_row, known
from maps.words import Words
from planner.results_response import Response

RANKED = 3
# So many units are named for each place.
FIRST = 3
# Late places are the answer: shown from afar unless there are too many.
MOST_FAR = 600
FAR_ZOOM = 14
# Where the word of each circle stands on its line: degrees counterclockwise from east.
WORD_AT_DEG = (80.0, 150.0, 30.0, 210.0, 330.0)
# A circle's parts smaller than this share of its largest carry no word.
WORDED_SHARE = 0.3
# Words are shown where the smallest circle is this wide, px.
WORDED_PX = 40
# Holes below about a hectare, the insides of blocks, are left out of the picture: a line around
# each would hide the circle. Whether a place is reached in time does not depend on it.
SMALLEST_HOLE_DEG2 = 1.5e-6
# The grey beyond the last circle reaches this many degrees past the town.
BEYOND_DEG = 2.0


def response_overlays(layers: Layers, response: Response, say: Words) -> list[Overlay]:
    """Return the layers of the response page, lowest first."""
    modes = list(dict.fromkeys(response.circles["mode"]))
    rings = [layer for mode in modes for layer in circles(response, mode, say)]
    return [
        *rings,
        *shaded(layers, response),
        *outlines(layers, response, say),
        *sites(layers, response, say),
        *street_labels(layers, say.lang),
        village_labels(layers, say.lang),
        ranks(response, say),
        units(response, say),
    ]


def circles(response: Response, mode: str, say: Words) -> list[Overlay]:
    """Return the circles of one mode, the widest below, then lines; and the words on the lines."""
    rows = response.circles[response.circles["mode"] == mode].sort_values("band_s", ascending=False)
    shapes = [without_holes(shape, SMALLEST_HOLE_DEG2) for shape in thinned(rows.geometry)]
    last = len(style()["rings"]["fills"]) - 1
    looks = [min(list(response.bands_s).index(band), last) for band in rows["band_s"]]
    made: list[Feature] = []
    if shapes:
        outside = shapely.box(*_around(shapes[0])).difference(shapely.make_valid(shapes[0]))
        made.append(feature(outside, "beyond"))
    made += [feature(s, f"band_{look}") for s, look in zip(shapes, looks, strict=True)]
    made += [feature(s, f"line_{look}") for s, look in zip(shapes, looks, strict=True)]
    minutes: list[Feature] = []
    for shape, look, band_s in zip(shapes, looks, rows["band_s"].tolist(), strict=True):
        text = say("{n} min", n=f"{band_s / 60:g}")
        minutes += [
            feature(spot, "minutes", tag=text) for spot in _word_spots(shape, WORD_AT_DEG[look])
        ]
    name, zoom = f"circles_{mode}", _word_zoom(shapes)
    return [
        Overlay(name, made),
        Overlay(f"minutes_{mode}", minutes, (), zoom, name),
    ]


def _word_zoom(shapes: list[Any]) -> float:
    """Return the zoom from which on the words of the smallest circle do not hide it."""
    widths = [shape.bounds[2] - shape.bounds[0] for shape in shapes if not shape.is_empty]
    return math.log2(WORDED_PX * 360 / SIZE_PX / min(widths)) if widths else 0


def _around(shape: Any) -> tuple[float, float, float, float]:
    west, south, east, north = shape.bounds
    return west - BEYOND_DEG, south - BEYOND_DEG, east + BEYOND_DEG, north + BEYOND_DEG


def _word_spots(shape: shapely.Geometry, angle_deg: float) -> list[shapely.Point]:
    """Return the vertex farthest out in one direction, for each large part of a circle."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    largest = max((part.area for part in parts), default=0.0)
    way = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    spots = []
    for part in parts:
        if part.area >= WORDED_SHARE * largest:
            xy = shapely.get_coordinates(part.exterior)
            spots.append(shapely.Point(xy[int(np.argmax(xy @ way))]))
    return spots


def late_sites(response: Response) -> pd.DataFrame:
    """Return the places no unit reaches within their tier, the worst first."""
    late = response.sites[response.sites["met"].eq(False).fillna(False).astype(bool)]
    return pd.DataFrame(late.sort_values("rank", kind="stable"))


def state_of(row: Any) -> str:
    """Return "met", "late" or "cannot_tell" of a place or a key area."""
    met = getattr(row, "met", None)
    return "cannot_tell" if not known(met) else "met" if met else "late"


def first_units(response: Response, say: Words) -> dict[str, list[str]]:
    """Return the code of each place to its first three units, with their times, as text."""
    names = _unit_names(response, say)
    first = response.times[response.times.groupby("site").cumcount() < FIRST]
    told: dict[str, list[str]] = {}
    for row in each_row(first):
        after = duration(row.time_s, say)
        told.setdefault(row.site, []).append(f"{names.get(row.unit, row.unit)} · {after}")
    return told


def sites(layers: Layers, response: Response, say: Words) -> list[Overlay]:
    """Return the places that a unit reaches in time, and above them those it does not."""
    fields = (
        say("State"),
        say("Kind"),
        say("Village"),
        say("Must be reached within"),
        say("Late by"),
        say("First unit"),
        say("Second unit"),
        say("Third unit"),
        say("As units promise"),
        say("Reason"),
    )
    villages = {row.code: place_name(row) for row in each_row(layers["villages"])}
    first = first_units(response, say)
    words = {"late": say("▲ late"), "met": say("● in time"), "cannot_tell": say("□ cannot tell")}
    order = response.sites["late_s"].rank(method="first", ascending=False)
    rows = response.sites[order <= MOST_FEATURES].sort_values("late_s", kind="stable")
    late: list[Feature] = []
    others: list[Feature] = []
    for row in each_row(rows):
        kind, state = say_kind(say, "site", row), state_of(row)
        values = [
            words[state],
            kind,
            villages.get(row.village, ""),
            say("{n} min", n=row.tier_min) if known(row.tier_min) else "",
            duration(row.late_s, say) if state == "late" else "",
            *(first.get(row.code, []) + [""] * FIRST)[:FIRST],
            _promise(row, say),
            say.sentence(row.reason) if known(row.reason) else "",
        ]
        title = place_name(row, kind)
        where = late if state == "late" else others
        where.append(
            feature(row.geometry, state, key=f"site:{row.code}", title=title, values=values)
        )
    return [
        Overlay("sites", others, fields, closer(len(others))),
        Overlay("late", late, fields, FAR_ZOOM if len(late) > MOST_FAR else 0),
    ]


def _promise(row: Any, say: Words) -> str:
    if not known(row.promise):
        return ""
    return say("in time") if row.promise else say("no unit keeps its promise here")


def ranks(response: Response, say: Words) -> Overlay:
    """Return the numbers of the latest places."""
    rows = late_sites(response).head(RANKED)
    made = [
        feature(
            row.geometry,
            "rank",
            key=f"site:{row.code}",
            title=place_name(row, say_kind(say, "site", row)),
            tag=str(rank),
        )
        for rank, row in enumerate(each_row(rows), 1)
    ]
    return Overlay("ranks", made, ())


def units(response: Response, say: Words) -> Overlay:
    """Return the units as dark squares that carry their name; pale where they do not come."""
    made = []
    for row in each_row(response.units):
        name = place_name(row, say_kind(say, "unit", row))
        css = None if row.comes else "away"
        made.append(
            feature(row.geometry, "unit", key=f"unit:{row.code}", title=name, tag=name, css=css)
        )
    return Overlay("units", made)


def _unit_names(response: Response, say: Words) -> dict[str, str]:
    rows = each_row(response.units)
    return {row.code: place_name(row, say_kind(say, "unit", row)) for row in rows}
