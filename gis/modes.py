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
        kmh = kmh.clip(lower=table.get("least_kmh", 0))
    elif mode == "ebike":
        kmh = kmh.where(limit.isna() | kmh.isna(), np.fmin(kmh, limit))
    pace = (3.6 / kmh).fillna(np.inf).to_numpy(dtype=np.float64)

    oneway = _oneway(streets, mode)
    wrong_way = np.full(len(pace), np.inf)
    if mode == "car" and "against_oneway_kmh" in table:
        wrong_way = np.maximum(pace, 3.6 / table["against_oneway_kmh"])
    along = np.where(oneway == "reverse", wrong_way, pace)
    against = np.where(oneway == "yes", wrong_way, pace)
    return along, against


def walking_ms(table: Mapping[str, Any] | None = None) -> float:
    """Return how fast people walk where no kind of street says otherwise, m/s.

    Parameters
    ----------
    table
        A table like `data/profiles/speeds.toml`, which is the default.

    Examples
    --------
    >>> round(walking_ms(), 3)
    1.333
    """
    table = load("speeds") if table is None else table
    return float(table["kinds"]["other"]["foot"]) / 3.6


def emergency_speeds(table: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the table of speeds of emergency driving, for `paces` and `Streets.build`.

    Cars only; what it changes, and why, stands in the table's own part [emergency]. Never the
    default: a town has to ask for it.

    Parameters
    ----------
    table
        A table like `data/profiles/speeds.toml`, which is the default.

    Raises
    ------
    ParameterError
        If its part [emergency] is not as it should be.

    Examples
    --------
    >>> street = pd.DataFrame({"highway": ["residential"], "speed_kmh": [36]})
    >>> float(paces(street, "car", emergency_speeds())[0][0])
    0.1
    """
    table = load("speeds") if table is None else table
    _check(table)
    rules = emergency_rules(table)
    kinds = {
        kind: {**row, **({"car": row["car"] * rules["faster"]} if "car" in row else {})}
        for kind, row in table["kinds"].items()
    }
    opened = {"pedestrian": "pedestrian_streets", "busway": "busways"}
    for kind, switch in opened.items():
        if rules[switch] and kind in kinds:
            kinds[kind] = {**kinds[kind], "car": rules[f"{kind}_kmh"]}
    share = dict.fromkeys(table["limit_share"], rules["limit_share"])
    changed = {**table, "kinds": kinds, "limit_share": share, "least_kmh": rules["least_kmh"]}
    if rules["against_oneway"]:
        changed["against_oneway_kmh"] = rules["against_oneway_kmh"]
    return changed


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


def emergency_rules(table: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    """Return what emergency driving changes: part [emergency] of a table of speeds.

    Parameters
    ----------
    table
        A table like `data/profiles/speeds.toml`, which is the default.

    Raises
    ------
    ParameterError
        If that part is not as it should be.
    """
    table = load("speeds") if table is None else table
    rules: Mapping[str, Any] = table.get("emergency", {})
    _check_emergency(rules)
    return rules


def _check_emergency(rules: Mapping[str, Any]) -> None:
    numbers = ("limit_share", "faster", "least_kmh", "delay_share", "against_oneway_kmh")
    faults = [
        f"emergency.{name} = {rules.get(name)!r} is not a number above 0"
        for name in (*numbers, "pedestrian_kmh", "busway_kmh")
        if not _is_positive(rules.get(name))
    ]
    faults += [
        f"emergency.{name} = {rules.get(name)!r} is not true or false"
        for name in ("against_oneway", "pedestrian_streets", "busways")
        if not isinstance(rules.get(name), bool)
    ]
    if faults:
        msg = f"the table of speeds cannot be used: {'; '.join(faults)}"
        raise ParameterError(msg)


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < np.inf


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
            if not _is_positive(value)
        ]
    if faults:
        msg = f"the table of speeds cannot be used: {'; '.join(faults)}"
        raise ParameterError(msg)
