"""The old villages: winding lanes, and rows of houses along them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from gis.sample_drawn import Drawn, Rows, houses_along

Floats = npt.NDArray[np.float64]

# Lanes run on so far over the lane they end at; what stands over is cut off with the stubs.
OVER_M = 0.6
# A way out of a village that meets no main road within this distance is not built.
WAY_OUT_M = 1500.0
# The points of a lane stand so far apart.
STEP_M = 9.0
HEADINGS_DEG = {"东": 0.0, "北": 90.0, "西": 180.0, "南": 270.0}


@dataclass(frozen=True)
class Core:
    """The frame of one old village: s along its rows of houses, t from row to row.

    Parameters
    ----------
    middle
        Its centre on the ground, metres.
    turn_deg
        Direction of its rows, counter-clockwise from east.
    half
        Half its length (s) and half its depth (t), metres.
    waves
        (amplitude, wavelength, phase) of the bends of the rows (two) and of the cross lanes.
    """

    middle: tuple[float, float]
    turn_deg: float
    half: tuple[float, float]
    waves: tuple[tuple[float, float, float], ...]

    def ground(self, s: npt.ArrayLike, t: npt.ArrayLike) -> Floats:
        """Return places on the ground, (n, 2) metres."""
        along, up = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        first, second, third = (
            a * np.sin(2 * math.pi * x / w + p)
            for (a, w, p), x in zip(self.waves, (along, along, up), strict=True)
        )
        bent_s, bent_t = along + third, up + first + second
        cos, sin = math.cos(math.radians(self.turn_deg)), math.sin(math.radians(self.turn_deg))
        return np.stack(
            [
                self.middle[0] + cos * bent_s - sin * bent_t,
                self.middle[1] + sin * bent_s + cos * bent_t,
            ],
            axis=-1,
        )

    def reach(self, t: float) -> float:
        """Return how far a row at t reaches from the middle."""
        return self.half[0] * math.sqrt(max(0.0, 1 - (t / (self.half[1] * 1.08)) ** 2))


def draw_core(
    middle: Floats,
    turn_deg: float,
    room: tuple[float, float],
    name: str,
    main_roads: Any,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> Drawn:
    """Return one old village.

    Parameters
    ----------
    middle
        (2,) its centre, metres.
    turn_deg
        Direction of its rows.
    room
        Half the length and depth that it may take, metres.
    name
        What its lanes are called after, such as "民生".
    main_roads
        The main roads as one geometry: ways out lead to them.
    table
        `lanes` of `data/profiles/sample.toml`.
    rng
        Source of chance.
    """
    half = (
        min(room[0], float(rng.uniform(*table["half_length_m"]))),
        min(room[1], float(rng.uniform(*table["half_depth_m"]))),
    )
    waves = (
        (rng.uniform(*table["wave_m"]), rng.uniform(260, 420), rng.uniform(0, 6.3)),
        (rng.uniform(0.8, 2.0), rng.uniform(85, 130), rng.uniform(0, 6.3)),
        (rng.uniform(5.0, 12.0), rng.uniform(110, 190), rng.uniform(0, 6.3)),
    )
    core = Core((float(middle[0]), float(middle[1])), turn_deg, half, waves)
    pitch_m = rng.uniform(*table["row_pitch_m"])
    rows = np.arange(-int(half[1] / pitch_m), int(half[1] / pitch_m) + 1)
    reach = _reaches(core, rows, pitch_m, rng)
    crosses = _crosses(half[0], table["cross_pitch_m"], rng)
    creek = int(rng.choice(rows[rows != 0])) if rng.random() < table["creek_share"] else None
    drawn = Drawn()
    drawn.streets.extend(_cross_lanes(core, crosses, reach, pitch_m, name))
    for j, (low, high) in reach.items():
        if j == creek:
            over = table["creek_width_m"]
            line = core.ground(np.arange(low - 40, high + 40, STEP_M), j * pitch_m)
            bank = shapely.buffer(shapely.linestrings(line), over / 2, quad_segs=3)
            drawn.water.append({"geometry": bank, "name": f"{name}浜"})
        elif j == 0 or rng.random() >= table["bare_rows_share"]:
            missing = 0.0 if j == 0 else table["missing_share"]
            pieces = _pieces(low, high, crosses, missing, rng)
            drawn.streets.extend(_row_lanes(core, pieces, j * pitch_m, name, main=j == 0))
        drawn.buildings.extend(_row(core, low, high, j * pitch_m, f"{name}/{j}", table, rng))
    ways = _ways_out(drawn.streets, turn_deg, name, main_roads, rng)
    drawn.streets.extend(ways)
    for way in ways:
        if rng.random() < table["ribbon_share"]:
            drawn.buildings.extend(_ribbon(way, name, table, rng))
    return drawn


def _reaches(
    core: Core, rows: npt.NDArray[np.int64], pitch_m: float, rng: np.random.Generator
) -> dict[int, tuple[float, float]]:
    """Return where each row begins and ends: an oval with a ragged edge."""
    wide = np.array([core.reach(float(j) * pitch_m) for j in rows])
    ends = []
    for sign in (-1, 1):
        swell = 0.14 * np.sin(rows / rng.uniform(1.2, 2.4) + rng.uniform(0, 6.3))
        ends.append(sign * (wide * (0.9 + swell + rng.uniform(-0.1, 0.1, len(rows))) + 12))
    return {int(j): (float(low), float(high)) for j, low, high in zip(rows, *ends, strict=True)}


def _crosses(half_m: float, pitch_m: list[float], rng: np.random.Generator) -> Floats:
    """Return where the cross lanes run, the main one at 0 among them."""
    sides = []
    for sign in (-1, 1):
        steps = _uniform(rng, pitch_m, 12).cumsum()
        sides.append(sign * steps[steps < half_m - 20])
    return np.sort(np.concatenate([[0.0], *sides]))


def _cross_lanes(
    core: Core,
    crosses: Floats,
    reach: dict[int, tuple[float, float]],
    pitch_m: float,
    name: str,
) -> Rows:
    lanes = []
    for number, s in enumerate(crosses.tolist()):
        met = [j for j, (low, high) in reach.items() if low < s - 6 and s + 6 < high]
        if len(met) < 2:
            continue
        low, high = min(met) * pitch_m - OVER_M, max(met) * pitch_m + OVER_M
        path = core.ground(s, np.linspace(low, high, max(3, int((high - low) / STEP_M))))
        main = s == 0.0
        lanes.append(
            {
                "geometry": shapely.linestrings(path),
                "highway": "residential" if main else "living_street",
                "name": f"{name}中街" if main else f"{name}{number + 1}弄",
            }
        )
    return lanes


def _pieces(
    low: float, high: float, crosses: Floats, missing: float, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Return the parts of a row lane that are built, each touching a cross lane."""
    inner = crosses[(crosses > low + 6) & (crosses < high - 6)]
    ends = np.concatenate([[low], inner, [high]])
    kept = np.concatenate([[False], rng.random(len(ends) - 1) >= missing, [False]])
    first = np.flatnonzero(kept[1:] & ~kept[:-1])
    last = np.flatnonzero(kept[:-1] & ~kept[1:])
    return [
        (float(a) - OVER_M, float(b) + OVER_M) for a, b in zip(ends[first], ends[last], strict=True)
    ]


