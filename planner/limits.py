"""Numbers held to their limits."""

from __future__ import annotations

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
