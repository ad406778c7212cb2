"""Rows of the store as GeoJSON text, without parsing what goes out as it came in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, select

from gis import store_tables as tables
from gis.made_up import COLUMN, MARK
from gis.schema import schema
from gis.store_town import read_town

# A code, a geometry as WKB or None, the other columns as a JSON object.
Row = tuple[str, bytes | None, str]

# WKB of a point, little-endian, without height: what a catalogue of cameras is made of.
POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("lon", "<f8"), ("lat", "<f8")])
POINT_HEAD = (1, 1)


@dataclass(frozen=True)
class FeatureWriter:
    """What turns the rows of one layer to text.

    Parameters
    ----------
    told
        Columns that are told; None = all that a row has.
    made_up
        Whether each feature says that the town's data are made up.
    """

    told: frozenset[str] | None
    made_up: bool

    def texts(
        self, rows: Sequence[Row], area: shapely.Geometry | None = None
    ) -> list[tuple[str, bytes]]:
        """Return code and text of those rows that touch an area; None: of all.

        Examples
        --------
        >>> point = shapely.to_wkb(shapely.Point(120.5, 30))
        >>> (code, text), = FeatureWriter(None, False).texts([("a", point, "{}")])
        >>> text[:52]
        b'{"type":"Feature","id":"a","geometry":{"type":"Point'
        """
        if not rows:
            return []
        codes, geometry, attributes = zip(*rows, strict=True)
        shapes = _points(geometry) if area is None else None
        kept = list(range(len(rows)))
        if shapes is None:
            known = shapely.from_wkb(np.array(geometry, dtype=object))
            if area is not None:
                shapely.prepare(area)
                kept = np.flatnonzero(shapely.intersects(area, known)).tolist()
            shapes = shapely.to_geojson(known).tolist()
        return [(codes[at], self._text(codes[at], shapes[at], attributes[at])) for at in kept]

    def _text(self, code: str, shape: str | None, attributes: str) -> bytes:
        if self.told is not None:
            values = {k: v for k, v in json.loads(attributes).items() if k in self.told}
            attributes = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        name = encode_basestring(code)
        rest = f",{attributes[1:-1]}" if len(attributes) > len("{}") else ""
        text = (
            f'{{"type":"Feature","id":{name},"geometry":{shape or "null"},'
            f'"properties":{{"code":{name}{rest}{SAID if self.made_up else ""}}}}}'
        )
        return text.encode()


SAID = f',"{COLUMN}":{json.dumps(MARK, ensure_ascii=False)}'


def feature_writer(connection: Connection, layer: str) -> FeatureWriter:
    """Return what turns the rows of a layer to text, as the connection sees the town."""
    known = select(tables.layers.c.extra_columns).where(tables.layers.c.layer == layer)
    extra = connection.execute(known).scalar()
    made_up = read_town(connection).made_up
    return FeatureWriter(frozenset(schema(layer).by_name) if extra else None, made_up)


def _points(geometry: Sequence[bytes | None]) -> list[str] | None:
    """Return points as GeoJSON; None where any is something else."""
    if any(one is None or len(one) != POINT.itemsize for one in geometry):
        return None
    points = np.frombuffer(b"".join(one for one in geometry if one is not None), dtype=POINT)
    if not _are_points(points):
        return None
    return [
        f'{{"type":"Point","coordinates":[{lon!r},{lat!r}]}}'
        for lon, lat in zip(points["lon"].tolist(), points["lat"].tolist(), strict=True)
    ]


def _are_points(points: npt.NDArray[np.void]) -> bool:
    order, kind = POINT_HEAD
    there = np.isfinite(points["lon"])  # an empty point has no coordinates, but their length
    return bool(np.all((points["order"] == order) & (points["kind"] == kind) & there))
