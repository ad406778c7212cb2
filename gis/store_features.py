"""Features straight out of the store as GeoJSON text, a page at a time; no frame is made of them.

    store_boxes         which rows meet a box
    store_feature_text  rows as text
    store_known         both kept for a layer that is read often

Pages go by code: the next one begins after the last code of this one, so that it costs the same
however far it is, and a change between two pages neither repeats nor loses what was there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy import JSON, ColumnElement, Connection, cast, func, select, type_coerce

from gis import store_tables as tables
from gis.errors import NotFoundError
from gis.schema import SCHEMAS, Column, schema
from gis.store import Store
from gis.store_boxes import Box
from gis.store_engine import reading
from gis.store_feature_text import Row, feature_writer
from gis.store_known import KnownLayer, read_known, revision_of

Value = str | float | bool

# The rows of some codes: asked with every page, and so without what puts queries together.
BY_CODE: Mapping[str, str] = {
    "sqlite": "SELECT code, geometry, attributes FROM features WHERE layer = ? AND code IN "
    "(SELECT value FROM json_each(?))",
    "postgresql": "SELECT code, geometry, attributes FROM features WHERE layer = %s AND code IN "
    "(SELECT json_array_elements_text(CAST(%s AS json)))",
}
# Candidates of a box are looked at in parts of no more than this.
MOST_AT_ONCE = 10_000


@dataclass(frozen=True)
class StoredLayer:
    """One layer that the town has.

    Parameters
    ----------
    name
        Its name.
    rows
        How many it has.
    box
        (west, south, east, north), degrees; None where no row has a place.
    attribution
        Whom who shows it must name.
    """

    name: str
    rows: int
    box: Box | None
    attribution: tuple[str, ...]


@dataclass(frozen=True)
class FeatureQuery:
    """Which features of a layer.

    Parameters
    ----------
    layer
        Its name.
    boxes
        Those that touch any of these boxes (west, south, east, north), degrees; () = all.
    where
        Column of the schema to the value that it must have.
    after
        Those with a code after this one; "" = from the first.
    limit
        How many at most.
    """

    layer: str
    boxes: tuple[Box, ...] = ()
    where: Mapping[str, Value] = field(default_factory=dict)
    after: str = ""
    limit: int = 100


@dataclass(frozen=True)
class FeaturePage:
    """Features in the order of their codes.

    Parameters
    ----------
    features
        Each a GeoJSON feature as UTF-8 text: `id` is its code; `properties` has the columns of the
        schema that are known, and `made_up` where the town's data are.
    after
        Code that the next page begins after; None where there is none.
    """

    features: tuple[bytes, ...]
    after: str | None


def stored_layers(store: Store) -> tuple[int, tuple[StoredLayer, ...]]:
    """Return the revision of the town and its layers that have places, in the schema's order."""
    table, known = tables.features.c, tables.layers.c
    sides = (
        func.min(table.west),
        func.min(table.south),
        func.max(table.east),
        func.max(table.north),
    )
    with reading(store.engine) as connection:
        revision = connection.execute(select(func.max(tables.revisions.c.id))).scalar() or 0
        rows = connection.execute(select(known.layer, known.rows, known.attribution)).all()
        boxes = connection.execute(select(table.layer, *sides).group_by(table.layer)).all()
    found = {name: StoredLayer(name, count, None, tuple(credit)) for name, count, credit in rows}
    for name, *box in boxes:
        if box[0] is not None:
            one = found[name]
            found[name] = StoredLayer(
                name, one.rows, (box[0], box[1], box[2], box[3]), one.attribution
            )
    placed = (name for name in SCHEMAS if SCHEMAS[name].geometry != "table")
    return revision, tuple(found[name] for name in placed if name in found)


def read_features(
    store: Store, query: FeatureQuery, known: KnownLayer | None = None
) -> FeaturePage:
    """Return one page of features.

    Parameters
    ----------
    store
        The town's.
    query
        Which features.
    known
        From `gis.store_known`, by whoever asks often; looked for here where it is None, or the town
        has changed since.

    Raises
    ------
    NotFoundError
        If no layer has this name.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from gis.store import open_store
    >>> frame = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[Point(8, 49)] * 2, crs=4326)
    >>> with open_store("sqlite://", create=True) as store:
    ...     _ = store.import_layers({"areas": frame.assign(kind="park")}, source="an example")
    ...     page = read_features(store, FeatureQuery("areas", limit=1))
    >>> page.after, json.loads(page.features[0])["properties"]
    ('a', {'code': 'a', 'kind': 'park'})
    """
    schema(query.layer)
    with reading(store.engine) as connection:
        if known is not None and known.revision != revision_of(connection):
            known = None
        if query.boxes:
            known = known or read_known(connection, query.layer, most_bytes=0)
            return _page(_in_boxes(connection, query, known), query.limit)
        writer = feature_writer(connection, query.layer) if known is None else known.writer
        return _page(writer.texts(_in_order(connection, query)), query.limit)


