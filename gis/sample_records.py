"""Totals of the made-up town: incidents of a year, and the facts that places hand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.sample_town import Town

Row = dict[str, Any]

# East and north from the middle of a crossing to its corner.
BESIDE_M = (14.0, -16.0)


def incidents_of(
    town: Town, sites: pd.DataFrame, table: Mapping[str, Any], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the layer of incidents: totals by place, kind, month and hour.

    Parameters
    ----------
    town
        The built town.
    sites
        Its layer, geometry in metres.
    table
        As `data/profiles/sample.toml`; `date` is the first day of the month that is meant.
    rng
        Source of chance.
    """
    about = table["incidents"]
    busy = sites[sites["kind"].isin(about["kinds_of_site"]) & (sites["status"] == "built")]
    spots = shapely.get_coordinates(shapely.point_on_surface(busy["geometry"].to_numpy()))
    # Main roads are borders of villages: a place beside the crossing belongs to one of them.
    spots[(busy["kind"] == "junction").to_numpy()] += BESIDE_M
    places = [
        *np.asarray(shapely.points(spots), dtype=object),
        *town.cores["geometry"].iloc[: about["cores"]],
    ]
    n = int(about["rows"])
    kinds = about["kinds"]
    hours = np.array(about["hours"], float)
    rows = pd.DataFrame(
        {
            "place": rng.integers(0, len(places), n),
            "kind": rng.choice(list(kinds), n, p=[row["weight"] for row in kinds.values()]),
            "month": rng.integers(1, 13, n),
            "hour": rng.choice(24, n, p=hours / hours.sum()),
            "count": rng.poisson(0.5, n) + 1,
        }
    )
    by = ["place", "kind", "month", "hour"]
    whole = rows.groupby(by, as_index=False)["count"].sum()
    year = table["town"]["year"]
    return pd.DataFrame(
        {
            "code": [f"I{number:05d}" for number in range(1, len(whole) + 1)],
            "kind": whole["kind"],
            "date": [f"{year}-{month:02d}-01" for month in whole["month"]],
            "hour": whole["hour"],
            "count": whole["count"],
            "geometry": [places[place] for place in whole["place"]],
        }
    )


