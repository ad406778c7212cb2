"""Where cameras stand: coordinates of a catalogue or a sheet, in the datum declared for them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.camera_fields import Problems
from gis.crs import check_lonlat, to_wgs84
from gis.datum import declared, unshifted
from gis.datum_declared import check_declared
from gis.datum_evidence import doubt, undeclared
from gis.layers import Layers, conform
from gis.validate_values import PLAIN_NUMBER, quoted

NO_PLACE = "has no coordinates"
NOUGHT = "has the coordinates 0, 0, which say nothing"
OUTSIDE = "lies outside the area that its coordinate system is made for"


def coordinates(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series[Any], Problems]:
    """Return the coordinates of cameras, and why those without have none.

    Parameters
    ----------
    cells
        Columns `lon` and `lat` as text, "" or missing where blank; either may be absent.

    Returns
    -------
    DataFrame
        Same index; `x` (lon or easting) and `y`, NaN where there is no place.
    Series
        Same index; why there is no place, missing where there is one.
    list
        What is no number, and what has only one of the two: (position, field, problem).

    Examples
    --------
    >>> cells = pd.DataFrame({"lon": ["120.7", "0", ""], "lat": ["30.1", "0.0", ""]})
    >>> coordinates(cells)[1].tolist()
    [nan, 'has the coordinates 0, 0, which say nothing', 'has no coordinates']
    """
    problems: Problems = []
    pair = {}
    for name in ("lon", "lat"):
        texts = cells[name].fillna("").tolist() if name in cells else [""] * len(cells)
        numbers = np.full(len(cells), np.nan)
        for at, cell in enumerate(texts):
            text = unicodedata.normalize("NFKC", str(cell)).strip()
            if PLAIN_NUMBER.fullmatch(text) and math.isfinite(float(text)):
                numbers[at] = float(text)
            elif text:
                problems.append((at, name, f"{quoted(cell)} is not a number, as in 120.7254"))
        pair[name] = numbers
    x, y = pair["lon"], pair["lat"]
    told = {at for at, _, _ in problems}
    half = np.flatnonzero(np.isnan(x) != np.isnan(y)).tolist()
    problems += [
        (at, "lon" if np.isnan(x[at]) else "lat", "is missing") for at in half if at not in told
    ]
    nought = (x == 0) & (y == 0)
    gone = np.isnan(x) | np.isnan(y) | nought
    reasons = {at: NOUGHT if nought[at] else NO_PLACE for at in np.flatnonzero(gone).tolist()}
    reasons |= {at: f"{name}: {problem}" for at, name, problem in problems}
    x[gone], y[gone] = np.nan, np.nan
    return pd.DataFrame({"x": x, "y": y}, index=cells.index), _told(reasons, cells.index), problems


def points(
    xy: pd.DataFrame, crs: str | None, *, source: str, town: Layers | None
) -> tuple[gpd.GeoSeries, tuple[str, ...]]:
    """Return places in WGS 84, and doubts about what was declared.

    Parameters
    ----------
    xy
        Columns `x`, `y`; NaN where there is no place.
    crs
        What they are, as `gis.datum.declared` takes it; None if nobody said.
    source
        File or files they came from, for the message.
    town
        What to weigh the coordinates against; None for nothing.

    Returns
    -------
    GeoSeries
        Same index, EPSG:4326, None where there is no place.
    tuple
        Warnings.

    Raises
    ------
    DatumUndeclaredError
        If there are places and `crs` is None; it holds the evidence for each datum.
    ParameterError
        If `crs` is not known.
    CrsError
        If it is not known, or the coordinates cannot be in it (`gis.datum_declared`).
    """
    there = xy["x"].notna().to_numpy()
    x, y = xy["x"].to_numpy()[there], xy["y"].to_numpy()[there]
    if crs is None and there.any():
        raise undeclared(source, x, y, town)
    said = declared(crs or "wgs84")
    check_declared(source, said, x, y, town)
    shapes = np.full(len(xy), None, dtype=object)
    shapes[there] = shapely.points(x, y)
    placed = to_wgs84(gpd.GeoSeries(shapes, index=xy.index, crs=said.crs))
    # As they are before any shift is undone: in degrees where the file has metres.
    degrees = shapely.get_coordinates(np.asarray(placed.array, dtype=object))
    warning = doubt(said.name, degrees[:, 0], degrees[:, 1], town)
    return unshifted(placed, said.shift), () if warning is None else (warning,)


def misplaced(shapes: gpd.GeoSeries, town: Layers | None) -> pd.Series[Any]:
    """Return why a point cannot be where it says, missing where it can (`gis.crs.check_lonlat`).

    Parameters
    ----------
    shapes
        Points in EPSG:4326, None where there is no place.
    town
        Its extent tells swapped coordinates; None for none.
    """
    rows = np.flatnonzero(shapes.notna().to_numpy())
    extent = None if town is None or town.extent is None else town.extent.bounds
    boxes = shapely.bounds(np.asarray(shapes.array, dtype=object)[rows])
    finite = np.isfinite(boxes).all(axis=1)
    reasons = dict.fromkeys(rows[~finite].tolist(), OUTSIDE)
    problems = check_lonlat(boxes[finite], extent)
    reasons |= {int(rows[finite][at]): problem for at, problem in problems.items()}
    return _told(reasons, shapes.index)


def together(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras of several frames in one, in the order of their index.

    Parameters
    ----------
    frames
        Of the layer `cameras`; a column `reason`, which is not the layer's, is left out.
    """
    filled = [frame.drop(columns="reason", errors="ignore") for frame in frames if len(frame)]
    if not filled:
        return conform(frames[0].drop(columns="reason", errors="ignore"), "cameras")
    return conform(pd.concat(filled).sort_index(), "cameras")


def _told(reasons: Mapping[int, str], index: pd.Index[Any]) -> pd.Series[Any]:
    """Return reasons by position as a column, missing where there is none."""
    return pd.Series([reasons.get(at) for at in range(len(index))], index=index, dtype="str")
