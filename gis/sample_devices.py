"""What the cameras of the made-up town are: kinds, lenses, dates, states and codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Flags = npt.NDArray[np.bool_]

# Digits 1 to 8 of every code: the district and a base unit.
CENTRE = "33060200"
# Digit 14 of a code, by whether the camera is networked.
NETWORKED, APART = ["0", "1", "6"], ["2", "7"]
ALL_ROUND = ("dome", "panning", "panorama")


def camera_columns(
    places: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the cameras with every column of the layer.

    Parameters
    ----------
    places
        As `gis.sample_cameras.camera_places` returns them.
    table
        As `data/profiles/sample.toml`.
    rng
        Source of chance.

    Returns
    -------
    DataFrame
        Same index and order.
    """
    about, failing = table["cameras"], table["failing"]
    n = len(places)
    letter, group = places["letter"], places["group"]
    groups = {name: about["groups"][name] for name in group.unique()}
    kind = np.empty(n, dtype=object)
    height_m = np.empty(n)
    for name, row in groups.items():
        own = (group == name).to_numpy()
        kinds = row["kinds"]
        kind[own] = rng.choice(list(kinds), p=list(kinds.values()), size=own.sum())
        low, high = row["height_m"]
        height_m[own] = rng.uniform(low, high, own.sum())
    status = _status(letter, failing, about, rng)
    networked = (rng.random(n) >= about["offline_share"]) & ~_in(letter, failing["none_networked"])
    installed, removed = _dates(status, int(table["town"]["year"]), rng)
    lens = _lenses(kind, about, rng)
    direction = _directions(places["azimuth_deg"].to_numpy(float), kind, letter, table, rng)
    indoor = (group == "indoor").to_numpy()
    online = np.where(status == "in_use", rng.beta(30, 1.2, n), rng.beta(2, 6, n))
    second = letter.isin([x for beat in table["beats"]["second_station"] for x in beat])
    poles = pd.Series([f"G{number:05d}" for number in range(1, n + 1)], index=places.index)
    hd = rng.random(n) < np.clip((pd.to_datetime(installed).year.to_numpy() - 2012) / 7, 0.1, 1)
    return places.assign(
        code=_codes(group, groups, networked, rng),
        kind=kind,
        height_m=height_m.round(1),
        tilt_deg=np.where(rng.random(n) < 0.8, rng.uniform(8, 28, n).round(0), np.nan),
        networked=networked,
        hd=hd,
        indoor=indoor,
        mobile=False,
        status=status,
        installed=installed,
        removed=removed,
        online_share=np.where(status == "removed", np.nan, online.round(3)),
        builder=group.map({name: row["builder"] for name, row in groups.items()}),
        point_class=group.map({name: row["point_class"] for name, row in groups.items()}),
        police_unit=np.where(second, "产业园区派出所", "沥海派出所"),
        sign_posted=(rng.random(n) < about["sign_share"]) & ~_in(letter, failing["no_signs"]),
        pole_no=poles.where(group.isin(["junction", "lane", "road", "entrance"]), None),
        **lens,
        **direction,
    )


def _in(letter: pd.Series[Any], letters: list[str]) -> Flags:
    return letter.isin(letters).to_numpy(dtype=bool)


def _status(
    letter: pd.Series[Any],
    failing: Mapping[str, Any],
    about: Mapping[str, Any],
    rng: np.random.Generator,
) -> npt.NDArray[np.object_]:
    broken = _in(letter, failing["all_in_repair"])
    n = len(letter)
    # Those of the village where all are broken are among the share in repair.
    share = max(0.0, about["repair_share"] * n - broken.sum()) / max(1, n - broken.sum())
    chance = rng.random(n)
    status = np.full(n, "in_use", dtype=object)
    status[chance < share + about["removed_share"]] = "removed"
    status[chance < share] = "repair"
    status[broken] = "repair"
    return status


def _dates(
    status: npt.NDArray[np.object_], year: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.object_]]:
    first = np.datetime64("2013-03-01")
    days = (np.datetime64(f"{year}-10-31") - first).astype(int)
    # More of them in later years.
    built = first + (days * rng.beta(2.2, 1.4, len(status))).astype(int)
    left = (np.datetime64(f"{year}-12-15") - built).astype(int)
    gone = built + (left * rng.uniform(0.3, 1.0, len(status))).astype(int)
    taken_down = pd.Series(gone.astype(str)).where(status == "removed", None)
    return built.astype(str), taken_down.to_numpy(dtype=object)


def _lenses(
    kind: npt.NDArray[np.object_], about: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """Return the columns of the lens, and field of view and range where the lens is not known."""
    n = len(kind)
    lenses = pd.DataFrame(about["lenses"]).iloc[rng.integers(0, len(about["lenses"]), n)]
    known = (rng.random(n) < about["lens_known_share"]) & (kind == "fixed")
    stated = ~known & (rng.random(n) < 0.5)
    round_about = np.isin(kind, ALL_ROUND)
    fov_deg = np.select([round_about, kind == "half_dome"], [360.0, 180.0], 80.0)
    range_m = np.select([kind == "panning", round_about], [70.0, 40.0], 50.0)
    columns: dict[str, Any] = {
        name: np.where(known, lenses[name].to_numpy(float), np.nan) for name in lenses.columns
    }
    columns["fov_deg"] = np.where(stated | round_about, fov_deg, np.nan)
    columns["range_m"] = np.where(stated, range_m, np.nan)
    return columns


def _directions(
    azimuth_deg: npt.NDArray[np.float64],
    kind: npt.NDArray[np.object_],
    letter: pd.Series[Any],
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return azimuth and its doubt: none all round, some unknown, some by eight points."""
    about, n = table["cameras"], len(kind)
    round_about = np.isin(kind, ALL_ROUND)
    blind = _in(letter, table["failing"]["directions_unknown"])
    share = (about["unknown_direction_share"] * n - (blind & ~round_about).sum()) / n
    chance = rng.random(n)
    unknown = blind | (chance < share * n / max(1, (~round_about & ~blind).sum()))
    eight = ~unknown & (rng.random(n) < about["eight_way_share"])
    exact = (azimuth_deg + rng.normal(0, 3, n)).round(0) % 360
    rounded = (np.rint(azimuth_deg / 45) * 45) % 360
    nothing = round_about | unknown
    return {
        "azimuth_deg": np.where(nothing, np.nan, np.where(eight, rounded, exact)),
        "azimuth_doubt_deg": np.where(nothing, np.nan, np.where(eight, 22.5, 2.0)),
    }


def _codes(
    group: pd.Series[Any],
    groups: Mapping[str, Any],
    networked: Flags,
    rng: np.random.Generator,
) -> list[str]:
    """Return 20-digit codes: centre, industry, type (camera or IPC), network, serial number."""
    n = len(group)
    types = rng.choice(["131", "132"], p=[0.3, 0.7], size=n).tolist()
    net = np.where(networked, rng.choice(NETWORKED, size=n), rng.choice(APART, size=n)).tolist()
    return [
        f"{CENTRE}{groups[name]['industry']}{types[at]}{net[at]}{at + 1:06d}"
        for at, name in enumerate(group)
    ]
