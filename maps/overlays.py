"""Layers of a map: features with what a click shows.

A feature's `look` names its style in the page; `key` is what lists and the address call it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from maps.style import style, team_line, team_look
from maps.units import known
from maps.words import Words

Feature = dict[str, Any]

# No layer draws more than this: beyond it a browser stutters. The worst come first, and the page
# says how many there are.
MOST_FEATURES = 3000
# A shape's vertices are thinned until the layer has no more than this.
MOST_VERTICES = 30_000
# Degrees: six digits are 0.1 m, and shapes are thinned from about 1 m on.
DIGITS = 6
FIRST_THINNING = 1e-5
# Points that stand closer than this many pixels cannot be told apart.
CROWDED = 60
CLOSE_ZOOM = 16


@dataclass(frozen=True)
class Overlay:
    """One layer of a page.

    Parameters
    ----------
    name
        Name in the page and in its address.
    features
        GeoJSON features, drawn in order.
    fields
        Labels of each feature's `values`, in the page's language.
    from_zoom
        Zoom from which on it is shown.
    follows
        Name of the layer whose switch is also its own, "" for none.
    """

    name: str
    features: list[Feature] = field(repr=False)
    fields: tuple[str, ...] = ()
    from_zoom: float = 0
    follows: str = ""


def feature(geometry: shapely.Geometry, look: str, **properties: Any) -> Feature:
    """Return a feature; properties that are None are left out."""
    kept = {name: value for name, value in properties.items() if value is not None}
    shape = shapely.transform(geometry, lambda xy: np.round(xy, DIGITS))
    return {
        "type": "Feature",
        "properties": {"look": look, **kept},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def thinned(geometry: Iterable[Any], most: int = MOST_VERTICES) -> list[Any]:
    """Return shapes with fewer vertices, thinned alike until all have no more than `most`.

    Parameters
    ----------
    geometry
        (n,) shapes in EPSG:4326.
    most
        How many vertices all may have together.

    Examples
    --------
    >>> circle = shapely.Point(0, 0).buffer(1, quad_segs=500)
    >>> int(shapely.get_num_coordinates(thinned([circle], 300)[0])) <= 300
    True
    """
    shapes = np.array(list(geometry), dtype=object)
    tolerance = FIRST_THINNING
    thin = shapely.simplify(shapes, tolerance)
    while shapely.get_num_coordinates(thin).sum() > most and tolerance < 1:
        tolerance *= 2
        thin = shapely.simplify(shapes, tolerance, preserve_topology=tolerance < FIRST_THINNING * 8)
    return list(thin)


def place_name(row: Any, word: str = "") -> str:
    """Return the name of a place, else the word for its kind, else its code."""
    return row.name if known(row.name) and row.name else (word or str(row.code))


def closer(count: int) -> float:
    """Return the zoom from which on so many points can be told apart."""
    return CLOSE_ZOOM if count > CROWDED else 0


def without_holes(shape: shapely.Geometry, smallest_deg2: float = np.inf) -> shapely.Geometry:
    """Return a polygon without its holes smaller than an area, so that its outline can be read.

    Parameters
    ----------
    shape
        Polygon or MultiPolygon.
    smallest_deg2
        Area from which on a hole stays, square degrees.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2)
    >>> without_holes(ring).area, without_holes(ring, 0.5).area
    (9.0, 8.0)
    """
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all(
        [
            shapely.Polygon(
                part.exterior,
                [r for r in part.interiors if shapely.Polygon(r).area >= smallest_deg2],
            )
            for part in parts
        ]
    )


def paths() -> dict[str, dict[str, Any]]:
    """Return the style of each look that is a line or an area, as Leaflet names its options."""
    table, status = style(), style()["status"]
    rings, accent = table["rings"], table["tokens"]["light"]["accent"]
    looks: dict[str, dict[str, Any]] = {
        # Gaps behind the worst are there to be clicked; the cells show where they are.
        "gap": {"stroke": False, "fillOpacity": 0},
        "gap_worst": {"color": status["not_met"], "weight": 3, "fillOpacity": 0.12},
        "view": {"color": accent, "weight": 1, "fillOpacity": 0.18},
        "view_doubt": {"color": accent, "weight": 1.5, "dashArray": "4 5", "fillOpacity": 0.05},
        "view_repair": {
            "color": status["cannot_tell"],
            "weight": 1.5,
            "dashArray": "1 4",
            "fillOpacity": 0.08,
        },
        "beyond": {
            "stroke": False,
            "fillColor": rings["beyond"],
            "fillOpacity": rings["beyond_opacity"],
            "interactive": False,
        },
        "area_late": {"color": status["not_met"], "weight": 2.5, "fillOpacity": 0.06},
        "share_none": {
            "color": table["base"]["border"],
            "weight": 1,
            "dashArray": "3 4",
            "fill": False,
            "interactive": False,
        },
        "area": {"color": table["base"]["border"], "weight": 1, "fillOpacity": 0},
        "closed": {"color": status["not_met"], "weight": 5, "dashArray": "2 7", "fill": False},
        "closing": {"color": accent, "weight": 7, "opacity": 0.8, "fill": False},
        "reach": {"color": table["cordon"]["reach"], "weight": 3, "opacity": 0.35, "fill": False},
        "ring": {
            "color": table["cordon"]["ring"],
            "weight": 2.5,
            "dashArray": "10 7",
            "fill": False,
            "interactive": False,
        },
        "casing": {"color": "#ffffff", "weight": 8, "opacity": 1, "fill": False},
    }
    for number, fill in enumerate(rings["fills"]):
        looks[f"band_{number}"] = {
            "stroke": False,
            "fillColor": fill,
            "fillOpacity": rings["opacities"][number],
            "interactive": False,
        }
        looks[f"line_{number}"] = {
            "color": rings["line"],
            "weight": 2.5,
            "dashArray": rings["dashes"][number] or None,
            "lineCap": "round" if number == len(rings["fills"]) - 1 else "butt",
            "fill": False,
            "interactive": False,
            "far": rings["far"][number],
        }
    shares = zip(table["seen"]["colours"], table["seen"]["opacities"], strict=True)
    for number, (colour, opacity) in enumerate(shares):
        looks[f"share_{number}"] = {
            "color": table["base"]["border"],
            "weight": 1.5,
            "fillColor": colour,
            "fillOpacity": opacity,
            "interactive": False,
        }
    missed = zip(table["missed"]["colours"], table["missed"]["opacities"], strict=True)
    for number, (colour, opacity) in enumerate(missed):
        looks[f"missed_{number}"] = {
            "color": table["base"]["border"],
            "weight": 1.5,
            "fillColor": colour,
            "fillOpacity": opacity,
        }
    for position in range(len(table["teams"]["colours"]) * len(table["teams"]["dashes"])):
        colour, weight, dash = team_line(position)
        looks[team_look(position)] = {
            "color": colour,
            "weight": weight,
            "opacity": 1,
            "dashArray": dash or None,
            "lineCap": "butt",
            "fill": False,
        }
    # A leg is there to be clicked; the whole route shows where it is.
    looks["leg"] = {"weight": 12, "opacity": 0, "fill": False}
    return looks


def say_kind(say: Words, vocabulary: str, row: Any) -> str:
    """Return the word for the kind of a place, with a capital where the language has one."""
    word = say.term(vocabulary, row.kind)
    return word[:1].upper() + word[1:]
