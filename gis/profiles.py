"""The TOML tables of `data/` as plain dicts."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from gis.errors import NotFoundError


@cache
def load(name: str, folder: str = "profiles") -> dict[str, Any]:
    """Return one table of `data/` as a dict.

    The dict is shared between callers: read it, never change it.

    Parameters
    ----------
    name
        File name without its ending, such as "speeds".
    folder
        Folder inside `data/`.

    Raises
    ------
    NotFoundError
        If there is no such table; the message lists those there are.

    Examples
    --------
    >>> sorted(load("response")["tiers_min"]["by_area_class"])[:2]
    ['key_industry', 'key_public']
    """
    place = resources.files("data") / folder
    table = place / f"{name}.toml"
    if not table.is_file():
        there = sorted(p.name.removesuffix(".toml") for p in place.iterdir())
        msg = f"no table {name!r} in data/{folder}; there are: {', '.join(there)}"
        raise NotFoundError(msg)
    return tomllib.loads(table.read_text(encoding="utf-8"))
