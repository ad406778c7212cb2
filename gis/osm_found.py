"""What reading one layer gives: its frame and the counts of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.layers import conform, empty_layer

Found = tuple[gpd.GeoDataFrame, Counter[str]]


def layer_of(
    records: Sequence[dict[str, Any]], layer: str, geometry: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Return rows and their geometry as a layer; what a row lacks is missing.

    Parameters
    ----------
    records
        Column to value, one for each row.
    layer
        Name of the layer.
    geometry
        Shape (n,), EPSG:4326.
    """
    if not records:
        return empty_layer(layer)
    return conform(pd.DataFrame(records, dtype=object).assign(geometry=geometry), layer)
