"""Duty states, the roster and closures in the store.

They are no change of the town: the revision stays. Every function is one transaction; of two
who write at once, one waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from gis import store_tables as tables
from gis.duty_rows import Closure, HandSet, RosterRow
from gis.errors import ConflictError, NotFoundError
from gis.store import Store
from gis.store_engine import reading, writing


def hand_set(store: Store) -> tuple[HandSet, ...]:
    """Return what was set by hand, by unit; also what has run out by now."""
    query = select(tables.duty).order_by(tables.duty.c.unit)
    with reading(store.engine) as connection:
        return tuple(_hand_set(row) for row in connection.execute(query))


def set_by_hand(store: Store, row: HandSet, *, seen: int | None = None) -> HandSet:
    """Keep what is set by hand about a unit in place of what was, and return it as kept.

    Parameters
    ----------
    store
        The town's.
    row
        What is set.
    seen
        Version that the writer has looked at (0 = none was set); None where that does not matter.

    Raises
    ------
    ConflictError
        If somebody else has set the unit since.
    StoreError
        If another program is writing for too long.
    """
    of_unit = tables.duty.c.unit == row.unit
    with writing(store.engine) as connection:
        now = connection.execute(select(tables.duty.c.id).where(of_unit)).scalar() or 0
        if seen is not None and now != seen:
            msg = f"{row.unit} was set by somebody else meanwhile: look again, then set it"
            raise ConflictError(msg)
        connection.execute(delete(tables.duty).where(of_unit))
        values = asdict(row) | {"since": _text(row.since), "until": _text(row.until)}
        values.pop("version")
        key = connection.execute(insert(tables.duty).values(**values)).inserted_primary_key
        assert key is not None
        return replace(row, version=int(key[0]))


def clear_by_hand(store: Store, unit: str | None = None) -> int:
    """Forget what was set by hand about one unit, or all, and return how many that were."""
    query = delete(tables.duty)
    with writing(store.engine) as connection:
        done = connection.execute(
            query if unit is None else query.where(tables.duty.c.unit == unit)
        )
        return int(done.rowcount)


def roster(store: Store, day: date | None = None) -> tuple[RosterRow, ...]:
    """Return the rows of the roster that was imported last, in their order.

    Parameters
    ----------
    store
        The town's.
    day
        Only rows that tell about this day: those with weekdays, those of this day and the one
        before, and the first and last day of each unit. None = all.
    """
    column = tables.roster.c
    query = select(tables.roster).order_by(column.position)
    if day is not None:
        ends = (
            select(column.unit, func.min(column.day).label("a"), func.max(column.day).label("z"))
            .group_by(column.unit)
            .subquery()
        )
        near = [(day - timedelta(days=back)).isoformat() for back in (0, 1)]
        of_day = column.day.is_(None) | column.day.in_([*near, ends.c.a, ends.c.z])
        query = query.join(ends, ends.c.unit == column.unit).where(of_day)
    with reading(store.engine) as connection:
        return tuple(_roster_row(row) for row in connection.execute(query))


def replace_roster(store: Store, rows: Sequence[RosterRow]) -> None:
    """Keep a roster in place of the last one, all of it or nothing."""
    values = [
        {
            **asdict(row),
            "position": position,
            "day": None if row.day is None else row.day.isoformat(),
            "weekdays": list(row.weekdays),
        }
        for position, row in enumerate(rows)
    ]
    with writing(store.engine) as connection:
        connection.execute(delete(tables.roster))
        if values:
            connection.execute(insert(tables.roster), values)


def closures(store: Store, now: datetime) -> tuple[Closure, ...]:
    """Return the streets that are closed at a moment, by code."""
    query = select(tables.closures).order_by(tables.closures.c.street)
    with reading(store.engine) as connection:
        found = (
            Closure(row.street, _moment(row.since), _maybe(row.until), row.reason)
            for row in connection.execute(query)
        )
        return tuple(one for one in found if one.until is None or one.until > now)


def add_closure(store: Store, closure: Closure) -> None:
    """Close a street, or change until when and why it is; closures that ran out are forgotten."""
    column = tables.closures.c
    with writing(store.engine) as connection:
        past = column.until < _text(closure.since)
        connection.execute(delete(tables.closures).where(past | (column.street == closure.street)))
        values = asdict(closure) | {"since": _text(closure.since), "until": _text(closure.until)}
        connection.execute(insert(tables.closures).values(**values))


def remove_closure(store: Store, street: str) -> None:
    """Open a street again.

    Raises
    ------
    NotFoundError
        If it is not closed.
    """
    with writing(store.engine) as connection:
        query = delete(tables.closures).where(tables.closures.c.street == street)
        if not connection.execute(query).rowcount:
            msg = f"the street {street} is not closed: see `fengqiao closures list`"
            raise NotFoundError(msg)


def _hand_set(row: Row[Any]) -> HandSet:
    return HandSet(
        row.unit, row.state, _moment(row.since), _maybe(row.until),
        row.place, row.lon, row.lat, row.id,
    )  # fmt: skip


def _roster_row(row: Row[Any]) -> RosterRow:
    return RosterRow(
        row.unit,
        None if row.day is None else date.fromisoformat(row.day),
        tuple(row.weekdays),
        *(row.start_min, row.end_min, row.state, row.place, row.lon, row.lat),
    )


def _text(moment: datetime | None) -> str | None:
    """Return a moment as the store keeps it: UTC, so that texts sort as times do."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)
