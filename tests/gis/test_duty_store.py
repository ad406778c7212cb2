"""Duty states, roster and closures in the store: whole or not at all, and nothing lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from gis.duty_rows import Closure, HandSet, RosterRow
from gis.errors import ConflictError, NotFoundError
from gis.store import Store, open_store
from gis.store_duty import (
    add_closure,
    clear_by_hand,
    closures,
    hand_set,
    remove_closure,
    replace_roster,
    roster,
    set_by_hand,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "town.db", create=True) as opened:
        yield opened


def test_a_state_comes_back_as_it_was_set_and_is_no_change_of_the_town(store: Store) -> None:
    before = store.stamp
    row = HandSet("U01", "busy", NOW, NOW + timedelta(hours=1), "P1", 120.7, 30.1)
    kept = set_by_hand(store, row)
    assert kept.version > 0
    assert hand_set(store) == (kept,)
    assert store.stamp == before
    assert store.revision == 0


def test_a_writer_who_looked_at_an_older_state_is_refused(store: Store) -> None:
    first = set_by_hand(store, HandSet("U01", "busy", NOW), seen=0)
    second = set_by_hand(store, HandSet("U01", "off", NOW), seen=first.version)
    for seen in (0, first.version):
        with pytest.raises(ConflictError, match="U01 was set by somebody else"):
            set_by_hand(store, HandSet("U01", "ready", NOW), seen=seen)
    assert hand_set(store) == (second,)
    # Cleared and set again, it still is not what the other has looked at.
    assert clear_by_hand(store) == 1
    third = set_by_hand(store, HandSet("U01", "off", NOW))
    assert third.version not in (first.version, second.version)
    assert set_by_hand(store, HandSet("U01", "ready", NOW)).version > third.version


def test_clearing_one_leaves_the_others(store: Store) -> None:
    for unit in ("U01", "U02"):
        set_by_hand(store, HandSet(unit, "off", NOW))
    assert clear_by_hand(store, "U01") == 1
    assert clear_by_hand(store, "U01") == 0
    assert [row.unit for row in hand_set(store)] == ["U02"]


def test_a_roster_replaces_the_last_one(store: Store) -> None:
    rows = (
        RosterRow("U02", date(2026, 11, 25), (), 1200, 1800, "ready", "P1"),
        RosterRow("U01", None, (0, 4), 0, 1440, "off", None, 120.7, 30.1),
    )
    replace_roster(store, rows)
    assert roster(store) == rows
    replace_roster(store, rows[1:])
    assert roster(store) == rows[1:]
    replace_roster(store, ())
    assert roster(store) == ()


def test_the_roster_of_a_day_tells_what_the_whole_one_tells(store: Store) -> None:
    """Rows of that day and the one before, of weekdays, and the first and last of each unit."""
    days = [date(2026, 11, day) for day in range(1, 29)]
    rows = (
        *(RosterRow("U01", day, (), 1200, 1800, "ready") for day in days),
        RosterRow("U02", None, (0, 4), 0, 1440, "off"),
        RosterRow("U03", days[9], (), 0, 600, "busy"),
    )
    replace_roster(store, rows)
    told = roster(store, days[14])
    assert told == (rows[0], rows[13], rows[14], rows[27], *rows[28:])


def test_closures_run_out_and_are_forgotten(store: Store) -> None:
    hour = timedelta(hours=1)
    add_closure(store, Closure("S1", NOW, NOW + hour, "施工"))
    add_closure(store, Closure("S2", NOW, None))
    assert [one.street for one in closures(store, NOW)] == ["S1", "S2"]
    assert [one.street for one in closures(store, NOW + hour)] == ["S2"]
    add_closure(store, Closure("S2", NOW + 2 * hour, NOW + 3 * hour, "活动"))
    assert closures(store, NOW) == (Closure("S2", NOW + 2 * hour, NOW + 3 * hour, "活动"),)
    remove_closure(store, "S2")
    with pytest.raises(NotFoundError, match="S2 is not closed"):
        remove_closure(store, "S2")


SETTER = """
import sys
from datetime import UTC, datetime
from gis.duty_rows import HandSet
from gis.store import open_store
from gis.store_duty import set_by_hand
path, name = sys.argv[1:]
now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
with open_store(path, busy_timeout_s=60) as store:
    for turn in range(15):
        set_by_hand(store, HandSet(f"{name}{turn}", "busy", now))
        set_by_hand(store, HandSet("both", "ready", now, place=f"{name}{turn}"))
"""


def test_two_programs_that_set_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    open_store(path, create=True).close()
    command = [sys.executable, "-P", "-c", SETTER, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(240) for writer in writers] == [0, 0]
    with open_store(path) as store:
        rows = {row.unit: row for row in hand_set(store)}
    assert set(rows) == {"both", *(f"{name}{turn}" for name in "ab" for turn in range(15))}
    assert rows["both"].place in ("a14", "b14")
    assert len({row.version for row in rows.values()}) == 31
