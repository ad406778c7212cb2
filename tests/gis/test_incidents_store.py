"""Open incidents in the store, and that nothing but totals is left of closed ones."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gis.duty_rows import IncidentTotal, OpenIncident, SentUnit
from gis.errors import InputError, NotFoundError
from gis.store import Store, open_store
from gis.store_incidents import add_incident, change_incident, incident_totals, open_incidents

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FIGHT = OpenIncident("fight", 120.712345, 30.123456, NOW, "桥头", "v1", 3)
TOTAL = IncidentTotal("2026-11", "v1", "fight", 3, 180, 1, 1, 100.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "town.db", create=True) as opened:
        yield opened


def with_unit(one: OpenIncident, unit: str) -> OpenIncident:
    return replace(one, units=(*one.units, SentUnit(unit, NOW, NOW + timedelta(seconds=9))))


def test_an_incident_comes_back_with_its_units(store: Store) -> None:
    first, second = add_incident(store, FIGHT), add_incident(store, replace(FIGHT, village=None))
    assert (first.number, second.number) == (1, 2)
    changed = change_incident(store, 1, lambda one, _: with_unit(one, "U01"))
    assert open_incidents(store) == (changed, second)
    with pytest.raises(NotFoundError, match="no incident 3 is open"):
        change_incident(store, 3, lambda one, _: one)


def test_a_change_that_is_refused_changes_nothing(store: Store) -> None:
    kept = add_incident(store, with_unit(FIGHT, "U01"))

    def refuse(one: OpenIncident, every: tuple[OpenIncident, ...]) -> OpenIncident:
        assert one == kept
        assert every == (kept,)
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        change_incident(store, kept.number, refuse)
    assert open_incidents(store) == (kept,)


def test_closing_leaves_totals_and_no_trace_of_the_place(store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        number = add_incident(store, with_unit(FIGHT, "U01")).number
        assert change_incident(store, number, lambda *_: TOTAL) == TOTAL
    later = replace(TOTAL, band_s=300, within_tier=0, sum_s=250.0)
    number = add_incident(store, FIGHT).number
    change_incident(store, number, lambda *_: later)
    assert open_incidents(store) == ()
    both = replace(TOTAL, incidents=2, within_tier=2, sum_s=200.0)
    assert incident_totals(store) == (both, later)
    # Numbers are not given twice, so that no total can be told from a number.
    assert add_incident(store, FIGHT).number == 4
    change_incident(store, 4, lambda *_: TOTAL)
    with closing(sqlite3.connect(tmp_path / "town.db")) as file:
        rows = "".join(file.iterdump())
    for trace in ("120.712345", "30.123456", "桥头", "U01"):
        assert trace not in rows


SENDER = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from gis.duty_rows import SentUnit
from gis.store import open_store
from gis.store_incidents import change_incident
path, name = sys.argv[1:]
now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
with open_store(path, busy_timeout_s=60) as store:
    for turn in range(15):
        sent = SentUnit(f"{name}{turn}", now)
        change_incident(store, 1, lambda one, _: replace(one, units=(*one.units, sent)))
"""

# Is killed between the deletion of the incident and its total.
CLOSER = """
import os, sys
from gis import store_incidents
from gis.duty_rows import IncidentTotal
from gis.store import open_store
store_incidents._add_total = lambda *_: os._exit(9)
total = IncidentTotal("2026-11", "v1", "fight", 3, 180)
with open_store(sys.argv[1]) as store:
    store_incidents.change_incident(store, 1, lambda *_: total)
"""


def program(code: str, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-P", "-c", code, *words])


def test_two_programs_that_send_at_once_lose_no_unit(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        add_incident(store, FIGHT)
    writers = [program(SENDER, str(path), name) for name in ("a", "b")]
    assert [writer.wait(240) for writer in writers] == [0, 0]
    with open_store(path) as store:
        (incident,) = open_incidents(store)
    sent = {unit.unit for unit in incident.units}
    assert sent == {f"{name}{turn}" for name in "ab" for turn in range(15)}


def test_a_program_that_is_killed_while_it_closes_leaves_the_incident_open(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        kept = add_incident(store, with_unit(FIGHT, "U01"))
    assert program(CLOSER, str(path)).wait(240) == 9
    with open_store(path) as store:
        assert open_incidents(store) == (kept,)
        assert incident_totals(store) == ()
