"""What a phone delivers: taken, refused, put right by the server's clock; nothing of a person."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from leader_evening import ZONE, evening, give_out

from api.leader_items import Delivery
from api.leader_reports import Night, Taken, delivery_document, take_delivery
from api.links import make_link
from api.plates import reissue
from api.workspace import open_workspace
from gis.store_field import answer_hazard, hazards_of, signals_of
from gis.store_patrols import change_plates, checkins, plates
from maps.plates import plate_text

DEPART = datetime(2026, 11, 24, 19, tzinfo=ZONE)
# Half past seven of that evening.
NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
PLACE = {"lon": 120.001, "lat": 30.001}


def ms(minute: float) -> int:
    """Return the minute after seven as Unix milliseconds."""
    return round((DEPART + timedelta(minutes=minute)).timestamp() * 1000)


def item(kind: str, minute: float = 20, **what: Any) -> dict[str, Any]:
    uid = f"uid-{kind}-{minute}-{zlib.crc32(repr(what).encode())}"
    return {"uid": uid, "kind": kind, "at": ms(minute), **what}


Send = Callable[..., Taken]


@pytest.fixture(scope="module")
def given(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(town, tmp_path_factory.mktemp("night") / "town")
    give_out(folder, evening(DEPART))
    return folder


@pytest.fixture
def night(given: Path, tmp_path: Path) -> Iterator[Night]:
    workspace = open_workspace(shutil.copytree(given, tmp_path / "town"))
    with workspace.open_store() as store:
        link = make_link(store, "t1", DEPART.date(), "desk", now=NOW)
        yield Night(workspace, store, workspace.layers(store), evening(DEPART), link)


@pytest.fixture
def send(night: Night) -> Send:
    def deliver(*items: dict[str, Any], now: datetime = NOW, phone: int | None = None) -> Taken:
        clock = round(now.timestamp() * 1000) if phone is None else phone
        return take_delivery(night, Delivery(now=clock, items=list(items)), now)

    return deliver


def statuses(night: Night) -> dict[str, str]:
    rows = checkins(night.store, since=DEPART.date(), until=DEPART.date())
    return {row.stop: row.status for row in rows}


def test_check_ins_land_where_codes_and_files_do(night: Night, send: Send) -> None:
    done = send(
        item("signal", 0, signal="people", people=4),
        item("signal", 0, signal="set_out"),
        item("checkin", 4, stop="p1"),
        item("checkin", 29, stop="x7"),
    )
    assert len(done.taken) == 4
    assert done.refused == ()
    assert statuses(night) == {"p1": "kept", "x7": "late", "x7#2": "missed"}
    assert {one.kind: one.value for one in signals_of(night.store, DEPART.date())} == {
        "people": 4,
        "set_out": None,
    }
    assert done.known.hours is not None
    assert done.known.hours.headcount == 4


def test_the_same_delivery_changes_nothing_the_second_time(night: Night, send: Send) -> None:
    items = [
        item("checkin", 5, stop="p1"),
        item("hazard", 6, hazard="lamp", **PLACE),
        item("signal", 20, signal="safe"),
    ]
    first, second = send(*items), send(*items)
    assert first == second
    assert len(hazards_of(night.store)) == 1


def test_a_clock_that_is_wrong_is_put_right(night: Night, send: Send) -> None:
    """The phone is three hours ahead: what it writes down at 22:10 happened at 19:10."""
    off = 3 * 3600_000
    ahead = {**item("checkin", 10, stop="p1"), "at": ms(10) + off}
    send(ahead, phone=round(NOW.timestamp() * 1000) + off)
    (row, *_) = checkins(night.store, since=DEPART.date(), until=DEPART.date())
    assert row.at == DEPART + timedelta(minutes=10)
    slow = {**item("checkin", 15, stop="x7"), "at": ms(15) + 5_000}
    send(slow, phone=round(NOW.timestamp() * 1000) + 5_000)
    rows = {r.stop: r.at for r in checkins(night.store, since=DEPART.date(), until=DEPART.date())}
    assert rows["x7"] == DEPART + timedelta(minutes=15, seconds=5)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (item("checkin", -121, stop="p1"), "time"),
        (item("checkin", 40, stop="p1"), "time"),
        (item("checkin", stop="q1"), "stop"),
        (item("checkin", stop="nowhere"), "stop"),
        (item("checkin", number="99"), "stop"),
        (item("checkin"), "stop"),
        (item("checkin", plate="FQ1|枫桥|x7|1|00"), "plate"),
        (item("checkin", plate=plate_text("别处", "x7", 1)), "plate"),
        (item("checkin", plate=plate_text("枫桥", "x7", 2)), "plate"),
        (item("checkin", stop="p1", plate=plate_text("枫桥", "x7", 1)), "stop"),
        (item("hazard", hazard="lamp", lon=121.0, lat=30.0), "outside"),
        (item("hazard", hazard="person", **PLACE), "unreadable"),
        (item("hazard", hazard="lamp", lon=500, lat=30.0), "unreadable"),
        (item("hazard", hazard="lamp", text="who it was", **PLACE), "unreadable"),
        (item("signal", signal="people"), "unreadable"),
        (item("signal", signal="people", people=0), "unreadable"),
        (item("signal", signal="lost"), "unreadable"),
        (item("photo", data="x"), "unreadable"),
        ({"uid": "x", "kind": "checkin"}, "unreadable"),
        ({}, "unreadable"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_alone(
    night: Night, send: Send, what: dict[str, Any], reason: str
) -> None:
    sound = item("checkin", 5, stop="p1")
    done = send(what, sound)
    assert [(one.uid, one.reason) for one in done.refused] == [(what.get("uid", ""), reason)]
    assert done.taken == (sound["uid"],)
    assert statuses(night)["p1"] == "kept"
    assert hazards_of(night.store) == ()


def test_late_deliveries_are_taken_and_times_after_the_shift_are_not(send: Send) -> None:
    later = NOW + timedelta(hours=2)
    assert send(item("checkin", 4, stop="p1"), now=later).refused == ()
    (refused,) = send(item("checkin", 171, stop="x7"), now=NOW + timedelta(hours=4)).refused
    assert refused.reason == "time"
    assert send(item("checkin", 169, stop="x7"), now=NOW + timedelta(hours=4)).refused == ()


def test_of_a_small_team_no_times_are_kept(night: Night, send: Send) -> None:
    send(item("checkin", 4, stop="p1"), item("signal", 0, signal="set_out"))
    send(item("signal", 5, signal="people", people=2), item("checkin", 29, stop="x7"))
    rows = checkins(night.store, since=DEPART.date(), until=DEPART.date())
    assert {(row.stop, row.status, row.at) for row in rows} == {
        ("p1", "kept", None),
        ("x7", "late", None),
        ("x7#2", "missed", None),
    }
    assert {one.at for one in signals_of(night.store, DEPART.date())} == {None}
    send(item("checkin", 4, stop="p1"))
    assert statuses(night)["p1"] == "kept"


def test_plates_check_in_and_others_are_beside_the_route(night: Night, send: Send) -> None:
    done = send(
        item("checkin", 14, stop="x7", plate=plate_text("枫桥", "x7", 1)),
        item("checkin", 15, plate=plate_text("枫桥", "x9", 1, "https://example.org/p")),
    )
    assert done.refused == ()
    assert statuses(night) == {"p1": "missed", "x7": "kept", "x7#2": "missed", "x9": "extra"}
    assert send(item("checkin", 16, number="9")).refused == ()
    assert statuses(night)["x9"] == "extra"
    change_plates(night.store, reissue(["x7"], NOW))
    assert len(plates(night.store)) == 3
    (refused,) = send(item("checkin", 18, stop="x7#2", plate=plate_text("枫桥", "x7", 1))).refused
    assert refused.reason == "plate"


def test_a_slip_is_taken_back(night: Night, send: Send) -> None:
    send(item("checkin", 4, stop="p1"), item("signal", 20, signal="safe"))
    done = send(item("withdraw", 21, stop="p1"), item("withdraw", 21, signal="safe"))
    assert statuses(night)["p1"] == "missed"
    assert done.known.signals == ()
    assert done.known.hours is None


def test_the_first_word_of_setting_out_counts_and_the_last_of_how_many(
    night: Night, send: Send
) -> None:
    for minute, people in ((1, 4), (3, 5)):
        send(
            item("signal", minute, signal="set_out"),
            item("signal", minute, signal="people", people=people),
        )
    said = {one.kind: one for one in signals_of(night.store, DEPART.date())}
    assert said["set_out"].at == DEPART + timedelta(minutes=1)
    assert said["people"].value == 5


def test_not_more_hazards_than_a_night_may_have(night: Night, send: Send) -> None:
    one = item("hazard", 6, hazard="wire", **PLACE)
    many = [{**one, "uid": f"many-{n:05}"} for n in range(103)]
    done = send(*many)
    assert len(hazards_of(night.store)) == 100
    assert {one.reason for one in done.refused} == {"many"}
    assert len(done.refused) == 3
    assert send(many[0]).refused == ()


def test_the_phone_is_told_of_its_own_team_only(night: Night, send: Send) -> None:
    other = make_link(night.store, "t3", DEPART.date(), "desk", now=NOW)
    theirs = Delivery(
        now=round(NOW.timestamp() * 1000),
        items=[
            item("checkin", 5, stop="q1"),
            item("hazard", 5, hazard="road", **PLACE),
            item("signal", 5, signal="safe"),
        ],
    )
    assert take_delivery(replace(night, link=other), theirs, NOW).refused == ()
    done = send(item("hazard", 6, hazard="lamp", **PLACE), item("checkin", 6, stop="p1"))
    number = done.hazards[0].number
    answer_hazard(night.store, number, "mending", "明天换灯泡", NOW)
    told = delivery_document(night, send(), 7, NOW)
    assert told["checked"] == [{"stop": "p1", "at": "2026-11-24T11:06:00+00:00"}]
    assert (told["safe"], told["set_out"], told["extra"]) == (None, None, [])
    (hazard,) = told["hazards"]
    assert (hazard["kind"], hazard["state"], hazard["answer"]) == ("lamp", "mending", "明天换灯泡")
    assert told["mark"] == 7
