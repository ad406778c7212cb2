"""Answers in the store: documents and tables that it keeps without looking into them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from gis import store_tables as tables
from gis.errors import NotFoundError, ParameterError


@dataclass(frozen=True)
class StoredResult:
    """The last answer of one kind.

    Parameters
    ----------
    kind
        "coverage", "response", "patrol" ...
    revision
        Change of the town that the answer belongs to; stale if the store has a later one.
    made_at
        When it was saved, ISO 8601, UTC.
    document
        The answer as it is given out as JSON.
    tables
        Name to Parquet bytes.
    """

    kind: str
    revision: int
    made_at: str
    document: dict[str, Any] = field(repr=False)
    tables: Mapping[str, bytes] = field(repr=False)

    def summary(self) -> str:
        """Return one line: what it is, for which revision, from when."""
        return f"{self.kind} of revision {self.revision}, made at {self.made_at}"


def result_text(kind: str, document: Mapping[str, Any]) -> str:
    """Return a document as the store keeps it.

    Raises
    ------
    ParameterError
        If it holds what JSON has no word for, such as NaN: unknown is null.

    Examples
    --------
    >>> result_text("coverage", {"town": "枫桥", "share": None})
    '{"town":"枫桥","share":null}'
    """
    try:
        return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        msg = f"the document of {kind} cannot be kept as JSON: {error}"
        raise ParameterError(msg) from error


def write_result(
    connection: Connection,
    result: Mapping[str, Any],
    data: Mapping[str, bytes],
) -> None:
    """Replace the answer of one kind.

    Parameters
    ----------
    connection
        The writer's.
    result
        A row of the table `results`.
    data
        Name to bytes of its tables.

    Raises
    ------
    ParameterError
        If the store has no such revision.
    """
    kind, revision = result["kind"], result["revision"]
    known = select(tables.revisions.c.id).where(tables.revisions.c.id == revision)
    if connection.execute(known).first() is None:
        msg = f"{kind}: the store has no revision {revision}"
        raise ParameterError(msg)
    for table in (tables.result_tables, tables.results):
        connection.execute(delete(table).where(table.c.kind == kind))
    connection.execute(insert(tables.results).values(**result))
    if data:
        rows = [{"kind": kind, "name": name, "data": content} for name, content in data.items()]
        connection.execute(insert(tables.result_tables), rows)


def read_result(connection: Connection, kind: str) -> StoredResult:
    """Return the last answer of one kind.

    Raises
    ------
    NotFoundError
        If there is none yet; the message names the command that makes it.
    """
    found = connection.execute(select(tables.results).where(tables.results.c.kind == kind)).first()
    if found is None:
        msg = f"there is no result of {kind} yet: make it with `fengqiao {kind}`"
        raise NotFoundError(msg)
    query = select(tables.result_tables.c.name, tables.result_tables.c.data)
    data = connection.execute(query.where(tables.result_tables.c.kind == kind))
    return StoredResult(
        kind=kind,
        revision=found.revision,
        made_at=found.made_at,
        document=json.loads(found.document),
        tables={name: bytes(content) for name, content in data},
    )