def facts_of(
    villages: pd.DataFrame,
    grids: pd.DataFrame,
    sites: pd.DataFrame,
    addresses: pd.DataFrame,
    cameras: pd.DataFrame,
    incidents: pd.DataFrame,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the layer of facts for two years, for every key of `data/profiles/facts_keys.toml`.

    Parameters
    ----------
    villages, grids, sites, addresses, cameras, incidents
        Their layers, geometry in metres.
    table
        As `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    year = int(table["town"]["year"])
    years = (year - 1, year)
    rows = [
        *_town(cameras, years, table),
        *_stations(years, table, rng),
        *_villages(villages, incidents, years, table, rng),
        *_grids(grids, villages, addresses, years, table, rng),
        *_sites(sites, years, rng),
    ]
    facts = pd.DataFrame(rows, columns=["place_layer", "place_code", "key", "period", "value"])
    return facts.assign(code=[f"Q{number:05d}" for number in range(1, len(facts) + 1)])


def _text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _by_year(layer: str, code: str, key: str, years: tuple[int, int], values: Any) -> list[Any]:
    return [
        (layer, code, key, str(year), _text(value))
        for year, value in zip(years, values, strict=True)
        if value is not None
    ]


def _town(cameras: pd.DataFrame, years: tuple[int, int], table: Mapping[str, Any]) -> list[Any]:
    code = table["facts"]["town_code"]
    rows: list[Any] = []
    for key, values in table["facts"]["town"].items():
        rows += _by_year("town", code, key, years, values)
    public = cameras[(cameras["point_class"] == "1") & (cameras["status"] != "removed")]
    before = public[public["installed"] < f"{years[1]}-01-01"]
    counts = (len(before), len(public))
    linked = (int(before["networked"].sum()), int(public["networked"].sum()))
    rows += _by_year("town", code, "public_cameras", years, counts)
    return rows + _by_year("town", code, "public_cameras_networked", years, linked)


def _stations(
    years: tuple[int, int], table: Mapping[str, Any], rng: np.random.Generator
) -> list[Any]:
    rows: list[Any] = []
    about = table["facts"]
    for code, keys in about["stations"].items():
        for key, values in keys.items():
            if key == "lawyer_days":
                continue
            rows += _by_year("stations", code, key, years, values)
        for at, year in enumerate(years):
            mean = about["visits_per_officer"][code][at] * keys["community_officers"][at]
            for month in range(1, 13):
                visits = round(mean * float(rng.uniform(0.9, 1.1)))
                period = f"{year}-{month:02d}"
                rows.append(("stations", code, "visits", period, str(visits)))
                days = keys["lawyer_days"][at]
                rows.append(("stations", code, "lawyer_days", period, str(days)))
    return rows


def _villages(
    villages: pd.DataFrame,
    incidents: pd.DataFrame,
    years: tuple[int, int],
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> list[Any]:
    failing = table["failing"]
    tree = shapely.STRtree(villages["geometry"].to_numpy())
    at, owner = tree.query(incidents["geometry"].to_numpy(), predicate="within")
    totals = np.bincount(owner, incidents["count"].to_numpy()[at], len(villages)).astype(int)
    rows: list[Any] = []
    for village, total in zip(villages.to_dict("records"), totals.tolist(), strict=True):
        letter, code = village["letter"], village["code"]
        if letter in failing["facts_missing"]:
            continue
        about = {str(name): value for name, value in village.items()}
        values = _of_village(letter, about, total, table, rng)
        # A day belongs to no year.
        built_on = values.pop("smart_built_on")[1]
        for key, pair in values.items():
            rows += _by_year("villages", code, key, years, pair)
        if built_on is not None:
            rows.append(("villages", code, "smart_built_on", None, built_on))
    return rows


def _of_village(
    letter: str,
    village: Row,
    total: int,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> dict[str, tuple[Any, Any]]:
    """Return the values of one village for the year before and for the year."""
    failing = table["failing"]
    community = village["kind"] == "community"
    large = village["population"] >= 1000
    rising = letter in table["facts"]["rising"]
    before = round(total * float(rng.uniform(0.72, 0.9) if rising else rng.uniform(1.02, 1.4)))
    auxiliaries = 2 if community or village["population"] > 2000 else 1
    if letter in failing["no_auxiliary"]:
        auxiliaries = 0
    if letter in failing["too_few_for_community"]:
        auxiliaries = 1
    smart = letter not in failing["not_smart"]
    built_year = int(rng.integers(2020, 2024))
    built_on = f"{built_year}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 28)):02d}"
    members = int(rng.integers(3, 6)) if large else 0
    if letter in failing["few_members"]:
        members = 2
    full_time = 0 if letter in failing["no_mediator"] else 1
    return {
        "party_member_deputy": (bool(rng.random() < 0.5), bool(rng.random() < 0.7)),
        "officers": (1, 1),
        "auxiliaries": (min(auxiliaries, 1), auxiliaries),
        "mediation_head": (True, letter not in failing["head_missing"]),
        "mediators_full_time": (full_time, full_time),
        "mediation_members": (members, members),
        "mediation_linked": (bool(rng.random() < 0.8), letter not in failing["not_linked"]),
        "smart_village_built": (smart, smart),
        "smart_built_on": (None, built_on if smart else None),
        "incidents_total": (before, total),
    }


def _grids(
    grids: pd.DataFrame,
    villages: pd.DataFrame,
    addresses: pd.DataFrame,
    years: tuple[int, int],
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> list[Any]:
    failing = table["failing"]
    letter_of = dict(zip(villages["code"], villages["letter"], strict=True))
    there = addresses.groupby("grid").size()
    rows: list[Any] = []
    for code, village in zip(grids["code"], grids["village"], strict=True):
        letter = letter_of[village]
        if letter in failing["facts_missing"]:
            continue
        filled = letter not in failing["posts_unfilled"]
        worker = filled and letter not in failing["no_auxiliary"]
        due = round(int(there.get(code, 0)) * float(rng.uniform(1.0, 1.08)))
        rows += _by_year("grids", code, "grid_guide", years, (filled, filled))
        rows += _by_year("grids", code, "grid_worker", years, (bool(rng.random() < 0.8), worker))
        rows += _by_year("grids", code, "addresses_due", years, (due, due))
    return rows


def _sites(sites: pd.DataFrame, years: tuple[int, int], rng: np.random.Generator) -> list[Any]:
    rows: list[Any] = []
    year = years[1]
    for site in sites.to_dict("records"):
        code, kind, built = site["code"], site["kind"], site["status"] == "built"
        if kind == "estate" and built:
            pilot = site["name"] == "创业家园"
            smart = pilot or bool(rng.random() < 0.85)
            rows += _by_year("sites", code, "smart_village_built", years, (smart, smart))
            day = f"{int(rng.integers(2020, 2025))}-{int(rng.integers(1, 13)):02d}-15"
            if smart:
                day = "2019-10-25" if pilot else day
                rows.append(("sites", code, "smart_built_on", None, day))
        if not built and site["status"] != "closed":
            accepted = bool(rng.random() < 0.5)
            rows += _by_year("sites", code, "video_plan_accepted", years, (False, accepted))
        if site["area_class"] == "key_industry" and built:
            rows += _by_year("sites", code, "key_element", years, (True, True))
            for one in years:
                if one < year or rng.random() < 0.9:
                    day = f"{one}-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 28)):02d}"
                    rows.append(("sites", code, "checked_on", str(one), day))
    return rows
