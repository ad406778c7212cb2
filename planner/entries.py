"""Where a place is entered: the point that streets are asked about."""

from __future__ import annotations

import geopandas as gpd
import shapely

from gis.layers import WGS84, Layers


def entry_points(layers: Layers) -> gpd.GeoSeries:
    """Return a point for each site, EPSG:4326: a polygon by its place nearest a street.

    Parameters
    ----------
    layers
        The town; without streets, polygons are entered at a point inside them.

    Returns
    -------
    GeoSeries
        With the index of the layer of sites.
    """
    sites = layers["sites"]
    geometry = sites.geometry.to_numpy()
    entries = shapely.point_on_surface(geometry)
    areas = shapely.get_dimensions(geometry) == 2
    if layers.has("streets") and areas.any():
        lines = layers["streets"].geometry.to_numpy()
        near = shapely.STRtree(lines).nearest(geometry[areas])
        link = shapely.shortest_line(geometry[areas], lines[near])
        entries[areas] = shapely.get_point(link, 0)
    return gpd.GeoSeries(entries, sites.index, crs=WGS84)
