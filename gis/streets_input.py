"""Layers at the door of a street network: CRS, lines and codes of streets, gates of barriers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import ProjError

from gis.crs import town_crs
from gis.errors import CrsError, Fault, LayerFaultsError, LayerMissingError
from gis.modes import ACCESS_COLUMN
from gis.noding_meets import Repairs

Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

# A projected CRS is kept where a metre in it is a metre on the ground within this share.
TRUE_SCALE = 1e-3


def metric_crs(streets: gpd.GeoDataFrame) -> CRS:
    """Return the CRS to build a network in: the layer's own, if true to scale, or the town's.

    Raises
    ------
    LayerMissingError
        If there are no streets.
    CrsError
        If they have no CRS, or lie where it cannot put them.
    """
    if streets is None or not len(streets):
        raise LayerMissingError("the street network", ["streets"])
    if streets.crs is None:
        msg = "layer streets has no coordinate system: set one with .set_crs()"
        raise CrsError(msg)
    crs = CRS(streets.crs)
    metres = all(axis.unit_conversion_factor == 1 for axis in crs.axis_info[:2])
    if metres and not crs.is_projected:
        return crs  # a local drawing: there is nothing to compare its scale with
    left, bottom, right, top = streets.total_bounds
    if not np.isfinite([left, bottom, right, top]).all():
        return crs if crs.is_projected else town_crs(0.0, 0.0)  # the rows are faulted later
    middle = gpd.GeoSeries.from_xy([(left + right) / 2], [(bottom + top) / 2], crs=crs)
    lon, lat = middle.to_crs("EPSG:4326").get_coordinates().to_numpy()[0]
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        msg = f"layer streets does not lie on the earth in {crs.name}: its middle is {lon}, {lat}"
        raise CrsError(msg)
    if metres and crs.is_projected and _true_to_scale(crs, lon, lat):
        return crs
    return town_crs(lon, lat)


def _true_to_scale(crs: CRS, lon: float, lat: float) -> bool:
    try:
        factors = Proj(crs).get_factors(lon, lat)
    except ProjError:
        return False
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool((np.abs(scales - 1) <= TRUE_SCALE).all())


def checked_lines(streets: gpd.GeoDataFrame, crs: CRS) -> tuple[Geometries, Geometries]:
    """Return the lines in a CRS and their codes, (k,) each.

    Raises
    ------
    LayerFaultsError
        If a row has no line, or coordinates that are not numbers.
    """
    geometry = streets.geometry
    lines = np.array(geometry.to_crs(crs).array, dtype=object)
    named = streets["code"] if "code" in streets else streets.index.to_series()
    codes = np.array([str(code) for code in named], dtype=object)
    kind = geometry.geom_type.to_numpy(dtype=object)
    faults = []
    for row in np.flatnonzero(~np.isin(kind.astype(str), ["LineString", "MultiLineString"])):
        what = f"is a {kind[row]}" if isinstance(kind[row], str) else "is missing"
        faults.append(Fault(codes[row], "geometry", f"{what}; a street is a line"))
    coords, owner = shapely.get_coordinates(lines, return_index=True)
    empty = shapely.is_empty(lines)
    wild = np.unique(owner[~np.isfinite(coords).all(axis=1)])
    faults += [Fault(codes[row], "geometry", "is empty") for row in np.flatnonzero(empty)]
    faults += [Fault(codes[row], "geometry", "has coordinates that are not finite") for row in wild]
    if faults:
        raise LayerFaultsError("streets", faults)
    return lines, codes


def levels_of(streets: gpd.GeoDataFrame) -> Ints:
    """Return the level of each street, (k,): as stated, else 1 for a bridge, -1 for a tunnel.

    Examples
    --------
    >>> table = {"level": [2, None, None, None], "bridge": [True, True, None, False],
    ...          "tunnel": [None, None, True, None]}
    >>> levels_of(gpd.GeoDataFrame(table)).tolist()
    [2, 1, -1, 0]
    """
    level = np.zeros(len(streets))
    for name, height in (("bridge", 1), ("tunnel", -1)):
        if name in streets:
            stands = streets[name].isin([True])  # what is unknown is not
            level[stands.to_numpy(dtype=bool)] = height
    if "level" in streets:
        stated = pd.to_numeric(streets["level"], errors="coerce").to_numpy(
            np.float64, na_value=np.nan
        )
        level = np.where(np.isfinite(stated), stated, level)
    return np.rint(level).astype(np.int64)


def repair_table(repairs: Repairs, codes: Geometries, crs: CRS) -> pd.DataFrame:
    """Return repairs of a drawing as rows: kind, street, other, moved_m, lon, lat (degrees)."""
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(*repairs.xy.T) if len(repairs.xy) else (np.empty(0),) * 2
    return pd.DataFrame(
        {
            "kind": repairs.kind,
            "street": codes[repairs.line],
            "other": codes[repairs.other],
            "moved_m": repairs.moved_m,
            "lon": lon,
            "lat": lat,
        }
    )


def gates_of(barriers: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Return the barriers that keep some mode out."""
    if barriers is None:
        return None
    columns = [name for name in ACCESS_COLUMN.values() if name in barriers]
    shut = (barriers[columns] == "no").any(axis=1)
    there = ~(barriers.geometry.isna() | barriers.geometry.is_empty)
    gates = barriers[shut & there]
    return gates if len(gates) else None


def shut_nodes(gates: gpd.GeoDataFrame | None, node: Ints) -> dict[str, frozenset[int]]:
    """Return for each mode the nodes, given one for each gate (-1 = none), that it cannot pass."""
    if gates is None:
        return {}
    return {
        mode: frozenset(node[(gates[column] == "no").to_numpy(dtype=bool) & (node >= 0)].tolist())
        for mode, column in ACCESS_COLUMN.items()
        if column in gates
    }
