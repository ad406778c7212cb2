"""Sweep: every street or lane of an area walked by teams that begin and end at one base."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from gis.errors import LayerMissingError, NotFoundError, ParameterError
from gis.layers import WGS84, Layers
from gis.modes import check_mode
from gis.profiles import load
from gis.streets import Streets
from gis.ways_to import Leg, line_of
from planner.results import records
from planner.solvers.postman import SweepSolution, sweep
from planner.sweep_graph import SweepGraph, inside, sweep_graph

Flags = npt.NDArray[np.bool_]

TEAM_COLUMNS = ["team", "length_m", "minutes", "first_m", "again_m"]
STREET_COLUMNS = ["team", "order", "code", "name", "length_m", "minutes", "again"]
LEFT_OUT_COLUMNS = ["code", "name", "length_m", "reason"]


@dataclass(frozen=True, eq=False)
class Sweep:
    """The ways of all teams through the streets of one area.

    Parameters
    ----------
    area
        code, name, layer.
    base
        code and name of the team whose base it is (None = the streets nearest to the middle of
        the area), lon, lat.
    mode, speed_kmh
        How the teams move.
    streets_m
        Length of all streets of the area that are swept.
    single_m, bound_m
        Length of one team's way if it went alone, and what the longest way cannot be below.
    teams
        team (from 1), length_m, minutes, first_m (streets swept), again_m (on the way), geometry
        EPSG:4326 (empty for a team that is not needed).
    streets
        What each team walks along in order: team, order, code, name, length_m, minutes, again
        (nothing of it is swept there).
    left_out
        Streets of the area that cannot be swept: code, name, length_m, reason ("closed",
        "cut_off").
    solution
        What was solved; not stored.
    """

    area: dict[str, Any]
    base: dict[str, Any]
    mode: str
    speed_kmh: float
    streets_m: float
    single_m: float
    bound_m: float
    teams: gpd.GeoDataFrame = field(repr=False)
    streets: pd.DataFrame = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    solution: SweepSolution | None = field(default=None, repr=False, metadata={"stored": False})

    def summary(self) -> str:
        """Return a few lines a person can read."""
        longest = float(self.teams["length_m"].max())
        lines = [
            f"Sweep of {self.area['name'] or self.area['code']}: {self.streets_m / 1000:.1f} km of "
            f"streets, the longest way {longest / 1000:.2f} km of at least "
            f"{self.bound_m / 1000:.2f}, from {self.base['name'] or self.base['code'] or 'there'}"
        ]
        lines += [
            f"  team {row['team']}: {row['length_m'] / 1000:.2f} km, {row['minutes']:.0f} min, "
            f"of it {row['again_m'] / 1000:.2f} km only on the way"
            for row in records(self.teams, TEAM_COLUMNS)
        ]
        if len(self.left_out):
            count, length_m = self.left_out["code"].nunique(), self.left_out["length_m"].sum()
            lines.append(f"  left out: {count} streets, {length_m / 1000:.2f} km")
        return "\n".join(lines)

    def document(self) -> dict[str, Any]:
        """Return the answer as JSON-ready values, as `fengqiao sweep --json` prints it."""
        teams = []
        for row, line in zip(records(self.teams, TEAM_COLUMNS), self.teams.geometry, strict=True):
            walked = self.streets[self.streets["team"] == row["team"]]
            geometry = shapely.geometry.mapping(line)
            teams.append(
                {**row, "geometry": geometry, "streets": records(walked, STREET_COLUMNS[1:])}
            )
        return {
            "area": self.area,
            "base": self.base,
            "mode": self.mode,
            "speed_kmh": self.speed_kmh,
            "streets_m": self.streets_m,
            "single_m": self.single_m,
            "bound_m": self.bound_m,
            "teams": teams,
            "left_out": records(self.left_out, LEFT_OUT_COLUMNS),
        }


def plan_sweep(
    layers: Layers,
    streets: Streets | None,
    area_code: str,
    teams: int,
    *,
    team: str | None = None,
    mode: str = "foot",
    speed_kmh: float | None = None,
    seed: int = 0,
) -> Sweep:
    """Return ways for teams that walk every street of an area, the longest as short as can be.

    Parameters
    ----------
    layers
        The town: villages, grids, areas, and the teams, if known, whose bases count.
    streets
        Its street network.
    area_code
        Code of a village, grid or area.
    teams
        How many teams share the work.
    team
        Code of the team from whose base all begin; by default the base nearest to the area, or
        its middle where no base is known.
    mode
        "foot", "ebike" or "car"; cars obey one-way streets, forbidden turns do not count.
    speed_kmh
        Pace while looking; by default that of `data/profiles/sweep.toml`.
    seed
        Of the search.

    Raises
    ------
    LayerMissingError
        If there are no streets, or none of the layers that areas are named in.
    NotFoundError
        If there is no such area or team.
    ParameterError
        If there is no such mode, a number is out of range, or nothing in the area can be swept.
    """
    table = load("sweep")
    _check(teams, mode, speed_kmh, table)
    area, shape = _area(layers, streets, area_code, table["layers"])
    assert streets is not None
    pace_kmh = float(table["speed_kmh"][mode] if speed_kmh is None else speed_kmh)
    own = inside(streets, shape, table["border_m"], table["inside_share"])
    own &= ~np.isin(streets.edge_kind, table["not_swept"])
    usable = streets.mainland(mode).usable
    if not (own & usable).any():
        msg = f"no street in {area_code} can be swept: none is open to {mode} and leads anywhere"
        raise ParameterError(msg)
    base, place = _base(layers, streets, mode, team, own & usable)
    graph = sweep_graph(streets, mode, *place)
    wanted = own[graph.edge]
    solution = sweep(
        graph.ends,
        graph.length_m,
        teams=teams,
        depot=graph.base,
        required=wanted,
        oneway=graph.oneway,
        seed=seed,
    )
    names = layers["streets"].set_index("code")["name"]
    team_table, street_table = _tables(streets, graph, wanted, solution, names, pace_kmh / 3.6)
    return Sweep(
        area,
        base,
        mode,
        pace_kmh,
        float(graph.length_m[wanted].sum()),
        solution.single,
        solution.bound,
        team_table,
        street_table,
        _left_out(streets, own & ~usable, mode, names),
        solution,
    )


def _check(teams: int, mode: str, speed_kmh: float | None, table: dict[str, Any]) -> None:
    check_mode(mode)
    faults = []
    if not 1 <= teams <= table["max_teams"]:
        faults.append(f"teams is {teams}; it must be from 1 to {table['max_teams']}")
    if speed_kmh is not None and not 0.5 <= speed_kmh <= 60:
        faults.append(f"speed_kmh is {speed_kmh}; it must be from 0.5 to 60")
    if faults:
        raise ParameterError("; ".join(faults))


def _area(
    layers: Layers, streets: Streets | None, code: str, names: list[str]
) -> tuple[dict[str, Any], shapely.Geometry]:
    """Return what the area is and its shape in the CRS of the network."""
    lacking = layers.missing("streets")
    if lacking or streets is None:
        raise LayerMissingError("a sweep", lacking or ["streets"])
    there = [name for name in names if layers.has(name)]
    if not there:
        raise LayerMissingError("a sweep", names[:1])
    for layer in there:
        rows = layers[layer][layers[layer]["code"] == code]
        if len(rows):
            name = rows["name"].iloc[0]
            about = {"code": code, "name": name if isinstance(name, str) else None, "layer": layer}
            return about, rows.geometry.to_crs(streets.crs).union_all()
    msg = f"no area has the code {code!r}; it may be one of the layers {', '.join(there)}"
    raise NotFoundError(msg)


def _base(
    layers: Layers, streets: Streets, mode: str, team: str | None, own: Flags
) -> tuple[dict[str, Any], tuple[int, float]]:
    """Return the base and where on the network it is."""
    rows = layers["teams"]
    if team is not None:
        rows = rows[rows["code"] == team]
        if not len(rows):
            msg = f"no team has the code {team!r}"
            raise NotFoundError(msg)
    snapped = streets.snap(rows, mode=mode) if len(rows) else pd.DataFrame({"edge": []})
    on = np.flatnonzero(snapped["edge"].to_numpy() >= 0)
    if team is not None and not len(on):
        msg = f"the base of team {team} is at no street that {mode} can use"
        raise ParameterError(msg)
    swept = shapely.union_all(streets.edge_geometry[own])
    if not len(on):
        return _middle(streets, own, swept)
    far_m = rows.iloc[on].to_crs(streets.crs).distance(swept).to_numpy()
    at = int(on[int(far_m.argmin())])
    place = snapped.iloc[at]
    name, base = rows["name"].iloc[at], rows.geometry.get_coordinates().to_numpy()[at]
    about = {
        "code": rows["code"].iloc[at],
        "name": name if isinstance(name, str) else None,
        "lon": float(base[0]),
        "lat": float(base[1]),
    }
    return about, (int(place["edge"]), float(place["fraction"]))


def _middle(
    streets: Streets, own: Flags, swept: shapely.Geometry
) -> tuple[dict[str, Any], tuple[int, float]]:
    """Return the beginning of the street nearest to the middle of those swept."""
    far_m = shapely.distance(streets.edge_geometry[own], shapely.centroid(swept))
    edge = int(np.flatnonzero(own)[far_m.argmin()])
    first = shapely.get_point(streets.edge_geometry[edge], 0)
    point = gpd.GeoSeries([first], crs=streets.crs).to_crs(WGS84)
    where = {"lon": float(point.x.iloc[0]), "lat": float(point.y.iloc[0])}
    return {"code": None, "name": None, **where}, (edge, 0.0)


def _tables(
    streets: Streets,
    graph: SweepGraph,
    wanted: Flags,
    solution: SweepSolution,
    names: pd.Series[Any],
    speed_ms: float,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the ways of the teams, and the streets along them."""
    teams, rows, lines = [], [], []
    left = wanted.copy()
    for number, walk in enumerate(solution.walks, 1):
        new = np.zeros(len(walk), bool)
        for at, edge in enumerate(walk[:, 0].tolist()):
            new[at], left[edge] = left[edge], False
        legs = graph.legs(walk, speed_ms)
        lines.append(line_of(streets, legs))
        length_m, first_m = (float(graph.length_m[walk[mask, 0]].sum()) for mask in (..., new))
        teams.append((number, length_m, length_m / speed_ms / 60, first_m, length_m - first_m))
        rows += _street_rows(number, streets, legs, new.tolist(), names, speed_ms)
    frame = gpd.GeoDataFrame(
        pd.DataFrame(teams, columns=TEAM_COLUMNS), geometry=lines, crs=streets.crs
    )
    return frame.to_crs(WGS84), pd.DataFrame(rows, columns=STREET_COLUMNS)


