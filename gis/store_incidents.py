"""Open incidents and the totals of closed ones in the store.

An incident and who was sent are kept while it is open. When it is closed both are deleted in the
transaction that adds it to the totals, which know a month, a village, a kind and a tier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from gis import store_tables as tables
from gis.duty_rows import IncidentTotal, OpenIncident, SentUnit
from gis.errors import NotFoundError
from gis.store import Store
from gis.store_engine import reading, writing

# From the incident and all that are open (itself among them) to what becomes of it.
Change = Callable[[OpenIncident, tuple[OpenIncident, ...]], OpenIncident | IncidentTotal]

_KEY = ("month", "village", "kind", "tier_min", "band_s")


def open_incidents(store: Store) -> tuple[OpenIncident, ...]:
    """Return the incidents that are open, in the order in which they began."""
    with reading(store.engine) as connection:
        return _open(connection)


def add_incident(store: Store, incident: OpenIncident) -> OpenIncident:
    """Keep a new incident and return it with its number."""
    values = asdict(incident) | {"opened_at": _text(incident.opened_at)}
    values = {name: value for name, value in values.items() if name not in ("units", "number")}
    with writing(store.engine) as connection:
        key = connection.execute(insert(tables.incidents).values(**values)).inserted_primary_key
        assert key is not None
        kept = replace(incident, number=int(key[0]))
        _write_units(connection, kept)
        return kept


def change_incident(store: Store, number: int, change: Change) -> OpenIncident | IncidentTotal:
    """Change an incident by a function that sees it as it is now, and return what came of it.

    The function is called within the writer's transaction: what another writer did before is
    what it sees, and nobody writes between. If it raises, nothing is changed. An `IncidentTotal`
    closes the incident: its rows are deleted and the total is added to those kept.

    Parameters
    ----------
    store
        The town's.
    number
        The incident's.
    change
        Such as a transition of `planner.dispatch`.

    Raises
    ------
    NotFoundError
        If no incident with this number is open.
    """
    with writing(store.engine) as connection:
        every = _open(connection)
        before = next((one for one in every if one.number == number), None)
        if before is None:
            msg = f"no incident {number} is open: see `fengqiao incidents list`"
            raise NotFoundError(msg)
        after = change(before, every)
        of_units = tables.incident_units.c.incident == number
        connection.execute(delete(tables.incident_units).where(of_units))
        if isinstance(after, OpenIncident):
            _write_units(connection, after)
        else:
            connection.execute(delete(tables.incidents).where(tables.incidents.c.id == number))
            _add_total(connection, after)
        return after


def incident_totals(store: Store) -> tuple[IncidentTotal, ...]:
    """Return the totals of closed incidents, in the order of their keys."""
    table = tables.incident_totals
    query = select(table).order_by(*(table.c[name] for name in _KEY))
    with reading(store.engine) as connection:
        return tuple(IncidentTotal(**row._mapping) for row in connection.execute(query))


def _open(connection: Connection) -> tuple[OpenIncident, ...]:
    units: dict[int, list[SentUnit]] = {}
    query = select(tables.incident_units)
    for row in connection.execute(query.order_by(*tables.incident_units.c["sent_at", "unit"])):
        times = (_moment(row.sent_at), _maybe(row.arrived_at), _maybe(row.cleared_at))
        units.setdefault(row.incident, []).append(SentUnit(row.unit, *times))
    rows = connection.execute(select(tables.incidents).order_by(tables.incidents.c.id))
    return tuple(_incident(row, units.get(row.id, [])) for row in rows)


def _incident(row: Row[Any], units: list[SentUnit]) -> OpenIncident:
    return OpenIncident(
        row.kind, row.lon, row.lat, _moment(row.opened_at), row.place, row.village, row.tier_min,
        tuple(units), row.id,
    )  # fmt: skip


def _write_units(connection: Connection, incident: OpenIncident) -> None:
    rows = [
        {
            "incident": incident.number,
            "unit": sent.unit,
            "sent_at": _text(sent.sent_at),
            "arrived_at": _text(sent.arrived_at),
            "cleared_at": _text(sent.cleared_at),
        }
        for sent in incident.units
    ]
    if rows:
        connection.execute(insert(tables.incident_units), rows)


def _add_total(connection: Connection, total: IncidentTotal) -> None:
    table, values = tables.incident_totals, asdict(total)
    same = [table.c[name] == values[name] for name in _KEY]
    sums = {name: table.c[name] + values[name] for name in values if name not in _KEY}
    if not connection.execute(update(table).where(*same).values(**sums)).rowcount:
        connection.execute(insert(table).values(**values))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else _moment(text)
