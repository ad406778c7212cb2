"""Nights planned, check-ins, hours of teams and plates in the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from gis import store_tables as tables
from gis.patrol_rows import Checkin, PlannedNight, Plate, TeamNight
from gis.store import Store
from gis.store_engine import reading, writing

# From all the plates there ever were to what they become.
PlateChange = Callable[[tuple[Plate, ...]], tuple[Plate, ...]]


def save_nights(store: Store, nights: Iterable[PlannedNight]) -> None:
    """Keep plans of nights, each in place of the one before.

    Parameters
    ----------
    store
        The town's.
    nights
        The plans.
    """
    with writing(store.engine) as connection:
        for night in nights:
            text = json.dumps(night.document, ensure_ascii=False)
            values = {"night": night.night.isoformat(), "seed": night.seed, "document": text}
            _replace(connection, tables.patrol_nights, values, ("night",))


def planned_nights(store: Store, *, since: date, until: date) -> tuple[PlannedNight, ...]:
    """Return the plans of the nights from one to another, both included, in order."""
    table = tables.patrol_nights
    query = select(table).where(table.c.night.between(since.isoformat(), until.isoformat()))
    with reading(store.engine) as connection:
        return tuple(
            PlannedNight(date.fromisoformat(row.night), row.seed, json.loads(row.document))
            for row in connection.execute(query.order_by(table.c.night))
        )


def night_mark(store: Store, night: date) -> tuple[int, int] | None:
    """Return what tells a night's plan from another one, None where there is none.

    It is read without the plan: seed, and length of the document.
    """
    table = tables.patrol_nights
    query = select(table.c.seed, func.length(table.c.document))
    with reading(store.engine) as connection:
        row = connection.execute(query.where(table.c.night == night.isoformat())).first()
    return None if row is None else (int(row[0]), int(row[1]))


def save_checkins(
    store: Store, rows: Collection[Checkin], hours: Collection[TeamNight] = ()
) -> None:
    """Keep what came back of a night, and the totals of its teams, in place of what was known.

    Parameters
    ----------
    store
        The town's.
    rows
        One for each stop, planned or extra.
    hours
        One for each team that went.
    """
    with writing(store.engine) as connection:
        for row in rows:
            values = _texts(asdict(row))
            _replace(connection, tables.checkins, values, ("night", "team", "stop"))
        for one in hours:
            _replace(connection, tables.team_nights, _texts(asdict(one)), ("night", "team"))


def checkins(store: Store, *, since: date, until: date) -> tuple[Checkin, ...]:
    """Return what came back of the nights from one to another, both included."""
    return tuple(
        Checkin(
            date.fromisoformat(row.night), row.team, row.stop, row.status,
            None if row.at is None else datetime.fromisoformat(row.at),
        )
        for row in _between(store, tables.checkins, since, until)
    )  # fmt: skip


def team_nights(store: Store, *, since: date, until: date) -> tuple[TeamNight, ...]:
    """Return the totals of teams of the nights from one to another, both included."""
    return tuple(
        TeamNight(date.fromisoformat(row.night), row.team, row.headcount, row.seconds, row.length_m)
        for row in _between(store, tables.team_nights, since, until)
    )


def forget_times(store: Store, before: date) -> int:
    """Delete the times of check-ins of the nights before a day, and return how many there were."""
    table = tables.checkins
    old = (table.c.night < before.isoformat()) & table.c.at.is_not(None)
    with writing(store.engine) as connection:
        return connection.execute(update(table).where(old).values(at=None)).rowcount


def plates(store: Store) -> tuple[Plate, ...]:
    """Return all plates, those that were revoked among them, by point and serial."""
    with reading(store.engine) as connection:
        return _plates(connection)


def change_plates(store: Store, change: PlateChange) -> tuple[Plate, ...]:
    """Change the plates by a function that sees them as they are now, and return all of them.

    The function is called within the writer's transaction: nobody writes between. If it raises,
    nothing is changed.
    """
    with writing(store.engine) as connection:
        after = change(_plates(connection))
        connection.execute(delete(tables.plates))
        if after:
            connection.execute(insert(tables.plates), [_texts(asdict(plate)) for plate in after])
        return _plates(connection)


def _plates(connection: Connection) -> tuple[Plate, ...]:
    table = tables.plates
    rows = connection.execute(select(table).order_by(table.c.point, table.c.serial))
    return tuple(
        Plate(
            row.point, row.serial, datetime.fromisoformat(row.issued_at),
            None if row.revoked_at is None else datetime.fromisoformat(row.revoked_at),
        )
        for row in rows
    )  # fmt: skip


def _between(store: Store, table: Table, since: date, until: date) -> list[Any]:
    query = select(table).where(table.c.night.between(since.isoformat(), until.isoformat()))
    with reading(store.engine) as connection:
        return list(connection.execute(query.order_by(*table.primary_key.columns)))


def _replace(
    connection: Connection, table: Table, values: dict[str, Any], key: tuple[str, ...]
) -> None:
    same = [table.c[name] == values[name] for name in key]
    connection.execute(delete(table).where(*same))
    connection.execute(insert(table).values(**values))


def _texts(values: dict[str, Any]) -> dict[str, Any]:
    """Return days and moments as text; moments in UTC."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
