"""The mark of made-up data on every row that leaves the program, known again when it comes in."""

from __future__ import annotations

import geopandas as gpd

COLUMN = "made_up"
MARK = "示例数据 made-up data"


def marked(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer with the mark in each row.

    Parameters
    ----------
    frame
        Rows of any layer.

    Returns
    -------
    GeoDataFrame
        Same index, with the column `made_up` in front of the geometry.

    Examples
    --------
    >>> from gis.layers import empty_layer
    >>> list(marked(empty_layer("areas")).columns)
    ['code', 'name', 'kind', 'made_up', 'geometry']
    """
    columns = [name for name in frame.columns if name not in (COLUMN, "geometry")]
    return frame.assign(**{COLUMN: MARK})[[*columns, COLUMN, "geometry"]]


def unmarked(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, bool]:
    """Return a layer without the mark, and whether any row carried it.

    Parameters
    ----------
    frame
        Rows of any layer, as read from a file.

    Examples
    --------
    >>> from gis.layers import empty_layer
    >>> unmarked(empty_layer("areas"))[1]
    False
    """
    if COLUMN not in frame:
        return frame, False
    made_up = frame[COLUMN].astype("str").str.strip() == MARK
    return frame.drop(columns=COLUMN), bool(made_up.any())
