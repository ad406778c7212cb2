"""Writing layers into the tables, within the transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, cast

import shapely
from sqlalchemy import Connection, delete, func, insert, select, update

from gis import store_tables as tables
from gis.errors import Fault, LayerFaultsError
from gis.merge_changes import Changes
from gis.store_rows import LayerRows, merge_extra
from gis.store_town import Extent, each_once, extent_value, read_town, write_values

Mode = Literal["replace", "append", "merge"]

# Rows handed over at once: enough to be quick, few enough to stay small in memory.
BATCH = 10_000


def now() -> str:
    """Return the time as the store writes it: ISO 8601, UTC, seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def add_revision(connection: Connection, action: str, detail: Mapping[str, Any]) -> int:
    """Write down that the town changes, and return the number of the change.

    Parameters
    ----------
    connection
        The writer's.
    action
        What was done, in a word or two.
    detail
        What JSON can say about it.
    """
    row = {"made_at": now(), "action": action, "detail": dict(detail)}
    done = connection.execute(insert(tables.revisions).values(**row))
    key = done.inserted_primary_key
    assert key is not None
    return int(key[0])


def write_layers(
    connection: Connection,
    rows: Mapping[str, LayerRows],
    *,
    source: str,
    mode: Mode,
    extent: Extent | None,
    attribution: tuple[str, ...],
    action: str,
    changes: Mapping[str, Changes] | None = None,
) -> int:
    """Write layers and return the new revision; see `gis.store.Store.import_layers`.

    With the mode "merge" `rows` are all rows that the layers have afterwards, and `changes` say
    how they came about, for the history.

    Raises
    ------
    LayerFaultsError
        If rows to append have codes that the store has already.
    """
    detail: dict[str, Any] = {
        "source": source,
        "mode": mode,
        "layers": {layer: len(these) for layer, these in rows.items()},
    }
    if changes is not None:
        detail["changes"] = {layer: change.counts() for layer, change in changes.items()}
    revision = add_revision(connection, action, detail)
    for layer, these in rows.items():
        about = {
            "layer": layer,
            "revision": revision,
            "source": source,
            "imported_at": now(),
            "rows": len(these),
            "extra_columns": these.extra,
            "attribution": attribution,
        }
        if mode == "replace":
            _replace(connection, about, these)
        elif mode == "append":
            _append(connection, about, these)
        else:
            _merge(connection, about, these)
    if extent is not None:
        before = None if mode == "replace" else read_town(connection).extent
        whole = extent if before is None else cast("Extent", shapely.union(before, extent))
        write_values(connection, {"extent": extent_value(whole)})
    return revision


def _replace(connection: Connection, about: Mapping[str, Any], rows: LayerRows) -> None:
    for table in (tables.features, tables.layers):
        connection.execute(delete(table).where(table.c.layer == about["layer"]))
    connection.execute(insert(tables.layers).values(**about))
    _insert_features(connection, about["layer"], rows, first=0)


def _merge(connection: Connection, about: Mapping[str, Any], rows: LayerRows) -> None:
    known = select(tables.layers.c.attribution).where(tables.layers.c.layer == about["layer"])
    before = connection.execute(known).scalar() or ()
    both = each_once(before, about["attribution"])
    _replace(connection, {**about, "attribution": both}, rows)


def _append(connection: Connection, about: Mapping[str, Any], rows: LayerRows) -> None:
    layer = about["layer"]
    before = connection.execute(select(tables.layers).where(tables.layers.c.layer == layer)).first()
    if before is None:
        _replace(connection, about, rows)
        return
    of_layer = tables.features.c.layer == layer
    codes = connection.execute(select(tables.features.c.code).where(of_layer)).scalars()
    twice = set(codes) & set(rows.code)
    if twice:
        faults = [
            Fault(code, "code", "is in the store already") for code in rows.code if code in twice
        ]
        raise LayerFaultsError(layer, faults, about["source"])
    both = {
        **about,
        "rows": before.rows + len(rows),
        "extra_columns": merge_extra(before.extra_columns, rows.extra),
        "attribution": each_once(before.attribution, about["attribution"]),
    }
    connection.execute(update(tables.layers).where(tables.layers.c.layer == layer).values(**both))
    last = connection.execute(select(func.max(tables.features.c.position)).where(of_layer)).scalar()
    _insert_features(connection, layer, rows, first=0 if last is None else last + 1)


def _insert_features(connection: Connection, layer: str, rows: LayerRows, first: int) -> None:
    statement = insert(tables.features)
    for batch in _batches(layer, rows, first):
        connection.execute(statement, batch)


def _batches(layer: str, rows: LayerRows, first: int) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of the table `features`."""
    columns = (rows.code, rows.cell, rows.box, rows.geometry, rows.attributes)
    for start in range(0, len(rows), BATCH):
        part = zip(*(column[start : start + BATCH] for column in columns), strict=True)
        yield [
            {
                "layer": layer,
                "code": code,
                "position": position,
                "cell": cell,
                "west": box[0],
                "south": box[1],
                "east": box[2],
                "north": box[3],
                "geometry": geometry,
                "attributes": attributes,
            }
            for position, (code, cell, box, geometry, attributes) in enumerate(part, first + start)
        ]