def _street_rows(
    team: int,
    streets: Streets,
    legs: tuple[Leg, ...],
    new: list[bool],
    names: pd.Series[Any],
    speed_ms: float,
) -> list[tuple[Any, ...]]:
    """Return the streets of one way in order, those of one name after one another as one."""
    rows: list[tuple[Any, ...]] = []
    told = [
        (
            str(streets.edge_street[leg.edge]),
            abs(leg.end - leg.start) * streets.edge_length_m[leg.edge],
            first,
        )
        for leg, first in zip(legs, new, strict=True)
    ]

    def called(row: tuple[str, float, bool]) -> tuple[str, bool]:
        name = names.get(row[0])
        return (name if isinstance(name, str) else row[0], row[2])

    for order, ((name, first), pieces) in enumerate(groupby(told, called), 1):
        group = list(pieces)
        code, length_m = group[0][0], float(sum(piece[1] for piece in group))
        known = name if isinstance(names.get(code), str) else None
        rows.append((team, order, code, known, length_m, length_m / speed_ms / 60, not first))
    return rows


def _left_out(streets: Streets, edges: Flags, mode: str, names: pd.Series[Any]) -> pd.DataFrame:
    """Return the streets of the area that the mode cannot use, or cannot get to."""
    at = np.flatnonzero(edges)
    times = streets.seconds[mode][: 2 * len(edges)].reshape(-1, 2)[at]
    code = pd.Series(streets.edge_street[at], dtype="str")
    table = pd.DataFrame(
        {
            "code": code,
            "name": code.map(names),
            "length_m": streets.edge_length_m[at],
            "reason": np.where(np.isfinite(times).any(axis=1), "cut_off", "closed"),
        }
    )
    grouped = table.groupby(["code", "reason"], sort=False, as_index=False, dropna=False)
    return grouped.agg(name=("name", "first"), length_m=("length_m", "sum"))[LEFT_OUT_COLUMNS]
