"""Codes of villages, grids and cameras against the patterns that towns use.

The patterns are profiles in data/profiles/codes.toml. A town from OpenStreetMap, whose codes are
such as way/123, fits none of them and has no rule.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from gis.checks_faults import Found, limits
from gis.errors import ParameterError
from gis.layers import Layers
from gis.profiles import load

AUTO, NONE = "auto", "none"


@dataclass(frozen=True)
class CodeRules:
    """The patterns that a town's codes are held to.

    Parameters
    ----------
    profile
        Name of the profile, or "none".
    layers
        Layer to its pattern, as data/profiles/codes.toml has it; a layer without a rule is absent.
    fitting
        Layer to the share of its codes that fit the profile's pattern.
    """

    profile: str
    layers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fitting: Mapping[str, float] = field(default_factory=dict)


def choose_rules(layers: Layers, codes: str = AUTO) -> CodeRules:
    """Return the patterns for a town.

    Parameters
    ----------
    layers
        The town.
    codes
        Name of a profile, which then holds for all its layers; "none"; or "auto": the first of
        the profiles that most codes of villages and grids fit, for those layers of which at
        least half of the codes fit it.

    Raises
    ------
    ParameterError
        If there is no such profile; the message lists those there are.

    Examples
    --------
    >>> from gis.layers import conform
    >>> villages = conform(pd.DataFrame({"code": ["330602017001", "330602017002"]}), "villages")
    >>> choose_rules(Layers("town", {"villages": villages})).profile
    'division'
    """
    profiles = load("codes")
    if codes == NONE:
        return CodeRules(NONE)
    if codes != AUTO and codes not in profiles:
        msg = f"no code profile {codes!r}; there are: {', '.join([AUTO, NONE, *profiles])}"
        raise ParameterError(msg)
    fitting = {name: _fitting(layers, name) for name in profiles}
    chosen = codes
    if codes == AUTO:
        chosen = max(
            fitting,
            key=lambda name: sum(fitting[name].get(layer, 0) for layer in ("villages", "grids")),
        )
    least = limits()["code_share"] if codes == AUTO else 0.0
    held = {
        layer: profiles[chosen][layer] for layer, share in fitting[chosen].items() if share >= least
    }
    return CodeRules(chosen if held else NONE, held, fitting[chosen])


def code_faults(layers: Layers, rules: CodeRules) -> list[Found]:
    """Return every code of a town that breaks its pattern, and codes that are used twice.

    Length, characters, the part shared by the town, the part that is the row's village, and the
    running order of the numbers inside a village (`gis.checks_faults.Found`, kinds code_*). Codes
    that differ only in case, width or spaces are taken as the same code; that is looked for in
    villages and grids also where there is no rule.
    """
    found = []
    for layer in ("villages", "grids"):
        found += _duplicates(layers[layer].reset_index(drop=True), layer)
    for layer, pattern in rules.layers.items():
        frame = layers[layer].reset_index(drop=True)
        codes = frame["code"].astype(str)
        fits = _fits(codes, pattern)
        found += _wrong_form(frame, layer, pattern)
        if "town" in pattern:
            found += _wrong_town(frame[fits], layer, pattern)
        if "village" in pattern:
            found += _wrong_village(frame[fits], layer, pattern)
        if "order" in pattern:
            found += _wrong_order(frame[fits], layer, pattern)
    return found


def _fitting(layers: Layers, profile: str) -> dict[str, float]:
    """Return the share of codes of each layer that fit a profile; layers without rows are left."""
    patterns = {name: p for name, p in load("codes")[profile].items() if isinstance(p, dict)}
    return {
        layer: float(_fits(layers[layer]["code"].astype(str), pattern).mean())
        for layer, pattern in patterns.items()
        if layers.has(layer)
    }


def _fits(codes: pd.Series[str], pattern: Mapping[str, Any]) -> pd.Series[bool]:
    long_enough: pd.Series[bool] = codes.str.len() == pattern["length"]
    return long_enough & _characters_fit(codes, pattern)


def _characters_fit(codes: pd.Series[str], pattern: Mapping[str, Any]) -> pd.Series[bool]:
    # str.isdigit would take full-width and superscript digits.
    form = "[0-9]*" if pattern["characters"] == "digits" else ".*"
    fits: pd.Series[bool] = codes.str.fullmatch(form).astype(bool)
    return fits


def _wrong_form(frame: gpd.GeoDataFrame, layer: str, pattern: Mapping[str, Any]) -> list[Found]:
    codes = frame["code"].astype(str)
    plain = _characters_fit(codes, pattern)
    found = [
        Found("code_characters", layer, (code,), shape)
        for code, shape in zip(codes[~plain], frame.geometry[~plain], strict=True)
    ]
    wrong = codes.str.len() != pattern["length"]
    return found + [
        Found(
            "code_length",
            layer,
            (code,),
            shape,
            words={"value": len(code), "expected": pattern["length"]},
        )
        for code, shape in zip(codes[wrong], frame.geometry[wrong], strict=True)
    ]


def _wrong_town(frame: gpd.GeoDataFrame, layer: str, pattern: Mapping[str, Any]) -> list[Found]:
    """Return rows whose part for the town is not that of most rows."""
    if len(frame) < 2:
        return []
    codes = frame["code"].astype(str)
    part = codes.str.slice(*pattern["town"])
    town = part.mode().iloc[0]
    other = part != town
    return [
        Found("code_town", layer, (code,), shape, words={"value": value, "expected": town})
        for code, value, shape in zip(codes[other], part[other], frame.geometry[other], strict=True)
    ]


def _wrong_village(frame: gpd.GeoDataFrame, layer: str, pattern: Mapping[str, Any]) -> list[Found]:
    """Return rows whose code begins with another village than the row names."""
    codes, village = frame["code"].astype(str), frame["village"]
    part = codes.str.slice(*pattern["village"])
    # A village of another pattern cannot be in the code.
    other = (village.str.len() == pattern["village_length"]) & (part != village)
    return [
        Found("code_village", layer, (code,), shape, words={"value": value, "expected": named})
        for code, value, named, shape in zip(
            codes[other], part[other], village[other], frame.geometry[other], strict=True
        )
    ]


def _wrong_order(frame: gpd.GeoDataFrame, layer: str, pattern: Mapping[str, Any]) -> list[Found]:
    """Return villages whose serials jump back north-west more often than the odd border explains.

    From one serial to the next the next grid must lie to the east or to the south.
    """
    there = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    codes = there["code"].astype(str)
    table = pd.DataFrame(
        {
            "village": codes.str.slice(*pattern["village"]),
            "serial": codes.str.slice(*pattern["serial"]),
            "lon": shapely.get_x(shapely.centroid(there.geometry.to_numpy())),
            "lat": shapely.get_y(shapely.centroid(there.geometry.to_numpy())),
            "shape": there.geometry.to_numpy(),
        }
    ).sort_values(["village", "serial"])
    found = []
    for village, rows in table.groupby("village", sort=True):
        back = (rows["lon"].diff() < 0) & (rows["lat"].diff() > 0)
        steps, wrong = len(rows) - 1, int(back.sum())
        if steps >= limits()["order_steps"] and wrong > limits()["order_share"] * steps:
            place = rows["shape"].to_numpy()[back.to_numpy().argmax()]
            words = {"value": wrong, "expected": steps}
            found.append(Found("code_order", layer, (str(village),), place, words=words))
    return found


def _duplicates(frame: gpd.GeoDataFrame, layer: str) -> list[Found]:
    codes = frame["code"].astype(str)
    plain = codes.map(_plain)
    twice = plain.duplicated(keep=False)
    found = []
    for _, rows in codes[twice].groupby(plain[twice], sort=True):
        shapes = frame.geometry.to_numpy()[rows.index]
        there = shapes[~shapely.is_missing(shapes)]
        shape = shapely.geometrycollections(there) if len(there) else None
        found.append(Found("code_duplicate", layer, tuple(rows), shape))
    return found


def _plain(code: str) -> str:
    return "".join(unicodedata.normalize("NFKC", code).split()).casefold()
