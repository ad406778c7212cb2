"""The places that targets ask: one table a layer, each row with its village and its station."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis import crs as coordinates
from gis.layers import Layers
from gis.villages_of import village_of_rows
from planner.cordon_roads import guarded_roads
from planner.params import Params
from planner.results_coverage import STEPS, Coverage
from planner.results_response import Response
from planner.targets_facts import FactBook, fact_book
from planner.targets_profile import Places

Bools = npt.NDArray[np.bool_]

# Made by `planner.assume`, so nobody's village, post or station.
ASSUMED = "assumed/"
# What road checkpoints tell of roads over the border.
GUARDED = ("inward", "outward", "both", "staffed")
SEEN = ("value", "low", "high")


@dataclass(frozen=True, eq=False)
class AskedPlaces:
    """The places of a question.

    Parameters
    ----------
    table
        Their rows of `place_table`, RangeIndex.
    places
        layer, code, name, village, station of each.
    unsure
        (n,) True where nobody knows whether it belongs.
    lacks
        The columns that leave that open, and for which of them.
    """

    table: pd.DataFrame = field(repr=False)
    places: pd.DataFrame = field(repr=False)
    unsure: Bools = field(repr=False)
    lacks: Mapping[str, Bools] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Sources:
    """All that targets are told from.

    Parameters
    ----------
    layers, coverage, response, params, today
        As `planner.targets.evaluate` takes them.
    facts
        The layer of facts as numbers.
    station_of
        Code of each village to the code of its police station.
    nearest
        For how many villages that station is the nearest one, as they name none.
    tables, asked
        Tables of places made so far, by layer, and the places of questions.
    """

    layers: Layers
    coverage: Coverage | None
    response: Response | None
    params: Params
    today: date
    facts: FactBook
    station_of: Mapping[str, str | None]
    nearest: int
    tables: dict[str, pd.DataFrame] = field(repr=False, default_factory=dict)
    asked: dict[str, AskedPlaces] = field(repr=False, default_factory=dict)


def gather(
    layers: Layers,
    coverage: Coverage | None,
    response: Response | None,
    params: Params,
    today: date,
) -> Sources:
    """Return the sources of targets, each village with its station."""
    station_of, nearest = _stations_of_villages(layers)
    facts = fact_book(layers["facts"], today)
    return Sources(layers, coverage, response, params, today, facts, station_of, nearest)


def police_stations(layers: Layers) -> gpd.GeoDataFrame:
    """Return the town's police stations."""
    stations = layers["stations"]
    return stations[stations["kind"].eq("police").fillna(False).astype(bool)]


def place_table(sources: Sources, layer: str) -> pd.DataFrame:
    """Return the places of a layer with what answers tell of them.

    Parameters
    ----------
    sources
        What targets are told from.
    layer
        A layer, "town" or "road_exits".

    Returns
    -------
    DataFrame
        RangeIndex: code, name, village and station (codes or None), the layer's columns, those
        that coverage and response add, and geometry (shapes, EPSG:4326).
    """
    if layer not in sources.tables:
        sources.tables[layer] = _made(sources, layer)
    return sources.tables[layer]


def asked(sources: Sources, places: Places) -> AskedPlaces:
    """Return the places that are asked.

    A place of which nobody knows whether it belongs is asked as well: its answer is unknown.

    Parameters
    ----------
    sources
        What targets are told from.
    places
        Which rows of which layer.
    """
    name = repr((places.layer, places.only, places.known, places.since, places.facts))
    if name not in sources.asked:
        sources.asked[name] = _asked(sources, places)
    return sources.asked[name]


def _asked(sources: Sources, places: Places) -> AskedPlaces:
    table = place_table(sources, places.layer)
    inside, unsure = np.ones(len(table), bool), np.zeros(len(table), bool)
    unknown_of: dict[str, Bools] = {}
    for column, wanted in places.only.items():
        unknown = table[column].isna().to_numpy(bool)
        fits = table[column].isin(list(wanted)).to_numpy(bool) | (unknown & ("" in wanted))
        unknown_of[column] = unknown & ("" not in wanted) & (column not in places.known)
        inside &= fits | unknown_of[column]
    for column, first in places.since.items():
        unknown_of[column] = table[column].isna().to_numpy(bool)
        later = table[column].ge(first.isoformat()).fillna(False).to_numpy(bool)
        inside &= unknown_of[column] | later
    for key in places.facts:
        number, _ = sources.facts.of(places.layer, key, table["code"].tolist())
        inside &= number == 1
    for unknown in unknown_of.values():
        unsure |= unknown
    rows = table[inside].reset_index(drop=True)
    frame = rows[["code", "name", "village", "station"]]
    frame.insert(0, "layer", places.layer)
    lacks = {c: unknown[inside] for c, unknown in unknown_of.items() if unknown[inside].any()}
    return AskedPlaces(rows, frame, unsure[inside], lacks)


