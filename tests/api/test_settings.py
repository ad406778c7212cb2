from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import load_settings
from gis.errors import ParameterError


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_PORT", "9000")
    monkeypatch.setenv("FENGQIAO_WORKSPACE", "town")
    settings = load_settings()
    assert (settings.port, settings.workspace) == (9000, Path("town"))


def test_what_is_given_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_PORT", "9000")
    assert load_settings(port=9001).port == 9001
    assert load_settings(port=None).port == 9000


def test_every_bad_value_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_PORT", "many")
    monkeypatch.setenv("FENGQIAO_TILE_CACHE", "-1")
    with pytest.raises(ParameterError, match=r"FENGQIAO_PORT: .*; FENGQIAO_TILE_CACHE: "):
        load_settings()
