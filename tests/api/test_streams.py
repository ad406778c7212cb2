"""Streams of events end by themselves, so that who may listen is asked again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from api import streams


def test_a_stream_is_over_after_its_time() -> None:
    now = time.monotonic()
    assert not streams.is_over(now)
    assert streams.is_over(now - streams.MOST_S)


def test_who_lost_the_account_hears_no_more(
    enter: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream that is over by its time is asked for again, and refused without a session."""
    monkeypatch.setattr(streams, "MOST_S", 0.0)
    viewer = enter("viewer")
    told = viewer.get("/displays/wall/events")
    assert (told.status_code, told.text) == (200, "")
    viewer.cookies.clear()
    assert viewer.get("/displays/wall/events").status_code == 401
