"""What teams say while they are out, in the store: check-ins so far, signals, hazards they report.

It is no change of the town: the revision stays. Nothing in it is about a person.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, delete, insert, select, update

from gis import store_tables as tables
from gis import store_tables_users as own
from gis.errors import NotFoundError, ParameterError
from gis.patrol_rows import Checkin, TeamNight
from gis.store import Store
from gis.store_engine import reading, writing

SignalKind = Literal["set_out", "people", "safe"]
HazardState = Literal["open", "mending", "done"]
HAZARD_STATES: tuple[HazardState, ...] = get_args(HazardState)
# Letters of an answer: one line.
MOST_ANSWER = 100


@dataclass(frozen=True)
class Signal:
    """What a team says of itself.

    Parameters
    ----------
    night, team
        Of which plan.
    kind
        "set_out", "people" (how many they are) or "safe" (and finished).
    value
        How many they are, of "people"; else None.
    at
        When, with offset; None where the times of so small a team are not kept.
    """

    night: date
    team: str
    kind: SignalKind
    value: int | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class TeamField:
    """What is known of one team's night so far.

    Parameters
    ----------
    checkins
        One for each stop, planned or extra; none before the team's first word.
    signals
        One of each kind at most.
    hours
        Totals of the team; None before its first check-in.
    """

    checkins: tuple[Checkin, ...] = field(default=(), repr=False)
    signals: tuple[Signal, ...] = ()
    hours: TeamNight | None = None


@dataclass(frozen=True)
class Hazard:
    """Something dangerous or broken that a team has seen: which kind, where, what became of it.

    Parameters
    ----------
    uid
        Given by the phone, so that what is sent twice is kept once.
    kind
        A table of `data/profiles/hazards.toml`.
    lon, lat
        Degrees of WGS 84.
    night, team
        On whose way it was seen; team "" once that is too long ago to be kept.
    made_at
        When, with offset.
    state
        "open", "mending" or "done".
    answer
        One line for the team.
    changed_at
        When state or answer were set.
    number
        Of the row; 0 before it is kept.
    """

    uid: str
    kind: str
    lon: float
    lat: float
    night: date
    team: str
    made_at: datetime
    state: HazardState = "open"
    answer: str | None = None
    changed_at: datetime | None = None
    number: int = 0

    def summary(self) -> str:
        """Return one line: number, kind, place and state."""
        return f"{self.number} {self.kind} {self.lon:.5f},{self.lat:.5f} {self.state}"


def team_field(store: Store, night: date, team: str) -> TeamField:
    """Return what is known of one team's night so far."""
    with reading(store.engine) as connection:
        return _team_field(connection, night, team)


def change_team_field(
    store: Store, night: date, team: str, change: Callable[[TeamField], TeamField]
) -> TeamField:
    """Change what is known of one team's night by a function that sees it as it is now.

    The function is called within the writer's transaction: of two phones that send at once, one
    waits for the other. If it raises, nothing is changed.
    """
    with writing(store.engine) as connection:
        after = change(_team_field(connection, night, team))
        for table, rows in (
            (tables.checkins, after.checkins),
            (own.signals, after.signals),
            (tables.team_nights, () if after.hours is None else (after.hours,)),
        ):
            of_team = (table.c.night == night.isoformat()) & (table.c.team == team)
            connection.execute(delete(table).where(of_team))
            if rows:
                connection.execute(insert(table), [_values(row) for row in rows])
        return after


def save_signal(store: Store, signal: Signal) -> None:
    """Keep what a team says of itself in place of what it said before of this kind."""

    def change(known: TeamField) -> TeamField:
        others = tuple(one for one in known.signals if one.kind != signal.kind)
        return TeamField(known.checkins, (*others, signal), known.hours)

    change_team_field(store, signal.night, signal.team, change)


def signals_of(store: Store, night: date, team: str | None = None) -> tuple[Signal, ...]:
    """Return what the teams of a night, or one of them, said of themselves, by team and kind."""
    with reading(store.engine) as connection:
        return _signals(connection, night, team)


def save_hazard(store: Store, hazard: Hazard) -> Hazard:
    """Keep a hazard unless one with its uid is there already, and return what is there.

    Raises
    ------
    ParameterError
        If its place is not on earth.
    """
    if not (abs(hazard.lon) <= 180 and abs(hazard.lat) <= 90):
        msg = f"{hazard.lon}, {hazard.lat} is no place on earth"
        raise ParameterError(msg)
    table = own.hazards
    same = select(table).where(table.c.uid == hazard.uid)
    with writing(store.engine) as connection:
        if connection.execute(same).first() is None:
            values = _values(hazard)
            values.pop("number")
            connection.execute(insert(table).values(**values))
        return _hazard(connection.execute(same).one())


