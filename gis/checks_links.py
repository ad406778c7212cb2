"""Columns that name rows of other layers, and household totals that must add up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd

from gis.checks_faults import Found
from gis.layers import Layers
from gis.profiles import load
from gis.schema import SCHEMAS

# A fact about the town as a whole names no row of a layer.
WHOLE_TOWN = "town"


def reference_faults(layers: Layers) -> list[Found]:
    """Return every value that names a row which is not there.

    The columns are those of `[[references]]` in data/profiles/checks.toml. Where the whole layer
    that they name is absent, that is one note and not a fault of each row.
    """
    found = []
    for rule in load("checks")["references"]:
        frame = layers[rule["layer"]]
        named = frame[frame[rule["column"]].notna()]
        for target, rows in _by_target(named, rule):
            found += _unknown(layers, target, rows, rule["layer"], rule["column"])
    return found


def _unknown(
    layers: Layers, target: str, rows: gpd.GeoDataFrame, layer: str, column: str
) -> list[Found]:
    """Return the rows that name nothing in one target layer."""
    if target == WHOLE_TOWN:
        return []
    words: dict[str, Any] = {"column": column, "target": target}
    if target not in SCHEMAS:
        there = frozenset[str]()
    elif not layers.has(target):
        return [Found("reference_layer", layer, (), words={**words, "value": len(rows)})]
    else:
        there = frozenset(layers[target]["code"].astype(str))
    return [
        Found("reference", layer, (str(code),), shape, words={**words, "value": str(value)})
        for code, value, shape in zip(rows["code"], rows[column], rows.geometry, strict=True)
        if str(value) not in there
    ]


def household_faults(layers: Layers) -> list[Found]:
    """Return villages whose grids do not add up to their households, and grids without a total.

    A village is compared where it has a total and all of its grids have one; where a grid lacks
    its own, or any grid its village, only a sum that is too large already is a fault. Grids
    without a total are told where any grid has one.
    """
    villages, grids = layers["villages"], layers["grids"]
    counted = grids["households"].notna()
    if not counted.any():
        return []
    found = [
        Found("households_missing", "grids", (str(code),), shape)
        for code, shape in zip(grids["code"][~counted], grids.geometry[~counted], strict=True)
    ]
    sums = grids["households"].fillna(0).astype(int).groupby(grids["village"]).sum()
    whole = counted.groupby(grids["village"]).all() & bool(grids["village"].notna().all())
    for code, total, shape in zip(
        villages["code"], villages["households"], villages.geometry, strict=True
    ):
        if pd.isna(total) or code not in sums.index:
            continue
        got = int(sums[code])
        if got > total or (whole[code] and got != total):
            words = {"value": got, "expected": int(total)}
            found.append(Found("households_sum", "villages", (str(code),), shape, words=words))
    return found


def _by_target(
    named: gpd.GeoDataFrame, rule: dict[str, Any]
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Give the layer that rows name, with the rows."""
    if "target" in rule:
        if len(named):
            yield str(rule["target"]), named
        return
    for target, rows in named.groupby(str(rule["target_column"]), sort=True):
        yield str(target), gpd.GeoDataFrame(rows)
