"""Sites that the layers suggest: village entrances and junctions, to be confirmed by hand.

proposals_entrances   streets across the edge of a built-up area
proposals_junctions   nodes of the network
proposals_sites       merging, codes, the layer they make
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd

from gis.errors import LayerMissingError
from gis.layers import Layers
from gis.proposals_entrances import entrances_of
from gis.proposals_junctions import junctions_of
from gis.proposals_sites import is_known
from gis.streets import Streets

Kind = Literal["entrance", "junction"]

NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "entrance": ("villages", "buildings", "streets"),
    "junction": ("streets",),
}


@dataclass(frozen=True, eq=False)
class Proposals:
    """Sites proposed for a town.

    Parameters
    ----------
    kind
        "entrance" or "junction".
    sites
        Rows of the layer sites, EPSG:4326, with `proposed` True, `village`, and further columns
        (`gis.proposals_entrances`, `gis.proposals_junctions`).
    known
        How many were left out since a site of the kind is there already.
    villages_without
        Codes of villages without a built-up area, so without entrances.
    """

    kind: Kind
    sites: gpd.GeoDataFrame = field(repr=False)
    known: int = 0
    villages_without: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the proposals as they are given out as JSON."""
        points = self.sites.geometry
        table = self.sites.drop(columns="geometry").assign(lon=points.x, lat=points.y)
        columns = ["code", "name", "lon", "lat", "village"]
        columns += ["street", "vehicles"] if self.kind == "entrance" else ["arms"]
        rows = table[columns].astype(object).where(table[columns].notna(), None)
        return {
            "kind": self.kind,
            "known": self.known,
            "villages_without": list(self.villages_without),
            "sites": rows.to_dict("records"),
        }

    def summary(self) -> str:
        """Return a line on what is proposed, and one on villages without a built-up area."""
        lines = [f"{self.kind}s proposed: {len(self.sites)}; there already: {self.known}"]
        if self.villages_without:
            shown = ", ".join(self.villages_without[:10])
            more = len(self.villages_without) - 10
            rest = f" and {more} more" if more > 0 else ""
            lines.append(f"villages without a built-up area: {shown}{rest}")
        return "\n".join(lines)


def propose(kind: Kind, layers: Layers, streets: Streets | None = None) -> Proposals:
    """Return the entrances or junctions that a town may want to keep as sites.

    What is there already as a site of the kind is not proposed again, so that a list that was
    confirmed and imported leaves only what is new.

    Parameters
    ----------
    kind
        "entrance" needs villages, buildings and streets, "junction" streets.
    layers
        The town.
    streets
        Its network; None builds it.

    Raises
    ------
    LayerMissingError
        If a layer is missing that is needed.

    Examples
    --------
    >>> from gis.layers import conform
    >>> lines = ["LINESTRING (8 49, 8.001 49, 8.002 49)", "LINESTRING (8.001 49, 8.001 49.001)"]
    >>> frame = gpd.GeoDataFrame(
    ...     {"code": ["a", "b"], "name": ["High Street", "Mill Lane"]},
    ...     geometry=gpd.GeoSeries.from_wkt(lines, crs=4326),
    ... )
    >>> found = propose("junction", Layers("Example", {"streets": conform(frame, "streets")}))
    >>> found.sites[["name", "arms"]].values.tolist()
    [['High Street / Mill Lane', 3]]
    """
    missing = layers.missing(*NEEDED[kind])
    if missing:
        raise LayerMissingError(f"proposing {kind}s", missing)
    if streets is None:
        streets = Streets.build(layers["streets"])
    without: tuple[str, ...] = ()
    if kind == "entrance":
        sites, without = entrances_of(layers, streets)
    else:
        sites = junctions_of(layers, streets)
    known = is_known(sites, layers, streets.crs)
    new = sites[~known].reset_index(drop=True)
    return Proposals(kind, new, int(known.sum()), without)
