"""Two states of one layer compared by code, and joined into one.

`before` is what the store holds, `after` what a file holds, `base` what the file was made from.
With a base each change has an author: what the file changed is taken, what the store changed
since is kept, and what both changed differently is a conflict. Without one every difference is
the file's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.layers import WGS84
from gis.merge_changes import Change, Changes, Conflict, Reason
from gis.merge_values import cells_of, is_blank, moved_m, same_cells
from gis.store_rows import WITH_GAPS

Vanished = Literal["keep", "drop"]
Taken = Literal["store", "file"]


def compare(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    base: gpd.GeoDataFrame | None = None,
    present: Collection[str] | None = None,
) -> Changes:
    """Return what a file changes in a layer.

    A cell that the file leaves blank keeps the value of the store; it clears it only where a
    base tells that the value was there when the file was made. A blank shape never clears one.

    Parameters
    ----------
    before
        Rows of the store, EPSG:4326, with unique codes in the column `code`.
    after
        Rows of the file, alike.
    base
        Rows that the file was made from, alike; None if that is not known.
    present
        Columns that the file has, "geometry" among them. None for those of `after` in which
        some row has a value: a checked frame has every column of the schema, also those that
        the file has not.

    Examples
    --------
    >>> store = gpd.GeoDataFrame({"code": ["a", "b"], "name": ["x", "y"]}, geometry=[None, None])
    >>> file = gpd.GeoDataFrame({"code": ["b", "c"], "name": ["z", "w"]}, geometry=[None, None])
    >>> changes = compare(store, file)
    >>> changes.added, changes.vanished
    (('c',), ('a',))
    >>> changes.changed
    (Change(code='b', column='name', old='y', new='z', moved_m=None),)
    """
    if present is None:
        present = after.columns[after.notna().any()]
    columns = [name for name in after.columns if name in present and name != "code"]
    stored, filed = dict.fromkeys(before["code"]), dict.fromkeys(after["code"])
    both = [code for code in filed if code in stored]
    found = [part for name in columns for part in _differences(name, both, before, after, base)]
    changed = [part for part in found if isinstance(part, Change)]
    conflicts = [part for part in found if isinstance(part, Conflict)]
    added = [code for code in filed if code not in stored]
    vanished = [code for code in stored if code not in filed]
    # A layer without a row has dropped none: it is that of another town, or a new one.
    if base is not None and len(before):
        based = set(base["code"])
        # A row that the store dropped since stays dropped, unless the file changed it.
        again = [code for code in added if code in based]
        conflicts += _row_conflicts(again, after, base, columns, "the store dropped the row")
        added = [code for code in added if code not in based]
        # A row that the store got since is none that the file dropped.
        vanished = [code for code in vanished if code in based]
        stood = [name for name in before.columns if name != "code"]
        kept = _row_conflicts(vanished, before, base, stood, "the file dropped the row")
        conflicts += kept
        contested = {conflict.code for conflict in kept}
        vanished = [code for code in vanished if code not in contested]
    touched = {part.code for part in found}
    order = {code: at for at, code in enumerate(filed)}
    return Changes(
        added=tuple(added),
        changed=tuple(sorted(changed, key=lambda change: order[change.code])),
        vanished=tuple(vanished),
        unchanged=sum(code not in touched for code in both),
        conflicts=tuple(sorted(conflicts, key=lambda part: order.get(part.code, len(order)))),
    )


def merged(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    changes: Changes,
    *,
    vanished: Vanished = "keep",
    conflicts: Taken = "store",
) -> gpd.GeoDataFrame:
    """Return the rows of the store with the changes of a file.

    Parameters
    ----------
    before, after
        As given to `compare`.
    changes
        What it returned.
    vanished
        Whether rows that the file has no more are kept or dropped.
    conflicts
        Whose state is taken where both changed it.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, fresh index; the rows of the store in their order, then those added, in that
        of the file. The columns of the store, then those that only the file has; a column keeps
        its type where that can hold every value.

    Examples
    --------
    >>> store = gpd.GeoDataFrame({"code": ["a", "b"], "name": ["x", "y"]}, geometry=[None, None])
    >>> file = gpd.GeoDataFrame({"code": ["b", "c"], "name": ["z", "w"]}, geometry=[None, None])
    >>> merged(store, file, compare(store, file)).drop(columns="geometry").values.tolist()
    [['a', 'x'], ['b', 'z'], ['c', 'w']]
    """
    edits = [(change.code, change.column, change.new) for change in changes.changed]
    dropped = set(changes.vanished) if vanished == "drop" else set()
    added = set(changes.added)
    if conflicts == "file":
        for part in changes.conflicts:
            if part.column is not None:
                edits.append((part.code, part.column, part.file))
            elif part.reason == "the file dropped the row":
                dropped.add(part.code)
            else:
                added.add(part.code)
    kept = before[~before["code"].isin(dropped)]
    new = after[after["code"].isin(added)]
    place = {code: at for at, code in enumerate([*kept["code"], *new["code"]])}
    names = [*before.columns, *(name for name in after.columns if name not in before.columns)]
    by_column: dict[str, list[tuple[int, object]]] = {}
    for code, column, value in edits:
        by_column.setdefault(column, []).append((place[code], value))
    columns: dict[str, Any] = {}
    for name in names:
        halves = [cells_of(half, half["code"].tolist(), name) for half in (kept, new)]
        cells = np.concatenate(halves)
        for at, value in by_column.get(name, ()):
            cells[at] = value
        columns[name] = cells
    shapes = columns.pop("geometry", np.full(len(place), None, dtype=object))
    rows = {
        name: _typed(cells, (before if name in before.columns else after)[name].dtype)
        for name, cells in columns.items()
    }
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(list(shapes), crs=WGS84), crs=WGS84)


def _differences(
    column: str,
    codes: Sequence[str],
    before: pd.DataFrame,
    after: pd.DataFrame,
    base: pd.DataFrame | None,
) -> Iterable[Change | Conflict]:
    """Yield what differs in one column of the rows that the store and the file share."""
    store, file = cells_of(before, codes, column), cells_of(after, codes, column)
    theirs = ~same_cells(store, file, column)
    if base is None:
        origin = np.full(len(store), None, dtype=object)
        ours = np.zeros(len(store), dtype=bool)
        theirs &= ~is_blank(file)
    else:
        origin = cells_of(base, codes, column)
        ours = ~same_cells(origin, store, column)
        theirs &= ~same_cells(origin, file, column)
    if column == "geometry":
        theirs &= ~is_blank(file)
    differ = np.flatnonzero(theirs)
    distances: list[float | None] = [None] * len(differ)
    if column == "geometry":
        distances = list(moved_m(store[differ], file[differ]).tolist())
    for at, distance in zip(differ.tolist(), distances, strict=True):
        code, old, new = codes[at], store[at], file[at]
        if ours[at]:
            yield Conflict(code, column, origin[at], old, new, moved_m=distance)
        else:
            yield Change(code, column, old, new, distance)


def _row_conflicts(
    codes: Sequence[str],
    frame: pd.DataFrame,
    base: pd.DataFrame,
    columns: Iterable[str],
    reason: Reason,
) -> list[Conflict]:
    """Return those of some rows that one side dropped and the other, `frame`, changed."""
    changed = np.zeros(len(codes), dtype=bool)
    for name in columns:
        now = cells_of(frame, codes, name)
        changed |= ~same_cells(cells_of(base, codes, name), now, name)
    return [
        Conflict(code, None, None, None, None, reason)
        for code, is_changed in zip(codes, changed.tolist(), strict=True)
        if is_changed
    ]


def _typed(cells: Any, dtype: Any) -> pd.Series[Any]:
    """Return cells in a type, in that which has gaps if some are missing, or as objects."""
    wanted: Any = WITH_GAPS.get(str(dtype), dtype) if is_blank(cells).any() else dtype
    try:
        typed: pd.Series[Any] = pd.Series(cells.tolist(), dtype=wanted)
    except (TypeError, ValueError):
        typed = pd.Series(cells, dtype=object)
    return typed