def _row_lanes(
    core: Core, pieces: list[tuple[float, float]], t: float, name: str, *, main: bool
) -> Rows:
    lanes = []
    for low, high in pieces:
        path = core.ground(np.linspace(low, high, max(3, int((high - low) / STEP_M))), t)
        lanes.append(
            {
                "geometry": shapely.linestrings(path),
                "highway": "residential" if main else "footway" if high - low < 40 else "service",
                "name": f"{name}街" if main else None,
            }
        )
    return lanes


def _row(
    core: Core,
    low: float,
    high: float,
    t: float,
    row: str,
    table: Mapping[str, Any],
    rng: np.random.Generator,
) -> Rows:
    """Return the houses on the north side of a row lane."""
    back_m = 2.2 + float(rng.uniform(*table["setback_m"]))
    front = core.ground(np.arange(low + 3, high - 3, 3.0), t + back_m)
    return _houses(front, row, float(rng.uniform(1.5, 5.0)), table, rng)


def _uniform(rng: np.random.Generator, limits: list[float], count: int) -> Floats:
    low, high = limits
    return rng.uniform(low, high, count)


def _ribbon(
    way: dict[str, Any], name: str, table: Mapping[str, Any], rng: np.random.Generator
) -> Rows:
    """Return houses along a part of a way out, on both sides."""
    path = way["geometry"]
    length = float(shapely.length(path))
    begin, end = 8.0, float(rng.uniform(0.25, 0.9)) * length
    rows: Rows = []
    for side in (1, -1):
        off_m = side * (3.6 + float(rng.uniform(0.5, 3.0)))
        line = shapely.offset_curve(substring(path, begin, end), off_m)
        front = shapely.get_coordinates(shapely.segmentize(line, 4.0))
        # Houses stand on the left of a line: the right side is walked backwards.
        rows += _houses(front[::side], f"{name}/0/{way['name']}{side}", 4.0, table, rng)
    return rows


