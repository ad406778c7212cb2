"""Check-ins so far, signals and hazards in the store, and links of teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gis.errors import NotFoundError, ParameterError
from gis.patrol_rows import Checkin, TeamNight
from gis.store import Store, open_store
from gis.store_field import (
    Hazard,
    Signal,
    TeamField,
    answer_hazard,
    change_team_field,
    forget_teams,
    hazards_of,
    save_hazard,
    save_signal,
    signals_of,
    team_field,
)
from gis.store_links import LinkRow, end_link, find_link, links_of, save_link
from gis.store_patrols import checkins, team_nights

NIGHT = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 11, 5, tzinfo=UTC)
HAZARD = Hazard("uid-0001", "lamp", 120.0, 30.0, NIGHT, "t1", AT)
KNOWN = TeamField(
    (Checkin(NIGHT, "t1", "p1", "kept", AT), Checkin(NIGHT, "t1", "x7", "missed")),
    (Signal(NIGHT, "t1", "people", 4, AT), Signal(NIGHT, "t1", "set_out", None, None)),
    TeamNight(NIGHT, "t1", 4, 3000.0, 1234.0),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as opened:
        yield opened


def test_a_night_of_a_team_is_read_as_it_was_kept(store: Store) -> None:
    assert team_field(store, NIGHT, "t1") == TeamField()
    change_team_field(store, NIGHT, "t1", lambda known: KNOWN)
    assert team_field(store, NIGHT, "t1") == KNOWN
    assert checkins(store, since=NIGHT, until=NIGHT) == KNOWN.checkins
    assert team_nights(store, since=NIGHT, until=NIGHT) == (KNOWN.hours,)
    assert team_field(store, NIGHT, "t2") == TeamField()


def test_what_a_change_leaves_out_is_gone_and_other_teams_stay(store: Store) -> None:
    change_team_field(store, NIGHT, "t1", lambda known: KNOWN)
    save_signal(store, Signal(NIGHT, "t2", "safe", None, AT))
    change_team_field(store, NIGHT, "t1", lambda known: replace(known, checkins=(), hours=None))
    assert team_field(store, NIGHT, "t1") == TeamField((), KNOWN.signals, None)
    assert [one.team for one in signals_of(store, NIGHT)] == ["t1", "t1", "t2"]


def test_a_change_that_raises_changes_nothing(store: Store) -> None:
    change_team_field(store, NIGHT, "t1", lambda known: KNOWN)

    def fails(known: TeamField) -> TeamField:
        raise NotFoundError("no")

    with pytest.raises(NotFoundError):
        change_team_field(store, NIGHT, "t1", fails)
    assert team_field(store, NIGHT, "t1") == KNOWN


def test_a_signal_takes_the_place_of_the_last_of_its_kind(store: Store) -> None:
    save_signal(store, Signal(NIGHT, "t1", "people", 4, AT))
    save_signal(store, Signal(NIGHT, "t1", "people", 2, AT))
    save_signal(store, Signal(NIGHT, "t1", "set_out", None, AT))
    assert [(one.kind, one.value) for one in signals_of(store, NIGHT, "t1")] == [
        ("people", 2),
        ("set_out", None),
    ]


def test_a_hazard_sent_twice_is_kept_once(store: Store) -> None:
    first = save_hazard(store, HAZARD)
    assert save_hazard(store, replace(HAZARD, kind="wire")) == first
    assert hazards_of(store) == (replace(HAZARD, number=first.number),)


def test_hazards_are_found_by_team_night_and_state(store: Store) -> None:
    save_hazard(store, HAZARD)
    save_hazard(store, replace(HAZARD, uid="uid-0002", team="t2", made_at=AT + timedelta(hours=1)))
    later = save_hazard(store, replace(HAZARD, uid="uid-0003", night=NIGHT + timedelta(days=1)))
    answer_hazard(store, later.number, "done", " 已换灯泡 ", AT)
    assert [one.uid for one in hazards_of(store)] == ["uid-0002", "uid-0003", "uid-0001"]
    assert [one.uid for one in hazards_of(store, team="t1")] == ["uid-0003", "uid-0001"]
    assert [one.uid for one in hazards_of(store, since=NIGHT + timedelta(days=1))] == ["uid-0003"]
    (done,) = hazards_of(store, states=["done"])
    assert (done.answer, done.changed_at) == ("已换灯泡", AT)


@pytest.mark.parametrize(
    ("state", "answer"), [("lost", None), ("done", "x" * 101), ("done", "two\nlines")]
)
def test_answers_that_cannot_be(store: Store, state: str, answer: str | None) -> None:
    number = save_hazard(store, HAZARD).number
    with pytest.raises(ParameterError):
        answer_hazard(store, number, state, answer, AT)  # type: ignore[arg-type]
    assert hazards_of(store)[0].state == "open"


def test_what_is_not_there_cannot_be_answered(store: Store) -> None:
    with pytest.raises(NotFoundError):
        answer_hazard(store, 9, "done", None, AT)
    with pytest.raises(ParameterError):
        save_hazard(store, replace(HAZARD, lon=500.0))


def test_old_nights_keep_places_but_not_teams(store: Store) -> None:
    old = NIGHT - timedelta(days=100)
    save_hazard(store, replace(HAZARD, night=old, made_at=AT - timedelta(days=100)))
    save_hazard(store, replace(HAZARD, uid="uid-0002"))
    save_signal(store, Signal(old, "t1", "safe", None, AT))
    save_signal(store, Signal(NIGHT, "t1", "safe", None, AT))
    assert forget_teams(store, NIGHT) == 2
    assert signals_of(store, old) == ()
    assert len(signals_of(store, NIGHT)) == 1
    new, gone = hazards_of(store)
    assert (new.team, gone.team, gone.made_at.hour) == ("t1", "", 12)
    assert (gone.lon, gone.state) == (120.0, "open")
    assert forget_teams(store, NIGHT) == 0


def test_links_are_kept_and_ended_once(store: Store) -> None:
    link = LinkRow("a1", "t1", NIGHT, AT, "desk", AT + timedelta(hours=4))
    save_link(store, link)
    save_link(store, replace(link, jti="a2", night=NIGHT + timedelta(days=1)))
    assert find_link(store, "a1") == link
    assert find_link(store, "a3") is None
    assert [one.jti for one in links_of(store)] == ["a1", "a2"]
    assert links_of(store, NIGHT) == (link,)
    ended = end_link(store, "a1", AT)
    assert ended.revoked_at == AT
    assert end_link(store, "a1", AT + timedelta(hours=1)) == ended
    with pytest.raises(NotFoundError):
        end_link(store, "a3", AT)