def known_features(known: KnownLayer, query: FeatureQuery) -> FeaturePage | None:
    """Return one page of features without asking the store; None where it has to be asked.

    Parameters
    ----------
    known
        The layer.
    query
        Which of its features.
    """
    if known.texts is None or query.where or not query.boxes:
        return None
    rows = known.boxes.touching(query.boxes, query.after)
    shown = rows[: query.limit]
    after = known.boxes.codes[int(shown[-1])] if len(rows) > query.limit else None
    return FeaturePage(known.features(shown), after)


def read_feature(store: Store, layer: str, code: str) -> bytes:
    """Return one feature as GeoJSON text.

    Raises
    ------
    NotFoundError
        If there is no such layer, or it has no such code.
    """
    schema(layer)
    with reading(store.engine) as connection:
        rows = _by_code(connection, layer, [code])
        writer = feature_writer(connection, layer)
    if not rows:
        msg = f"the layer {layer} has no row with the code {code!r}"
        raise NotFoundError(msg)
    return writer.texts(list(rows.values()))[0][1]


def _page(found: Sequence[tuple[str, bytes]], limit: int) -> FeaturePage:
    """Return the features of a page, of which one more was looked for."""
    shown = found[:limit]
    after = shown[-1][0] if len(found) > limit else None
    return FeaturePage(tuple(text for _, text in shown), after)


def _in_boxes(
    connection: Connection, query: FeatureQuery, known: KnownLayer
) -> list[tuple[str, bytes]]:
    """Return code and text of the features in boxes, one more than asked for if there is one."""
    near = known.boxes.touching(query.boxes, query.after)
    # A point is in the box that its own box meets.
    points = schema(query.layer).geometry == "point"
    area = None if points else shapely.union_all([_area(box) for box in query.boxes])
    found: list[tuple[str, bytes]] = []
    at, size = 0, query.limit + 1
    while at < len(near) and len(found) <= query.limit:
        part = [known.boxes.codes[one] for one in near[at : at + size].tolist()]
        rows = _by_code(connection, query.layer, part, query.where)
        found += known.writer.texts([rows[code] for code in part if code in rows], area)
        at, size = at + size, min(2 * size, MOST_AT_ONCE)
    return found


def _in_order(connection: Connection, query: FeatureQuery) -> list[Row]:
    """Return the next rows in order of their codes, one more than asked for if there is one."""
    table = tables.features.c
    asked = select(table.code, table.geometry, table.attributes).where(table.layer == query.layer)
    asked = asked.where(*_filters(connection, query.layer, query.where))
    if query.after:
        asked = asked.where(table.code > query.after)
    rows = connection.execute(asked.order_by(table.code).limit(query.limit + 1))
    return [(code, geometry, attributes) for code, geometry, attributes in rows]


def _by_code(
    connection: Connection,
    layer: str,
    codes: Sequence[str],
    where: Mapping[str, Value] | None = None,
) -> dict[str, Row]:
    """Return the rows that have some codes and values, by code."""
    if where:
        table = tables.features.c
        asked = select(table.code, table.geometry, table.attributes)
        asked = asked.where(table.layer == layer, table.code.in_(codes))
        rows = connection.execute(asked.where(*_filters(connection, layer, where)))
    else:
        text = BY_CODE[connection.dialect.name]
        rows = connection.exec_driver_sql(text, (layer, json.dumps(codes)))
    return {code: (code, geometry, attributes) for code, geometry, attributes in rows}


def _filters(
    connection: Connection, layer: str, where: Mapping[str, Value]
) -> list[ColumnElement[bool]]:
    columns = schema(layer).by_name
    return [_equals(connection, columns[name], value) for name, value in where.items()]


def _area(box: Box) -> shapely.Geometry:
    """Return a box as what it is: a polygon, or a line or point where it has no width."""
    west, south, east, north = box
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(*box)


def _equals(connection: Connection, column: Column, value: Value) -> ColumnElement[bool]:
    """Return the condition that a column of the schema has a value."""
    table = tables.features.c
    if column.name == "code":
        return table.code == value
    # To SQLite it is text with functions that read it; PostgreSQL has a type for it.
    sqlite = connection.dialect.name == "sqlite"
    document: Any = type_coerce(table.attributes, JSON) if sqlite else cast(table.attributes, JSON)
    part = document[column.name]
    if column.type in ("number", "integer"):
        return part.as_float() == value  # type: ignore[no-any-return]
    if column.type == "flag":
        return part.as_boolean() == value  # type: ignore[no-any-return]
    return part.as_string() == value  # type: ignore[no-any-return]
