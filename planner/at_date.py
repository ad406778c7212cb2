"""A town's cameras as they were, or will be, on one day."""

from __future__ import annotations

from datetime import date

import numpy as np

from gis.errors import ParameterError
from gis.layers import Layers
from planner.results import Assumed

# The state of a camera that is installed after the day that is asked for.
NOT_YET = "not_yet"


def as_day(day: date | str) -> date:
    """Return a day from its text.

    Raises
    ------
    ParameterError
        If it is no day such as 2025-06-30.

    Examples
    --------
    >>> as_day("2025-06-30")
    datetime.date(2025, 6, 30)
    """
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day.strip())
    except ValueError as error:
        msg = f"a day must be such as 2025-06-30, not {day!r}"
        raise ParameterError(msg) from error


def at_date(layers: Layers, day: date | str) -> Layers:
    """Return a town with its cameras as of one day; everything else stays as it is.

    A camera is there from the day it is installed to the day before it is removed; one without a
    day of installation is there, one removed on an unknown day is not. Whether a camera is in
    repair is known for today only, and kept; one that was removed later was in use.

    Parameters
    ----------
    layers
        The town.
    day
        Such as "2025-06-30".

    Returns
    -------
    Layers
        `status` of the cameras is "not_yet" where they were installed later, "removed" where they
        were gone, "in_use" where they were removed later.

    Raises
    ------
    ParameterError
        If `day` is no day.
    """
    text = as_day(day).isoformat()
    if "cameras" not in layers.frames:
        return layers
    cameras = layers["cameras"]
    installed, removed, status = cameras["installed"], cameras["removed"], cameras["status"]
    later = (installed > text).fillna(False).to_numpy(bool)
    gone = (removed <= text).fillna(False).to_numpy(bool)
    stood = status.eq("removed").to_numpy(bool) & (removed > text).fillna(False).to_numpy(bool)
    state = np.select([later, gone, stood], [NOT_YET, "removed", "in_use"], status.to_numpy(object))
    return layers.replaced(cameras=cameras.assign(status=state).astype({"status": "str"}))


def date_assumptions(layers: Layers, day: date | str) -> tuple[Assumed, ...]:
    """Return what `at_date` takes for granted, with the number of cameras.

    Parameters
    ----------
    layers
        The town as it stands, not as of the day.
    day
        The day asked for.
    """
    text = as_day(day).isoformat()
    cameras, then = layers["cameras"], at_date(layers, day)["cameras"]["status"]
    was_removed = cameras["status"].eq("removed")
    counts = {
        ("installed", f"before {text}"): cameras["installed"].isna() & then.ne("removed"),
        ("removed", f"before {text}"): cameras["removed"].isna() & was_removed & then.eq("removed"),
        ("status", "in repair as today"): then.eq("repair"),
        ("status", "in use before they were removed"): was_removed & then.eq("in_use"),
    }
    return tuple(
        Assumed("cameras", *what, int(rows.sum())) for what, rows in counts.items() if rows.any()
    )
