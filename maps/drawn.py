"""The map of a page as Folium writes it: its script, and the files that it wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import folium
from folium.utilities import JsCode
from jinja2.utils import htmlsafe_json_dumps

from gis.errors import DependencyError
from maps.assets import links, localise
from maps.overlays import Overlay
from maps.tiles_grid import MAX_ZOOM, Bounds, widened

# What Folium writes of a layer without features.
EMPTY = {"features": [], "type": "FeatureCollection"}
# So many maps are kept as Folium wrote them: those of each page in each language.
KEPT = 64


@dataclass(frozen=True)
class Drawn:
    """A map without the features of its layers.

    Parameters
    ----------
    name
        Of the map's variable in its script.
    script
        What draws it.
    scripts, styles
        Addresses of the files that it wants, in order.
    """

    name: str
    script: str
    scripts: tuple[str, ...]
    styles: tuple[str, ...]


@lru_cache(maxsize=KEPT)
def drawn_map(
    bounds: Bounds,
    pictures: tuple[tuple[str, int], ...],
    overlays: tuple[str, ...],
    *,
    tiles: str,
    assets: str,
    attribution: str = "",
) -> Drawn:
    """Return a map as Folium writes it, without the features of its layers.

    Parameters
    ----------
    bounds
        West, south, east, north of what it shows, degrees.
    pictures
        (name, closest zoom) of each set of tiles; the first is the base map.
    overlays
        Names of the layers, lowest first.
    tiles, assets
        Where tiles and files are, as the page refers to them.
    attribution
        Whose data the base map is, as text.

    Examples
    --------
    >>> made = drawn_map((0, 0, 1, 1), (("base", 17),), ("gaps",), tiles="tiles", assets="assets")
    >>> made.name, made.scripts[0], "geo_json_gaps_add" in made.script
    ('map_town', 'assets/leaflet.js', True)
    """
    west, south, east, north = bounds
    drawn = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
    )
    drawn._id = "town"  # names the map's variable in the page, which is random otherwise
    for number, (name, closest) in enumerate(pictures):
        shown = _pictures(name, closest, f"{tiles}/{name}", widened(bounds), attribution)
        shown.overlay, shown.show = number > 0, number == 0
        shown.add_to(drawn)
    for name in overlays:
        _layer(name).add_to(drawn)
    localise(drawn, assets)
    figure: Any = drawn.get_root()
    figure.render()
    scripts, styles = links(figure.header)
    return Drawn(drawn.get_name(), figure.script.render(), tuple(scripts), tuple(styles))


def with_features(script: str, overlays: Sequence[Overlay]) -> str:
    """Return the script of a map with the features of its layers put in.

    Folium compiles whatever a layer writes as a template once more: names from a file would be
    executed where they hold braces, and that takes longer the larger a layer is. So features
    come in afterwards, as text.

    Parameters
    ----------
    script
        Of a map with these layers in this order.
    overlays
        The layers.

    Raises
    ------
    DependencyError
        If a layer cannot be found: a newer Folium that writes it otherwise.
    """
    written, rest = [], script
    for overlay in overlays:
        call = f"geo_json_{overlay.name}_add("
        before, found, rest = rest.partition(f"{call}{htmlsafe_json_dumps(EMPTY)});")
        if not found:
            msg = f"folium writes the layer {overlay.name} in a way that is not known"
            raise DependencyError(msg)
        written += [before, call, htmlsafe_json_dumps(EMPTY | {"features": overlay.features}), ");"]
    return "".join([*written, rest])


def _pictures(
    name: str, closest: int, place: str, reach: Bounds, attribution: str
) -> folium.TileLayer:
    """Return a set of tiles within what they reach."""
    west, south, east, north = reach
    made = folium.TileLayer(
        f"{place}/{{z}}/{{x}}/{{y}}.png",
        attr=_text(attribution) or " ",
        name=name,
        min_zoom=0,
        max_zoom=MAX_ZOOM + 1,
        max_native_zoom=closest,
        bounds=[[south, west], [north, east]],
    )
    made._id = name
    return made


def _layer(name: str) -> folium.GeoJson:
    """Return a layer without features; what it looks like is in the page's own script."""
    made = folium.GeoJson(
        dict(EMPTY),
        name=name,
        show=False,  # the page shows what its legend and its address say
        on_each_feature=JsCode(f"fengqiao.each({htmlsafe_json_dumps(name)})"),
        point_to_layer=JsCode("fengqiao.point"),
        style=JsCode("fengqiao.style"),
    )
    made._id = name
    return made


def _text(text: str) -> str:
    """Return text for a place where Leaflet takes HTML and Folium a template."""
    return escape(text).translate({ord(brace): f"&#{ord(brace)};" for brace in "{}"})
