"""Blocks of one town: its villages cut along lines, large blocks cut again, small ones joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from gis.crs import to_metres
from gis.layers import WGS84, Layers
from planner.grids_cuts import cut_lines
from planner.grids_households import AREA, Households, apportion
from planner.grids_lines import Faces, cut_into_faces, find_lines, measure_faces
from planner.ground import Ints, sums
from planner.solvers.regions import Blocks
from planner.solvers.regions_merge import firm_contacts, join_small, pair_sums, tie_pieces


@dataclass(frozen=True, eq=False)
class VillageBlocks:
    """One village cut into blocks.

    Parameters
    ----------
    faces
        (f,) positions of its faces.
    block
        (f,) block of each of them.
    blocks
        The blocks and how they touch.
    """

    faces: Ints = field(repr=False)
    block: Ints = field(repr=False)
    blocks: Blocks


def cut_town(
    layers: Layers, households: Households, parts: Ints, crs: CRS, table: Mapping[str, Any]
) -> Faces:
    """Return the villages cut into faces fine enough for their grids.

    Parameters
    ----------
    layers
        The town: villages, streets, areas, buildings.
    households
        Where they live.
    parts
        (villages,) grids that each village will have, about; one with 1 is not cut further
        than lines do.
    crs
        The town's metric CRS.
    table
        `data/profiles/grids.toml`.
    """
    villages = layers["villages"]
    lines = find_lines(layers, table["line"])
    shapes, village = cut_into_faces(villages, lines.shapes)
    metric = to_metres(gpd.GeoSeries(shapes, crs=WGS84), crs).to_numpy()
    area_m2 = sums(village, shapely.area(metric), len(villages))
    limit_m2 = table["blocks"]["max_area_share"] * area_m2 / parts
    limit = table["blocks"]["max_households_share"] * households.total / parts
    face_of = _faces_of(households.places, shapes)
    face_held = sums(face_of, households.count, len(shapes))
    places = to_metres(gpd.GeoSeries(households.places, crs=WGS84), crs).to_numpy()
    xy = shapely.get_coordinates(places)
    buildings = shapely.STRtree(to_metres(layers["buildings"], crs).geometry.to_numpy())
    order = np.argsort(face_of, kind="stable")
    start = np.searchsorted(face_of[order], np.arange(len(shapes) + 1))
    cuts: list[shapely.Geometry] = []
    large = (shapely.area(metric) > limit_m2[village]) | (face_held > limit[village])
    for face in np.flatnonzero(large & (parts[village] > 1)).tolist():
        here = order[start[face] : start[face + 1]]
        cuts += cut_lines(
            metric[face],
            xy[here],
            households.count[here],
            buildings,
            max_area_m2=float(limit_m2[village[face]]),
            max_households=float(limit[village[face]]),
            table=table["cut"],
        )
    if cuts:
        straight = gpd.GeoSeries(cuts, crs=crs).to_crs(WGS84).to_numpy()
        shapes, village = cut_into_faces(villages, np.concatenate([lines.shapes, straight]))
    return measure_faces(shapes, village, lines, crs, table["line"]["ground"])


def households_of_faces(faces: Faces, households: Households) -> Ints:
    """Return the households of each face, (n,)."""
    face_of = _faces_of(households.places, faces.shapes)
    held = sums(face_of, households.count, len(faces.shapes)).astype(np.int64)
    for village in [v for v, basis in enumerate(households.basis) if basis == AREA]:
        mine = faces.village == village
        held[mine] = apportion(int(households.total[village]), faces.area_m2[mine])
    return held


def blocks_of(
    village: int, faces: Faces, held: Ints, parts: int, table: Mapping[str, Any]
) -> VillageBlocks:
    """Return the faces of one village joined into blocks.

    Parameters
    ----------
    village
        Position of the village.
    faces, held
        The town's faces and the households of each.
    parts
        Grids that it will have, about.
    table
        `blocks` of `data/profiles/grids.toml`.
    """
    mine = np.flatnonzero(faces.village == village)
    position = np.full(len(faces.village), -1)
    position[mine] = np.arange(len(mine))
    pairs = position[faces.first] >= 0
    first, second = position[faces.first[pairs]], position[faces.second[pairs]]
    border_m, line_m = faces.border_m[pairs], faces.line_m[pairs]
    area_m2, count = faces.area_m2[mine], held[mine]
    block = join_small(
        area_m2,
        count,
        first,
        second,
        border_m,
        np.clip(border_m - line_m, 0, border_m),
        min_area_m2=table["min_area_share"] * area_m2.sum() / parts,
        max_households=table["max_households_share"] * count.sum() / parts,
        contact_m=table["contact_m"],
    )
    n = int(block.max()) + 1
    first, second, (border_m, line_m) = pair_sums(
        n, block[first], block[second], np.stack([border_m, line_m])
    )
    area = sums(block, area_m2, n)
    x, y = (sums(block, area_m2 * faces.middle[mine, k], n) / area for k in (0, 1))
    firm = firm_contacts(n, first, second, border_m, table["contact_m"])
    tied = tie_pieces(x, y, first[firm], second[firm])
    none = np.zeros(len(tied[0]))
    blocks = Blocks(
        x,
        y,
        sums(block, count, n).astype(np.int64),
        area,
        sums(block, faces.outer_m[mine], n),
        np.concatenate([first, tied[0]]),
        np.concatenate([second, tied[1]]),
        np.concatenate([border_m, none]),
        np.concatenate([line_m, none]),
        np.concatenate([firm, none == 0]),
    )
    return VillageBlocks(mine, block, blocks)


def _faces_of(places: npt.NDArray[np.object_], shapes: npt.NDArray[np.object_]) -> Ints:
    """Return the face that each place lies in; on a border, the first."""
    place, face = shapely.STRtree(shapes).query(places, predicate="intersects")
    found = np.full(len(places), len(shapes), np.int64)
    np.minimum.at(found, place, face)
    lost = np.flatnonzero(found == len(shapes))
    if len(lost):  # on the border of the town, off it by a rounding
        found[lost] = shapely.STRtree(shapes).nearest(places[lost])
    return found
