"""Joining files into layers of the store by code, within the transaction of the caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
from sqlalchemy import Connection

from gis.merge import Taken, Vanished, compare, merged
from gis.merge_changes import Changes
from gis.store_frames import read_frame
from gis.store_rows import LayerRows, decode, encode


@dataclass(frozen=True, eq=False)
class MergeRules:
    """How one file is joined with what the store holds of its layer.

    Parameters
    ----------
    base
        Rows that the file was made from (`gis.merge_base`), or None.
    present
        Columns that the file has, "geometry" among them; None for those with a value.
    vanished
        Whether rows that the file has no more are kept or dropped.
    conflicts
        Whose state is taken where both changed it, the store's or the file's.
    """

    base: gpd.GeoDataFrame | None = field(default=None, repr=False)
    present: Collection[str] | None = None
    vanished: Vanished = "keep"
    conflicts: Taken = "store"


def merge_layers(
    connection: Connection,
    filed: Mapping[str, LayerRows],
    rules: Mapping[str, MergeRules],
    source: str,
) -> tuple[dict[str, LayerRows], dict[str, Changes]]:
    """Return the rows that layers have once files are joined with them, and what that changes.

    Compared with the store as the writer sees it, so that what another program wrote since a
    preview is neither lost nor overwritten unseen.

    Parameters
    ----------
    connection
        The writer's.
    filed
        Layer name to the rows of its file.
    rules
        Layer name to how it is joined; the usual rules for those not named.
    source
        Where the rows came from, for the message of an error.

    Raises
    ------
    LayerFaultsError
        As `gis.store_rows.encode`.
    """
    rows, changes = {}, {}
    for layer, these in filed.items():
        how = rules.get(layer, MergeRules())
        before = read_frame(connection, layer)
        after = decode(layer, these.extra, these.code, these.geometry, these.attributes)
        changes[layer] = compare(before, after, base=how.base, present=how.present)
        whole = merged(
            before, after, changes[layer], vanished=how.vanished, conflicts=how.conflicts
        )
        rows[layer] = encode(whole, layer, source)
    return rows, changes
