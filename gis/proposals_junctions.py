"""Where streets meet: the junctions of a network, two carriageways as one street."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.crs import to_wgs84
from gis.layers import Layers
from gis.profiles import load
from gis.proposals_sites import Floats, as_sites, gather, importance
from gis.streets import Streets
from gis.villages_of import village_of

# Farther than any town is wide.
_FAR_M = 1e7


def junctions_of(layers: Layers, streets: Streets) -> gpd.GeoDataFrame:
    """Return the junctions of a network, as sites.

    Nodes with three arms or more, of kinds of street that count, are junctions; those near a
    more important one are merged into it, and those of one name that are not far from each
    other, so that a crossing of two divided roads is one. A junction stands at the mean of its
    nodes. Where a road only divides into two carriageways, there is none.

    Parameters
    ----------
    layers
        The town, with the layer of streets that the network was built from, and its villages
        where they are known.
    streets
        The network.

    Returns
    -------
    GeoDataFrame
        As `gis.proposals_sites.as_sites`; name "A / B" (the most important street first; None
        unless two streets with names meet), village, and arms.
    """
    rules = load("places")["junctions"]
    arms = _arms(layers, streets)
    meets = arms.groupby("node")["edge"].size()
    nodes = meets.index[meets >= rules["least_arms"]].to_numpy(np.int64)
    arms = arms[arms["node"].isin(nodes)]
    xy = streets.xy[nodes]
    best = arms.groupby("node")["order"].min().reindex(nodes).to_numpy()
    first = np.lexsort((xy[:, 1], xy[:, 0], -meets[nodes].to_numpy(), best))
    near = pd.Series(nodes[gather(xy, first, rules["merge_m"])], index=nodes)
    junction = _one_of_a_name(near, _named(arms, near, rules["least_arms"]), streets)
    table = _named(arms, junction, rules["least_arms"])
    middle = pd.DataFrame(xy, columns=["x", "y"]).groupby(junction.to_numpy()).mean()
    at = middle.loc[table.index].to_numpy()
    table = _in_villages(table, at, layers, streets)
    return as_sites(table, at, streets.crs, "junction")


def _arms(layers: Layers, streets: Streets) -> pd.DataFrame:
    """Return one row for each end of each edge that counts."""
    layer = layers["streets"].drop_duplicates("code").set_index("code")
    of_edge = layer.reindex(streets.edge_street)
    kind = of_edge["highway"].to_numpy(dtype=object)
    counts = ~np.isin(kind.astype(str), load("places")["streets"]["no_junction"])
    edge = np.flatnonzero(counts)
    one = pd.DataFrame(
        {
            "edge": edge,
            "order": importance(kind[edge]),
            "name": of_edge["name"].to_numpy(dtype=object)[edge],
            "oneway": of_edge["oneway"].isin(["yes", "reverse"]).to_numpy()[edge],
        }
    )
    ends = [one.assign(node=ends[edge]) for ends in (streets.edge_tail, streets.edge_head)]
    return pd.concat(ends, ignore_index=True)


def _one_of_a_name(
    junction: pd.Series[int], table: pd.DataFrame, streets: Streets
) -> pd.Series[int]:
    """Return the junction of each node, those of one name that are near taken together.

    Wide roads cross each other in nodes farther apart than other junctions are.
    """
    named = table.dropna(subset="name")
    # The name as a third dimension: points of different names are never near.
    apart = named.groupby("name").ngroup().to_numpy() * _FAR_M
    xyz = np.column_stack([streets.xy[named.index], apart])
    within_m = load("places")["junctions"]["same_name_m"]
    first = gather(xyz, np.arange(len(named)), within_m)
    merged = pd.Series(named.index.to_numpy()[first], index=named.index)
    return junction.map(merged).fillna(junction).astype(np.int64)


def _named(arms: pd.DataFrame, junction: pd.Series[int], least_arms: int) -> pd.DataFrame:
    """Return a row for each junction with enough arms: name, arms."""
    arms = arms.assign(junction=junction.reindex(arms["node"]).to_numpy())
    # An edge with both ends in one junction is inside it, as is a loop.
    arms = arms[~arms.duplicated(["junction", "edge"], keep=False)]
    groups = arms.groupby("junction")
    table = pd.DataFrame({"arms": groups.size(), "oneway": groups["oneway"].sum()})
    called = arms.dropna(subset="name").sort_values(["junction", "order", "name"])
    once = called.drop_duplicates(["junction", "name"]).groupby("junction")["name"]
    names = once.agg(list).reindex(table.index)
    n_names = names.map(len, na_action="ignore").fillna(0)
    all_named = groups["name"].count() == table["arms"]
    divides = all_named & (n_names == 1) & (table["oneway"] >= 2)
    joined = [" / ".join(n) if isinstance(n, list) and len(n) > 1 else None for n in names]
    table = table.assign(name=pd.Series(joined, table.index, dtype=object))
    return table.loc[(table["arms"] >= least_arms) & ~divides, ["name", "arms"]]


def _in_villages(table: pd.DataFrame, xy: Floats, layers: Layers, streets: Streets) -> pd.DataFrame:
    points = to_wgs84(gpd.GeoSeries.from_xy(xy[:, 0], xy[:, 1], crs=streets.crs))
    codes = np.array([*layers["villages"]["code"], None], dtype=object)
    return table.assign(village=codes[village_of(points.x, points.y, layers["villages"])])
