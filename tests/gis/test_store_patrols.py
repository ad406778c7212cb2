"""Nights, check-ins, hours and plates in the store, and that times do not stay for ever."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest

from gis.errors import InputError
from gis.patrol_rows import Checkin, PlannedNight, Plate, TeamNight
from gis.store import Store, open_store
from gis.store_patrols import (
    change_plates,
    checkins,
    forget_times,
    planned_nights,
    plates,
    save_checkins,
    save_nights,
    team_nights,
)

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
AT = datetime(2026, 11, 23, 20, 15, 7, tzinfo=UTC)
EVER = {"since": date.min, "until": date.max}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "town.db", create=True) as opened:
        yield opened


def test_nights_come_back_in_order_and_the_last_plan_of_a_night_counts(store: Store) -> None:
    monday = PlannedNight(MONDAY, 7, {"teams": [{"code": "义警"}]})
    save_nights(store, [replace(monday, night=TUESDAY), monday])
    save_nights(store, [replace(monday, seed=2**40)])
    kept = planned_nights(store, **EVER)
    assert [(night.night, night.seed) for night in kept] == [(MONDAY, 2**40), (TUESDAY, 7)]
    assert kept[0].document == monday.document
    assert planned_nights(store, since=TUESDAY, until=TUESDAY) == kept[1:]


def test_check_ins_replace_what_was_known_of_the_stop(store: Store) -> None:
    late = Checkin(MONDAY, "T1", "p1", "late", AT)
    missed = Checkin(MONDAY, "T1", "p2", "missed")
    save_checkins(store, [late, missed], [TeamNight(MONDAY, "T1", 4, 5400.0, 3900.5)])
    save_checkins(store, [replace(late, status="kept")], [TeamNight(MONDAY, "T1", 5, 1.0, 2.0)])
    assert checkins(store, **EVER) == (replace(late, status="kept"), missed)
    assert team_nights(store, **EVER) == (TeamNight(MONDAY, "T1", 5, 1.0, 2.0),)
    assert checkins(store, since=TUESDAY, until=date.max) == ()
    assert team_nights(store, since=TUESDAY, until=date.max) == ()


def test_old_times_leave_no_trace(store: Store, tmp_path: Path) -> None:
    old = Checkin(MONDAY, "T1", "p1", "kept", AT)
    new = Checkin(TUESDAY, "T1", "p1", "kept", AT + timedelta(days=1))
    save_checkins(store, [old, new])
    assert forget_times(store, TUESDAY) == 1
    assert forget_times(store, TUESDAY) == 0
    assert checkins(store, **EVER) == (replace(old, at=None), new)
    with closing(connect(tmp_path / "town.db")) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (tmp_path / "town.db").read_bytes()
    assert b"2026-11-23T20:15:07" not in content
    assert b"2026-11-24T20:15:07" in content


def test_plates_change_in_one_step_or_not_at_all(store: Store) -> None:
    plate = Plate("p1", 1, AT)
    assert change_plates(store, lambda every: (*every, plate)) == (plate,)

    def refuse(every: tuple[Plate, ...]) -> tuple[Plate, ...]:
        assert every == (plate,)
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        change_plates(store, refuse)
    revoked = replace(plate, revoked_at=AT + timedelta(hours=1))
    after = (revoked, Plate("p1", 2, AT + timedelta(hours=1)))
    assert change_plates(store, lambda _: after) == after
    assert plates(store) == after
    assert change_plates(store, lambda _: ()) == ()
