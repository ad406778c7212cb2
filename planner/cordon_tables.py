"""Tables of the cordon that a town may change: laid over those of the profile, and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from gis.errors import ParameterError
from gis.modes import MODES
from gis.profiles import load
from planner.limits import overlaid

# Tables that a town may add rows to: kinds of street, kinds of checkpoint.
_OPEN = ("exit_weight", "checkpoints.holds", "checkpoints.setup_s")
# Tables whose numbers must be above 0.
_ABOVE_0 = ("speed_ms", "car", "exit_weight")


def profile_tables() -> dict[str, Any]:
    """Return the tables of `data/profiles/cordon.toml`, its plain numbers left out."""
    return {k: v for k, v in load("cordon").items() if isinstance(v, Mapping | list)}


def tables_with(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the profile's tables with parts of them changed, however deep they lie.

    Presets are changed by their id, and those of another id added; other lists are replaced.

    Examples
    --------
    >>> tables_with({"speed_ms": {"foot": 3}})["speed_ms"]
    {'foot': 3, 'ebike': 8.3}
    >>> len(tables_with({"presets": [{"id": "foot-now", "horizon_s": 300}]})["presets"])
    9
    """
    tables = profile_tables()
    whole = overlaid(tables, {name: one for name, one in changes.items() if name in tables})
    if "presets" in changes and _with_ids(changes["presets"]):
        rows = {row["id"]: row for row in tables["presets"]}
        for row in changes["presets"]:
            rows[row["id"]] = {**rows.get(row["id"], {}), **row}
        whole["presets"] = list(rows.values())
    return whole


def table_faults(tables: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with tables of the cordon, each with its name; [] if nothing is.

    Examples
    --------
    >>> table_faults({"speed_ms": {"foot": -1, "ebike": "fast"}})
    ['speed_ms.foot must be above 0, not -1', "speed_ms.ebike must be a number, not 'fast'"]
    """
    profile = profile_tables()
    rest = {name: value for name, value in tables.items() if name != "presets"}
    faults = [one for name, value in rest.items() for one in _faults(name, value, profile[name])]
    if "presets" in tables:
        faults += _preset_faults(tables["presets"], profile["presets"][0])
    return faults + _unknown_presets(tables)


def raise_all(*checks: Callable[[], object]) -> None:
    """Call checks, and raise once what they raise together.

    Raises
    ------
    ParameterError
        If one of them raises it.
    """
    faults = []
    for check in checks:
        try:
            check()
        except ParameterError as error:
            faults.append(str(error))
    if faults:
        raise ParameterError("; ".join(faults))


def _faults(name: str, value: Any, like: Any) -> list[str]:
    """Return in what a value is of another kind than that of the profile."""
    if isinstance(like, Mapping):
        return _table_faults(name, value, like)
    if isinstance(like, bool):
        good = isinstance(value, bool)
        return [] if good else [f"{name} must be true or false, not {value!r}"]
    if isinstance(like, int | float):
        return _number_faults(name, value)
    if isinstance(like, str):
        return [] if isinstance(value, str) and value else [f"{name} must be text, not {value!r}"]
    words = isinstance(value, Sequence) and not isinstance(value, str)
    if words and all(isinstance(word, str) for word in value):
        return []
    return [f"{name} must be a list of texts, not {value!r}"]


def _table_faults(name: str, value: Any, like: Mapping[str, Any]) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{name} must be a table, not {value!r}"]
    usual = next(iter(like.values())) if name in _OPEN else None
    unknown = [key for key in value if key not in like and usual is None]
    faults = [f"{name} does not know {', '.join(unknown)}"] if unknown else []
    lacking = [key for key in like if key not in value]
    faults += [f"{name} lacks {', '.join(lacking)}"] if lacking else []
    for key, one in value.items():
        if key in like or usual is not None:
            faults += _faults(f"{name}.{key}", one, like.get(key, usual))
    return faults


def _number_faults(name: str, value: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return [f"{name} must be a number, not {value!r}"]
    if name.split(".")[0] in _ABOVE_0:
        return [] if value > 0 else [f"{name} must be above 0, not {value}"]
    return [] if value >= 0 else [f"{name} must not be below 0, not {value}"]


def _preset_faults(rows: Any, like: Mapping[str, Any]) -> list[str]:
    if not _with_ids(rows):
        return ["presets must be tables with an id"]
    faults = []
    for row in rows:
        name = f"presets.{row['id']}"
        faults += _faults(name, row, like)
        if "mode" in row and row["mode"] not in MODES:
            faults.append(f"{name}.mode must be one of {', '.join(MODES)}, not {row['mode']!r}")
    return faults


def _unknown_presets(tables: Mapping[str, Any]) -> list[str]:
    """Return that plans name presets that there are not."""
    plans, rows = tables.get("plans"), tables.get("presets")
    if not isinstance(plans, Mapping) or not _with_ids(rows):
        return []
    known = [row["id"] for row in rows or ()]
    named = plans.get("presets")
    unknown = [one for one in named if one not in known] if isinstance(named, list | tuple) else []
    return [f"plans.presets: there is no {', '.join(map(str, unknown))}"] if unknown else []


def _with_ids(rows: Any) -> bool:
    """Return whether these are tables that have an id each."""
    many = isinstance(rows, list | tuple)
    return many and all(isinstance(row, Mapping) and "id" in row for row in rows)