def station_of_rows(sources: Sources, villages: Sequence[Any]) -> list[str | None]:
    """Return the station of each row by its village; None where the village is unknown."""
    return [sources.station_of.get(village) for village in villages]


def _stations_of_villages(layers: Layers) -> tuple[dict[str, str | None], int]:
    villages, stations = layers["villages"], police_stations(layers)
    own = villages["station"].where(villages["station"].isin(stations["code"])).tolist()
    bare = [at for at, station in enumerate(own) if not isinstance(station, str)]
    if bare and len(stations):
        crs = coordinates.crs_of_frames(villages)
        shapes = np.asarray(coordinates.to_metres(villages, crs).geometry.array, dtype=object)
        middles = shapely.centroid(shapes[bare])
        tree = shapely.STRtree(coordinates.to_metres(stations, crs).geometry.to_numpy())
        codes = stations["code"].tolist()
        for at, station in zip(bare, np.atleast_1d(tree.nearest(middles)), strict=True):
            own[at] = codes[station]
    known = [station if isinstance(station, str) else None for station in own]
    return dict(zip(villages["code"], known, strict=True)), len(bare) if len(stations) else 0


def _made(sources: Sources, layer: str) -> pd.DataFrame:
    if layer == "town":
        row = {"code": [sources.facts.town_code()], "name": [sources.layers.town]}
        return pd.DataFrame(row).assign(village=None, station=None, geometry=None)
    if layer == "road_exits":
        return _road_exits(sources)
    rows = sources.layers[layer]
    rows = rows[~rows["code"].str.startswith(ASSUMED)].reset_index(drop=True)
    table = _answers(sources, layer, _with_station(sources, layer, rows))
    if "name" not in table:
        return table.assign(name=table["code"])
    return table.assign(name=table["name"].where(table["name"].notna(), table["code"]))


def _with_station(sources: Sources, layer: str, rows: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    if layer == "stations":
        return table.assign(village=None, station=table["code"])
    if layer == "villages":
        villages = table["code"].tolist()
    elif layer == "grids":
        villages = table["village"].tolist()
    else:
        villages = list(village_of_rows(rows, sources.layers["villages"]))
    station = pd.Series(station_of_rows(sources, villages), index=table.index, dtype="object")
    if layer != "villages" and "station" in table:
        station = table["station"].astype("object").where(table["station"].notna(), station)
    village = pd.Series(villages, index=table.index, dtype="object")
    return table.assign(village=village.where(village.notna(), None), station=station)


def _answers(sources: Sources, layer: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the places with the columns of coverage and response."""
    if layer == "cameras":
        state = table["status"].fillna("in_use")
        return table.assign(state=state, working=_working(sources, table))
    coverage = sources.coverage
    columns = {
        "sites": [*STEPS, *SEEN, "arms", "level"],
        "villages": [*SEEN, "open_ground_m2", "cameras", "networked", "in_service"],
        "areas": [*SEEN, "open_ground_m2", "networked", "in_service"],
        "streets": [*SEEN, "length_m"],
    }.get(layer, [])
    told = None if coverage is None else getattr(coverage, layer, None)
    if told is not None and layer == "streets":
        told = told.rename(columns={"street": "code"})
    table = _joined(table, told, columns)
    if layer == "sites":
        response = None if sources.response is None else sources.response.sites
        tier = table["tier_min"]
        table = _joined(table, response, ["met", "late_s", "tier_min"])
        table = table.assign(tier_min=tier.fillna(table["tier_min"]))
    return table


def _joined(table: pd.DataFrame, told: pd.DataFrame | None, columns: list[str]) -> pd.DataFrame:
    """Return the places with columns of another table, by code."""
    if told is None:
        return table.assign(**{c: np.nan for c in columns if c not in table})
    told = pd.DataFrame(told).drop_duplicates("code").set_index("code")
    there = [c for c in columns if c in told]
    by_code = told[there].reindex(table["code"])
    joined = {c: by_code[c].set_axis(table.index) for c in there}
    return table.assign(**dict.fromkeys(set(columns) - set(there), np.nan), **joined)


def _working(sources: Sources, cameras: pd.DataFrame) -> pd.Series[Any]:
    """Return whether each camera is in service: not in repair, and online for most of its time."""
    share = cameras["online_share"]
    enough = share.ge(sources.params.coverage.in_service_share).astype("boolean")
    return enough.mask(share.isna(), pd.NA).mask(cameras["status"].eq("repair").to_numpy(), False)


def _road_exits(sources: Sources) -> pd.DataFrame:
    """Return where streets that cars may use cross the town's outline, each way out once."""
    roads = guarded_roads(sources.layers, sources.params.cordon.tables)
    station = station_of_rows(sources, roads["village"].tolist())
    table = pd.DataFrame(roads).assign(station=pd.Series(station, roads.index, dtype="object"))
    if sources.layers.has("road_checkpoints"):
        return table
    return table.assign(**dict.fromkeys(GUARDED, np.nan))
