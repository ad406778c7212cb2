"""One hexagon: how much of it is seen, by which cameras, and why no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gis.errors import NotFoundError
from gis.hexes import cell_of_points, centres, from_text, outline, to_text
from planner.results_coverage import Coverage

DEGREE_M = 111_320.0
# So many cameras that do not see it are named, the nearest ones.
NEAREST = 5
WHOLE_CIRCLE_DEG = 360


@dataclass(frozen=True)
class Watcher:
    """A camera that sees a cell, or one near it that does not.

    Parameters
    ----------
    code, name
        Which.
    share
        Share of the cell within its view, 0..1; 0 where it sees none of it.
    certain
        Whether its direction is known.
    away_m
        How far from the middle of the cell it stands, metres.
    reason
        Why it does not see it: "out_of_use", "out_of_reach", "looks_elsewhere" or "hidden";
        "" where it does.
    """

    code: str
    name: str
    share: float
    certain: bool
    away_m: float
    reason: str = ""


@dataclass(frozen=True, eq=False)
class CellTold:
    """One cell.

    Parameters
    ----------
    h3
        Its id as hexadecimal text.
    shape
        Its outline, degrees.
    row
        Its row of `Coverage.cells`; None where it has no open ground.
    seen_by, not_by
        Cameras that see it, the most of it first; the nearest of the others.
    gap
        Row of the gap that it lies in, None where none is known.
    """

    h3: str
    shape: shapely.Geometry
    row: Any
    seen_by: tuple[Watcher, ...]
    not_by: tuple[Watcher, ...]
    gap: Any


class CellTeller:
    """A coverage ready to tell of its cells; many threads may share it.

    Parameters
    ----------
    coverage
        The answer.
    places
        Code of each camera to where it stands, lon and lat.
    """

    def __init__(self, coverage: Coverage, places: Mapping[str, tuple[float, float]]) -> None:
        self._coverage = coverage
        self._places = places

    def at(self, lon: float, lat: float) -> CellTold:
        """Return the cell at a place, degrees."""
        cell = cell_of_points([lon], [lat], self._coverage.resolution)
        return self._tell(int(cell[0]))

    def of(self, h3: str) -> CellTold:
        """Return the cell of an id.

        Raises
        ------
        NotFoundError
            If the coverage has no cells of this kind.
        """
        known = self._coverage.cells.index
        try:
            cell = int(from_text([h3])[0])
        except ValueError as error:
            msg = f"no cell {h3!r}"
            raise NotFoundError(msg) from error
        if cell not in known:
            msg = f"no cell {h3} in the coverage of resolution {self._coverage.resolution}"
            raise NotFoundError(msg)
        return self._tell(cell)

    @cached_property
    def _views(self) -> tuple[shapely.STRtree, pd.DataFrame]:
        views = self._coverage.views
        rows = views[~views.geometry.is_empty & ~views["repair"]]
        return shapely.STRtree(list(rows.geometry)), pd.DataFrame(rows)

    @cached_property
    def _cameras(self) -> pd.DataFrame:
        return self._coverage.cameras.drop_duplicates("code").set_index("code", drop=False)

    def _tell(self, cell: int) -> CellTold:
        ids = np.array([cell], dtype=np.uint64)
        shape = outline(ids)
        (lon,), (lat,) = centres(ids)
        cells, gaps = self._coverage.cells, self._coverage.gaps
        row = cells.loc[cell] if cell in cells.index else None
        seen = self._seen_by(shape, lon, lat)
        holder = gaps[gaps.geometry.notna() & gaps.geometry.intersects(shapely.Point(lon, lat))]
        return CellTold(
            str(to_text(ids)[0]),
            shape,
            row,
            seen,
            self._not_by(lon, lat, {one.code for one in seen}),
            next(holder.itertuples(), None),
        )

    def _seen_by(self, shape: shapely.Geometry, lon: float, lat: float) -> tuple[Watcher, ...]:
        tree, rows = self._views
        found: dict[str, Watcher] = {}
        for at in tree.query(shape, predicate="intersects").tolist():
            view = rows.iloc[at]
            share = float(
                shapely.area(shapely.intersection(view["geometry"], shape)) / shapely.area(shape)
            )
            code = str(view["camera"])
            if share > 0 and (code not in found or found[code].share < share):
                away_m = self._away_m(code, lon, lat)
                found[code] = Watcher(code, self._name(code), share, bool(view["certain"]), away_m)
        return tuple(sorted(found.values(), key=lambda one: (-one.certain, -one.share)))

    def _not_by(self, lon: float, lat: float, seen: set[str]) -> tuple[Watcher, ...]:
        codes = [code for code in self._places if code not in seen]
        away_m = np.array([self._away_m(code, lon, lat) for code in codes])
        near = np.argsort(away_m, kind="stable")[:NEAREST].tolist()
        return tuple(
            Watcher(codes[at], self._name(codes[at]), 0.0, True, float(away_m[at]),
                    self._reason(codes[at], lon, lat, float(away_m[at])))
            for at in near
        )  # fmt: skip

    def _away_m(self, code: str, lon: float, lat: float) -> float:
        if code not in self._places:
            return float("nan")
        east, north = self._step_m(code, lon, lat)
        return float(np.hypot(east, north))

    def _step_m(self, code: str, lon: float, lat: float) -> tuple[float, float]:
        x, y = self._places[code]
        return (lon - x) * DEGREE_M * np.cos(np.radians(lat)), (lat - y) * DEGREE_M

    def _name(self, code: str) -> str:
        known = self._cameras
        name = known.at[code, "name"] if code in known.index else None
        return name if isinstance(name, str) and name else code

    def _reason(self, code: str, lon: float, lat: float, away_m: float) -> str:
        if code not in self._cameras.index:
            return "out_of_use"
        row = self._cameras.loc[code]
        if row["state"] != "in_use":
            return "out_of_use"
        if away_m > row["range_m"] or away_m < row["near_m"]:
            return "out_of_reach"
        azimuth, fov = row["azimuth_deg"], row["fov_deg"]
        if not pd.isna(azimuth) and fov < WHOLE_CIRCLE_DEG:
            east, north = self._step_m(code, lon, lat)
            off = (np.degrees(np.arctan2(east, north)) - azimuth + 180) % 360 - 180
            if abs(off) > fov / 2:
                return "looks_elsewhere"
        return "hidden"
