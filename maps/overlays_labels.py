"""Names on the map: of villages, and of streets where there is room for them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from gis.layers import Layers
from maps.names import map_name
from maps.overlays import Overlay, feature
from maps.style import style
from maps.tiles_grid import SIZE_PX
from maps.units import each_row, known
from maps.words import Lang

# Zoom from which on main streets and all streets are named, and how many of each at most.
MAIN_FROM_ZOOM = 15.0
ALL_FROM_ZOOM = 16.5
MOST_NAMES = 200
# Room a name takes, px: each letter by its script, each line, and air around.
LATIN_PX, CJK_PX, LINE_PX, AIR_PX = 7, 13, 18, 12


def village_labels(layers: Layers, lang: Lang = "zh") -> Overlay:
    """Return the names of the villages, where there are several."""
    villages = layers["villages"]
    rows = [row for row in each_row(villages) if known(row.name)]
    labels = [
        feature(
            shapely.point_on_surface(row.geometry),
            "label",
            tag=map_name(row.name, "villages", lang),
        )
        for row in rows
    ]
    return Overlay("labels", labels if len(villages) > 1 else [])


def street_labels(layers: Layers, lang: Lang = "zh") -> list[Overlay]:
    """Return the names of main streets, and closer in those of the others."""
    streets = layers["streets"]
    named = streets[streets["name"].notna()]
    told = {name: map_name(name, "streets", lang) for name in named["name"].unique()}
    named = named.assign(name=named["name"].map(told))
    main = named["highway"].isin(style()["base"]["main_kinds"])
    placed: list[tuple[float, float, float, float]] = []
    return [
        Overlay("names_main", _names(named[main], MAIN_FROM_ZOOM, placed), (), MAIN_FROM_ZOOM),
        Overlay("names_all", _names(named[~main], ALL_FROM_ZOOM, placed), (), ALL_FROM_ZOOM),
    ]


def _names(
    streets: gpd.GeoDataFrame, zoom: float, placed: list[tuple[float, float, float, float]]
) -> list[dict[str, object]]:
    """Return a label in the middle of each street's longest piece, where no other one stands."""
    lengths = shapely.length(streets.geometry.to_numpy())
    longest = streets.assign(length=lengths).sort_values("length", ascending=False)
    pieces = longest.drop_duplicates("name")
    middles = shapely.line_interpolate_point(
        shapely.line_merge(pieces.geometry.to_numpy()), 0.5, normalized=True
    )
    side_px = SIZE_PX * 2.0**zoom
    made: list[dict[str, object]] = []
    boxes: list[tuple[float, float, float, float]] = []
    for name, point in zip(pieces["name"], middles, strict=True):
        if len(made) == MOST_NAMES or not isinstance(point, shapely.Point) or point.is_empty:
            continue
        x = (point.x + 180) / 360 * side_px
        y = (1 - np.arcsinh(np.tan(np.radians(point.y))) / np.pi) / 2 * side_px
        half = sum(CJK_PX if ord(letter) > 0x2E80 else LATIN_PX for letter in name) / 2 + AIR_PX
        box = (x / side_px, y / side_px, half / side_px, (LINE_PX / 2 + AIR_PX) / side_px)
        if _free(box, placed + boxes):
            boxes.append(box)
            made.append(feature(point, "street", tag=name))
    placed += boxes
    return made


def _free(
    box: tuple[float, float, float, float], others: list[tuple[float, float, float, float]]
) -> bool:
    """Return whether a box of middle and half sides touches none of the others."""
    if not others:
        return True
    table = np.array(others)
    apart = np.abs(table[:, :2] - box[:2]) >= table[:, 2:] + box[2:]
    return bool(apart.any(axis=1).all())
