"""How far service points reach: 24-hour self-service and backpack teams, on foot and by e-bike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.layers import Layers
from gis.profiles import load
from gis.streets import Streets
from gis.villages_of import village_of
from planner.params import ResponseParams
from planner.response_bands import within
from planner.response_beside import beside
from planner.response_demand import Demand, own_pieces
from planner.response_kernels import first_two_beside
from planner.response_streets import Pieces, piece_times
from planner.response_times import LAST_LIMIT_M, POST_LIMIT_M
from planner.results import names_of
from planner.results_response import SERVICE

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def services_table(
    layers: Layers,
    streets: Streets,
    drawn: Streets,
    pieces: Pieces,
    demands: Sequence[Demand],
    params: ResponseParams,
    table: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return how much lies within reach of service points, by kind of point and mode.

    Parameters
    ----------
    layers
        The town.
    streets, drawn, pieces
        Its network by day, the same with nothing closed, and the pieces of its streets.
    demands
        What is to be reached, in the villages: streets ("street_m"), which count where they are,
        and others, which are walked to from the nearest street.
    params
        Numbers of response.
    table
        A table like `data/profiles/services.toml`, the default.

    Returns
    -------
    DataFrame
        Columns `planner.results_response.SERVICE`, cumulative; kinds without a point are left
        out.
    """
    table = load("services") if table is None else table
    points = layers["service_points"]
    asked = {kind: points[points["kind"] == kind] for kind in table["kinds"]}
    kept = []
    for mode in table["modes"] if any(map(len, asked.values())) else ():
        for kind, mine in asked.items():
            village = village_of(mine.geometry.x, mine.geometry.y, layers["villages"])
            limit_s, back = float(max(table["within_s"])), table["kinds"][kind] == "to"
            starts = beside(
                streets, drawn, mine, mode, params.post_ms("foot"), limit_m=POST_LIMIT_M
            )
            time_s = piece_times(streets, pieces, starts, mode=mode, limit_s=limit_s, reverse=back)
            reached = [(d, _beside(drawn, pieces, d, time_s, mode, params)) for d in demands]
            for scope, code, title, part in _scopes(layers) if len(mine) else ():
                rows = _rows(code, title, part, village, reached, table["within_s"])
                kept.append(rows.assign(kind=kind, mode=mode, scope=scope))
    if not kept:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in SERVICE})
    whole = pd.concat(kept, ignore_index=True).reindex(columns=SERVICE)
    words = dict.fromkeys(("kind", "mode", "scope", "code", "name"), "str")
    return whole.astype(words)


def _beside(
    drawn: Streets,
    pieces: Pieces,
    demand: Demand,
    time_s: Floats,
    mode: str,
    params: ResponseParams,
) -> Floats:
    """Return the time at each place of a demand, by the times at the pieces of street."""
    if demand.what == "street_m":
        return time_s
    at = np.flatnonzero(np.isfinite(time_s))
    found_s, _, _ = first_two_beside(
        demand.xy,
        own_pieces(demand.xy, pieces, drawn.mainland(mode).usable),
        pieces.xy[at],
        at,
        time_s[at],
        np.full(len(at), np.inf),
        np.zeros(len(at), np.int64),
        *params.last_ms("foot"),
        LAST_LIMIT_M,
    )
    return np.asarray(found_s)


def _scopes(layers: Layers) -> list[tuple[str, list[str], list[str], Ints]]:
    """Return name, codes, names and the part of each village: town, stations, villages."""
    villages, stations = layers["villages"], layers["stations"]
    own = villages["station"].astype("str")
    codes = sorted(set(own.dropna()))
    known = dict(zip(stations["code"], names_of(stations), strict=True))
    return [
        ("town", [""], [layers.town], np.zeros(len(villages), np.int64)),
        (
            "station",
            codes,
            [str(known.get(code, code)) for code in codes],
            pd.Index(codes, dtype=object)
            .get_indexer(pd.Index(own.to_numpy(object)))
            .astype(np.int64),
        ),
        (
            "village",
            villages["code"].tolist(),
            names_of(villages).tolist(),
            np.arange(len(villages)),
        ),
    ]


def _rows(
    code: list[str],
    title: list[str],
    part: Ints,
    village: Ints,
    reached: Sequence[tuple[Demand, Floats]],
    within_s: Sequence[float],
) -> pd.DataFrame:
    """Return one row for each part and time."""
    n, times = len(code), len(within_s)
    there = np.append(part, -1)[village]
    columns: dict[str, Any] = {
        "code": np.repeat(np.asarray(code, object), times),
        "name": np.repeat(np.asarray(title, object), times),
        "within_s": np.tile(np.asarray(within_s, float), n),
        "points": np.repeat(np.bincount(there[there >= 0], minlength=n), times),
    }
    for demand, time_s in reached:
        of = np.append(part, -1)[demand.part["village"]]
        found = within(of, n, demand.amount, time_s, within_s)
        inner = demand.what.replace("_m", "_in_m") if "_m" in demand.what else f"{demand.what}_in"
        columns[demand.what] = np.repeat(found[0], times)
        columns[inner] = found[1:].T.ravel()
    return pd.DataFrame(columns)