def hazards_of(
    store: Store,
    *,
    team: str | None = None,
    since: date | None = None,
    states: Collection[HazardState] | None = None,
) -> tuple[Hazard, ...]:
    """Return hazards, the newest first.

    Parameters
    ----------
    store
        The town's.
    team
        Only what this team reported.
    since
        Only of this night and later ones.
    states
        Only those in one of these states.
    """
    table = own.hazards
    query = select(table).order_by(table.c.made_at.desc(), table.c.id.desc())
    if team is not None:
        query = query.where(table.c.team == team)
    if since is not None:
        query = query.where(table.c.night >= since.isoformat())
    if states is not None:
        query = query.where(table.c.state.in_(list(states)))
    with reading(store.engine) as connection:
        return tuple(_hazard(row) for row in connection.execute(query))


def answer_hazard(
    store: Store, number: int, state: HazardState, answer: str | None, now: datetime
) -> Hazard:
    """Set what becomes of a hazard, and return it; the team sees it at its next look.

    Parameters
    ----------
    store
        The town's.
    number
        Of the hazard.
    state
        "open", "mending" or "done".
    answer
        One line for the team; None leaves none.
    now
        When, with offset.

    Raises
    ------
    NotFoundError
        If there is no such hazard.
    ParameterError
        If there is no such state, or the answer is too long or not one line.
    """
    text = (answer or "").strip() or None
    faults = [] if state in HAZARD_STATES else [f"no state {state!r}: {', '.join(HAZARD_STATES)}"]
    if text is not None and (len(text) > MOST_ANSWER or not text.isprintable()):
        faults.append(f"an answer is one line of at most {MOST_ANSWER} letters")
    if faults:
        raise ParameterError("; ".join(faults))
    table = own.hazards
    this = table.c.id == number
    values = {"state": state, "answer": text, "changed_at": _text(now)}
    with writing(store.engine) as connection:
        if not connection.execute(update(table).where(this).values(**values)).rowcount:
            msg = f"there is no hazard {number}: see `fengqiao hazards list`"
            raise NotFoundError(msg)
        return _hazard(connection.execute(select(table).where(this)).one())


def forget_teams(store: Store, before: date) -> int:
    """Delete signals, and of hazards team and time of day, of nights before a day; return how many.

    Places and states of hazards stay.
    """
    signals, hazards = own.signals, own.hazards
    old = (hazards.c.night < before.isoformat()) & (hazards.c.team != "")
    with writing(store.engine) as connection:
        gone = connection.execute(delete(signals).where(signals.c.night < before.isoformat()))
        nights = connection.execute(select(hazards.c.night).where(old).distinct()).scalars().all()
        for night in nights:
            noon = f"{night}T12:00:00+00:00"
            of_night = old & (hazards.c.night == night)
            connection.execute(update(hazards).where(of_night).values(team="", made_at=noon))
        return int(gone.rowcount) + len(nights)


def _team_field(connection: Connection, night: date, team: str) -> TeamField:
    checkins = (
        Checkin(night, team, row.stop, row.status, _moment(row.at))
        for row in _of_team(connection, tables.checkins, night, team)
    )
    hours = (
        TeamNight(night, team, row.headcount, row.seconds, row.length_m)
        for row in _of_team(connection, tables.team_nights, night, team)
    )
    return TeamField(tuple(checkins), _signals(connection, night, team), next(hours, None))


def _signals(connection: Connection, night: date, team: str | None) -> tuple[Signal, ...]:
    rows = _of_team(connection, own.signals, night, team)
    return tuple(Signal(night, row.team, row.kind, row.value, _moment(row.at)) for row in rows)


def _of_team(connection: Connection, table: Any, night: date, team: str | None) -> list[Row[Any]]:
    query = select(table).where(table.c.night == night.isoformat())
    if team is not None:
        query = query.where(table.c.team == team)
    return list(connection.execute(query.order_by(*table.primary_key.columns)))


def _hazard(row: Row[Any]) -> Hazard:
    made_at = _moment(row.made_at)
    assert made_at is not None
    return Hazard(
        row.uid, row.kind, row.lon, row.lat, date.fromisoformat(row.night), row.team, made_at,
        row.state, row.answer, _moment(row.changed_at), row.id,
    )  # fmt: skip


def _values(row: Any) -> dict[str, Any]:
    """Return a row as the store keeps it; a signal without a time has the empty text."""
    values = {name: _text(value) for name, value in asdict(row).items()}
    if isinstance(row, Signal) and row.at is None:
        values["at"] = ""
    return values


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
