"""Features straight out of the store as GeoJSON text, a page at a time; no frame is made of them.

    store_feature_text  rows as text
    store_known         points kept in memory, for layers that are asked for often

Pages go by code: the next one begins after the last code of this one, so that it costs the same
however far it is, and a change between two pages neither repeats nor loses what was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)

from gis import store_tables as tables
from gis.errors import NotFoundError
from gis.schema import SCHEMAS, Column, schema
from gis.store import Store
from gis.store_boxes import Box
from gis.store_engine import reading
from gis.store_feature_text import feature_writer
from gis.store_known import KnownLayer
from gis.store_search import may_touch
from gis.store_town import read_town

Value = str | float | bool

# Below this share of a layer's own box a search by place reads less than one in order of codes.
SMALL = 0.25


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


def read_features(store: Store, query: FeatureQuery) -> FeaturePage:
    """Return one page of features.

    Raises
    ------
    NotFoundError
        If no layer has this name.

    Examples
    --------
    >>> import json
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
    area = shapely.union_all([_area(box) for box in query.boxes]) if query.boxes else None
    with reading(store.engine) as connection:
        writer = feature_writer(connection, query.layer)
        conditions = _conditions(connection, query)
        found: list[tuple[str, bytes]] = []
        after = query.after
        while True:
            rows = _rows(connection, conditions, after, query.limit + 1)
            found += writer.texts(rows, area)
            if len(rows) <= query.limit or len(found) > query.limit:
                break
            after = rows[-1][0]
    more = len(found) > query.limit
    shown = found[: query.limit]
    return FeaturePage(tuple(text for _, text in shown), shown[-1][0] if more else None)


def known_features(known: KnownLayer, query: FeatureQuery) -> FeaturePage | None:
    """Return one page of features without asking the store; None where it has to be asked.

    Parameters
    ----------
    known
        The layer.
    query
        Which of its features.
    """
    if query.where or not query.boxes:
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
    table = tables.features.c
    with reading(store.engine) as connection:
        writer = feature_writer(connection, layer)
        query = select(table.code, table.geometry, table.attributes)
        rows = connection.execute(query.where(table.layer == layer, table.code == code)).all()
    if not rows:
        msg = f"the layer {layer} has no row with the code {code!r}"
        raise NotFoundError(msg)
    return writer.texts(rows)[0][1]


def _area(box: Box) -> shapely.Geometry:
    """Return a box as what it is: a polygon, or a line or point where it has no width."""
    west, south, east, north = box
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(*box)


@dataclass(frozen=True)
class _Conditions:
    """Which rows, and whether they are looked for by place rather than in order of codes."""

    where: ColumnElement[bool]
    by_place: bool


def _conditions(connection: Connection, query: FeatureQuery) -> _Conditions:
    table = tables.features.c
    filters = [
        _equals(connection, schema(query.layer).by_name[k], v) for k, v in query.where.items()
    ]
    by_place = bool(query.boxes) and _is_small(connection, query)
    if by_place:
        touching = or_(*(may_touch(query.layer, box) for box in query.boxes))
    else:
        # The box alone, which no index of places answers: rows come in order of their codes.
        touching = or_(*(_meets(box) for box in query.boxes)) if query.boxes else and_(True)
        touching = and_(table.layer == query.layer, touching)
    return _Conditions(and_(touching, *filters), by_place)


def _meets(box: Box) -> ColumnElement[bool]:
    table = tables.features.c
    west, south, east, north = box
    return and_(table.west <= east, table.east >= west, table.south <= north, table.north >= south)


def _is_small(connection: Connection, query: FeatureQuery) -> bool:
    """Return whether boxes are small against what is known of the town's extent."""
    town = read_town(connection)
    if town.extent is None or not (whole := shapely.box(*town.extent.bounds).area):
        return all((box[2] - box[0]) * (box[3] - box[1]) < SMALL for box in query.boxes)
    return sum((box[2] - box[0]) * (box[3] - box[1]) for box in query.boxes) < SMALL * whole


def _rows(connection: Connection, asked: _Conditions, after: str, limit: int) -> Sequence[Any]:
    """Return (code, geometry, attributes) of the next rows in order of their codes."""
    table = tables.features.c
    code: ColumnElement[Any] = table.code
    if asked.by_place:
        # Not the bare column, or SQLite walks through all codes instead of the index of places.
        code = table.code.concat("")
    query = select(table.code, table.geometry, table.attributes).where(asked.where)
    if after:
        query = query.where(code > after)
    return connection.execute(query.order_by(code).limit(limit)).all()


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
