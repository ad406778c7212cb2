"""Layers read out of the tables, within the transaction of the caller."""

from __future__ import annotations

import geopandas as gpd
from sqlalchemy import ColumnElement, Connection, select

from gis import store_tables as tables
from gis.layers import empty_layer
from gis.store_rows import decode


def read_frame(
    connection: Connection, layer: str, condition: ColumnElement[bool] | None = None
) -> gpd.GeoDataFrame:
    """Return the rows of a layer that meet a condition, in the order of their import.

    Parameters
    ----------
    connection
        A reader's or the writer's.
    layer
        Name of the layer; one that the town has not got is without rows.
    condition
        On the table `features`, the layer included; None for every row of the layer.
    """
    known = select(tables.layers.c.extra_columns).where(tables.layers.c.layer == layer)
    extra = connection.execute(known).scalar()
    if extra is None:
        return empty_layer(layer)
    table = tables.features.c
    query = select(table.position, table.code, table.geometry, table.attributes)
    rows = connection.execute(query.where(table.layer == layer if condition is None else condition))
    # Sorted here: the database would carry the geometries along.
    found = sorted(rows.all(), key=lambda row: row[0])
    _, code, geometry, attributes = zip(*found, strict=True) if found else ((), (), (), ())
    return decode(layer, extra, code, geometry, attributes)
