"""Faults of a polygon layer that should cover a town without overlaps, gaps or slivers.

`gis.topology_mend` mends those that are chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from gis.checks_faults import Found, faults_table, limits
from gis.crs import to_wgs84
from gis.errors import ParameterError
from gis.topology_kernels import (
    TOUCH_M,
    Bools,
    Ints,
    Plane,
    Shapes,
    as_one,
    beyond,
    compactness,
    distant_parts,
    large_pieces,
    overlaps,
    plane_around,
    shared_borders_m,
    touching,
    uncovered,
    width_m,
)


def check_polygons(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    outline: shapely.Geometry | None = None,
    gap_width_m: float = 5.0,
) -> gpd.GeoDataFrame:
    """Return what is wrong with polygons that should cover their town, each place once.

    Overlaps; gaps narrower than `gap_width_m`; wider holes, as where a village is missing;
    slivers; pieces outside the outline; shapes that are empty or not valid; parts far from the
    rest. Lengths and areas are taken in a plane in which straight borders stay straight
    (`gis.topology_kernels.Plane`).

    Parameters
    ----------
    frame
        Rows with `code` and polygons, in any CRS.
    layer
        Name of the layer, for the table.
    outline
        What they should cover, EPSG:4326. Without it only holes among the polygons and slits
        between them are found: a village missing at the edge is not.
    gap_width_m
        Mean width up to which uncovered ground is a gap to be closed; wider, it is a hole.

    Returns
    -------
    GeoDataFrame
        As `gis.checks_faults.faults_table`.

    Raises
    ------
    ParameterError
        If the width is not above zero.
    CrsError
        If the frame has no CRS.

    Examples
    --------
    >>> squares = [shapely.box(120.0, 30, 120.0101, 30.01), shapely.box(120.01, 30, 120.02, 30.01)]
    >>> grids = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=squares, crs=4326)
    >>> check_polygons(grids, "grids")[["kind", "codes", "give_to"]].values.tolist()
    [['overlap', ('a', 'b'), 'a']]
    """
    return faults_table(polygon_faults(frame, layer, outline=outline, gap_width_m=gap_width_m))


def polygon_faults(
    frame: gpd.GeoDataFrame,
    layer: str,
    *,
    outline: shapely.Geometry | None = None,
    gap_width_m: float = 5.0,
) -> list[Found]:
    """Return the faults of `check_polygons` as a list, for a table of several layers."""
    check_gap_width(gap_width_m)
    codes = frame["code"].astype(str).tolist()
    shapes = np.asarray(to_wgs84(frame).geometry.array, dtype=object)
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)
    valid = there & shapely.is_valid(shapes)
    found = [Found("empty", layer, (codes[at],)) for at in np.flatnonzero(~there)]
    found += [_invalid(shapes[at], layer, codes[at]) for at in np.flatnonzero(there & ~valid)]
    kept = np.flatnonzero(valid)
    if not len(kept):
        return found
    plane = plane_around(shapes[kept])
    polygons = plane.to_metres(shapes[kept])
    area = None if outline is None else plane.to_metres(np.array([outline], object))[0]
    sheet = _Sheet(layer, [codes[at] for at in kept], polygons, plane)
    found += _overlap_faults(sheet)
    found += _cover_faults(sheet, area, gap_width_m)
    if area is not None:
        found += _outside_faults(sheet, area, gap_width_m)
    return found + _sliver_faults(sheet) + _scattered_faults(sheet)


def check_gap_width(gap_width_m: float) -> None:
    """Refuse a width that no gap can have.

    Raises
    ------
    ParameterError
        If it is not a number above zero.
    """
    if not 0 < gap_width_m < float("inf"):
        msg = f"gap_width_m must be a number above 0, not {gap_width_m}"
        raise ParameterError(msg)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The valid polygons of a layer in metres, and how to write a fault of them."""

    layer: str
    codes: list[str]
    polygons: Shapes
    plane: Plane

    def fault(
        self,
        kind: str,
        members: Sequence[int] | Ints,
        piece: shapely.Geometry,
        give_to: int | None = None,
        **words: Any,
    ) -> Found:
        """Return one fault; members and give_to are positions."""
        shape = np.array([piece], dtype=object)
        return Found(
            kind,
            self.layer,
            tuple(self.codes[at] for at in members),
            self.plane.to_degrees(shape)[0],
            float(shapely.area(piece)),
            float(width_m(shape)[0]),
            None if give_to is None else self.codes[give_to],
            words,
        )


def _invalid(shape: shapely.Geometry, layer: str, code: str) -> Found:
    repair = as_one(shapely.make_valid(shape, method="structure"))
    reason = shapely.is_valid_reason(shape)
    return Found("invalid", layer, (code,), repair, words={"reason": reason})


