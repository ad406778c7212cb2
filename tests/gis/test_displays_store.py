"""What wall screens show, in the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import NotFoundError, ParameterError
from gis.store import Store, open_store
from gis.store_displays import MOST_LETTERS, Display, display_of, may_show, show_on

NOW = datetime(2026, 11, 26, 20, 14, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as store:
        yield store


def test_a_screen_shows_what_was_shown_last(store: Store) -> None:
    stamp = store.stamp
    with pytest.raises(NotFoundError, match="screen 1"):
        display_of(store, "1")
    show_on(store, "1", "/?lang=zh", NOW)
    show_on(store, "hall", "/pages/duty", NOW)
    made = show_on(store, "1", "/pages/incident?lon=120.7#at=14/30/120", NOW + timedelta(seconds=1))
    assert display_of(store, "1") == made
    assert made == Display(
        "1", "/pages/incident?lon=120.7#at=14/30/120", datetime(2026, 11, 26, 12, 14, 1, tzinfo=UTC)
    )
    assert made.summary() == "1: /pages/incident?lon=120.7#at=14/30/120"
    assert display_of(store, "hall").address == "/pages/duty"
    assert store.stamp == stamp


@pytest.mark.parametrize(
    "address",
    [
        "//elsewhere.example/", "https://elsewhere.example/", "javascript:alert(1)", "/\\elsewhere",
        "/users", "/pages/", "/pages/../users", "/pages/duty/x", "", "pages/duty", "/\n",
        "/?" + "x" * MOST_LETTERS, "http://[", "/p/token",
    ],
)  # fmt: skip
def test_only_pages_of_our_own_are_shown(store: Store, address: str) -> None:
    assert not may_show(address)
    with pytest.raises(ParameterError, match="pages of this server"):
        show_on(store, "1", address, NOW)


def test_every_fault_is_told_at_once(store: Store) -> None:
    with pytest.raises(ParameterError, match=r"letters, digits.*pages of this server"):
        show_on(store, "a b", "/users", NOW)


@given(st.text(max_size=40))
def test_what_may_be_shown_stays_on_this_server(text: str) -> None:
    for address in (text, "/" + text, "/pages/" + text):
        if may_show(address):
            assert address.startswith("/")
            assert not address.startswith("//")
            assert "\\" not in address
            path = address.split("?")[0].split("#")[0]
            assert path == "/" or path.removeprefix("/pages/").isalpha()
