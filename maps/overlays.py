"""Layers of a map: features with what a click shows, and the Folium layers they become.

A feature's `look` names its style in the page; `key` is what lists and the address call it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import folium
import numpy as np
import shapely
from folium.utilities import JsCode

from gis.layers import Layers
from maps.style import style
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
CROWDED = 250
CLOSE_ZOOM = 15


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
    shown
        Whether it is shown at first.
    """

    name: str
    features: list[Feature] = field(repr=False)
    fields: tuple[str, ...] = ()
    from_zoom: float = 0
    shown: bool = True

    @property
    def layer(self) -> folium.GeoJson:
        """The Folium layer."""
        made = folium.GeoJson(
            {"type": "FeatureCollection", "features": self.features},
            name=self.name,
            show=self.shown and not self.from_zoom,
            on_each_feature=JsCode(f"fengqiao.each({json.dumps(self.name)})"),
            point_to_layer=JsCode("fengqiao.point"),
            style=JsCode("fengqiao.style"),
        )
        made._id = self.name  # names the layer's variable in the page, which is random otherwise
        return made


def feature(geometry: shapely.Geometry, look: str, **properties: Any) -> Feature:
    """Return a feature; properties that are None are left out."""
    kept = {name: value for name, value in properties.items() if value is not None}
    shape = shapely.transform(geometry, lambda xy: np.round(xy, DIGITS))
    return {
        "type": "Feature",
        "properties": {"look": look, **kept},
        "geometry": json.loads(shapely.to_geojson(shape)),
    }


def thinned(geometry: Sequence[shapely.Geometry], most: int = MOST_VERTICES) -> list[Any]:
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


def village_labels(layers: Layers) -> Overlay:
    """Return the names of the villages, where there are several."""
    villages = layers["villages"]
    rows = [row for row in villages.itertuples(index=False) if known(row.name)]
    labels = [
        feature(shapely.point_on_surface(row.geometry), "label", tag=row.name) for row in rows
    ]
    return Overlay("labels", labels if len(villages) > 1 else [])


def paths() -> dict[str, dict[str, Any]]:
    """Return the style of each look that is a line or an area, as Leaflet names its options."""
    table, status = style(), style()["status"]
    rings, accent = table["rings"], table["tokens"]["light"]["accent"]
    looks: dict[str, dict[str, Any]] = {
        "gap": {"color": status["not_met"], "weight": 1.5, "fillOpacity": 0.08},
        "gap_worst": {"color": status["not_met"], "weight": 4, "fillOpacity": 0.20},
        "view": {"color": accent, "weight": 1, "fillOpacity": 0.18},
        "view_doubt": {"color": accent, "weight": 1.5, "dashArray": "4 5", "fillOpacity": 0.05},
        "beyond": {
            "stroke": False,
            "fillColor": rings["beyond"],
            "fillOpacity": rings["beyond_opacity"],
        },
        "casing": {"color": "#ffffff", "weight": 8, "opacity": 1, "fill": False},
    }
    for number, fill in enumerate(rings["fills"]):
        looks[f"band_{number}"] = {
            "stroke": False,
            "fillColor": fill,
            "fillOpacity": rings["opacities"][number],
        }
        looks[f"line_{number}"] = {
            "color": rings["line"],
            "weight": 2.5,
            "dashArray": rings["dashes"][number] or None,
            "lineCap": "round" if number == len(rings["fills"]) - 1 else "butt",
            "fill": False,
        }
    for number, colour in enumerate(table["teams"]["colours"]):
        looks[f"team_{number}"] = {"color": colour, "weight": 4, "opacity": 1, "fill": False}
    return looks


def say_kind(say: Words, vocabulary: str, row: Any) -> str:
    """Return the word for the kind of a place, with a capital where the language has one."""
    word = say.term(vocabulary, row.kind)
    return word[:1].upper() + word[1:]