def _overlap_faults(sheet: _Sheet) -> list[Found]:
    least = limits()
    pieces, within = overlaps(sheet.polygons, least["least_area_m2"], least["least_width_m"])
    # What nobody else has; it grows by each piece that is given, the largest first, so that a
    # small piece goes to whoever has the ground around it.
    owned = sheet.polygons.copy()
    for piece, members in zip(pieces, within, strict=True):
        owned[members] = shapely.difference(owned[members], piece)
    keepers = np.zeros(len(pieces), dtype=np.int64)
    for at in np.argsort(-shapely.area(pieces), kind="stable"):
        keeper = _keeper(sheet.polygons, owned, pieces[at], within[at])
        owned[keeper] = shapely.union(owned[keeper], pieces[at])
        keepers[at] = keeper
    return [
        sheet.fault("overlap", members, piece, keeper)
        for piece, members, keeper in zip(pieces, within, keepers.tolist(), strict=True)
    ]


def _keeper(polygons: Shapes, owned: Shapes, piece: shapely.Geometry, members: Ints) -> int:
    """Return who should keep an overlap: the longest border, unless another would lose half."""
    whole = shapely.area(polygons[members])
    spoilt = shapely.area(owned[members]) < whole / 2
    if spoilt.any():
        return int(members[np.argmin(np.where(spoilt, whole, np.inf))])
    border = shared_borders_m(np.full(len(members), piece, dtype=object), owned[members])
    return int(members[np.argmax(border)])


def _cover_faults(
    sheet: _Sheet, outline: shapely.Geometry | None, gap_width_m: float
) -> list[Found]:
    pieces, enclosed = uncovered(sheet.polygons, outline, gap_width_m)
    kept = _worth_telling(pieces)
    pieces, enclosed = pieces[kept], enclosed[kept]
    piece, polygon = touching(pieces, sheet.polygons)
    border = shared_borders_m(pieces[piece], sheet.polygons[polygon])
    # Who only meets it in a corner is no neighbour.
    along = border > 5 * TOUCH_M
    piece, polygon, border = piece[along], polygon[along], border[along]
    found = []
    for at, width in enumerate(width_m(pieces).tolist()):
        beside, length = polygon[piece == at], border[piece == at]
        if not enclosed[at] and len(beside) < 2:
            continue  # a bay of one polygon's own border
        if width > gap_width_m:
            found.append(sheet.fault("hole", beside, pieces[at]))
        else:
            give_to = int(beside[np.argmax(length)]) if len(beside) else None
            found.append(sheet.fault("gap", beside, pieces[at], give_to))
    return found


def _outside_faults(sheet: _Sheet, outline: shapely.Geometry, gap_width_m: float) -> list[Found]:
    pieces, owner = beyond(sheet.polygons, outline)
    kept = _worth_telling(pieces) & (width_m(pieces) > gap_width_m)
    pieces, owner = pieces[kept], owner[kept]
    # Who lies outside for the most part is at a wrong place, and to cut would empty it.
    beyond_m2 = np.bincount(owner, shapely.area(pieces), len(sheet.polygons))
    mostly = 2 * beyond_m2 > shapely.area(sheet.polygons)
    return [
        sheet.fault("outside_mostly" if mostly[at] else "outside", [at], piece)
        for piece, at in zip(pieces, owner.tolist(), strict=True)
    ]


def _sliver_faults(sheet: _Sheet) -> list[Found]:
    thin = compactness(sheet.polygons) < limits()["sliver_compactness"]
    thin &= shapely.get_num_geometries(sheet.polygons) == 1
    return [sheet.fault("sliver", [at], sheet.polygons[at]) for at in np.flatnonzero(thin).tolist()]


def _scattered_faults(sheet: _Sheet) -> list[Found]:
    found = []
    for at in np.flatnonzero(shapely.get_num_geometries(sheet.polygons) > 1).tolist():
        parts, away_m = distant_parts(sheet.polygons[at], limits()["scattered_m"])
        for part, away in zip(parts, away_m.tolist(), strict=True):
            others = touching(np.array([part]), sheet.polygons)[1]
            others = others[others != at]
            border = shared_borders_m(np.full(len(others), part), sheet.polygons[others])
            give_to = int(others[np.argmax(border)]) if (border > 5 * TOUCH_M).any() else None
            found.append(sheet.fault("scattered", [at], part, give_to, value=away))
    return found


def _worth_telling(pieces: Shapes) -> Bools:
    least = limits()
    return large_pieces(pieces, least["least_area_m2"], least["least_width_m"])
