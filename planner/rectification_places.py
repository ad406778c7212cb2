"""What the rectification list tells of a place: its name, its point, and who is responsible."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gis.layers import Layers
from gis.schema import SCHEMAS


def described(found: pd.DataFrame, layers: Layers, villages: pd.DataFrame) -> pd.DataFrame:
    """Return faults with name, responsible unit and point of their places.

    The responsible unit is the place's own (`unit`), else the station of its village, else the
    town.

    Parameters
    ----------
    found
        Columns layer, code, name (NaN where the layer shall tell it), village (code or NaN), unit
        (name or code of the police unit of the place, or NaN).
    layers
        The town; where a place is in none of its layers, only the unit is known.
    villages
        code and station (code, name or NaN) of the villages.

    Returns
    -------
    DataFrame
        Same index and columns, and lon and lat (degrees).
    """
    stations = dict(zip(villages["code"], villages["station"], strict=True))
    names = _names(layers)
    # Columns without a single text are no texts.
    told = found.astype(dict.fromkeys(("name", "village", "unit"), "str"))
    unit = told["unit"].fillna(told["village"].map(stations).astype("str"))
    told["unit"] = [names.get(code, code) for code in unit.fillna(layers.town)]
    parts = [_placed(rows, str(layer), layers) for layer, rows in told.groupby("layer")]
    return pd.concat(parts).loc[found.index] if parts else told.assign(lon=0.0, lat=0.0)


def _names(layers: Layers) -> Mapping[object, str]:
    """Return the name of each station by its code."""
    named = layers["stations"].dropna(subset=["name"])
    return dict(zip(named["code"], named["name"], strict=True))


def _placed(rows: pd.DataFrame, layer: str, layers: Layers) -> pd.DataFrame:
    """Return the rows of one layer with name and point."""
    if layer not in SCHEMAS:  # the town as a whole
        return rows.assign(name=rows["name"].fillna(layers.town), lon=np.nan, lat=np.nan)
    frame = layers[layer].drop_duplicates("code").set_index("code")
    places = frame.reindex(rows["code"].tolist())
    points = shapely.point_on_surface(places.geometry.to_numpy())
    names = places["name"].to_numpy() if "name" in places else None
    return rows.assign(
        name=rows["name"].fillna(pd.Series(names, rows.index, dtype="str")),
        lon=shapely.get_x(points),
        lat=shapely.get_y(points),
    )
