"""Which plan the overview shows: the one given out for the night, else the last answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest
from real_server import serving

from api.given_plans import given_now, plan_of
from api.workspace import open_workspace
from gis.patrol_rows import PlannedNight
from gis.store import Store, open_store
from gis.store_patrols import save_nights

ZONE = ZoneInfo("Asia/Shanghai")
NIGHT = date(2026, 11, 24)


def night(day: date, begin: int, hours: int, seed: int = 1) -> PlannedNight:
    """Return a night of one team."""
    depart = datetime(day.year, day.month, day.day, begin, tzinfo=ZONE)
    back = depart + timedelta(hours=hours)
    team = {"code": "t", "depart": depart.isoformat(), "return": back.isoformat()}
    return PlannedNight(day, seed, {"date": day.isoformat(), "teams": [team]})


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as opened:
        save_nights(opened, [night(NIGHT, 22, 4), night(NIGHT + timedelta(days=1), 20, 2)])
        yield opened


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-24T09:00", 24),
        ("2026-11-25T01:59", 24),  # still out
        ("2026-11-25T02:00", 25),  # back
        ("2026-11-25T13:00", 25),
        ("2026-11-26T01:00", None),  # back, and nothing is planned for tonight
        ("2026-11-23T20:00", None),
    ],
)
def test_last_nights_plan_counts_until_its_teams_are_back(
    store: Store, moment: str, day: int | None
) -> None:
    found = given_now(store, datetime.fromisoformat(moment).replace(tzinfo=ZONE)).document
    assert (None if found is None else found["date"][-2:]) == (None if day is None else str(day))


def test_a_plan_is_read_again_only_when_another_counts(store: Store) -> None:
    late = datetime(2026, 11, 25, 1, 0, tzinfo=ZONE)
    first = given_now(store, late)
    assert given_now(store, late + timedelta(minutes=59), first) is first
    assert given_now(store, late + timedelta(minutes=60), first) is not first
    save_nights(store, [night(NIGHT, 22, 4, seed=2)])
    assert given_now(store, late, first) is not first


def test_the_overview_shows_the_plan_that_was_given_out(town: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(town, tmp_path / "town")
    today = datetime.now(ZONE).date()
    with serving(folder, "--no-worker") as server, open_workspace(folder).open_store() as store:
        before = httpx2.get(f"{server.address}/dashboard/parts?lang=zh").json()
        plan = dict(plan_of(store, NIGHT))
        plan["teams"] = [{**team, "name": f"蓝海{n}队"} for n, team in enumerate(plan["teams"])]
        save_nights(store, [PlannedNight(today, 7, {**plan, "date": today.isoformat()})])
        after = httpx2.get(f"{server.address}/dashboard/parts?lang=zh").json()
        layers = httpx2.get(f"{server.address}/dashboard/layers/patrol?lang=zh").text
    assert "蓝海0队" not in before["parts"]["patrols"]
    assert "蓝海0队" in after["parts"]["patrols"]
    assert "蓝海0队" in layers
    assert before["town"] != after["town"]  # open pages load their layers anew
