"""Accounts, sessions, attempts, secrets and the audit log in the store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gis import store_tables_users as tables
from gis.errors import ConflictError, NotFoundError
from gis.store import Store, open_store
from gis.store_audit import add_audit, audit_rows, prune_audit
from gis.store_engine import reading
from gis.store_sessions import (
    Session,
    end_session,
    end_sessions,
    see_session,
    session_of,
    sessions_list,
    start_session,
)
from gis.store_users import (
    add_user,
    any_user,
    change_user,
    count_attempt,
    forget_attempts,
    has_admin,
    keep_password,
    password_of,
    secret,
    users_list,
)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as store:
        yield store


@pytest.fixture
def staffed(store: Store) -> Store:
    add_user(store, "chief", "admin", "hash-1", now=NOW)
    add_user(store, "desk", "commander", "hash-2", now=NOW)
    return store


def session(token: str, user: str = "desk", at: datetime = NOW) -> Session:
    return Session(token, user, "commander", f"csrf-{token}", at, at, at + timedelta(days=7))


def test_accounts_are_listed_by_name_and_are_no_change_of_the_town(store: Store) -> None:
    assert not any_user(store)
    assert not has_admin(store)
    before = store.revision, store.stamp
    add_user(store, "zoe", "admin", "hash", now=NOW)
    add_user(store, "Ann", "viewer", "hash", now=NOW)
    assert [(user.name, user.role) for user in users_list(store)] == [
        ("Ann", "viewer"),
        ("zoe", "admin"),
    ]
    assert any_user(store)
    assert has_admin(store)
    assert (store.revision, store.stamp) == before


def test_the_first_account_is_an_administrator(store: Store) -> None:
    with pytest.raises(ConflictError, match="--role admin"):
        add_user(store, "eye", "viewer", "hash")
    assert users_list(store) == ()


def test_a_name_is_there_once(staffed: Store) -> None:
    for name in ("desk", "DESK"):
        with pytest.raises(ConflictError, match="account desk already"):
            add_user(staffed, name, "viewer", "hash")
    assert password_of(staffed, "desk") == "hash-2"


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"disabled": True}])
def test_one_administrator_stays(staffed: Store, change: dict[str, object]) -> None:
    with pytest.raises(ConflictError, match="one administrator"):
        change_user(staffed, "chief", **change)  # type: ignore[arg-type]
    assert has_admin(staffed)
    add_user(staffed, "second", "admin", "hash")
    assert change_user(staffed, "chief", **change) != users_list(staffed)[2]  # type: ignore[arg-type]
    assert has_admin(staffed)


def test_who_is_not_there_cannot_be_changed(staffed: Store) -> None:
    with pytest.raises(NotFoundError, match="user list"):
        change_user(staffed, "nobody", role="admin")


def test_a_disabled_account_has_no_password_and_no_session(staffed: Store) -> None:
    start_session(staffed, session("t1"))
    start_session(staffed, session("t2", "chief"))
    change_user(staffed, "desk", disabled=True)
    assert password_of(staffed, "desk") is None
    assert password_of(staffed, "nobody") is None
    assert session_of(staffed, "t1") is None
    assert session_of(staffed, "t2") is not None
    change_user(staffed, "desk", disabled=False)
    assert password_of(staffed, "desk") == "hash-2"
    assert session_of(staffed, "t1") is None


def test_a_new_password_ends_sessions_and_a_newer_hash_does_not(staffed: Store) -> None:
    start_session(staffed, session("t1"))
    keep_password(staffed, "desk", "hash-3")
    assert session_of(staffed, "t1") is not None
    change_user(staffed, "desk", password="hash-4")
    assert (session_of(staffed, "t1"), password_of(staffed, "desk")) == (None, "hash-4")


def test_a_session_has_the_role_of_its_account_as_it_is_now(staffed: Store) -> None:
    start_session(staffed, session("t1"))
    change_user(staffed, "desk", role="planner")
    found = session_of(staffed, "t1")
    assert found == replace(session("t1"), role="planner")
    assert session_of(staffed, "t2") is None


def test_sessions_are_seen_listed_and_ended(staffed: Store) -> None:
    for number, user in enumerate(["desk", "desk", "chief"]):
        start_session(staffed, session(f"t{number}", user, NOW + timedelta(minutes=number)))
    see_session(staffed, "t0", NOW + timedelta(hours=1))
    assert [one.token for one in sessions_list(staffed)] == ["t0", "t2", "t1"]
    assert [one.token for one in sessions_list(staffed, "chief")] == ["t2"]
    end_session(staffed, "t0")
    assert end_sessions(staffed, "chief") == 1
    assert [one.token for one in sessions_list(staffed)] == ["t1"]
    assert end_sessions(staffed) == 1


def test_sessions_that_have_ended_are_forgotten_at_the_next_login(staffed: Store) -> None:
    start_session(staffed, session("old"))
    start_session(staffed, session("new", at=NOW + timedelta(days=7, seconds=1)))
    with reading(staffed.engine) as connection:
        assert connection.execute(select(tables.sessions.c.token)).scalars().all() == ["new"]


def test_attempts_are_limited_within_their_time(store: Store) -> None:
    for second in (0, 10, 20):
        assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=second)) == 0
    assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=30)) == 30
    assert count_attempt(store, "other", 3, 60, now=NOW + timedelta(seconds=30)) == 0
    # What was refused was not counted: after the first one's time there is room for one.
    assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=61)) == 0
    assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=61)) == 9


def test_attempts_are_limited_as_by_a_list(store: Store) -> None:
    key = (f"k{number}" for number in count())

    @given(st.lists(st.integers(0, 300), max_size=12), st.integers(1, 5), st.integers(1, 400))
    @settings(max_examples=40)
    def holds(gaps: list[int], most: int, within_s: int) -> None:
        at, counted, mine = NOW, [], next(key)
        for gap in gaps:
            at += timedelta(seconds=gap)
            refused = sum((at - t).total_seconds() < within_s for t in counted) >= most
            assert (count_attempt(store, mine, most, within_s, now=at) > 0) == refused
            counted += [] if refused else [at]

    holds()


def test_attempts_are_forgotten_all_or_the_last(store: Store) -> None:
    for second in range(3):
        count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=second))
    forget_attempts(store, "k", last=1)
    assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=3)) == 0
    assert count_attempt(store, "k", 3, 60, now=NOW + timedelta(seconds=4)) == 56
    forget_attempts(store, "k")
    assert count_attempt(store, "k", 1, 60, now=NOW + timedelta(seconds=4)) == 0


def test_two_programs_share_one_limit(tmp_path: Path) -> None:
    path, refused = tmp_path / "town.db", []
    open_store(path, create=True).close()

    def attempts() -> None:
        with open_store(path) as store:
            refused.extend(count_attempt(store, "k", 10, 60, now=NOW) > 0 for _ in range(10))

    threads = [threading.Thread(target=attempts) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refused) == [False] * 10 + [True] * 10


def test_a_secret_is_made_once_for_each_name(tmp_path: Path) -> None:
    path = tmp_path / "town.db"
    with open_store(path, create=True) as store:
        first = secret(store, "links")
        assert len(first) == 32
        assert secret(store, "links") == first
        assert secret(store, "other") != first
    with open_store(path) as store:
        assert secret(store, "links") == first


def test_the_audit_log_is_read_backwards_filtered_and_pruned(store: Store) -> None:
    for day, (who, action) in enumerate([("a", "login"), ("b", "change"), ("a", "change")]):
        add_audit(store, who, action, {"day": day}, now=NOW + timedelta(days=day))
    assert [row.detail["day"] for row in audit_rows(store)] == [2, 1, 0]
    assert [row.detail["day"] for row in audit_rows(store, most=1)] == [2]
    assert [row.detail["day"] for row in audit_rows(store, who="a", action="change")] == [2]
    assert prune_audit(store, NOW + timedelta(days=1)) == 1
    assert [row.detail["day"] for row in audit_rows(store)] == [2, 1]
