"""Results to plain values and Parquet tables, and back, for the store."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar, cast

import geopandas as gpd
import pandas as pd

from planner.results import Assumed, Interval, Missing

T = TypeVar("T")


def pack(result: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a result as plain values and Parquet tables.

    Fields marked `metadata={"stored": False}` are left out.
    """
    plain: dict[str, Any] = {}
    tables: dict[str, bytes] = {}
    for part in _stored(type(result)):
        value = getattr(result, part.name)
        if isinstance(value, pd.DataFrame):
            buffer = io.BytesIO()
            value.to_parquet(buffer)
            tables[part.name] = buffer.getvalue()
        else:
            plain[part.name] = _jsonable(value)
    return plain, tables


def unpack(kind: type[T], plain: Mapping[str, Any], tables: Mapping[str, bytes]) -> T:
    """Return the result that `pack` took apart.

    Parameters
    ----------
    kind
        The result's class.
    plain, tables
        What `pack` returned, also after a trip through JSON.
    """
    values: dict[str, Any] = {}
    for part in _stored(kind):
        if part.name in tables:
            values[part.name] = _read_table(tables[part.name])
        elif part.name == "assumed":
            values["assumed"] = tuple(Assumed(**a) for a in plain["assumed"])
        elif part.name == "missing":
            values["missing"] = tuple(
                Missing(m["figure"], tuple(m["layers"])) for m in plain["missing"]
            )
        else:
            values[part.name] = _revived(plain[part.name])
    return kind(**values)


def _stored(kind: type) -> list[Any]:
    return [part for part in fields(kind) if part.metadata.get("stored", True)]


def _read_table(data: bytes) -> pd.DataFrame:
    try:
        # The stubs know paths only; any file object is read.
        return gpd.read_parquet(cast("str", io.BytesIO(data)))
    except ValueError:  # a table without geometry
        return pd.read_parquet(io.BytesIO(data))


def _jsonable(value: Any) -> Any:
    if isinstance(value, (Interval, Missing, Assumed)):
        return asdict(value)
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    return value


def _revived(value: Any) -> Any:
    """Return a JSON value with its intervals and tuples made again."""
    if isinstance(value, dict):
        if set(value) == {"value", "low", "high"}:
            return Interval(**value)
        return {key: _revived(item) for key, item in value.items()}
    return tuple(_revived(item) for item in value) if isinstance(value, list) else value
