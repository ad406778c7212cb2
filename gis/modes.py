"""Which modes may use a street, in which direction, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import ParameterError
from gis.profiles import load

MODES = ("foot", "ebike", "car")

# The column of a layer that says yes or no for each mode.
ACCESS_COLUMN = {"foot": "foot", "ebike": "bicycle", "car": "car"}

Floats = npt.NDArray[np.float64]


def check_mode(mode: str) -> str:
    """Return the mode if there is one of this name.

    Raises
    ------
    ParameterError
        If there is not; the message lists those there are.

    Examples
    --------
    >>> check_mode("foot")
    'foot'
    """
    if mode not in MODES:
        msg = f"no mode {mode!r}; the modes are: {', '.join(MODES)}"
        raise ParameterError(msg)
    return mode


def paces(
    streets: pd.DataFrame, mode: str, speeds: Mapping[str, Any] | None = None
) -> tuple[Floats, Floats]:
    """Return the seconds a metre takes along and against each street.

    The kind of street gives the speed and whether the mode may use it; the street's own columns
    come first. A car drives a share of a known limit, an e-bike obeys it. One-way streets bind
    cars, and e-bikes unless `oneway_bicycle` is "no"; never people on foot.

    Parameters
    ----------
    streets
        Layer streets; columns that are absent count as unknown.
    mode
        "foot", "ebike" or "car".
    speeds
        A table like `data/profiles/speeds.toml`, which is the default.

    Returns
    -------
    tuple of ndarray
        (n,) along and (n,) against the drawn direction, s/m; inf where not permitted.

    Raises
    ------
    ParameterError
        If there is no such mode or the table is not as it should be.

    Examples
    --------
    >>> street = pd.DataFrame({"highway": ["residential"], "oneway": ["yes"], "speed_kmh": [36]})
    >>> [float(pace[0].round(4)) for pace in paces(street, "car")]
    [0.1429, inf]
    """
    check_mode(mode)
    table = load("speeds") if speeds is None else speeds
    _check(table)
    kind = _column(streets, "highway")
    kind = kind.where(kind.isin(list(table["kinds"])), "other")
    kmh = kind.map({k: row.get(mode, np.nan) for k, row in table["kinds"].items()})
    kmh = kmh.astype("float64")
    access = _column(streets, ACCESS_COLUMN[mode])
    kmh = kmh.where((access != "yes") | kmh.notna(), table["allowed_by_tag"][mode])
    kmh = kmh.where(access != "no", np.nan)

    limit = pd.to_numeric(_column(streets, "speed_kmh")).astype("float64")
    limit = limit.where(limit > 0)
    if mode == "car":
        shares = table["limit_share"]
        share = kind.map({k: shares.get(k, shares["other"]) for k in table["kinds"]})
        kmh = kmh.where(limit.isna() | kmh.isna(), limit * share)
    elif mode == "ebike":
        kmh = kmh.where(limit.isna() | kmh.isna(), np.fmin(kmh, limit))
    pace = (3.6 / kmh).fillna(np.inf).to_numpy(dtype=np.float64)

    oneway = _oneway(streets, mode)
    along = np.where(oneway == "reverse", np.inf, pace)
    against = np.where(oneway == "yes", np.inf, pace)
    return along, against


def _oneway(streets: pd.DataFrame, mode: str) -> pd.Series[Any]:
    oneway = _column(streets, "oneway")
    if mode == "car":
        return oneway
    if mode == "foot":
        return oneway.where(pd.Series(False, index=oneway.index))
    own = _column(streets, "oneway_bicycle")
    return own.where(own.notna(), oneway)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name in frame:
        return frame[name].astype("object").where(frame[name].notna(), None).reset_index(drop=True)
    return pd.Series([None] * len(frame), dtype="object")


def _check(table: Mapping[str, Any]) -> None:
    faults = [
        f"it lacks [{part}]"
        for part in ("allowed_by_tag", "limit_share", "kinds")
        if part not in table
    ]
    if not faults:
        faults += [] if "other" in table["kinds"] else ["it lacks [kinds.other]"]
        faults += [] if "other" in table["limit_share"] else ["limit_share lacks `other`"]
        faults += [f"allowed_by_tag lacks `{m}`" for m in MODES if m not in table["allowed_by_tag"]]
        rows = {"allowed_by_tag": table["allowed_by_tag"], "limit_share": table["limit_share"]}
        rows |= {f"kinds.{kind}": row for kind, row in table["kinds"].items()}
        faults += [
            f"{where}: {key} = {value!r} is not a speed above 0"
            for where, row in rows.items()
            for key, value in row.items()
            if not (isinstance(value, int | float) and 0 < value < np.inf)
        ]
    if faults:
        msg = f"the table of speeds cannot be used: {'; '.join(faults)}"
        raise ParameterError(msg)
