"""Villages by the share within each band, and outlines of villages, grids, beats and key areas."""

from __future__ import annotations

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import shapely

from gis.layers import Layers
from maps.overlays import Overlay, feature, place_name, thinned
from maps.panels_within import MOST_PARTS
from maps.scales import scale
from maps.units import duration, each_row, known, length, percent
from maps.within import SCOPES, Part, band_parts, basis_of, worst_first
from maps.words import Words
from planner.results_response import Response

KEY_AREAS = "area"
# What is outlined to the name of its layer.
OUTLINES = MappingProxyType(
    {"village": "villages", "grid": "grids", "beat": "beats", KEY_AREAS: "key_areas"}
)
# Village shapes are drawn once for each band: all of them together stay as small as one layer.
SHADED_VERTICES = 4000
OUTLINE_VERTICES = 8000


def shaded_bands(response: Response) -> tuple[float, ...]:
    """Return the bands for which villages are coloured; none where no share is known."""
    villages = _coded(response, "village")
    there = any(part.whole.get(basis_of(villages), 0) > 0 for part in villages)
    return tuple(response.bands_s) if there else ()


def outlined(response: Response) -> list[str]:
    """Return what there are outlines of, keys of `OUTLINES`."""
    parts = band_parts(response)
    there = [scope for scope in SCOPES if any(part.code for part in parts.get(scope, []))]
    return [*there, *([KEY_AREAS] if len(response.areas) else [])]


def _coded(response: Response, scope: str) -> list[Part]:
    return [part for part in band_parts(response).get(scope, []) if part.code]


def shaded(layers: Layers, response: Response) -> list[Overlay]:
    """Return the villages coloured by share, one layer a band, each with the shares in words."""
    shapes = _shapes(layers["villages"], SHADED_VERTICES)
    # Where the villages' names stand: the words of a share are drawn below them.
    names = layers["villages"].set_index("code").geometry
    spots = {code: shapely.point_on_surface(names[code]) for code in shapes}
    villages = [part for part in _coded(response, "village") if part.code in shapes]
    basis = basis_of(villages)
    made = []
    for at, band in enumerate(shaded_bands(response)):
        shares = [part.share(basis, at) for part in villages]
        classes = scale("seen").classes(shares).tolist()
        looks = [f"share_{number}" if number >= 0 else "share_none" for number in classes]
        codes = [part.code for part in villages]
        areas = [feature(shapes[code], look) for code, look in zip(codes, looks, strict=True)]
        words = [
            feature(spots[code], "share", tag=percent(share))
            for code, share in zip(codes, shares, strict=True)
        ]
        name = f"share_{band:g}"
        made += [Overlay(name, areas), Overlay(f"{name}_words", words, follows=name)]
    return made


def outlines(layers: Layers, response: Response, say: Words) -> list[Overlay]:
    """Return the outlines of villages, grids and beats, those of the largest parts lowest."""
    areas = layers["areas"]
    beats = areas[areas["kind"].eq("beat").fillna(False).astype(bool)]
    frames = {"village": layers["villages"], "grid": layers["grids"], "beat": beats}
    found = band_parts(response)
    basis = basis_of(found.get("town", []))
    made = []
    for scope, frame in frames.items():
        parts = [part for part in worst_first(found.get(scope, []), basis) if part.code]
        parts = parts[:MOST_PARTS]
        names = {part.code: part.name for part in parts}
        shapes = _shapes(frame[frame["code"].isin(names)], OUTLINE_VERTICES)
        features = [
            feature(shape, "area", key=f"{scope}:{code}", title=names[code])
            for code, shape in shapes.items()
        ]
        if parts:
            made.append(Overlay(OUTLINES[scope], features))
    return [*made, *_key_areas(response, say)]


def _key_areas(response: Response, say: Words) -> list[Overlay]:
    rows = response.areas
    if not len(rows):
        return []
    fields = (
        say("Class"),
        say("Must be reached within"),
        say("First street reached after"),
        say("Last street reached after"),
        say("Streets in time"),
    )
    made = []
    for row, shape in zip(each_row(rows), thinned(rows["geometry"], OUTLINE_VERTICES), strict=True):
        values = [
            say.term("area_class", row.kind),
            say("{n} min", n=row.tier_min) if known(row.tier_min) else "",
            duration(row.nearest_s, say),
            duration(row.farthest_s, say),
            f"{percent(row.share)} · {length(row.street_in_m, say)} / {length(row.street_m, say)}",
        ]
        late = known(row.met) and not row.met
        title = place_name(row, values[0])
        look = "area_late" if late else "area"
        made.append(feature(shape, look, key=f"area:{row.code}", title=title, values=values))
    return [Overlay(OUTLINES[KEY_AREAS], made, fields)]


def _shapes(frame: gpd.GeoDataFrame, most: int) -> dict[str, shapely.Geometry]:
    """Return code to the thinned shape of each part that has one."""
    rows = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    shapes = np.array(thinned(rows.geometry, most), dtype=object)
    return dict(zip(rows["code"], shapes, strict=True))
