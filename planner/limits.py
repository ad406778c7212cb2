"""Numbers held to their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.errors import ParameterError


def check_limits(params: Any, **limits: tuple[float, float]) -> None:
    """Raise if a number lies outside its limits, naming all that do.

    Parameters
    ----------
    params
        A dataclass of numbers.
    limits
        Field to (lowest, highest), both allowed.

    Raises
    ------
    ParameterError
        If any number is outside, or is no number.
    """
    wrong = []
    for name, (low, high) in limits.items():
        value = getattr(params, name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            wrong.append(f"{name} must be a number, not {value!r}")
        elif not low <= value <= high:
            wrong.append(f"{name} must be from {low} to {high}, not {value}")
    if wrong:
        raise ParameterError("; ".join(wrong))


def overlaid(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table of numbers with parts of it changed, however deep they lie.

    Examples
    --------
    >>> overlaid({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"c": 5}})
    {'a': {'b': 1, 'c': 5}, 'd': 3}
    """
    whole = dict(table)
    for key, value in changes.items():
        below = whole.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            whole[key] = overlaid(below, value)
        else:
            whole[key] = value
    return whole
