"""Faults of a checked town as one table: where, how serious, and what to say in two languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.layers import WGS84
from gis.profiles import load

LANGUAGES = ("zh", "en")
# How many codes a sentence names; the column holds all of them.
_NAMED = 6


@dataclass(frozen=True, eq=False)
class Found:
    """One fault as a check finds it, before it has words.

    Parameters
    ----------
    kind
        Key of `[kinds]` in data/profiles/checks.toml.
    layer
        Layer it was found in.
    codes
        Codes of all rows involved.
    geometry
        The fault itself in EPSG:4326, such as the overlap; None where it has no place.
    area_m2, width_m
        Size of the fault; None where it has none.
    give_to
        Code of the polygon that should get the piece, or None.
    words
        What else its sentences say, such as `value` (what is) and `expected` (what should be).
    """

    kind: str
    layer: str
    codes: tuple[str, ...]
    geometry: shapely.Geometry | None = None
    area_m2: float | None = None
    width_m: float | None = None
    give_to: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)


def faults_table(found: Sequence[Found]) -> gpd.GeoDataFrame:
    """Return faults as a table, the most serious first.

    Parameters
    ----------
    found
        Faults, in any order.

    Returns
    -------
    GeoDataFrame
        severity ("error", "warning", "note"), kind, layer, codes (tuple of text), value (text,
        what was found, or None), area_m2, width_m (NaN where the fault has no size), lon, lat (a
        point on the fault, degrees; NaN where it has no place), zh, en (what is wrong), mend_zh,
        mend_en (what to do), give_to (code, or None), geometry (EPSG:4326).

    Examples
    --------
    >>> one = Found("no_place", "cameras", ("c1",))
    >>> faults_table([one])[["severity", "en"]].values.tolist()
    [['warning', 'cameras c1 has no place']]
    """
    kinds = load("checks")["kinds"]
    order = list(load("checks")["severities"])
    rank = {kind: at for at, kind in enumerate(kinds)}
    ranked = sorted(
        found,
        key=lambda f: (order.index(kinds[f.kind]["severity"]), rank[f.kind], f.layer, f.codes),
    )
    shapes = np.array([f.geometry for f in ranked], dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    points = shapely.point_on_surface(shapes)
    sentences = [_sentences(f) for f in ranked]
    columns: dict[str, Any] = {
        "severity": [kinds[f.kind]["severity"] for f in ranked],
        "kind": [f.kind for f in ranked],
        "layer": [f.layer for f in ranked],
        "codes": _objects([f.codes for f in ranked]),
        "value": _objects([_text_or_none(f.words.get("value")) for f in ranked]),
        "area_m2": np.array([f.area_m2 for f in ranked], dtype=float),
        "width_m": np.array([f.width_m for f in ranked], dtype=float),
        "lon": shapely.get_x(points),
        "lat": shapely.get_y(points),
        **{
            name: [sentence[name] for sentence in sentences]
            for name in ("zh", "en", "mend_zh", "mend_en")
        },
        "give_to": _objects([f.give_to for f in ranked]),
    }
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=WGS84), crs=WGS84)


def limits() -> Mapping[str, float]:
    """Return the limits below which nothing is a fault (data/profiles/checks.toml)."""
    table: Mapping[str, float] = load("checks")["limits"]
    return table


def _sentences(fault: Found) -> dict[str, str]:
    kind = load("checks")["kinds"][fault.kind]
    texts = {}
    for language in LANGUAGES:
        words = {
            **{name: _shown(value) for name, value in fault.words.items()},
            "layer": _word("layers", fault.layer, language),
            "codes": _listed(fault.codes, language),
            "area": _shown(fault.area_m2),
            "width": _shown(fault.width_m),
            "give_to": fault.give_to or "?",
            "cover": _word("covers", fault.layer, language),
        }
        if "target" in fault.words:
            words["target"] = _word("layers", str(fault.words["target"]), language)
        texts[language] = kind[language].format(**words)
        texts[f"mend_{language}"] = kind[f"mend_{language}"].format(**words)
    return texts


def _word(table: str, layer: str, language: str) -> str:
    words = load("checks")[table].get(layer, {})
    return str(words.get(language, layer))


def _listed(codes: tuple[str, ...], language: str) -> str:
    comma = "、" if language == "zh" else ", "
    text = comma.join(codes[:_NAMED])
    more = len(codes) - _NAMED
    if more <= 0:
        return text
    return f"{text} 等 {len(codes)} 个" if language == "zh" else f"{text} and {more} more"


def _shown(value: Any) -> Any:
    """Return a number as a person writes it: whole if large, else with two digits."""
    if not isinstance(value, float):
        return value
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.2g}"


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(_shown(value))


def _objects(values: list[Any]) -> pd.Series[Any]:
    """Return values as they are, tuples and None too: a column of text would make None NaN."""
    return pd.Series(values, dtype=object)