def _houses(
    front: Floats, row: str, gap_m: float, table: Mapping[str, Any], rng: np.random.Generator
) -> Rows:
    """Return houses in groups along the left side of a line."""
    if len(front) < 4:
        return []
    count = 1 + int(len(front) * 4.0 / table["house_width_m"][0])
    widths = _uniform(rng, table["house_width_m"], count)
    few, many = table["row_houses"]
    groups = rng.integers(few, many, size=count).astype(float)
    depths = _uniform(rng, table["house_depth_m"], count)
    built, group = houses_along(front, widths, groups, gap_m, depths)
    shares = table["storeys"]
    storeys = rng.choice(np.arange(1, len(shares) + 1), p=shares, size=count)
    return [
        {
            "geometry": house,
            "kind": "residential",
            "use": "house",
            "storeys": int(storeys[g]),
            "row": f"{row}/{g}",
            "place": row.split("/")[0],
        }
        for house, g in zip(built, group, strict=True)
    ]


def _ways_out(
    lanes: Rows, turn_deg: float, name: str, main_roads: Any, rng: np.random.Generator
) -> Rows:
    """Return the ways from the ends of both main lanes to the nearest main roads."""
    ends = {}
    for lane, before, after in ((f"{name}街", "西", "东"), (f"{name}中街", "南", "北")):
        path = [shapely.get_coordinates(row["geometry"]) for row in lanes if row["name"] == lane]
        ends[before], ends[after] = path[0][0], path[-1][-1]
    ways = []
    for side, start in ends.items():
        swing = 14 * np.sin(np.arange(60) / 2.3 + rng.uniform(0, 6.3))
        turns = np.radians(turn_deg + HEADINGS_DEG[side] + swing)
        steps = 26 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        path_out: Any = shapely.linestrings(np.vstack([start, start + steps.cumsum(axis=0)]))
        met = shapely.get_coordinates(shapely.intersection(path_out, main_roads))
        if not len(met):
            continue
        far_m = float(shapely.line_locate_point(path_out, shapely.points(met)).min())
        if 20 < far_m < WAY_OUT_M:
            ways.append((far_m, side, substring(path_out, 0, far_m + OVER_M)))
    ways.sort(key=lambda way: way[0])
    return [
        {
            "geometry": path,
            "highway": "residential" if rank < 2 else "service",
            "name": f"{name}{side}路",
            "entry": f"{name}{side}口",
        }
        for rank, (_, side, path) in enumerate(ways[:3])
    ]
