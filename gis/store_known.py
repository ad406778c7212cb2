"""A layer of points kept in memory by whoever is asked for it often: where they are, and as text.

200,000 cameras take some 100 MB of a process; an answer then asks the store for nothing but the
revision of the town.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sqlalchemy import PoolProxiedConnection

from gis.schema import schema
from gis.store import Store
from gis.store_boxes import LayerBoxes, Sides, layer_boxes
from gis.store_engine import reading
from gis.store_feature_text import feature_writer

# So much text of a layer is kept at most.
MOST_BYTES = 128_000_000
AT_ONCE = 10_000
REVISION = "SELECT max(id) FROM revisions"
ROWS = {
    "sqlite": "SELECT code, geometry, attributes, west, south, east, north FROM features "
    "WHERE layer = ?",
    "postgresql": "SELECT code, geometry, attributes, west, south, east, north FROM features "
    "WHERE layer = %s",
}


@dataclass(frozen=True, eq=False)
class KnownLayer:
    """A layer as it was at one revision; many threads may share it.

    Parameters
    ----------
    revision
        Of the town: it holds until the next.
    boxes
        Where its rows are.
    texts
        All of them as GeoJSON features, one after the other as they came from the store.
    ends
        (n + 1,) where each text ends; the first is 0.
    """

    revision: int
    boxes: LayerBoxes = field(repr=False)
    texts: bytes = field(repr=False)
    ends: npt.NDArray[np.int64] = field(repr=False)

    def features(self, rows: npt.NDArray[np.int64]) -> tuple[bytes, ...]:
        """Return the texts of some rows, by their positions in `boxes.codes`."""
        at, texts = self.boxes.order[rows], self.texts
        pairs = zip(self.ends[at].tolist(), self.ends[at + 1].tolist(), strict=True)
        return tuple([texts[begin:end] for begin, end in pairs])


def known_layer(store: Store, layer: str, most_bytes: int = MOST_BYTES) -> KnownLayer | None:
    """Return a layer as it is now; None where it is not of points, or there is too much of it.

    Parameters
    ----------
    store
        The town's.
    layer
        Its name.
    most_bytes
        No more text than this is kept.

    Raises
    ------
    NotFoundError
        If no layer has this name.
    """
    if schema(layer).geometry != "point":
        return None
    codes: list[str] = []
    sides: list[Sides] = []
    texts, ends = bytearray(), [0]
    with reading(store.engine) as connection:
        writer = feature_writer(connection, layer)
        revision = connection.exec_driver_sql(REVISION).scalar() or 0
        rows = connection.exec_driver_sql(ROWS[connection.dialect.name], (layer,))
        for part in rows.partitions(AT_ONCE):
            codes += [row[0] for row in part]
            sides += [row[3:] for row in part]
            ends += _added(texts, [text for _, text in writer.texts([row[:3] for row in part])])
            if len(texts) > most_bytes:
                return None
    boxes = layer_boxes(codes, sides)
    return KnownLayer(revision, boxes, bytes(texts), np.array(ends, dtype=np.int64))


class RevisionWatch:
    """Tells the revision of a town in some microseconds, by a connection of its own.

    It is for one thread, which never waits for a connection that others have taken.

    Parameters
    ----------
    store
        The town's, in a SQLite file.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: PoolProxiedConnection | None = None

    def now(self) -> int:
        """Return the revision of the town as it is now; 0 before the first.

        Raises
        ------
        StoreError
            If the database cannot be read.
        """
        engine = self._store.engine
        try:
            if self._connection is None:
                self._connection = engine.raw_connection()
            cursor = self._connection.cursor()
            cursor.execute(REVISION)
            row = cursor.fetchone()
            cursor.close()
        except engine.dialect.loaded_dbapi.Error:
            self.close()
            return self._store.revision  # which says clearly what is wrong
        return 0 if row is None else row[0] or 0

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _added(texts: bytearray, more: Sequence[bytes]) -> list[int]:
    """Add texts to others, and return where each of them ends."""
    ends = np.cumsum([len(text) for text in more]) + len(texts)
    texts += b"".join(more)
    return [int(end) for end in ends]
